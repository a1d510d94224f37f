"""An end for what stays unknown, and a rest for a package that does not answer."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0011"
down_revision = "core_0010"
branch_labels = None
depends_on = None

_SENDS = {"nullable": False, "server_default": sa.text("1")}


def upgrade() -> None:
    moment = types.UtcDateTime(timezone=True)
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sends", sa.Integer(), **_SENDS))
        batch_op.add_column(sa.Column("first_sent_at", moment, nullable=True))
        batch_op.add_column(sa.Column("not_before", moment, nullable=True))
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.alter_column("sends", server_default=None)

    with op.batch_alter_table("relation_trouble", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sends", sa.Integer(), **_SENDS))
    with op.batch_alter_table("relation_trouble", schema=None) as batch_op:
        batch_op.alter_column("sends", server_default=None)

    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "unanswered",
                sa.Integer(),
                nullable=False,
                server_default=sa.text("0"),
            )
        )
        batch_op.add_column(sa.Column("unanswered_by", sa.Integer(), nullable=True))
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.alter_column("unanswered", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.drop_column("unanswered_by")
        batch_op.drop_column("unanswered")
    with op.batch_alter_table("relation_trouble", schema=None) as batch_op:
        batch_op.drop_column("sends")
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_column("not_before")
        batch_op.drop_column("first_sent_at")
        batch_op.drop_column("sends")
