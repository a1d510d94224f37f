"""Filed periods stay watched: what changed, what it asks, until when, and telling it.

What is lacking is worked out of the books and the history whenever it is asked; kept is
only since when it is known, because eight weeks count from that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from core.domain.clock import local_date
from core.domain.declarations import Box, DeclarationKind, TaxPeriod
from core.plugin import log, mail
from core.plugin.database import insert_for, session, shared_now
from core.plugin.engine import rounds
from core.plugin.tables import LogLevel
from plugins.belastingdienst.law import watch
from plugins.belastingdienst.law.boxes import Boxes, less
from plugins.belastingdienst.law.dates import CORRECTION_YEARS
from plugins.belastingdienst.law.spans import Span, covers, overlapping, year_of
from plugins.belastingdienst.law.watch import Advice, Change, Route
from plugins.belastingdienst.models import (
    Administration,
    FiledChange,
    Filing,
    PeriodFigures,
)
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import keepers, taxpayers
from plugins.belastingdienst.setup.taxpayers import TaxNumber, Whose
from plugins.belastingdienst.texts.law_texts import ROUTE_UNSURE
from plugins.belastingdienst.watching import history
from plugins.belastingdienst.watching.history import Filed
from plugins.belastingdienst.watching.statements import DUTCH_TIME

CODES = {
    Route.NEXT_RETURN: "change_next_return",
    Route.SUPPLETIE: "change_suppletie",
    Route.TOO_OLD: "change_too_old",
}
"""How each is told, by mail and in the log."""


@dataclass(frozen=True)
class Notice:
    """A filed period that is not right any more, for a page or a mail."""

    advice: Advice
    row: PeriodFigures
    """The figures of the period, at the administration that filed it."""
    goes_in: TaxPeriod
    """The first return that did not go."""
    prepared: Filing | None
    """A suppletie that waits for approval already."""
    today: date

    @property
    def administration(self) -> Administration:
        """Who filed it."""
        return self.row.administration

    @property
    def period(self) -> TaxPeriod:
        """Which period."""
        return history.period(self.advice.change.period)

    @property
    def boxes(self) -> dict[str, Box]:
        """What is lacking, by box."""
        return dict(self.advice.change.boxes)

    @property
    def may_go_along(self) -> bool:
        """Whether it may go in the next return."""
        return self.advice.route is Route.NEXT_RETURN

    @property
    def is_too_old(self) -> bool:
        """Whether nothing can be filed about it any more."""
        return self.advice.route is Route.TOO_OLD

    @property
    def is_late(self) -> bool:
        """Whether its last day is over."""
        return watch.is_late(self.advice, self.today)


def of(taxpayer: Whose, today: date) -> list[Notice]:
    """Return what the filed periods of a taxpayer ask, oldest first."""
    return notices(taxpayer, history.of(taxpayer), today)


def changed() -> list[TaxNumber]:
    """Return the taxpayers in scope of whom a change is known."""
    found = select(FiledChange.tenant_id, FiledChange.tax_number).distinct()
    rows = session().execute(found.order_by(FiledChange.tax_number))
    return [TaxNumber(tenant_id, number) for tenant_id, number in rows]


def notices(taxpayer: Whose, filed: Filed, today: date) -> list[Notice]:
    """Return the same of a history that was read."""
    known_on = {
        Span(one.starts_on, one.ends_on): one.known_on for one in _stored(taxpayer)
    }
    changes = [
        Change(span, boxes, known_on.get(span, today))
        for span, boxes in _lacking(filed, today).items()
        if boxes and not filed.history.is_underway(span)
    ]
    if not changes:
        return []
    prepared = _prepared(taxpayer)
    kept = keepers.of([filed.rows[one.period].administration for one in changes])
    found = []
    for change in changes:
        row = filed.rows[change.period]
        taken = filed.history.taken
        _, goes_in = kept.next_return(row.administration, change.period, taken, today)
        advised = watch.advise(changes, _decided(filed), history.span(goes_in), today)
        (advice,) = (one for one in advised if one.change is change)
        waits = [one for one in prepared if change.period in history.told(one)]
        found.append(Notice(advice, row, goes_in, next(iter(waits), None), today))
    return found


def _decided(filed: Filed) -> dict[Span, Boxes]:
    decided = {span: filed.history.decided(span) for span in filed.history.filed}
    return {span: boxes for span, boxes in decided.items() if boxes}


def _watched(filed: Filed, today: date) -> list[Span]:
    first = today.year - CORRECTION_YEARS - 1  # in its last year that is over, told
    return [
        span
        for span in filed.history.filed
        if span in filed.books and span.end.year >= first
    ]


def _lacking(filed: Filed, today: date) -> dict[Span, Boxes]:
    return {
        span: filed.history.lacking(span, filed.books[span])
        for span in _watched(filed, today)
    }


def _stored(taxpayer: Whose) -> list[FiledChange]:
    found = select(FiledChange).where(
        FiledChange.tenant_id == taxpayer.tenant_id,
        FiledChange.tax_number == taxpayer.tax_number,
    )
    return list(session().scalars(found))


def _prepared(taxpayer: Whose) -> list[Filing]:
    found = select(Filing).where(
        *taxpayers.of_taxpayer(taxpayer),
        Filing.kind == DeclarationKind.SUPPLETIE,
        Filing.stage == FilingStage.PREPARED,
    )
    return list(session().scalars(found.order_by(Filing.id)))


def whole_years(found: Sequence[Notice], filed: Filed) -> list[int]:
    """Return the years over which one suppletie may be made: all of it was filed."""
    made = []
    for year in sorted({one.period.start.year for one in found if not one.is_too_old}):
        whole = year_of(date(year, 1, 1))
        inside = [one for one in filed.history.filed if overlapping(one, whole)]
        if len(inside) > 1 and covers(inside, whole):
            made.append(year)
    return made


# keeping and telling


def look(taxpayer: Whose) -> None:
    """Keep since when a filed period is not right, and tell it once.

    In the caller's transaction. A mail goes per period, way to correct it, and day it
    got known. What is right again is forgotten; what only waits for a return is not.
    """
    today = _today()
    filed = history.of(taxpayer)
    differs = {
        span
        for span in _watched(filed, today)
        if less(filed.books[span], filed.history.known(span) or {})
    }
    for one in _stored(taxpayer):
        if Span(one.starts_on, one.ends_on) not in differs:
            session().execute(delete(FiledChange).where(FiledChange.id == one.id))
    for span in sorted(differs):
        _keep(taxpayer, span, filed.rows[span].administration)
    for notice in notices(taxpayer, filed, today):
        _tell(taxpayer, notice)


def _keep(taxpayer: Whose, span: Span, administration: Administration) -> None:
    """Keep that a period differs since today, unless that is known."""
    made = session().scalar(
        insert_for(FiledChange)
        .values(
            tenant_id=taxpayer.tenant_id,
            tax_number=taxpayer.tax_number,
            starts_on=span.start,
            ends_on=span.end,
            known_on=_today(),
        )
        .on_conflict_do_nothing()
        .returning(FiledChange.id)
    )
    if made is not None:
        log.write(
            taxpayer.tenant_id,
            "filed_period_changed",
            level=LogLevel.WARNING,
            administration=administration.description,
            period=span.code,
        )


def _today() -> date:
    return local_date(shared_now(), DUTCH_TIME)


def _tell(taxpayer: Whose, notice: Notice) -> None:
    """Send a mail, once for each way to correct it and day it got known."""
    advice, change = notice.advice, notice.advice.change
    code = CODES[advice.route]
    who = f"{taxpayer.tenant_id}:{taxpayer.tax_number}"
    mail.to_tenant(
        taxpayer.tenant_id,
        "belastingdienst_change",
        dedup_key=f"{code}:{who}:{change.period.code}:{change.known_on}",
        code=code,
        params={
            "administration": notice.administration.description,
            "period": change.period.code,
            "next": notice.goes_in.code,
        },
        amount=change.vat,
        until=advice.until,
        is_sure=advice.is_sure,
        route_unsure=ROUTE_UNSURE,
    )


def look_again() -> None:
    """Look at every taxpayer with a known change: what it asks may be another by now.

    Commits, each in a transaction of its own.
    """
    for one in changed():
        with rounds.alone("look at filed periods", tenant=one.tenant_id):
            look(one)
            session().commit()
