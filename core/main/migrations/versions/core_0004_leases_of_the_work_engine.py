"""Every due row is taken on a lease of the work engine."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None

TAKEN_BY_MOVING = ("mail", "webhook_delivery", "coupling")
BUSY = ("relation_import", "relation_sync")
INDEXES = {
    "relation_import": (
        ("ix_relation_import_work", ["state", "busy_until"]),
        ("ix_relation_import_work", ["state", "lease_until"]),
    ),
    "relation_sync": (
        ("ix_relation_sync_busy_until", ["busy_until"]),
        ("ix_relation_sync_work", ["lease_until"]),
    ),
}


def _until() -> sa.Column:
    return sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True)


def _token() -> sa.Column:
    return sa.Column(
        "lease_token", sa.String(length=32), nullable=False, server_default=""
    )


def _attempt() -> sa.Column:
    return sa.Column("attempt", sa.Integer(), nullable=False, server_default="0")


def upgrade() -> None:
    for table in TAKEN_BY_MOVING:
        with op.batch_alter_table(table) as batch_op:
            for column in (_until(), _token(), _attempt()):
                batch_op.add_column(column)
    for table in BUSY:
        (old, _), (new, columns) = INDEXES[table]
        op.drop_index(old, table_name=table)
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("busy_until", new_column_name="lease_until")
            if table == "relation_sync":
                batch_op.alter_column("token", new_column_name="lease_token")
            else:
                batch_op.add_column(_token())
            batch_op.add_column(_attempt())
        op.create_index(new, table, columns)


def downgrade() -> None:
    for table in BUSY:
        (old, columns), (new, _) = INDEXES[table]
        op.drop_index(new, table_name=table)
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("attempt")
            if table == "relation_sync":
                batch_op.alter_column("lease_token", new_column_name="token")
            else:
                batch_op.drop_column("lease_token")
            batch_op.alter_column("lease_until", new_column_name="busy_until")
        op.create_index(old, table, columns)
    for table in TAKEN_BY_MOVING:
        with op.batch_alter_table(table) as batch_op:
            for name in ("attempt", "lease_token", "lease_until"):
                batch_op.drop_column(name)
