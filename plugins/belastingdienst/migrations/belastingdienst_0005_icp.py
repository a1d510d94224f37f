"""ICP over its own stretches: by choice, per part of a fiscal unity, corrected.

What was reminded of stands by declaration: an ICP declaration has no period of figures.
"""

import sqlalchemy as sa
from alembic import op

from core.plugin import tables as types

revision = "belastingdienst_0005"
down_revision = "belastingdienst_0004"
branch_labels = None
depends_on = None

PREFIX = "belastingdienst"
FILING, PERIOD = f"{PREFIX}_filing", f"{PREFIX}_period"
CORRECTION, STOCK = f"{PREFIX}_icp_correction", f"{PREFIX}_call_off"
REMINDER = f"{PREFIX}_reminder"
ADDED = (
    (f"{PREFIX}_taxpayer", "icp_rhythm", sa.String(length=10), "law"),
    (f"{PREFIX}_administration", "division", sa.String(length=14), ""),
    (FILING, "division", sa.String(length=14), ""),
    (FILING, "scope", sa.String(length=30), ""),
    (FILING, "vat_checks", types.Json(), "[]"),
)
WHAT = ("kind", "starts_on", "ends_on", "version")
OLD = ("tenant_id", "tax_number", *WHAT)
NEW = ("tenant_id", "tax_number", "division", *WHAT)

_COPIED = {
    "tenant_id": sa.Integer(),
    "administration_id": sa.Integer(),
    "starts_on": sa.Date(),
    "ends_on": sa.Date(),
}
_MOMENT = types.UtcDateTime(timezone=True)
OLD_REMINDERS = sa.table(
    PERIOD,
    *(sa.column(name, kind) for name, kind in _COPIED.items()),
    sa.column("reminded_at", _MOMENT),
)
NEW_REMINDERS = sa.table(
    REMINDER,
    *(sa.column(name, kind) for name, kind in _COPIED.items()),
    sa.column("at", _MOMENT),
    sa.column("kind", sa.String()),
    sa.column("code", sa.String()),
)
_LONGEST = 31


def upgrade() -> None:
    for table, name, kind, value in ADDED:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(
                sa.Column(name, kind, nullable=False, server_default=value)
            )
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(name, server_default=None)
    _unique(OLD, NEW)
    _correction()
    _stock()
    _reminder()
    _move_reminders()
    with op.batch_alter_table(PERIOD) as batch_op:
        batch_op.drop_column("reminded_at")


def downgrade() -> None:
    with op.batch_alter_table(PERIOD) as batch_op:
        batch_op.add_column(
            sa.Column("reminded_at", types.UtcDateTime(timezone=True), nullable=True)
        )
    for table in (REMINDER, STOCK, CORRECTION):
        op.drop_table(table)
    _unique(NEW, OLD)
    for table, name, _kind, _value in reversed(ADDED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(name)


def _unique(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    with op.batch_alter_table(FILING) as batch_op:
        batch_op.drop_constraint(_name(old), type_="unique")
    with op.batch_alter_table(FILING) as batch_op:
        batch_op.create_unique_constraint(_name(new), new)


def _name(columns: tuple[str, ...]) -> str:
    return op.f(f"uq_{FILING}_{'_'.join(columns)}")


def _correction() -> None:
    op.create_table(
        CORRECTION,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tax_number", sa.String(length=14), nullable=False),
        sa.Column("division", sa.String(length=14), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("icp_kind", sa.String(length=10), nullable=False),
        sa.Column("customer_country", sa.String(length=2), nullable=False),
        sa.Column("customer_number", sa.String(length=20), nullable=False),
        sa.Column("amount", types.Money(), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("done_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("filing_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        _points(CORRECTION, "done_by_id", "user", "SET NULL"),
        _points(CORRECTION, "filing_id", FILING, "CASCADE"),
        _points(CORRECTION, "tenant_id", "tenant", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{CORRECTION}")),
    )
    with op.batch_alter_table(CORRECTION) as batch_op:
        batch_op.create_index(f"ix_{CORRECTION}_of", ["tax_number", "starts_on"])
        batch_op.create_index(batch_op.f(f"ix_{CORRECTION}_filing_id"), ["filing_id"])
        batch_op.create_index(batch_op.f(f"ix_{CORRECTION}_tenant_id"), ["tenant_id"])


def _stock() -> None:
    op.create_table(
        STOCK,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=100), nullable=False),
        sa.Column("customer_country", sa.String(length=2), nullable=False),
        sa.Column("customer_number", sa.String(length=20), nullable=False),
        sa.Column("amount", types.Money(), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("called_off_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        _points(STOCK, "administration_id", f"{PREFIX}_administration", "CASCADE"),
        _points(STOCK, "tenant_id", "tenant", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{STOCK}")),
    )
    with op.batch_alter_table(STOCK) as batch_op:
        for name in ("administration_id", "tenant_id"):
            batch_op.create_index(batch_op.f(f"ix_{STOCK}_{name}"), [name])


def _reminder() -> None:
    key = ("administration_id", "kind", "starts_on", "ends_on", "code")
    op.create_table(
        REMINDER,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("administration_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        _points(REMINDER, "administration_id", f"{PREFIX}_administration", "CASCADE"),
        _points(REMINDER, "tenant_id", "tenant", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{REMINDER}")),
        sa.UniqueConstraint(*key, name=op.f(f"uq_{REMINDER}_{'_'.join(key)}")),
    )
    with op.batch_alter_table(REMINDER) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{REMINDER}_tenant_id"), ["tenant_id"])


def _points(
    table: str, column: str, to: str, on_delete: str
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=name, ondelete=on_delete
    )


def _move_reminders() -> None:
    """Keep that a return was reminded of; over a month after its end it was late."""
    rows = op.get_bind().execute(
        sa.select(OLD_REMINDERS).where(OLD_REMINDERS.c.reminded_at.is_not(None))
    )
    for row in rows.mappings().all():
        values = dict(row)
        values["at"] = values.pop("reminded_at")
        is_late = (values["at"].date() - values["ends_on"]).days > _LONGEST
        for code in ("near", "passed") if is_late else ("near",):
            made = {**values, "kind": "vat_return", "code": f"filing_deadline_{code}"}
            op.get_bind().execute(sa.insert(NEW_REMINDERS).values(made))
