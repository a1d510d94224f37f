"""Other administrations of a taxpayer whose figures are not in his declaration.

Parts of a fiscal unity, or books beside own sales. A return, suppletie or ICP
declaration is made of one of them; whether the others belong in it only a person
knows, and he says so when he approves.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, exists, select

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.plugin.database import session
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.law.spans import months_in, overlapping
from plugins.belastingdienst.models import Administration, Entry, Filing, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.setup import ledgers, taxpayers
from plugins.belastingdienst.watching import history


def of(
    administration: Administration, period: TaxPeriod, kind: DeclarationKind
) -> list[Administration]:
    """Return those that have figures over these days, or were never looked at.

    For an ICP declaration those with supplies, and no other part of a fiscal unity,
    which declares by itself. Those of a suppletie are asked about anew: it states its
    periods again, and more may be booked beside them than when the returns went.
    """
    is_icp = kind is DeclarationKind.ICP
    his = session().scalars(
        select(Administration)
        .where(
            Administration.tenant_id == administration.tenant_id,
            Administration.tax_number == administration.tax_number,
            *([Administration.division == administration.division] if is_icp else []),
        )
        .order_by(Administration.description, Administration.id)
    )
    what = [Entry.icp_kind.is_not(None)] if is_icp else []
    made_of = _made_of(administration, period, kind)
    return [
        one
        for one in his
        if any(
            one.id != used and (_booked(one, days, *what) or _unknown(one, days))
            for days, used in made_of.items()
        )
    ]


def _made_of(
    administration: Administration, period: TaxPeriod, kind: DeclarationKind
) -> dict[TaxPeriod, int]:
    """Return whose figures are in it (ids), by period.

    A suppletie takes each period from where its return was made, wherever it is
    prepared itself: the year after may be kept in other books.
    """
    if kind is not DeclarationKind.SUPPLETIE:
        return {period: administration.id}
    rows = history.of(administration).rows
    return {
        history.period(one): row.administration_id
        for one, row in rows.items()
        if overlapping(one, period)
    }


def beside(filing: Filing) -> list[Administration]:
    """Return those of a declaration."""
    period, kind = taxpayers.period_of(filing), DeclarationKind(filing.kind)
    return of(filing.administration, period, kind)


def named(found: Iterable[Administration]) -> str:
    """Return their names for a text."""
    return ", ".join(one.description for one in found)


def problems(
    administration: Administration, period: TaxPeriod, kind: DeclarationKind
) -> list[Problem]:
    """Return, as a warning, that they are not in the declaration."""
    told = named(of(administration, period, kind))
    return [Problem("other_books", {"names": told}, blocks=False)] if told else []


def _booked(one: Administration, period: TaxPeriod, *what: ColumnElement[bool]) -> bool:
    return _any(
        one,
        period,
        exists().where(
            Entry.period_id == PeriodFigures.id,
            Entry.origin != EntryOrigin.CORRECTION,
            Entry.booked_on.between(period.start, period.end),
            *what,
        ),
    )


def _unknown(one: Administration, period: TaxPeriod) -> bool:
    """Tell whether it may have figures of these days, and nobody read all of them."""
    year = ledgers.book_year(one)
    months = [
        month
        for month in months_in(period)
        if year is None or (year[0] <= month.end and month.start <= year[1])
    ]
    if not one.enabled or not months:
        return False
    known = session().scalars(
        select(PeriodFigures).where(
            *_within(one, period), PeriodFigures.read_at.is_not(None)
        )
    )
    read = [(row.starts_on, row.ends_on) for row in known]
    return not all(
        any(begin <= month.start and month.end <= end for begin, end in read)
        for month in months
    )


def _any(
    one: Administration, period: TaxPeriod, condition: ColumnElement[bool]
) -> bool:
    found = select(PeriodFigures.id).where(*_within(one, period), condition)
    return session().scalar(found.limit(1)) is not None


def _within(one: Administration, period: TaxPeriod) -> tuple[ColumnElement[bool], ...]:
    return (
        PeriodFigures.administration_id == one.id,
        PeriodFigures.starts_on <= period.end,
        PeriodFigures.ends_on >= period.start,
    )
