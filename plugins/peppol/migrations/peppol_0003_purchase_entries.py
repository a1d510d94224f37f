"""The cost account that a person chose for a received document."""

import sqlalchemy as sa
from alembic import op

revision = "peppol_0003"
down_revision = "peppol_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("peppol_received") as batch_op:
        batch_op.add_column(
            sa.Column(
                "cost_account", sa.String(length=20), nullable=False, server_default=""
            )
        )
    with op.batch_alter_table("peppol_received") as batch_op:
        batch_op.alter_column("cost_account", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("peppol_received") as batch_op:
        batch_op.drop_column("cost_account")
