"""Indexes by which the dispatcher and the workers find what is due.

What has nothing to do is passed over without being read, however many there are.
"""

import sqlalchemy as sa
from alembic import op

revision = "core_0030"
down_revision = "core_0029"
branch_labels = None
depends_on = None

_LIVE = "state = 'connected' AND enabled IS {true}"
_PARTIAL = (
    ("ix_transfer_moving", "transfer", ["target_id", "coupling_id", "state", "due_at"],
     "state IN ('queued', 'sending')"),
    ("ix_transfer_refreshing", "transfer", ["changed_at"], "code = 'refreshing'"),
    ("ix_inbox_event_new", "inbox_event", ["connection_id", "state", "received_at"],
     "state = 'new'"),
    ("ix_connection_run", "connection", ["next_run_at"], _LIVE),
    ("ix_connection_recheck", "connection", ["plugin", "rechecked_on"], _LIVE),
    ("ix_connection_paused", "connection", ["reason", "not_before"],
     "state = 'paused'"),
)  # fmt: skip
_WHOLE = (
    ("ix_tally_due_at", "tally", ["due_at"]),
    ("ix_relation_sync_wanted", "relation_sync", ["wanted_at"]),
    ("ix_tenant_timezone", "tenant", ["timezone"]),
)
_WORK = ("ix_transfer_work", "transfer")


def upgrade() -> None:
    op.drop_index(_WORK[0], table_name=_WORK[1])
    op.create_index(*_WORK, ["target_id", "state", sa.text("priority DESC"), "due_at"])
    true = "1" if op.get_bind().dialect.name == "sqlite" else "true"
    for name, table, columns, which in _PARTIAL:
        where = sa.text(which.format(true=true))
        op.create_index(
            name, table, columns, sqlite_where=where, postgresql_where=where
        )
    for name, table, columns in _WHOLE:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, *_columns in (*_WHOLE, *_PARTIAL):
        op.drop_index(name, table_name=table)
    op.drop_index(_WORK[0], table_name=_WORK[1])
    op.create_index(*_WORK, ["target_id", "state", "priority", "due_at"])
