"""First tables."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "accountview_0001"
down_revision = None
branch_labels = ("accountview",)
depends_on = "core_0003"


def upgrade() -> None:
    op.create_table(
        "accountview_activation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=50), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("serial", sa.String(length=50), nullable=False),
        sa.Column("modules", types.Json(), nullable=False),
        sa.Column("terms_accepted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("server", sa.String(length=200), nullable=False),
        sa.Column(
            "communication_checked_at", types.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("administrator_email", sa.String(length=255), nullable=False),
        sa.Column("administrator_first_name", sa.String(length=100), nullable=False),
        sa.Column("administrator_last_name", sa.String(length=100), nullable=False),
        sa.Column(
            "administrator_made_at", types.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "administrator_confirmed_at",
            types.UtcDateTime(timezone=True),
            nullable=True,
        ),
        sa.Column("gateway_failures", types.Json(), nullable=False),
        sa.Column(
            "gateway_checked_at", types.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("single_sign_on", sa.Boolean(), nullable=False),
        sa.Column("authorised_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_activation_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_activation")),
        sa.UniqueConstraint(
            "tenant_id", name=op.f("uq_accountview_activation_tenant_id")
        ),
    )
    with op.batch_alter_table("accountview_activation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_activation_tenant_id"),
            ["tenant_id"],
            unique=False,
        )

    op.create_table(
        "accountview_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("pins", sa.String(length=500), nullable=False),
        sa.Column("roots", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_certificate_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_certificate")),
    )
    with op.batch_alter_table("accountview_certificate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_certificate_tenant_id"),
            ["tenant_id"],
            unique=False,
        )

    op.create_table(
        "accountview_undertaking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("description", sa.String(length=100), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("visma_id", sa.Integer(), nullable=False),
        sa.Column("registered_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_undertaking_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_undertaking")),
        sa.UniqueConstraint(
            "tenant_id", "code", name=op.f("uq_accountview_undertaking_tenant_id_code")
        ),
    )
    with op.batch_alter_table("accountview_undertaking", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_undertaking_tenant_id"),
            ["tenant_id"],
            unique=False,
        )

    op.create_table(
        "accountview_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_user_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_user")),
        sa.UniqueConstraint(
            "tenant_id", "email", name=op.f("uq_accountview_user_tenant_id_email")
        ),
    )
    with op.batch_alter_table("accountview_user", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_user_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "accountview_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("visma_tenant", sa.String(length=60), nullable=False),
        sa.Column("certificate_source", sa.String(length=10), nullable=True),
        sa.Column(
            "certificate_activated_at", types.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["accountview_certificate.id"],
            name=op.f("fk_accountview_profile_certificate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_profile_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_profile")),
        sa.UniqueConstraint(
            "tenant_id", "name", name=op.f("uq_accountview_profile_tenant_id_name")
        ),
    )
    with op.batch_alter_table("accountview_profile", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_profile_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "accountview_user_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("undertaking_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_user_access_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["undertaking_id"],
            ["accountview_undertaking.id"],
            name=op.f("fk_accountview_user_access_undertaking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accountview_user.id"],
            name=op.f("fk_accountview_user_access_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_user_access")),
        sa.UniqueConstraint(
            "user_id",
            "undertaking_id",
            name=op.f("uq_accountview_user_access_user_id_undertaking_id"),
        ),
    )
    with op.batch_alter_table("accountview_user_access", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_user_access_tenant_id"),
            ["tenant_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_accountview_user_access_undertaking_id"),
            ["undertaking_id"],
            unique=False,
        )

    op.create_table(
        "accountview_administration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("company_id", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("description", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("undertaking_id", sa.Integer(), nullable=True),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("own_certificate_id", sa.Integer(), nullable=True),
        sa.Column("certificate_source", sa.String(length=10), nullable=True),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("period_kind", sa.String(length=10), nullable=False),
        sa.Column("contact_initials", sa.String(length=10), nullable=False),
        sa.Column("contact_prefix", sa.String(length=10), nullable=False),
        sa.Column("contact_surname", sa.String(length=200), nullable=False),
        sa.Column("contact_phone", sa.String(length=25), nullable=False),
        sa.Column("is_intermediary", sa.Boolean(), nullable=False),
        sa.Column("consultant_number", sa.String(length=6), nullable=False),
        sa.Column("service_vat_codes", types.Json(), nullable=False),
        sa.Column("eu_vat_codes", types.Json(), nullable=False),
        sa.Column("remind_days", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_accountview_administration_connection_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["own_certificate_id"],
            ["accountview_certificate.id"],
            name=op.f("fk_accountview_administration_own_certificate_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["accountview_profile.id"],
            name=op.f("fk_accountview_administration_profile_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_administration_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["undertaking_id"],
            ["accountview_undertaking.id"],
            name=op.f("fk_accountview_administration_undertaking_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_administration")),
        sa.UniqueConstraint(
            "tenant_id",
            "code",
            name=op.f("uq_accountview_administration_tenant_id_code"),
        ),
    )
    with op.batch_alter_table("accountview_administration", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_administration_connection_id"),
            ["connection_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_accountview_administration_tenant_id"),
            ["tenant_id"],
            unique=False,
        )

    op.create_table(
        "accountview_filing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("is_intermediary", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("figures", types.Json(), nullable=False),
        sa.Column("warnings", types.Json(), nullable=False),
        sa.Column("payable", types.Money(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("prepared_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("asked", sa.String(length=20), nullable=False),
        sa.Column("due_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("delivery_reference", sa.String(length=100), nullable=False),
        sa.Column("delivered_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["accountview_administration.id"],
            name=op.f("fk_accountview_filing_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["user.id"],
            name=op.f("fk_accountview_filing_approved_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by_id"],
            ["user.id"],
            name=op.f("fk_accountview_filing_prepared_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["accountview_profile.id"],
            name=op.f("fk_accountview_filing_profile_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_filing_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_filing")),
        sa.UniqueConstraint(
            "administration_id",
            "kind",
            "starts_on",
            "ends_on",
            "version",
            name=op.f(
                "uq_accountview_filing_administration_id_kind_starts_on_ends_on_version"
            ),
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_accountview_filing_reference")),
    )
    with op.batch_alter_table("accountview_filing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_accountview_filing_taxpayer", ["tax_number", "kind"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_accountview_filing_tenant_id"), ["tenant_id"], unique=False
        )
        batch_op.create_index(
            "ix_accountview_filing_work", ["stage", "due_at"], unique=False
        )

    op.create_table(
        "accountview_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reading", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("doubts", types.Json(), nullable=False),
        sa.Column("reminded_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"],
            ["accountview_administration.id"],
            name=op.f("fk_accountview_period_administration_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_period_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_period")),
        sa.UniqueConstraint(
            "administration_id",
            "starts_on",
            "ends_on",
            name=op.f("uq_accountview_period_administration_id_starts_on_ends_on"),
        ),
    )
    with op.batch_alter_table("accountview_period", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_period_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "accountview_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=60), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("rubric", sa.String(length=2), nullable=False),
        sa.Column("turnover", types.Money(), nullable=False),
        sa.Column("vat", types.Money(), nullable=False),
        sa.Column("icp_kind", sa.String(length=10), nullable=True),
        sa.Column("customer_country", sa.String(length=2), nullable=False),
        sa.Column("customer_number", sa.String(length=20), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["accountview_period.id"],
            name=op.f("fk_accountview_entry_period_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_entry_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_entry")),
    )
    with op.batch_alter_table("accountview_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_accountview_entry_box", ["period_id", "rubric", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_accountview_entry_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "accountview_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"],
            ["accountview_filing.id"],
            name=op.f("fk_accountview_evidence_filing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_evidence_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_evidence")),
        sa.UniqueConstraint(
            "filing_id",
            "sequence",
            name=op.f("uq_accountview_evidence_filing_id_sequence"),
        ),
    )
    with op.batch_alter_table("accountview_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_evidence_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "accountview_filing_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("error_code", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=2000), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"],
            ["accountview_filing.id"],
            name=op.f("fk_accountview_filing_event_filing_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_accountview_filing_event_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_accountview_filing_event_user_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountview_filing_event")),
        sa.UniqueConstraint(
            "filing_id",
            "at",
            "code",
            name=op.f("uq_accountview_filing_event_filing_id_at_code"),
        ),
    )
    with op.batch_alter_table("accountview_filing_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountview_filing_event_tenant_id"),
            ["tenant_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("accountview_filing_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_filing_event_tenant_id"))

    op.drop_table("accountview_filing_event")
    with op.batch_alter_table("accountview_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_evidence_tenant_id"))

    op.drop_table("accountview_evidence")
    with op.batch_alter_table("accountview_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_entry_tenant_id"))
        batch_op.drop_index("ix_accountview_entry_box")

    op.drop_table("accountview_entry")
    with op.batch_alter_table("accountview_period", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_period_tenant_id"))

    op.drop_table("accountview_period")
    with op.batch_alter_table("accountview_filing", schema=None) as batch_op:
        batch_op.drop_index("ix_accountview_filing_work")
        batch_op.drop_index(batch_op.f("ix_accountview_filing_tenant_id"))
        batch_op.drop_index("ix_accountview_filing_taxpayer")

    op.drop_table("accountview_filing")
    with op.batch_alter_table("accountview_administration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_administration_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_accountview_administration_connection_id"))

    op.drop_table("accountview_administration")
    with op.batch_alter_table("accountview_user_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_user_access_undertaking_id"))
        batch_op.drop_index(batch_op.f("ix_accountview_user_access_tenant_id"))

    op.drop_table("accountview_user_access")
    with op.batch_alter_table("accountview_profile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_profile_tenant_id"))

    op.drop_table("accountview_profile")
    with op.batch_alter_table("accountview_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_user_tenant_id"))

    op.drop_table("accountview_user")
    with op.batch_alter_table("accountview_undertaking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_undertaking_tenant_id"))

    op.drop_table("accountview_undertaking")
    with op.batch_alter_table("accountview_certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_certificate_tenant_id"))

    op.drop_table("accountview_certificate")
    with op.batch_alter_table("accountview_activation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountview_activation_tenant_id"))

    op.drop_table("accountview_activation")
