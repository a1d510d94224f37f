"""Sets of rules that the operator installs."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "peppol_0001"
down_revision = None
branch_labels = ("peppol",)
depends_on = "core_0001"


def upgrade() -> None:

    op.create_table(
        "peppol_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(length=10), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peppol_rules")),
        sa.UniqueConstraint(
            "layer", "first_day", name=op.f("uq_peppol_rules_layer_first_day")
        ),
    )


def downgrade() -> None:

    op.drop_table("peppol_rules")
