"""The taxpayer: a row for each tax number that something was said of."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0003"
down_revision = "belastingdienst_0002"
branch_labels = None
depends_on = None

NAME = "belastingdienst_taxpayer"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{NAME}_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint(
            "tenant_id", "tax_number", name=op.f(f"uq_{NAME}_tenant_id_tax_number")
        ),
    )
    with op.batch_alter_table(NAME) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{NAME}_tenant_id"), ["tenant_id"])


def downgrade() -> None:
    op.drop_table(NAME)
