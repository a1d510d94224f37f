"""Orders of businesses that are invoiced from here: whose, paid with what, and VAT."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0032"
down_revision = "core_0031"
branch_labels = None
depends_on = None

_ORDER = "fk_sales_invoice_order_id_shop_order"


def upgrade() -> None:
    with op.batch_alter_table("coupling") as batch_op:
        batch_op.add_column(
            sa.Column(
                "invoices_businesses",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
            )
        )
    with op.batch_alter_table("coupling") as batch_op:
        batch_op.alter_column("invoices_businesses", server_default=None)
    with op.batch_alter_table("sales_invoice") as batch_op:
        batch_op.add_column(sa.Column("order_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("prepayments", types.Json(), nullable=False, server_default="[]")
        )
        batch_op.create_foreign_key(
            _ORDER, "shop_order", ["order_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index("ix_sales_invoice_order_id", ["order_id"])
    with op.batch_alter_table("sales_invoice") as batch_op:
        batch_op.alter_column("prepayments", server_default=None)
    with op.batch_alter_table("sales_invoice_line") as batch_op:
        batch_op.add_column(sa.Column("vat_amount", types.Money(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sales_invoice_line") as batch_op:
        batch_op.drop_column("vat_amount")
    with op.batch_alter_table("sales_invoice") as batch_op:
        batch_op.drop_index("ix_sales_invoice_order_id")
        batch_op.drop_constraint(_ORDER, type_="foreignkey")
        batch_op.drop_column("prepayments")
        batch_op.drop_column("order_id")
    with op.batch_alter_table("coupling") as batch_op:
        batch_op.drop_column("invoices_businesses")
