"""What has to be filed: the declarations of ended periods, with their deadlines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.plugin.database import session
from plugins.belastingdienst.filing import taxpayers
from plugins.belastingdienst.law import deadlines
from plugins.belastingdienst.law.deadlines import Urgency
from plugins.belastingdienst.models import Administration, Entry, Filing, PeriodFigures
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import administrations, schemes

HANDLED = (FilingStage.APPROVED, FilingStage.DELIVERED, FilingStage.ACCEPTED)


@dataclass(frozen=True)
class Obligation:
    """One declaration of an ended period."""

    administration: Administration
    period: TaxPeriod
    kind: DeclarationKind
    last_day: date
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
    asked for here; an ICP declaration only when there are rows for one. Nothing of who
    files elsewhere, and no return over a period under the KOR.
    """
    said = schemes.of(found)
    ended = {
        one.id: administrations.current_periods(one, today)[1:]
        for one in found
        if one.enabled and said.files_here(one)
    }
    wanted = [period.start for periods in ended.values() for period in periods]
    if not wanted:
        return []
    ids = list(ended)
    known = _known(ids, min(wanted))
    newest = taxpayers.newest(ids, min(wanted))
    made = []
    for one in found:
        for place, period in enumerate(ended.get(one.id, ())):
            facts = known.get((one.id, period.start, period.end))
            if place and facts is None:
                continue
            has_return = said.asks_return(one, period)
            for kind in _kinds(has_return=has_return, has_icp=facts is True):
                filing = newest.get((one.id, period.start, period.end, kind))
                made.append(_obligation(one, period, kind, today, filing))
    return sorted(made, key=lambda each: (not each.is_open, each.last_day))


def unread(found: Sequence[Administration], today: date) -> int:
    """Count the ended periods, of over a year, of which nothing is known here.

    Whether something has to be filed over them cannot be told: nobody read their
    figures, and no declaration was made.
    """
    said = schemes.of(found)
    ended = {
        (one.id, period.start, period.end)
        for one in found
        if one.enabled and said.files_here(one)
        for period in administrations.current_periods(one, today)[1:]
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


def _kinds(*, has_return: bool, has_icp: bool) -> Iterator[DeclarationKind]:
    if has_return:
        yield DeclarationKind.VAT_RETURN
    if has_icp:
        yield DeclarationKind.ICP


def _obligation(
    administration: Administration,
    period: TaxPeriod,
    kind: DeclarationKind,
    today: date,
    filing: Filing | None,
) -> Obligation:
    last_day = deadlines.deadline(period, kind)
    days = administration.remind_days
    urgency = deadlines.urgency(period, kind, today, days)
    return Obligation(administration, period, kind, last_day, urgency, filing)


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
