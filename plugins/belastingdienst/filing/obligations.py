"""What has to be filed: the declarations of ended periods, with their deadlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.plugin.database import session
from plugins.belastingdienst.filing import taxpayers
from plugins.belastingdienst.law import dates
from plugins.belastingdienst.law.dates import Urgency
from plugins.belastingdienst.models import Administration, Entry, Filing, PeriodFigures
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import administrations, keepers

HANDLED = (FilingStage.APPROVED, FilingStage.DELIVERED, FilingStage.ACCEPTED)


@dataclass(frozen=True)
class Obligation:
    """One declaration of an ended period."""

    administration: Administration
    period: TaxPeriod
    kind: DeclarationKind
    last_day: date
    """To file."""
    pay_by: date | None
    """The last day to pay; None: nothing is paid with it."""
    urgency: Urgency
    filing: Filing | None
    """Its newest version."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.filing is None or self.filing.stage not in HANDLED


def of(found: Sequence[Administration], today: date) -> list[Obligation]:
    """Return what ended periods ask for, the most urgent first; `today` is local.

    The period that ended last is always there, earlier ones when their figures were
    asked for here; an ICP declaration only when there are rows for one. Each period is
    asked for once per taxpayer: at the administration that keeps it.
    """
    ended = {
        one.id: administrations.current_periods(one, today)[1:]
        for one in found
        if one.enabled
    }
    wanted = [period.start for periods in ended.values() for period in periods]
    if not wanted:
        return []
    ids = list(ended)
    known = _known(ids, min(wanted))
    newest = taxpayers.newest(ids, min(wanted))
    kept = keepers.of(found)
    made = []
    for one in found:
        for place, period in enumerate(ended.get(one.id, ())):
            if kept.of(one, period) is not one:
                continue
            facts = known.get((one.id, period.start, period.end))
            if place and facts is None:
                continue
            for kind in _kinds(has_icp=facts is True):
                filing = newest.get((one.id, period.start, period.end, kind))
                made.append(_obligation(one, period, kind, today, filing))
    return sorted(made, key=lambda each: (not each.is_open, each.last_day))


def unread(found: Sequence[Administration], today: date) -> int:
    """Count the ended periods, of over a year, of which nothing is known here.

    Whether something has to be filed over them cannot be told: nobody read their
    figures, and no declaration was made.
    """
    kept = keepers.of(found)
    ended = {
        (one.id, period.start, period.end)
        for one in found
        if one.enabled
        for period in administrations.current_periods(one, today)[1:]
        if kept.of(one, period) is one
    }
    if not ended:
        return 0
    ids = [one.id for one in found]
    first = min(start for _id, start, _end in ended)
    filed = {key[:3] for key in taxpayers.newest(ids, first)}
    return len(ended - _read(ids, first) - filed)


def _read(ids: list[int], first: date) -> set[tuple[int, date, date]]:
    rows = session().execute(
        select(
            PeriodFigures.administration_id,
            PeriodFigures.starts_on,
            PeriodFigures.ends_on,
        ).where(
            PeriodFigures.administration_id.in_(ids),
            PeriodFigures.starts_on >= first,
            PeriodFigures.read_at.is_not(None),
        )
    )
    return {(one, start, end) for one, start, end in rows}


def _kinds(*, has_icp: bool) -> tuple[DeclarationKind, ...]:
    both = (DeclarationKind.VAT_RETURN, DeclarationKind.ICP)
    return both if has_icp else both[:1]


def _obligation(
    administration: Administration,
    period: TaxPeriod,
    kind: DeclarationKind,
    today: date,
    filing: Filing | None,
) -> Obligation:
    what = dates.Filing(kind.value)
    days = administration.remind_days
    return Obligation(
        administration,
        period,
        kind,
        dates.last_to_file(what, period),
        dates.last_to_pay(what, period),
        dates.urgency(what, period, today, days),
        filing,
    )


def _known(ids: list[int], first: date) -> dict[tuple[int, date, date], bool]:
    """Return the periods that were asked for, and whether they have ICP rows."""
    with_rows = select(Entry.period_id).where(
        Entry.period_id == PeriodFigures.id, Entry.icp_kind.is_not(None)
    )
    rows = session().execute(
        select(
            PeriodFigures.administration_id,
            PeriodFigures.starts_on,
            PeriodFigures.ends_on,
            with_rows.exists(),
        ).where(
            PeriodFigures.administration_id.in_(ids), PeriodFigures.starts_on >= first
        )
    )
    return {(one, start, end): bool(has_rows) for one, start, end, has_rows in rows}
