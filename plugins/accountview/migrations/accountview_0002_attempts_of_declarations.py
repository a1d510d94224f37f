"""The attempt number of a declaration's lease."""

import sqlalchemy as sa
from alembic import op

revision = "accountview_0002"
down_revision = "accountview_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accountview_filing") as batch_op:
        batch_op.add_column(
            sa.Column("attempt", sa.Integer(), nullable=False, server_default="0")
        )


def downgrade() -> None:
    with op.batch_alter_table("accountview_filing") as batch_op:
        batch_op.drop_column("attempt")
