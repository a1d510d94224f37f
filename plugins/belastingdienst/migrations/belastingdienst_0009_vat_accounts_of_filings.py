"""The VAT accounts beside the boxes, as they were when a return was approved."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0009"
down_revision = "belastingdienst_0008"
branch_labels = None
depends_on = None
_TABLE, _COLUMN = "belastingdienst_filing", "vat_accounts"


def upgrade() -> None:
    with op.batch_alter_table(_TABLE) as batch_op:
        batch_op.add_column(
            sa.Column(_COLUMN, types.Json(), nullable=False, server_default="[]")
        )
    # By itself: SQLite would make the table anew without what fills the rows there are.
    with op.batch_alter_table(_TABLE) as batch_op:
        batch_op.alter_column(_COLUMN, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table(_TABLE) as batch_op:
        batch_op.drop_column(_COLUMN)
