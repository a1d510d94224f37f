"""First tables."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "vies_0001"
down_revision = None
branch_labels = ("vies",)
depends_on = "core_0001"


def upgrade() -> None:

    op.create_table(
        "vies_consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("consultation_number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("asked_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_vies_consultation_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vies_consultation")),
    )
    with op.batch_alter_table("vies_consultation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_vies_consultation_number",
            ["tenant_id", "number", "asked_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_vies_consultation_tenant_id"), ["tenant_id"], unique=False
        )


def downgrade() -> None:

    with op.batch_alter_table("vies_consultation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vies_consultation_tenant_id"))
        batch_op.drop_index("ix_vies_consultation_number")

    op.drop_table("vies_consultation")
