"""What a restore needs: the mode in which everything is looked for before it is sent.

The tokens before the last refresh go: nothing read them, and a server that rotates
takes a spent one for a stolen one.
"""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0008"
down_revision = "core_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restore_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("taken_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("alive_until", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restore_point")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_column("previous")


def downgrade() -> None:
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.add_column(sa.Column("previous", sa.LargeBinary(), nullable=True))

    op.drop_table("restore_point")
