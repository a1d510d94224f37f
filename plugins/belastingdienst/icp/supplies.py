"""What was supplied to other member states, by stretch and by month.

Figures are read per period of the VAT return; an ICP declaration has stretches of its
own: a month of a quarter, or the quarter of three monthly returns. It takes the
entries of its days, whichever periods they were read in.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, case, func, select

from core.domain.clock import local_date
from core.domain.declarations import Customer, IcpKind, PeriodKind, Rubric, TaxPeriod
from core.domain.money import ZERO
from core.plugin.database import session
from plugins.belastingdienst.law import icp
from plugins.belastingdienst.law.boxes import whole_owed
from plugins.belastingdienst.law.spans import Days, Span, covers, month_of, overlapping
from plugins.belastingdienst.models import Administration, Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin

_DUTCH_TIME = "Europe/Amsterdam"


@dataclass(frozen=True)
class IcpFigures:
    """What an ICP declaration over a stretch is made of; exact euros."""

    period: TaxPeriod
    amounts: icp.Amounts
    in_return: Decimal
    """What the VAT return says in 3b of the same days, corrections left out."""

    @property
    def rows(self) -> tuple[icp.Row, ...]:
        """The rows in whole euros."""
        return icp.rows(self.amounts)

    @property
    def declaration(self) -> icp.Declaration:
        """The declaration, without corrections."""
        return icp.Declaration(self.period, self.rows)

    @property
    def stated(self) -> Decimal:
        """What 3b says, in whole euros."""
        return whole_owed(self.in_return)


def rows_of(administration: Administration, period: Days) -> list[PeriodFigures]:
    """Return the periods of figures that a stretch lies in, by day.

    Where they overlap (the return went from quarters to months) those of the present
    rhythm count.
    """
    found = session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id == administration.id,
            PeriodFigures.starts_on <= period.end,
            PeriodFigures.ends_on >= period.start,
        )
    )
    chosen = _not_twice(administration, found.all())
    return sorted(chosen, key=lambda row: row.starts_on)


def _days(row: PeriodFigures) -> Span:
    return Span(row.starts_on, row.ends_on)


def _not_twice(
    administration: Administration, rows: Iterable[PeriodFigures]
) -> list[PeriodFigures]:
    kind = PeriodKind(administration.period_kind)

    def rank(row: PeriodFigures) -> tuple[bool, bool, date, int]:
        is_present = TaxPeriod(row.starts_on, row.ends_on).kind is kind
        return not is_present, row.read_at is None, row.starts_on, row.id

    chosen: list[PeriodFigures] = []
    for row in sorted(rows, key=rank):
        if not any(overlapping(_days(row), _days(one)) for one in chosen):
            chosen.append(row)
    return chosen


def is_read(rows: Sequence[PeriodFigures], period: Days) -> bool:
    """Tell whether all days of a stretch were read, after its last one.

    Of rows that do not overlap. Later days that share a row with it do not matter.
    """
    return is_covered([row for row in rows if not lacks(row, period)], period)


def is_covered(rows: Sequence[PeriodFigures], period: Days) -> bool:
    """Tell whether there are figures of all days of a stretch, read or not."""
    beside = [row for row in rows if overlapping(_days(row), period)]
    return covers([_within(row, period) for row in beside], period)


def _within(row: PeriodFigures, period: Days) -> Span:
    return Span(max(row.starts_on, period.start), min(row.ends_on, period.end))


def lacks(row: PeriodFigures, period: Days) -> bool:
    """Tell whether a row was read before the last of the days that it has of these."""
    if row.read_at is None:
        return True
    last = min(row.ends_on, period.end)
    return local_date(row.read_at, _DUTCH_TIME) <= last


def of(
    administration: Administration,
    period: TaxPeriod,
    kinds: Collection[IcpKind] = icp.ALL,
) -> IcpFigures:
    """Return what was supplied over a stretch, of some kinds."""
    ids = [row.id for row in rows_of(administration, period)]
    amounts: dict[icp.Key, Decimal] = {}
    in_return = ZERO
    for kind, country, number, amount in session().execute(_entries(ids, period)):
        if kind is not None and IcpKind(kind) not in kinds:
            continue
        in_return += amount or ZERO
        if kind is not None and country and number:
            amounts[IcpKind(kind), Customer(country, number)] = amount or ZERO
    return IcpFigures(period, amounts, in_return)


def _entries(
    ids: Sequence[int], period: TaxPeriod
) -> "Select[IcpKind | None, str, str, Decimal]":
    key = (Entry.icp_kind, Entry.customer_country, Entry.customer_number)
    return (
        select(*key, func.sum(Entry.turnover))
        .join(PeriodFigures, PeriodFigures.id == Entry.period_id)
        .where(
            Entry.period_id.in_(ids),
            Entry.rubric == Rubric.R3B,
            Entry.origin != EntryOrigin.CORRECTION,
            _day().between(period.start, period.end),
        )
        .group_by(*key)
    )


def _day() -> ColumnElement[date]:
    """The day of an entry: booked outside its period it is of the nearest day in it."""
    return case(
        (Entry.booked_on < PeriodFigures.starts_on, PeriodFigures.starts_on),
        (Entry.booked_on > PeriodFigures.ends_on, PeriodFigures.ends_on),
        else_=Entry.booked_on,
    )


def by_month(
    found: Sequence[Administration], first: date
) -> dict[int, dict[Span, dict[IcpKind, Decimal]]]:
    """Return by administration what was supplied in the months since a day."""
    owner = {row.id: row.administration_id for row in rows_since(found, first)}
    day = _day()
    rows = session().execute(
        select(Entry.period_id, day, Entry.icp_kind, func.sum(Entry.turnover))
        .join(PeriodFigures, PeriodFigures.id == Entry.period_id)
        .where(
            Entry.period_id.in_(list(owner)),
            Entry.icp_kind.is_not(None),
            Entry.origin != EntryOrigin.CORRECTION,
        )
        .group_by(Entry.period_id, day, Entry.icp_kind)
    )
    made: dict[int, dict[Span, dict[IcpKind, Decimal]]] = defaultdict(dict)
    for period_id, on, kind, amount in rows:
        month = made[owner[period_id]].setdefault(month_of(on), {})
        if kind is not None:
            what = IcpKind(kind)
            month[what] = month.get(what, ZERO) + (amount or ZERO)
    return dict(made)


def rows_since(found: Sequence[Administration], first: date) -> Iterator[PeriodFigures]:
    """Yield the periods of figures since a day, none of them twice."""
    by_id: dict[int, list[PeriodFigures]] = defaultdict(list)
    for row in session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id.in_([one.id for one in found]),
            PeriodFigures.ends_on >= first,
        )
    ):
        by_id[row.administration_id].append(row)
    for one in found:
        yield from _not_twice(one, by_id[one.id])
