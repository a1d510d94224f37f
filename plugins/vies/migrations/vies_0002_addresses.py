"""The address that VIES told."""

import sqlalchemy as sa
from alembic import op

revision = "vies_0002"
down_revision = "vies_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("vies_consultation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "address", sa.String(length=500), nullable=False, server_default=""
            )
        )
    with op.batch_alter_table("vies_consultation", schema=None) as batch_op:
        batch_op.alter_column("address", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("vies_consultation", schema=None) as batch_op:
        batch_op.drop_column("address")
