"""Tries that got an import no further."""

import sqlalchemy as sa
from alembic import op

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("relation_import", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("tries", sa.Integer(), nullable=False, server_default="0")
        )


def downgrade() -> None:
    with op.batch_alter_table("relation_import", schema=None) as batch_op:
        batch_op.drop_column("tries")
