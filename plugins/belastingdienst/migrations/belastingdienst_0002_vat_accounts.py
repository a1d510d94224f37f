"""The VAT accounts of the books beside the boxes, per period."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0002"
down_revision = "belastingdienst_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("belastingdienst_period") as batch_op:
        batch_op.add_column(
            sa.Column("vat_accounts", types.Json(), nullable=False, server_default="{}")
        )
    # By itself: SQLite would make the table anew without what fills the rows there are.
    with op.batch_alter_table("belastingdienst_period") as batch_op:
        batch_op.alter_column("vat_accounts", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("belastingdienst_period") as batch_op:
        batch_op.drop_column("vat_accounts")
