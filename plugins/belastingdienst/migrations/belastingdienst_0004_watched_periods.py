"""Watched periods: what a declaration holds by period, and changes that were noticed.

Declarations of before keep empty parts: what they carried is told by their entries.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0004"
down_revision = "belastingdienst_0003"
branch_labels = None
depends_on = None

NAME, PERIOD = "belastingdienst_change", "belastingdienst_period"


def _columns() -> list[tuple[str, sa.Column[Any]]]:
    return [
        (
            "belastingdienst_filing",
            sa.Column("parts", types.Json(), nullable=False, server_default="{}"),
        ),
        (
            PERIOD,
            sa.Column("due_at", types.UtcDateTime(timezone=True), nullable=True),
        ),
        (
            PERIOD,
            sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        ),
    ]


def upgrade() -> None:
    for table, column in _columns():
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(column)
    # By itself: SQLite would make the table anew without what fills the rows there are.
    for table, column in _columns():
        if column.server_default is not None:
            with op.batch_alter_table(table) as batch_op:
                batch_op.alter_column(column.name, server_default=None)
    with op.batch_alter_table(PERIOD) as batch_op:
        batch_op.create_index("ix_belastingdienst_period_work", ["due_at", "id"])
    op.create_table(
        NAME,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{NAME}_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint(
            "tenant_id",
            "tax_number",
            "starts_on",
            "ends_on",
            name=op.f(f"uq_{NAME}_tenant_id_tax_number_starts_on_ends_on"),
        ),
    )
    with op.batch_alter_table(NAME) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{NAME}_tenant_id"), ["tenant_id"])


def downgrade() -> None:
    op.drop_table(NAME)
    with op.batch_alter_table(PERIOD) as batch_op:
        batch_op.drop_index("ix_belastingdienst_period_work")
        batch_op.drop_column("tries")
        batch_op.drop_column("due_at")
    with op.batch_alter_table("belastingdienst_filing") as batch_op:
        batch_op.drop_column("parts")
