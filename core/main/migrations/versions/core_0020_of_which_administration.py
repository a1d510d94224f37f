"""Of which administration we keep what was read, made and booked."""

import sqlalchemy as sa
from alembic import op

revision = "core_0020"
down_revision = "core_0019"
branch_labels = None
depends_on = None

_LAST_KNOWN = """
UPDATE connection SET administration = COALESCE(external_id, (
    SELECT administration FROM relation_sync WHERE connection_id = connection.id), '')
"""


def upgrade() -> None:
    for table in ("connection", "transfer"):
        _add(table, "administration", sa.String(100), "")
    _add("coupling", "needs_look", sa.Boolean(), sa.false())
    op.execute(_LAST_KNOWN)


def _add(table: str, name: str, kind: sa.types.TypeEngine, default: object) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(name, kind, nullable=False, server_default=default)
        )
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    for table, name in (
        ("coupling", "needs_look"),
        ("transfer", "administration"),
        ("connection", "administration"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(name)
