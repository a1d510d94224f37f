"""Settings that stay once they were there."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0016"
down_revision = "core_0011"
branch_labels = None
depends_on = None

_CHECKED = """
UPDATE connection SET first_checked_at = COALESCE(checked_at, last_run_at, created_at)
WHERE checked_at IS NOT NULL
   OR (external_id IS NOT NULL AND id IN (
       SELECT target_id FROM coupling WHERE source_id IS NULL))
   OR (external_id IS NOT NULL AND id IN (SELECT connection_id FROM relation_run))
"""
"""What was coupled again lost its check; what it was set to do tells of one."""


def upgrade() -> None:
    moment = types.UtcDateTime(timezone=True)
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_checked_at", moment, nullable=True))
    op.execute(_CHECKED)


def downgrade() -> None:
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.drop_column("first_checked_at")
