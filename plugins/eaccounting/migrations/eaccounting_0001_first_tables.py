"""First tables."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "eaccounting_0001"
down_revision = None
branch_labels = ("eaccounting",)
depends_on = "core_0001"


def upgrade() -> None:

    op.create_table(
        "eaccounting_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_eaccounting_record_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_eaccounting_record_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eaccounting_record")),
        sa.UniqueConstraint(
            "connection_id",
            "kind",
            "external_id",
            name=op.f("uq_eaccounting_record_connection_id_kind_external_id"),
        ),
    )
    with op.batch_alter_table("eaccounting_record", schema=None) as batch_op:
        batch_op.create_index(
            "ix_eaccounting_record_key", ["connection_id", "kind", "key"], unique=False
        )
        batch_op.create_index(
            "ix_eaccounting_record_name",
            ["connection_id", "kind", "name"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_eaccounting_record_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "eaccounting_payment_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("clearing_account", sa.String(length=20), nullable=False),
        sa.Column("fixed_debtor", sa.String(length=60), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=op.f("fk_eaccounting_payment_mapping_coupling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_eaccounting_payment_mapping_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eaccounting_payment_mapping")),
        sa.UniqueConstraint(
            "coupling_id",
            "method",
            name=op.f("uq_eaccounting_payment_mapping_coupling_id_method"),
        ),
    )
    with op.batch_alter_table("eaccounting_payment_mapping", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_eaccounting_payment_mapping_coupling_id"),
            ["coupling_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_eaccounting_payment_mapping_tenant_id"),
            ["tenant_id"],
            unique=False,
        )

    op.create_table(
        "eaccounting_vat_mapping",
        sa.Column("article_coding", sa.String(length=60), nullable=False),
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
            name=op.f("fk_eaccounting_vat_mapping_coupling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_eaccounting_vat_mapping_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eaccounting_vat_mapping")),
        sa.UniqueConstraint(
            "coupling_id",
            "sale_kind",
            "country",
            "rate",
            name=op.f("uq_eaccounting_vat_mapping_coupling_id_sale_kind_country_rate"),
        ),
    )
    with op.batch_alter_table("eaccounting_vat_mapping", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_eaccounting_vat_mapping_coupling_id"),
            ["coupling_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_eaccounting_vat_mapping_tenant_id"),
            ["tenant_id"],
            unique=False,
        )


def downgrade() -> None:

    with op.batch_alter_table("eaccounting_vat_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_eaccounting_vat_mapping_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_eaccounting_vat_mapping_coupling_id"))

    op.drop_table("eaccounting_vat_mapping")
    with op.batch_alter_table("eaccounting_payment_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_eaccounting_payment_mapping_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_eaccounting_payment_mapping_coupling_id"))

    op.drop_table("eaccounting_payment_mapping")
    with op.batch_alter_table("eaccounting_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_eaccounting_record_tenant_id"))
        batch_op.drop_index("ix_eaccounting_record_name")
        batch_op.drop_index("ix_eaccounting_record_key")

    op.drop_table("eaccounting_record")
