"""Why an order may not go, kept with the order as its shop says it."""

import sqlalchemy as sa
from alembic import op

revision = "core_0033"
down_revision = "core_0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shop_order") as batch_op:
        batch_op.add_column(
            sa.Column("reason", sa.String(100), nullable=False, server_default="")
        )
    with op.batch_alter_table("shop_order") as batch_op:
        batch_op.alter_column("reason", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("shop_order") as batch_op:
        batch_op.drop_column("reason")
