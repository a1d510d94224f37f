"""What was told of a file and its rows, what was chosen, and undoing an import."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0015"
down_revision = "core_0014"
branch_labels = None
depends_on = None


def _empty(
    name: str, kind: sa.types.TypeEngine[object], value: str
) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False, server_default=sa.text(value))


_ROW = {
    "remarks": (types.Json(), "'[]'"),
    "notes": (types.Json(), "'[]'"),
    "is_noted": (sa.Boolean(), "false"),
    "choice": (sa.String(10), "''"),
    "undone": (sa.String(10), "''"),
}


def upgrade() -> None:
    with op.batch_alter_table("relation_import", schema=None) as batch_op:
        batch_op.add_column(_empty("layout", types.Json(), "'{}'"))
    with op.batch_alter_table("relation_import", schema=None) as batch_op:
        batch_op.alter_column("layout", server_default=None)
    with op.batch_alter_table("relation_import_row", schema=None) as batch_op:
        for name, (kind, value) in _ROW.items():
            batch_op.add_column(_empty(name, kind, value))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=True))
    with op.batch_alter_table("relation_import_row", schema=None) as batch_op:
        for name in _ROW:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("relation_import_row", schema=None) as batch_op:
        for name in ("version", *reversed(_ROW)):
            batch_op.drop_column(name)
    with op.batch_alter_table("relation_import", schema=None) as batch_op:
        batch_op.drop_column("layout")
