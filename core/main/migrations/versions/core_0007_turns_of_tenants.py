"""Turns of tenants with each kind of due work, and pauses of slow endpoints."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0007"
down_revision = "core_0006"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, types.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "turn",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        _moment("served_at", nullable=False),
        sa.PrimaryKeyConstraint("kind", "tenant_id", name=op.f("pk_turn")),
    )
    with op.batch_alter_table("tenant", schema=None) as batch_op:
        batch_op.drop_column("served_at")
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.add_column(_moment("called_at"))
        batch_op.add_column(_moment("not_before"))


def downgrade() -> None:
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_column("not_before")
        batch_op.drop_column("called_at")
    with op.batch_alter_table("tenant", schema=None) as batch_op:
        batch_op.add_column(_moment("served_at"))
    op.drop_table("turn")
