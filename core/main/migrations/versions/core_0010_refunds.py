"""Refunds of orders, what a coupling does with them, and whom a sale was booked under.

Couplings that are there ask: they tell of refunds, and book none by themselves.
"""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0010"
down_revision = "core_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_refund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=150), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("amount", types.Money(), nullable=False),
        sa.Column("refunded_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("is_doubtful", sa.Boolean(), nullable=False),
        sa.Column("refund", types.Json(), nullable=False),
        sa.Column("treatment", sa.String(length=20), nullable=False),
        sa.Column("payload", types.Json(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["shop_order.id"],
            name=op.f("fk_order_refund_order_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_order_refund_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_refund")),
        sa.UniqueConstraint(
            "order_id", "source_id", name=op.f("uq_order_refund_order_id_source_id")
        ),
    )
    with op.batch_alter_table("order_refund", schema=None) as batch_op:
        batch_op.create_index("ix_order_refund_created_at", ["created_at"])
        batch_op.create_index(batch_op.f("ix_order_refund_tenant_id"), ["tenant_id"])
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "refunds", sa.String(length=20), nullable=False, server_default="ask"
            )
        )
        batch_op.add_column(
            sa.Column("refunds_since", types.UtcDateTime(timezone=True), nullable=True)
        )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "debtor_id", sa.String(length=100), nullable=False, server_default=""
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_column("debtor_id")
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.drop_column("refunds_since")
        batch_op.drop_column("refunds")
    op.drop_table("order_refund")
