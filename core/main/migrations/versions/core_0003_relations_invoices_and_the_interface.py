"""Relations, invoices and the interface."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice_settings",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("chamber_number", sa.String(length=20), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("phone", sa.String(length=50), nullable=False),
        sa.Column("term_days", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=8), nullable=False),
        sa.Column("separator", sa.String(length=1), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_invoice_settings_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_invoice_settings")),
    )
    op.create_table(
        "mail_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["mail.id"],
            name=op.f("fk_mail_attachment_mail_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attachment")),
    )
    with op.batch_alter_table("mail_attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mail_attachment_mail_id"), ["mail_id"], unique=False
        )

    op.create_table(
        "relation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counts", types.Json(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("by_user", sa.Boolean(), nullable=False),
        sa.Column("trust_absent", sa.Boolean(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_relation_run_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_relation_run_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_run")),
    )
    with op.batch_alter_table("relation_run", schema=None) as batch_op:
        batch_op.create_index(
            "ix_relation_run_list", ["connection_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_relation_run_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "relation_sync",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("cursor", types.Json(), nullable=False),
        sa.Column("seen_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_id", sa.Integer(), nullable=False),
        sa.Column("whole_since", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("wanted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("busy_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_relation_sync_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_relation_sync_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_relation_sync")),
    )
    with op.batch_alter_table("relation_sync", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_relation_sync_busy_until"), ["busy_until"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_relation_sync_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "invoice_vat_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("package_vat_code", sa.String(length=60), nullable=False),
        sa.Column("revenue_account", sa.String(length=20), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=op.f("fk_invoice_vat_mapping_coupling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_invoice_vat_mapping_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"],
            ["tenant_vat_code.id"],
            name=op.f("fk_invoice_vat_mapping_vat_code_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_vat_mapping")),
        sa.UniqueConstraint(
            "coupling_id",
            "vat_code_id",
            name=op.f("uq_invoice_vat_mapping_coupling_id_vat_code_id"),
        ),
    )
    with op.batch_alter_table("invoice_vat_mapping", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_vat_mapping_tenant_id"), ["tenant_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoice_vat_mapping_vat_code_id"),
            ["vat_code_id"],
            unique=False,
        )

    op.create_table(
        "relation_trouble",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("relation_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("since", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("noted_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("not_before", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_relation_trouble_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["relation_id"],
            ["relation.id"],
            name=op.f("fk_relation_trouble_relation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_relation_trouble_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_trouble")),
    )
    with op.batch_alter_table("relation_trouble", schema=None) as batch_op:
        batch_op.create_index(
            "ix_relation_trouble_list", ["connection_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_relation_trouble_relation_id"), ["relation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_relation_trouble_tenant_id"), ["tenant_id"], unique=False
        )

    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "reads_open_items",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
            )
        )
        batch_op.add_column(
            sa.Column("open_items_at", types.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.alter_column("source_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("invoice_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_log_entry_invoice", ["invoice_id", "tenant_id", "id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_log_entry_invoice_id"),
            "sales_invoice",
            ["invoice_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("number_series", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "pattern", sa.String(length=30), nullable=False, server_default=""
            )
        )

    with op.batch_alter_table("relation_link", schema=None) as batch_op:
        batch_op.alter_column("relation_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.drop_constraint(
            batch_op.f("fk_relation_link_relation_id"), type_="foreignkey"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_relation_link_relation_id"),
            "relation",
            ["relation_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("sales_invoice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("delivered_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "language", sa.String(length=5), nullable=False, server_default="nl"
            )
        )

    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "answer", sa.String(length=500), nullable=False, server_default=""
            )
        )
        batch_op.add_column(
            sa.Column("tried_at", types.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("previous_secret", sa.LargeBinary(), nullable=True)
        )
        batch_op.add_column(
            sa.Column("previous_until", types.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("reason", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("succeeded_at", types.UtcDateTime(timezone=True), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_column("succeeded_at")
        batch_op.drop_column("reason")
        batch_op.drop_column("previous_until")
        batch_op.drop_column("previous_secret")

    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.drop_column("tried_at")
        batch_op.drop_column("answer")

    with op.batch_alter_table("sales_invoice", schema=None) as batch_op:
        batch_op.drop_column("language")
        batch_op.drop_column("delivered_on")

    with op.batch_alter_table("relation_link", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_relation_link_relation_id"), type_="foreignkey"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_relation_link_relation_id"),
            "relation",
            ["relation_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.alter_column("relation_id", existing_type=sa.INTEGER(), nullable=False)

    with op.batch_alter_table("number_series", schema=None) as batch_op:
        batch_op.drop_column("pattern")

    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_log_entry_invoice_id"), type_="foreignkey"
        )
        batch_op.drop_index("ix_log_entry_invoice")
        batch_op.drop_column("invoice_id")

    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.alter_column("source_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("open_items_at")
        batch_op.drop_column("reads_open_items")

    with op.batch_alter_table("relation_trouble", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_trouble_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_relation_trouble_relation_id"))
        batch_op.drop_index("ix_relation_trouble_list")

    op.drop_table("relation_trouble")
    with op.batch_alter_table("invoice_vat_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_vat_mapping_vat_code_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_vat_mapping_tenant_id"))

    op.drop_table("invoice_vat_mapping")
    with op.batch_alter_table("relation_sync", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_sync_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_relation_sync_busy_until"))

    op.drop_table("relation_sync")
    with op.batch_alter_table("relation_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_run_tenant_id"))
        batch_op.drop_index("ix_relation_run_list")

    op.drop_table("relation_run")
    with op.batch_alter_table("mail_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_attachment_mail_id"))

    op.drop_table("mail_attachment")
    op.drop_table("invoice_settings")
