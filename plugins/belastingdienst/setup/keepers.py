"""Which administration of a taxpayer keeps a tax period.

A package may have an administration per book year, and one of own invoices may stand
beside it. Each period is asked for, filed and corrected at one of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from core.domain.declarations import PeriodKind, TaxPeriod
from core.plugin.database import session
from plugins.belastingdienst.law import periods
from plugins.belastingdienst.law.spans import Days, overlapping
from plugins.belastingdienst.models import Administration, Filing, PeriodFigures
from plugins.belastingdienst.setup import ledgers

_DAY = timedelta(days=1)
_Place = tuple[int, date, date]
"""An administration and a period."""


@dataclass(frozen=True)
class Keepers:
    """The administrations of some tenants, by taxpayer, and what they did."""

    mates: dict[tuple[int, str], list[Administration]]
    """By tenant and tax number, where that is filled in."""
    filed: dict[_Place, int] = field(default_factory=dict)
    """The newest declaration over a period."""
    read: dict[_Place, datetime] = field(default_factory=dict)
    years: dict[int, tuple[date, date] | None] = field(default_factory=dict)

    def of(
        self, administration: Administration, period: TaxPeriod
    ) -> Administration | None:
        """Return the administration of a taxpayer that keeps a period.

        The one whose book year holds it; where that is unknown the one that filed or
        read it last. After all known years it is the last of these, until the next
        book year is there. None: it lies before all of them.
        """
        mates = self.mates.get(_taxpayer(administration), [administration])
        if len(mates) == 1 and self.years.get(mates[0].id) is None:
            return mates[0]
        holding = [one for one in mates if self._holds(one, period)]
        unknown = [
            one for one in mates if one.enabled and self.years.get(one.id) is None
        ]
        who_filed = [one for one in mates if _place(one, period) in self.filed]
        found = holding or who_filed or unknown or self._last_before(mates, period)
        return max(found, key=lambda one: self._rank(one, period), default=None)

    def next_return(
        self,
        administration: Administration,
        after: Days,
        taken: Collection[Days],
        today: date,
    ) -> tuple[Administration, TaxPeriod]:
        """Return the next return that did not go, and the administration it is of.

        Later than a period and than all that were `taken`, and not of a period that
        ended before the last one: over that was filed elsewhere, or not at all.
        """
        running = periods.containing(PeriodKind(administration.period_kind), today)
        first = [after.end, periods.before(running).start - _DAY]
        day = max([*first, *(each.end for each in taken)]) + _DAY
        while True:
            own = periods.containing(PeriodKind(administration.period_kind), day)
            keeper = self.of(administration, own) or administration
            period = periods.containing(PeriodKind(keeper.period_kind), day)
            if not any(overlapping(period, each) for each in taken):
                return keeper, period
            day = period.end + _DAY

    def _holds(self, one: Administration, period: TaxPeriod) -> bool:
        year = self.years.get(one.id)
        return year is not None and year[0] <= period.start and period.end <= year[1]

    def _last_before(
        self, mates: Sequence[Administration], period: TaxPeriod
    ) -> list[Administration]:
        ends = {one.id: year[1] for one in mates if (year := self.years.get(one.id))}
        last = max(ends.values(), default=period.start)
        if last >= period.start:
            return []
        return [one for one in mates if one.enabled and ends.get(one.id) == last]

    def _rank(
        self, one: Administration, period: TaxPeriod
    ) -> tuple[int, float, int, int]:
        """Order those that may keep it: filed, read, filed anything, made last."""
        place = _place(one, period)
        read = self.read.get(place)
        mine = (number for at, number in self.filed.items() if at[0] == one.id)
        return (
            self.filed.get(place, 0),
            read.timestamp() if read else 0,
            max(mine, default=0),
            one.id,
        )


def _taxpayer(one: Administration) -> tuple[int, str]:
    return one.tenant_id, one.tax_number


def _place(one: Administration, period: TaxPeriod) -> _Place:
    return one.id, period.start, period.end


def of(found: Sequence[Administration]) -> Keepers:
    """Return who keeps the periods of the taxpayers of these administrations."""
    numbers = {_taxpayer(one) for one in found if one.tax_number}
    tenants = {tenant_id for tenant_id, _number in numbers}
    mates: dict[tuple[int, str], list[Administration]] = defaultdict(list)
    for one in session().scalars(
        select(Administration)
        .where(Administration.tenant_id.in_(tenants))
        .order_by(Administration.id)
    ):
        if _taxpayer(one) in numbers:
            mates[_taxpayer(one)].append(one)
    everyone = {one.id: one for several in mates.values() for one in several}
    several = [one.id for group in mates.values() if len(group) > 1 for one in group]
    everyone |= {one.id: one for one in found}
    return Keepers(
        dict(mates), _filed(several), _read(several), _years(everyone.values())
    )


def _years(
    found: Iterable[Administration],
) -> dict[int, tuple[date, date] | None]:
    return {one.id: ledgers.book_year(one) for one in found}


def _filed(ids: Sequence[int]) -> dict[_Place, int]:
    rows = session().execute(
        select(
            Filing.administration_id,
            Filing.starts_on,
            Filing.ends_on,
            func.max(Filing.id),
        )
        .where(Filing.administration_id.in_(ids))
        .group_by(Filing.administration_id, Filing.starts_on, Filing.ends_on)
    )
    return {(one, start, end): newest for one, start, end, newest in rows}


def _read(ids: Sequence[int]) -> dict[_Place, datetime]:
    rows = session().execute(
        select(
            PeriodFigures.administration_id,
            PeriodFigures.starts_on,
            PeriodFigures.ends_on,
            PeriodFigures.read_at,
        ).where(PeriodFigures.administration_id.in_(ids))
    )
    return {(one, start, end): at for one, start, end, at in rows if at is not None}
