"""First tables."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "eboekhouden_0001"
down_revision = None
branch_labels = ("eboekhouden",)
depends_on = "core_0001"


def upgrade() -> None:
    op.create_table(
        "eboekhouden_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_eboekhouden_calls_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_eboekhouden_calls_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eboekhouden_calls")),
        sa.UniqueConstraint(
            "connection_id",
            "month",
            name=op.f("uq_eboekhouden_calls_connection_id_month"),
        ),
    )
    with op.batch_alter_table("eboekhouden_calls", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_eboekhouden_calls_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "eboekhouden_debtor_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("number", sa.String(length=15), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_eboekhouden_debtor_number_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_eboekhouden_debtor_number_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eboekhouden_debtor_number")),
        sa.UniqueConstraint(
            "connection_id",
            "email",
            name=op.f("uq_eboekhouden_debtor_number_connection_id_email"),
        ),
    )
    with op.batch_alter_table("eboekhouden_debtor_number", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_eboekhouden_debtor_number_tenant_id"),
            ["tenant_id"],
            unique=False,
        )

    op.create_table(
        "eboekhouden_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=50), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_eboekhouden_record_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_eboekhouden_record_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eboekhouden_record")),
        sa.UniqueConstraint(
            "connection_id",
            "kind",
            "external_id",
            name=op.f("uq_eboekhouden_record_connection_id_kind_external_id"),
        ),
    )
    with op.batch_alter_table("eboekhouden_record", schema=None) as batch_op:
        batch_op.create_index(
            "ix_eboekhouden_record_key", ["connection_id", "kind", "key"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_eboekhouden_record_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "eboekhouden_payment_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("clearing_account", sa.String(length=20), nullable=False),
        sa.Column("fixed_debtor", sa.String(length=60), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=op.f("fk_eboekhouden_payment_mapping_coupling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_eboekhouden_payment_mapping_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eboekhouden_payment_mapping")),
        sa.UniqueConstraint(
            "coupling_id",
            "method",
            name=op.f("uq_eboekhouden_payment_mapping_coupling_id_method"),
        ),
    )
    with op.batch_alter_table("eboekhouden_payment_mapping", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_eboekhouden_payment_mapping_coupling_id"),
            ["coupling_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_eboekhouden_payment_mapping_tenant_id"),
            ["tenant_id"],
            unique=False,
        )

    op.create_table(
        "eboekhouden_vat_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("sale_kind", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("rate", types.Rate(), nullable=False),
        sa.Column("vat_code", sa.String(length=60), nullable=False),
        sa.Column("revenue_account", sa.String(length=20), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=op.f("fk_eboekhouden_vat_mapping_coupling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_eboekhouden_vat_mapping_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eboekhouden_vat_mapping")),
        sa.UniqueConstraint(
            "coupling_id",
            "sale_kind",
            "country",
            "rate",
            name=op.f("uq_eboekhouden_vat_mapping_coupling_id_sale_kind_country_rate"),
        ),
    )
    with op.batch_alter_table("eboekhouden_vat_mapping", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_eboekhouden_vat_mapping_coupling_id"),
            ["coupling_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_eboekhouden_vat_mapping_tenant_id"),
            ["tenant_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("eboekhouden_vat_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_eboekhouden_vat_mapping_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_eboekhouden_vat_mapping_coupling_id"))

    op.drop_table("eboekhouden_vat_mapping")
    with op.batch_alter_table("eboekhouden_payment_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_eboekhouden_payment_mapping_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_eboekhouden_payment_mapping_coupling_id"))

    op.drop_table("eboekhouden_payment_mapping")
    with op.batch_alter_table("eboekhouden_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_eboekhouden_record_tenant_id"))
        batch_op.drop_index("ix_eboekhouden_record_key")

    op.drop_table("eboekhouden_record")
    with op.batch_alter_table("eboekhouden_debtor_number", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_eboekhouden_debtor_number_tenant_id"))

    op.drop_table("eboekhouden_debtor_number")
    with op.batch_alter_table("eboekhouden_calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_eboekhouden_calls_tenant_id"))

    op.drop_table("eboekhouden_calls")
