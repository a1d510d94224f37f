"""What a restore needs: the mode in which everything is looked for before it is sent.

The tokens before the last refresh go: nothing read them, and a server that rotates
takes a spent one for a stolen one.
"""

import sqlalchemy as sa
from alembic import op

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_column("previous")


def downgrade() -> None:
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.add_column(sa.Column("previous", sa.LargeBinary(), nullable=True))
