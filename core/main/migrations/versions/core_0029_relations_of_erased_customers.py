"""Relations that are blocked: their customer was erased, their invoices stay."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0029"
down_revision = "core_0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blocked_at", types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_column("blocked_at")
