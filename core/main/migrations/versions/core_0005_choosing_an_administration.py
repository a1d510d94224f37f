"""One login that opens several administrations: what waits for the choice."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0005"
down_revision = "core_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connection_choice",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_connection_choice_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_connection_choice_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_connection_choice")),
    )
    with op.batch_alter_table("connection_choice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_connection_choice_tenant_id"), ["tenant_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("connection_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connection_choice_tenant_id"))

    op.drop_table("connection_choice")
