"""Invoices of suppliers that are entered in a package: its coupling and VAT mapping."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0031"
down_revision = "core_0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("coupling") as batch_op:
        batch_op.add_column(
            sa.Column(
                "purchases", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
    with op.batch_alter_table("coupling") as batch_op:
        batch_op.alter_column("purchases", server_default=None)
    op.create_table(
        "purchase_vat_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("rate", types.Rate(), nullable=False),
        sa.Column("package_vat_code", sa.String(length=60), nullable=False),
        sa.Column("cost_account", sa.String(length=20), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=op.f("fk_purchase_vat_mapping_coupling_id_coupling"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_purchase_vat_mapping_tenant_id_tenant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_vat_mapping")),
        sa.UniqueConstraint(
            "coupling_id",
            "category",
            "rate",
            name=op.f("uq_purchase_vat_mapping_coupling_id_category_rate"),
        ),
    )
    op.create_index(
        op.f("ix_purchase_vat_mapping_tenant_id"), "purchase_vat_mapping", ["tenant_id"]
    )


def downgrade() -> None:
    op.drop_table("purchase_vat_mapping")
    with op.batch_alter_table("coupling") as batch_op:
        batch_op.drop_column("purchases")
