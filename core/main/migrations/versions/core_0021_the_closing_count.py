"""The closing count per coupling and day."""

import sqlalchemy as sa
from alembic import op

from core.models import base as types

revision = "core_0021"
down_revision = "core_0020"
branch_labels = None
depends_on = None

_MOMENT = types.UtcDateTime(timezone=True)


def _keys(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["coupling_id"],
            ["coupling.id"],
            name=op.f(f"fk_{table}_coupling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{table}_tenant_id"),
            ondelete="CASCADE",
        ),
    )


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("asked_from", sa.Date(), nullable=True),
        sa.Column("asked_to", sa.Date(), nullable=True),
        sa.Column("made_at", _MOMENT, nullable=True),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("shop_calls", sa.Integer(), nullable=False),
        sa.Column("package_calls", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        *_keys("tally"),
        sa.UniqueConstraint("coupling_id", name=op.f("uq_tally_coupling_id")),
    )
    op.create_index(op.f("ix_tally_tenant_id"), "tally", ["tenant_id"])
    op.create_table(
        "tally_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coupling_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("lines", types.Json(), nullable=False),
        sa.Column("gaps", types.Json(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        *_keys("tally_day"),
        sa.UniqueConstraint(
            "coupling_id", "on_day", name=op.f("uq_tally_day_coupling_id_on_day")
        ),
    )
    op.create_index(op.f("ix_tally_day_tenant_id"), "tally_day", ["tenant_id"])


def downgrade() -> None:
    op.drop_table("tally_day")
    op.drop_table("tally")
