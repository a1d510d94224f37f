"""Corrections of filed periods that go in a later return of the same taxpayer.

They are entries of the period they go in, in whole euros. Whether one may be made, and
what it says, is decided by the law's history of what was filed.
"""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import select

from core.domain.declarations import Rubric, TaxPeriod
from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.database import session
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.law.spans import Span
from plugins.belastingdienst.law.suppletie import Waiting
from plugins.belastingdienst.models import Administration, Entry, Filing, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.setup import keepers, taxpayers
from plugins.belastingdienst.watching import changes, history


def put_in(
    administration: Administration, period: TaxPeriod, today: date, *, user_id: int
) -> PeriodFigures:
    """Let what a filed period lacks go in the next return; returns that period.

    In the caller's transaction. AskUser `correction_needs_suppletie`, and as
    `History.put_in`.
    """
    taxpayers.one_at_a_time(administration)  # put in twice is put in once
    filed, corrected = history.of(administration), history.span(period)
    for notice in changes.notices(administration, filed, today):
        if notice.period == period and not notice.may_go_along:
            raise AskUser("correction_needs_suppletie")
    keeper, next_period = keepers.of([administration]).next_return(
        administration, corrected, filed.history.taken, today
    )
    goes_in, books = history.span(next_period), filed.books.get(corrected, {})
    made = filed.history.put_in(goes_in, corrected, books)
    target = period_figures.of(keeper, next_period)
    last = filed.last(corrected)
    _add(made.waiting[-1], target, str(last.id) if last else "")
    _note("figures_correction_accepted", target, period, user_id)
    return target


def _add(one: Waiting, target: PeriodFigures, source_id: str) -> None:
    session().add_all(
        Entry(
            tenant_id=target.tenant_id,
            period_id=target.id,
            origin=EntryOrigin.CORRECTION,
            source_id=source_id,
            reference=one.corrects.code,
            booked_on=target.ends_on,
            rubric=Rubric(name),
            turnover=box.turnover,
            vat=box.vat,
        )
        for name, box in one.boxes.items()
    )
    session().flush()


def groups_in(row: PeriodFigures) -> dict[TaxPeriod, list[Entry]]:
    """Return the correction entries in a period, by the period they correct."""
    entries = session().scalars(
        select(Entry)
        .where(Entry.period_id == row.id, Entry.origin == EntryOrigin.CORRECTION)
        .order_by(Entry.reference, Entry.rubric, Entry.id)
    )
    found: dict[TaxPeriod, list[Entry]] = {}
    for entry in entries:
        found.setdefault(TaxPeriod.from_code(entry.reference), []).append(entry)
    return found


def take_back(row: PeriodFigures, period: TaxPeriod, *, user_id: int) -> None:
    """Take the correction of a period out of a return, in the caller's transaction.

    AskUser `correction_gone` once that return went out.
    """
    taxpayers.one_at_a_time(row.administration)
    known = history.of(row.administration).history
    goes_in = history.span(period_figures.period(row))
    known.take_back(goes_in, history.span(period))
    for entry in groups_in(row).get(period, []):
        session().delete(entry)
    session().flush()
    _note("figures_correction_taken_back", row, period, user_id)


def fold(filing: Filing) -> None:
    """Delete what waited for a later return and is told by a suppletie that goes.

    In the caller's transaction. Should it be withdrawn or refused, then the period
    lacks all of it again, and it is proposed as any change.
    """
    filed = history.of(filing, without=filing.id)
    told = history.told(filing)
    _delete(filing, [one for one in filed.history.waiting if one.corrects in told])


def _delete(filing: Filing, folded: Collection[Waiting]) -> None:
    for entry, _row in _entries(filing, folded):
        session().delete(entry)
    session().flush()


def adopt(administration: Administration, period: TaxPeriod) -> None:
    """Bring what waits for this or an earlier return into this period.

    As after a change from quarters to months, or over the end of a book year: a
    correction goes along with the first return that is made after all.
    """
    filed = history.of(administration)
    span = history.span(period)
    due = [one for one in filed.history.waiting if one.is_due_in(span)]
    target = period_figures.of(administration, period)
    for entry, row in _entries(administration, due):
        if row.id != target.id:
            entry.period_id = target.id
    session().flush()


def _entries(
    taxpayer: Administration | Filing, of: Collection[Waiting]
) -> Iterator[tuple[Entry, PeriodFigures]]:
    """Yield the stored entries of corrections that wait."""
    wanted = {(one.goes_in, one.corrects) for one in of}
    for entry, row in history.entries_of(taxpayer):
        corrects = history.span(TaxPeriod.from_code(entry.reference))
        if (Span(row.starts_on, row.ends_on), corrects) in wanted:
            yield entry, row


def _note(code: str, row: PeriodFigures, corrected: TaxPeriod, user_id: int) -> None:
    log.write(
        row.tenant_id,
        code,
        user_id=user_id,
        administration=row.administration.description,
        period=period_figures.period(row).code,
        corrected=corrected.code,
    )
