"""What a taxpayer says of himself, and his answers per period."""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0007"
down_revision = "belastingdienst_0006"
branch_labels = None
depends_on = None

TAXPAYER = "belastingdienst_taxpayer"
CERTIFICATE = "belastingdienst_certificate"
ANSWER = "belastingdienst_answer"
SAID = {
    "filed_at": (sa.String(length=10), ""),
    "cash_scheme": (sa.String(length=10), ""),
    "cases": (types.Json(), "{}"),
    "small_business_told": (sa.String(length=40), ""),
}
DAYS = (
    "cash_scheme_since", "small_business_since", "small_business_until",
    "small_business_passed_on",
    "union_scheme_since", "union_scheme_until",
)  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table(TAXPAYER) as batch_op:
        for name, (kind, default) in SAID.items():
            batch_op.add_column(
                sa.Column(name, kind, nullable=False, server_default=default)
            )
        for name in DAYS:
            batch_op.add_column(sa.Column(name, sa.Date()))
        batch_op.add_column(sa.Column("asked_at", types.UtcDateTime(timezone=True)))
    # By itself: SQLite would make the table anew without what fills the rows there are.
    with op.batch_alter_table(TAXPAYER) as batch_op:
        for name in SAID:
            batch_op.alter_column(name, server_default=None)
    with op.batch_alter_table(CERTIFICATE) as batch_op:
        batch_op.add_column(sa.Column("reminded_days", sa.Integer()))
    _answers()


def _answers() -> None:
    op.create_table(
        ANSWER,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("taxpayer_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("turnover", types.Money(), nullable=False),
        sa.Column("vat", types.Money(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by_id"],
            ["user.id"],
            name=op.f(f"fk_{ANSWER}_answered_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["belastingdienst_entry.id"],
            name=op.f(f"fk_{ANSWER}_entry_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["taxpayer_id"],
            ["belastingdienst_taxpayer.id"],
            name=op.f(f"fk_{ANSWER}_taxpayer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f(f"fk_{ANSWER}_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{ANSWER}")),
        sa.UniqueConstraint(
            "taxpayer_id",
            "starts_on",
            "ends_on",
            "code",
            name=op.f(f"uq_{ANSWER}_taxpayer_id_starts_on_ends_on_code"),
        ),
    )
    with op.batch_alter_table(ANSWER) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{ANSWER}_tenant_id"), ["tenant_id"])


def downgrade() -> None:
    op.drop_table(ANSWER)
    with op.batch_alter_table(CERTIFICATE) as batch_op:
        batch_op.drop_column("reminded_days")
    with op.batch_alter_table(TAXPAYER) as batch_op:
        for name in (*SAID, *DAYS, "asked_at"):
            batch_op.drop_column(name)
