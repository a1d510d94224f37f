"""Shop orders as own sales, and the one stop shop."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0006"
down_revision = "belastingdienst_0005"
branch_labels = None
depends_on = None

TAXPAYER = "belastingdienst_taxpayer"
REGISTER = "belastingdienst_oss_register"
QUARTER = "belastingdienst_oss_quarter"
COLUMNS = (
    ("belastingdienst_administration", "own_sales", "{}"),
    ("belastingdienst_period", "left_out", "[]"),
)


def upgrade() -> None:
    for table, column, empty in COLUMNS:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(
                sa.Column(column, types.Json(), nullable=False, server_default=empty)
            )
        # By itself: SQLite would make the table anew without what fills the rows.
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(column, server_default=None)
    with op.batch_alter_table(TAXPAYER) as batch_op:
        batch_op.add_column(sa.Column("oss_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("oss_until", sa.Date(), nullable=True))
    _make_register()
    _make_quarter()


def _make_register() -> None:
    op.create_table(
        REGISTER,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("sales", types.Json(), nullable=False),
        sa.Column("invoice_kind", sa.String(length=10), nullable=False),
        sa.Column("distance", types.Json(), nullable=False),
        sa.Column("reading", sa.Boolean(), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("params", types.Json(), nullable=False),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("reminded_late", sa.Boolean(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        *_owned(REGISTER),
        sa.UniqueConstraint(
            "tenant_id", "tax_number", name=op.f(f"uq_{REGISTER}_tenant_id_tax_number")
        ),
    )
    _index(REGISTER)


def _make_quarter() -> None:
    op.create_table(
        QUARTER,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("sales", types.Json(), nullable=False),
        sa.Column("doubts", types.Json(), nullable=False),
        sa.Column("filed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("filed_by_id", sa.Integer(), nullable=True),
        sa.Column("portal_reference", sa.String(length=60), nullable=False),
        sa.Column("lines", types.Json(), nullable=False),
        sa.Column("corrections", types.Json(), nullable=False),
        sa.Column("open_doubts", types.Json(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        *_owned(QUARTER),
        sa.ForeignKeyConstraint(
            ["filed_by_id"],
            ["user.id"],
            name=op.f(f"fk_{QUARTER}_filed_by_id"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "tax_number",
            "starts_on",
            name=op.f(f"uq_{QUARTER}_tenant_id_tax_number_starts_on"),
        ),
    )
    _index(QUARTER)


def _owned(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{table}_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _index(table: str) -> None:
    with op.batch_alter_table(table) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{table}_tenant_id"), ["tenant_id"])


def downgrade() -> None:
    op.drop_table(QUARTER)
    op.drop_table(REGISTER)
    with op.batch_alter_table(TAXPAYER) as batch_op:
        batch_op.drop_column("oss_until")
        batch_op.drop_column("oss_from")
    for table, column, _empty in COLUMNS:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(column)
