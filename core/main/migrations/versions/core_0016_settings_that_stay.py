"""Settings that stay once they were there; who decides that an invoice is paid."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0016"
down_revision = "core_0015"
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
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.add_column(sa.Column("open_items_read_at", moment, nullable=True))
        batch_op.add_column(
            sa.Column(
                "decides_paid",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
            )
        )
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.alter_column("decides_paid", server_default=None)
    op.execute("UPDATE coupling SET open_items_read_at = open_items_at")
    with op.batch_alter_table("open_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", moment, nullable=True))
        batch_op.add_column(sa.Column("settled_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("code", sa.String(60), nullable=False, server_default="")
        )
    with op.batch_alter_table("open_item", schema=None) as batch_op:
        batch_op.alter_column("code", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("open_item", schema=None) as batch_op:
        batch_op.drop_column("code")
        batch_op.drop_column("settled_on")
        batch_op.drop_column("changed_at")
    with op.batch_alter_table("coupling", schema=None) as batch_op:
        batch_op.drop_column("decides_paid")
        batch_op.drop_column("open_items_read_at")
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.drop_column("first_checked_at")
