"""What has to be filed: the declarations of ended periods, with their deadlines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.plugin.database import session
from plugins.belastingdienst.icp import stretches
from plugins.belastingdienst.law import dates
from plugins.belastingdienst.law.dates import Urgency
from plugins.belastingdienst.models import Administration, Filing, PeriodFigures
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import administrations, keepers, schemes, taxpayers
from plugins.belastingdienst.setup.keepers import Keepers

_RETURN, _ICP = DeclarationKind.VAT_RETURN, DeclarationKind.ICP
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
    figures: TaxPeriod
    """The period whose page has its figures: an ICP declaration may be of others."""
    is_read: bool = True
    """False: nobody read its figures, of an ICP declaration after its last day."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.filing is None or self.filing.stage not in HANDLED

    @property
    def is_on_its_way(self) -> bool:
        """Whether it was approved and did not leave yet."""
        return self.filing is not None and self.filing.stage == FilingStage.APPROVED


def of(found: Sequence[Administration], today: date) -> list[Obligation]:
    """Return what ended periods ask for, the most urgent first; `today` is local.

    The period that ended last is always there, earlier ones when their figures were
    asked for here; ICP declarations over their own stretches, where there are rows for
    one or figures that may hold some are not read. Each period is asked for once per
    taxpayer: at the administration that keeps it. Nothing of who files elsewhere, and
    no return over a period under the KOR.
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
    read = _known(ids, min(wanted), is_read=True)
    newest = taxpayers.newest(ids, min(wanted))
    kept = keepers.of(found)
    made = []
    for one in found:
        for place, period in enumerate(ended.get(one.id, ())):
            if kept.of(one, period) is not one:
                continue
            place_of = (one.id, period.start, period.end)
            if place and place_of not in known:
                continue
            if not said.asks_return(one, period):
                continue
            filing = newest.get((*place_of, _RETURN))
            asked = _obligation(one, period, _RETURN, today, filing)
            made.append(replace(asked, is_read=place_of in read))
    made += _icp([one for one in found if one.id in ended], min(wanted), today, kept)
    return sorted(made, key=lambda each: (not each.is_open, each.last_day))


def _icp(
    found: Sequence[Administration], first: date, today: date, kept: Keepers
) -> Iterator[Obligation]:
    calendar = stretches.calendar(found, first)
    for one in found:
        for stretch in calendar.ended(one, first, today):
            figures = administrations.holding(one, stretch.period.end)
            if one.division or kept.of(one, figures) is one:
                made = _obligation(one, stretch.period, _ICP, today, stretch.filing)
                yield replace(made, is_read=stretch.is_read)


def unread(found: Sequence[Administration], today: date) -> int:
    """Count the ended periods, of over a year, of which nothing is known here.

    Whether something has to be filed over them cannot be told: nobody read their
    figures, and no declaration was made.
    """
    said = schemes.of(found)
    kept = keepers.of(found)
    ended = {
        (one.id, period.start, period.end)
        for one in found
        if one.enabled and said.files_here(one)
        for period in administrations.current_periods(one, today)[1:]
        if kept.of(one, period) is one
    }
    if not ended:
        return 0
    ids = [one.id for one in found]
    first = min(start for _id, start, _end in ended)
    filed = {key[:3] for key in taxpayers.newest(ids, first)}
    return len(ended - _known(ids, first, is_read=True) - filed)


def _known(
    ids: list[int], first: date, *, is_read: bool = False
) -> set[tuple[int, date, date]]:
    """Return the periods that were asked for, or those that were read."""
    wanted = [
        PeriodFigures.administration_id.in_(ids),
        PeriodFigures.starts_on >= first,
    ]
    if is_read:
        wanted.append(PeriodFigures.read_at.is_not(None))
    rows = session().execute(
        select(
            PeriodFigures.administration_id,
            PeriodFigures.starts_on,
            PeriodFigures.ends_on,
        ).where(*wanted)
    )
    return {(one, start, end) for one, start, end in rows}


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
        administrations.holding(administration, period.end),
    )
