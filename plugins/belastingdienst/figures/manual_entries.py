"""Entries that people fill in: purchases, input VAT, private use, and what else."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from core.domain.declarations import IcpKind, Rubric
from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.plugin import log
from core.plugin.database import session
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.icp import owed
from plugins.belastingdienst.law.returns import TURNOVER_ONLY
from plugins.belastingdienst.models import Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin


@dataclass(frozen=True)
class FilledIn:
    """What somebody filled in; amounts are exact euros, signed as the form is."""

    rubric: Rubric
    booked_on: date
    description: str
    turnover: Decimal = ZERO
    """Excl VAT."""
    vat: Decimal = ZERO
    reference: str = ""
    icp_kind: IcpKind | None = None
    customer_country: str = ""
    """VIES prefix: EL for Greece."""
    customer_number: str = ""
    """Without the country prefix."""


def check(row: PeriodFigures, values: FilledIn) -> None:
    """Raise AskUser when an entry cannot be so.

    Codes: `entry_day`, `entry_empty`, `vat_in_untaxed_rubric`, `turnover_in_input`,
    `entry_icp`.
    """
    period = period_figures.period(row)
    is_icp = bool(values.icp_kind and values.customer_country and (
        values.customer_number
    ))  # fmt: skip
    if values.booked_on not in period:
        raise AskUser("entry_day", start=period.start, end=period.end)
    if not (values.turnover or values.vat):
        raise AskUser("entry_empty")
    if values.rubric in TURNOVER_ONLY and values.vat:
        raise AskUser("vat_in_untaxed_rubric", rubric=values.rubric)
    if values.rubric is Rubric.R5B and values.turnover:
        raise AskUser("turnover_in_input", rubric=values.rubric)
    if (values.rubric is Rubric.R3B) != is_icp:
        raise AskUser("entry_icp")


def of_period(row: PeriodFigures) -> list[Entry]:
    """Return what was filled in, by rubric and day."""
    found = session().scalars(
        select(Entry)
        .where(Entry.period_id == row.id, Entry.origin == EntryOrigin.MANUAL)
        .order_by(Entry.rubric, Entry.booked_on, Entry.id)
    )
    return list(found)


def add(row: PeriodFigures, values: FilledIn, *, user_id: int) -> Entry:
    """Add an entry in the caller's transaction; raises as `check` does."""
    check(row, values)
    entry = Entry(
        tenant_id=row.tenant_id,
        period_id=row.id,
        origin=EntryOrigin.MANUAL,
        **asdict(values),
    )
    session().add(entry)
    session().flush()
    _note("figures_entry_added", row, entry, user_id)
    return entry


def change(row: PeriodFigures, entry: Entry, values: FilledIn, *, user_id: int) -> None:
    """Change an entry in the caller's transaction; raises as `check` does."""
    check(row, values)
    for name, value in asdict(values).items():
        setattr(entry, name, value)
    _note("figures_entry_changed", row, entry, user_id)


def remove(row: PeriodFigures, entry: Entry, *, user_id: int) -> None:
    """Remove an entry in the caller's transaction."""
    session().delete(entry)
    _note("figures_entry_removed", row, entry, user_id)


def _note(code: str, row: PeriodFigures, entry: Entry, user_id: int) -> None:
    """Log a change, and see whether the ICP that was declared is still right."""
    owed.notice(row.administration, period_figures.period(row))
    log.write(
        row.tenant_id,
        code,
        user_id=user_id,
        administration=row.administration.description,
        period=period_figures.period(row).code,
        rubric=Rubric(entry.rubric).value,
        turnover=entry.turnover,
        vat=entry.vat,
        description=entry.description,
    )
