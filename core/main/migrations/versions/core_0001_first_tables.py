"""First tables."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
depends_on = None


def upgrade() -> None:

    op.create_table(
        "tenant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("home_country", sa.String(length=2), nullable=False),
        sa.Column("timezone", sa.String(length=50), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("vat_number", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("served_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plugin", sa.String(length=50), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("external_name", sa.String(length=200), nullable=False),
        sa.Column("facts", types.Json(), nullable=False),
        sa.Column("settings", types.Json(), nullable=False),
        sa.Column("cursor", types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("interval_minutes", sa.Integer(), nullable=False),
        sa.Column("next_run_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("run_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_run_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("rechecked_on", sa.Date(), nullable=True),
        sa.Column("last_run_error", sa.String(length=60), nullable=False),
        sa.Column("not_before", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("drain_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("drain_token", sa.String(length=32), nullable=False),
        sa.Column("drained_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_connection_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint(
            "plugin", "external_id", name=op.f("uq_connection_plugin_external_id")
        ),
    )
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_connection_plugin"), ["plugin"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_connection_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "tenant_plugin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plugin", sa.String(length=50), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_tenant_plugin_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant_plugin")),
        sa.UniqueConstraint(
            "tenant_id", "plugin", name=op.f("uq_tenant_plugin_tenant_id_plugin")
        ),
    )
    with op.batch_alter_table("tenant_plugin", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tenant_plugin_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("session_key", sa.String(length=64), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("blocked_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_user_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_user_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "counter",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_counter_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_counter_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "name", name=op.f("pk_counter")),
    )
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_counter_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "coupling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("settings", types.Json(), nullable=False),
        sa.Column("configured_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["connection.id"],
            name=op.f("fk_coupling_source_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["connection.id"],
            name=op.f("fk_coupling_target_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_coupling_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupling")),
    )
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_coupling_source_id"), ["source_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_coupling_target_id"), ["target_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_coupling_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "credential",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("refresh_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("refresh_owner", sa.String(length=32), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_credential_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_credential_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_credential")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credential_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "inbox_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("received_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_inbox_event_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_inbox_event_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_event")),
        sa.UniqueConstraint(
            "connection_id",
            "event_id",
            name=op.f("uq_inbox_event_connection_id_event_id"),
        ),
    )
    with op.batch_alter_table("inbox_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_event_source",
            ["connection_id", "source_id", "state"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_inbox_event_tenant_id"), ["tenant_id"], unique=False
        )
        batch_op.create_index(
            "ix_inbox_event_work",
            ["connection_id", "state", "priority", "id"],
            unique=False,
        )

    op.create_table(
        "oauth_state",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("plugin", sa.String(length=50), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_oauth_state_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_oauth_state_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_oauth_state")),
    )
    with op.batch_alter_table("oauth_state", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_oauth_state_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "shop_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("ordered_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("total_incl_vat", types.Money(), nullable=False),
        sa.Column("vat_amount", types.Money(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("payment_method", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", types.Json(), nullable=False),
        sa.Column("seen_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_shop_order_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_shop_order_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_order")),
        sa.UniqueConstraint(
            "connection_id",
            "source_id",
            name=op.f("uq_shop_order_connection_id_source_id"),
        ),
    )
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_shop_order_number"), ["number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_shop_order_tenant_id"), ["tenant_id"], unique=False
        )
        batch_op.create_index(
            "ix_shop_order_tenant_id_ordered_at",
            ["tenant_id", "ordered_at"],
            unique=False,
        )

    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("amount", types.Money(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=False),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("started", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("external_number", sa.String(length=50), nullable=False),
        sa.Column("external_url", sa.String(length=300), nullable=False),
        sa.Column("booked_hash", sa.String(length=64), nullable=False),
        sa.Column("booked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=op.f("fk_transfer_coupling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["connection.id"],
            name=op.f("fk_transfer_target_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_transfer_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint(
            "target_id",
            "subject",
            "subject_id",
            name=op.f("uq_transfer_target_id_subject_subject_id"),
        ),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transfer_coupling_id"), ["coupling_id"], unique=False
        )
        batch_op.create_index(
            "ix_transfer_list", ["tenant_id", "state", "id"], unique=False
        )
        batch_op.create_index(
            "ix_transfer_subject", ["subject", "subject_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_transfer_tenant_id"), ["tenant_id"], unique=False
        )
        batch_op.create_index(
            "ix_transfer_work",
            ["target_id", "state", "priority", "due_at"],
            unique=False,
        )

    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_link_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_link_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["transfer.id"],
            name=op.f("fk_link_transfer_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint(
            "connection_id", "kind", "key", name=op.f("uq_link_connection_id_kind_key")
        ),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_link_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "log_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_log_entry_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_log_entry_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["transfer.id"],
            name=op.f("fk_log_entry_transfer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_log_entry_user_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entry")),
    )
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_log_entry_connection_id"), ["connection_id"], unique=False
        )
        batch_op.create_index("ix_log_entry_list", ["tenant_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_log_entry_tenant_id"), ["tenant_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_log_entry_transfer_id"), ["transfer_id"], unique=False
        )

    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("missed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("result", types.Json(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_step_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["transfer.id"],
            name=op.f("fk_step_transfer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint(
            "transfer_id", "name", name=op.f("uq_step_transfer_id_name")
        ),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_step_tenant_id"), ["tenant_id"], unique=False
        )


def downgrade() -> None:

    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_step_tenant_id"))

    op.drop_table("step")
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_log_entry_transfer_id"))
        batch_op.drop_index(batch_op.f("ix_log_entry_tenant_id"))
        batch_op.drop_index("ix_log_entry_list")
        batch_op.drop_index(batch_op.f("ix_log_entry_connection_id"))

    op.drop_table("log_entry")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_tenant_id"))

    op.drop_table("link")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index("ix_transfer_work")
        batch_op.drop_index(batch_op.f("ix_transfer_tenant_id"))
        batch_op.drop_index("ix_transfer_subject")
        batch_op.drop_index("ix_transfer_list")
        batch_op.drop_index(batch_op.f("ix_transfer_coupling_id"))

    op.drop_table("transfer")
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.drop_index("ix_shop_order_tenant_id_ordered_at")
        batch_op.drop_index(batch_op.f("ix_shop_order_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_shop_order_number"))

    op.drop_table("shop_order")
    with op.batch_alter_table("oauth_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth_state_tenant_id"))

    op.drop_table("oauth_state")
    with op.batch_alter_table("inbox_event", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_event_work")
        batch_op.drop_index(batch_op.f("ix_inbox_event_tenant_id"))
        batch_op.drop_index("ix_inbox_event_source")

    op.drop_table("inbox_event")
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credential_tenant_id"))

    op.drop_table("credential")
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coupling_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_coupling_target_id"))
        batch_op.drop_index(batch_op.f("ix_coupling_source_id"))

    op.drop_table("coupling")
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_counter_tenant_id"))

    op.drop_table("counter")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_tenant_id"))

    op.drop_table("user")
    with op.batch_alter_table("tenant_plugin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tenant_plugin_tenant_id"))

    op.drop_table("tenant_plugin")
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connection_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_connection_plugin"))

    op.drop_table("connection")
    op.drop_table("tenant")
