"""Which steps of setting up a coupling were confirmed, and when it was last changed."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0024"
down_revision = "core_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("confirmed", types.Json(), nullable=False, server_default="[]")
        )
        batch_op.add_column(
            sa.Column("saved_at", types.UtcDateTime(timezone=True), nullable=True)
        )
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.alter_column("confirmed", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.drop_column("saved_at")
        batch_op.drop_column("confirmed")
