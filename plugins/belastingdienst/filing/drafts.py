"""A return made of a period's figures, with everything that is wrong with it.

An ICP declaration is made by `icp_drafts`. Nothing is stored here; `filings` does that.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from core.domain.clock import local_date
from core.domain.declarations import DeclarationKind, TaxPeriod
from core.domain.errors import AskUser
from plugins.belastingdienst import checks
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.figures import period_figures, questions, unpaid, vat_check
from plugins.belastingdienst.filing import other_books
from plugins.belastingdienst.icp import supplies
from plugins.belastingdienst.law.returns import Header
from plugins.belastingdienst.law.vat_accounts import AccountLine
from plugins.belastingdienst.models import (
    Administration,
    IcpCorrection,
    PeriodFigures,
    Taxpayer,
)
from plugins.belastingdienst.setup import administrations, schemes
from plugins.belastingdienst.watching import history
from plugins.belastingdienst.watching.statements import DUTCH_TIME, Statement
from plugins.belastingdienst.xbrl import ob, reader
from plugins.belastingdienst.xbrl.declared import Declared, read_back


class NotPrepared(Exception):
    """No declaration can be made; carries every problem, warnings among them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Draft:
    """A declaration that may go out once somebody approved it."""

    content: bytes
    declared: Declared
    """Read back from the content."""
    warnings: tuple[Problem, ...]
    scope: str = ""
    """Of an ICP declaration: as `Filing.scope`."""
    carried: Sequence[IcpCorrection] = ()
    """Of an ICP declaration: the corrections that it takes along."""
    vat_accounts: Sequence[AccountLine] = ()
    """Of a return or suppletie made of books: these beside its boxes."""


def make(
    administration: Administration,
    statement: Statement,
    kind: DeclarationKind,
    reference: str,
    moment: datetime,
) -> Draft:
    """Make a return or suppletie; NotPrepared with all that is in the way.

    `moment` is aware.
    """
    found = [
        *readiness(administration),
        *(one for row in statement.rows for one in unfinished(row, row.ends_on)),
    ]
    said = schemes.of([administration]).of(administration)
    if kind is DeclarationKind.VAT_RETURN:
        found += _asked(administration, said, statement.period, moment)
    found += other_books.problems(administration, statement.period, kind)
    header = header_of(administration, reference, moment, found)
    confirmed = _confirmed(said, statement)
    found += _figure_problems(administration, statement, confirmed)
    refuse(found)
    made = read(_written(header, statement), kind, found)
    if history.plain(made.declared.boxes) != statement.form.boxes:
        raise ValueError("the message does not say what its periods add up to")
    return replace(made, vat_accounts=vat_check.together(statement.rows))


def read(content: bytes, kind: DeclarationKind, found: list[Problem]) -> Draft:
    """Check the bytes themselves, and read back what they declare.

    `found` is what was wrong before; NotPrepared where anything stops it.
    """
    found += checks.message_problems(reader.read(content), kind)
    refuse(found)
    return Draft(content, read_back(content, kind), tuple(_distinct(found)))


def _asked(
    administration: Administration,
    said: Taxpayer | None,
    period: TaxPeriod,
    moment: datetime,
) -> Iterator[Problem]:
    """Yield the questions of a period that nobody answered, and the unpaid invoices of
    which nobody said whether their VAT comes back."""
    yield from questions.problems(said, period)
    for one in unpaid.prompts(administration, period, local_date(moment, DUTCH_TIME)):
        if not questions.is_said(said, period, one.code):
            yield one.problem


def _confirmed(said: Taxpayer | None, statement: Statement) -> frozenset[str]:
    """Return the boxes that somebody called right in a period that it is made of."""
    found = (
        questions.confirmed(said, period_figures.summary(row).vat_return)
        for row in statement.rows
    )
    return frozenset[str]().union(*found)


def _distinct(found: list[Problem]) -> Iterator[Problem]:
    """Yield each problem once: the bytes are checked for what the header was too."""
    for place, problem in enumerate(found):
        if problem not in found[:place]:
            yield problem


def refuse(found: list[Problem]) -> None:
    """Raise NotPrepared with all of them where any is no mere warning."""
    if any(problem.blocks for problem in found):
        raise NotPrepared(found)


def readiness(administration: Administration) -> Iterator[Problem]:
    """Yield what keeps the administration from filing: a blocked onderneming, ..."""
    if not schemes.of([administration]).files_here(administration):
        yield Problem("filed_elsewhere", {"administration": administration.description})
    for code in administrations.problems(administration):
        yield Problem(code, {"administration": administration.description})


def unfinished(row: PeriodFigures, last: date) -> Iterator[Problem]:
    """Yield why the figures up to a day are not complete; no filing with doubts."""
    if row.reading:
        yield Problem("figures_being_read", {})
    elif row.code:
        yield Problem("figures_reading_failed", {})
    elif row.read_at is None:
        yield Problem("figures_not_read", {})
    elif local_date(row.read_at, DUTCH_TIME) <= last:
        # whatever was booked in the days that were left would be lacking
        yield Problem("figures_before_end", {"date": last.isoformat()})
    for doubt in period_figures.doubts(row):
        yield Problem(doubt.code, dict(doubt.params))


def header_of(
    administration: Administration,
    reference: str,
    moment: datetime,
    found: list[Problem],
) -> Header | None:
    """Return what the message says of itself; problems go to `found`."""
    try:
        header = administrations.header(administration, reference, moment)
    except AskUser as error:
        found.append(Problem(error.code, error.params))
        return None
    found += checks.header_problems(header)
    return header


def _figure_problems(
    administration: Administration, statement: Statement, confirmed: Collection[str]
) -> list[Problem]:
    found = checks.return_problems(statement.vat_return, confirmed)
    if len(statement.rows) > 1:
        return found
    # what is wrong with the ICP rows keeps only the ICP declaration from going
    beside = supplies.of(administration, period_figures.period(statement.rows[0]))
    told = checks.icp_problems(beside.declaration, beside.stated)
    return [*found, *(problem for problem in told if not problem.blocks)]


def _written(header: Header | None, statement: Statement) -> bytes:
    if header is None:
        raise ValueError("a declaration needs its header")
    try:
        if statement.old_total is None:
            return ob.write_return(header, statement.vat_return)
        return ob.write_suppletie(header, statement.vat_return, statement.old_total)
    except AskUser as error:
        raise NotPrepared([Problem(error.code, error.params)]) from error
