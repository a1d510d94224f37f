"""Addresses as they were written, and values that came in but are not believed.

The kind of relations that packages brought was one choice for all: it is assumed.
"""

import sqlalchemy as sa
from alembic import op

revision = "core_0013"
down_revision = "core_0012"
branch_labels = None
depends_on = None

_NONE = {"nullable": False, "server_default": ""}
_ASSUMED = sa.text(
    "UPDATE relation SET assumed = '[\"kind\"]' WHERE id IN (SELECT relation_id FROM"
    " relation_change WHERE action = 'synced' AND version = 1)"
)


def upgrade() -> None:
    with op.batch_alter_table("relation_address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("written", sa.String(length=250), **_NONE))
    with op.batch_alter_table("relation_address", schema=None) as batch_op:
        batch_op.alter_column("written", server_default=None)
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("doubts", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("assumed", sa.Text(), nullable=True))
    in_doubt = sa.text("doubts IS NOT NULL")
    op.create_index(
        "ix_relation_doubts",
        "relation",
        ["tenant_id", "sort_name", "id"],
        sqlite_where=in_doubt,
        postgresql_where=in_doubt,
    )
    op.execute(_ASSUMED)


def downgrade() -> None:
    op.drop_index("ix_relation_doubts", table_name="relation")
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_column("assumed")
        batch_op.drop_column("doubts")
    with op.batch_alter_table("relation_address", schema=None) as batch_op:
        batch_op.drop_column("written")
