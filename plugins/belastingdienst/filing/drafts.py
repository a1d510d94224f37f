"""A declaration made of a period's figures, with everything that is wrong with it.

Nothing is stored here; `filings` does that.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.domain.clock import local_date
from core.domain.declarations import DeclarationKind
from core.domain.errors import AskUser
from plugins.belastingdienst import checks, configuration
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.figures import period_figures, questions, unpaid
from plugins.belastingdienst.figures.period_figures import Summary
from plugins.belastingdienst.law.returns import Header, Suppletie, creation_stamp
from plugins.belastingdienst.models import Administration, PeriodFigures, Taxpayer
from plugins.belastingdienst.setup import administrations, schemes
from plugins.belastingdienst.xbrl import icp, ob, reader
from plugins.belastingdienst.xbrl.declared import Declared, read_back

_DUTCH_TIME = "Europe/Amsterdam"


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


def make(
    administration: Administration,
    row: PeriodFigures,
    kind: DeclarationKind,
    reference: str,
    moment: datetime,
    filed_payable: Decimal | None = None,
) -> Draft:
    """Make a declaration of stored figures; NotPrepared with all that is in the way.

    `moment` is aware; `filed_payable` is 5g as filed before, for a suppletie.
    """
    found = [*_readiness(administration), *_unfinished(row)]
    summary = period_figures.summary(row)
    said = schemes.of([administration]).of(administration)
    if kind is DeclarationKind.VAT_RETURN:
        found += questions.problems(said, summary.period)
        found += _unpaid(administration, said, row, moment)
    header = _header(administration, reference, moment, found)
    confirmed = questions.confirmed(said, summary.vat_return)
    found += _figure_problems(kind, summary, filed_payable, confirmed)
    _refuse(found)
    content = _written(kind, header, summary, filed_payable)
    found += checks.message_problems(reader.read(content), kind)
    _refuse(found)
    return Draft(content, read_back(content, kind), tuple(_distinct(found)))


def _unpaid(
    administration: Administration,
    said: Taxpayer | None,
    row: PeriodFigures,
    moment: datetime,
) -> Iterator[Problem]:
    """Yield the unpaid invoices of which nobody said whether their VAT comes back."""
    period = period_figures.period(row)
    for one in unpaid.prompts(administration, period, local_date(moment, _DUTCH_TIME)):
        if not questions.is_said(said, period, one.code):
            yield one.problem


def _distinct(found: list[Problem]) -> Iterator[Problem]:
    """Yield each problem once: the bytes are checked for what the header was too."""
    for place, problem in enumerate(found):
        if problem not in found[:place]:
            yield problem


def _refuse(found: list[Problem]) -> None:
    if any(problem.blocks for problem in found):
        raise NotPrepared(found)


def _readiness(administration: Administration) -> Iterator[Problem]:
    """Yield what keeps the administration from filing: a blocked onderneming, ..."""
    if not schemes.of([administration]).files_here(administration):
        yield Problem("filed_elsewhere", {"administration": administration.description})
    for code in administrations.problems(administration):
        yield Problem(code, {"administration": administration.description})


def _unfinished(row: PeriodFigures) -> Iterator[Problem]:
    """Yield why the figures are not complete; nothing is filed with doubts."""
    if row.reading:
        yield Problem("figures_being_read", {})
    elif row.code:
        yield Problem("figures_reading_failed", {})
    elif row.read_at is None:
        yield Problem("figures_not_read", {})
    elif local_date(row.read_at, _DUTCH_TIME) <= row.ends_on:
        # whatever was booked in the days that were left would be lacking
        yield Problem("figures_before_end", {"date": row.ends_on.isoformat()})
    for doubt in period_figures.doubts(row):
        yield Problem(doubt.code, dict(doubt.params))


def _header(
    administration: Administration,
    reference: str,
    moment: datetime,
    found: list[Problem],
) -> Header | None:
    """Return what the message says of itself; problems go to `found`."""
    try:
        software = configuration.software()
    except AskUser as error:
        found.append(Problem(error.code, error.params))
        return None
    header = Header(
        tax_number=administration.tax_number,
        contact=administrations.contact(administration),
        software=software,
        reference=reference,
        created_on=creation_stamp(moment),
    )
    found += checks.header_problems(header)
    return header


def _figure_problems(
    kind: DeclarationKind,
    summary: Summary,
    filed_payable: Decimal | None,
    confirmed: Collection[str],
) -> list[Problem]:
    vat_return, declaration = summary.vat_return, summary.icp
    beside = checks.icp_problems(declaration, vat_return)
    if kind is DeclarationKind.ICP:
        empty = [] if declaration.rows else [Problem("icp_empty", {})]
        return [*empty, *beside]
    found = checks.return_problems(vat_return, confirmed)
    if kind is DeclarationKind.SUPPLETIE and filed_payable is None:
        found.append(Problem("suppletie_without_return", {}))
    # what is wrong with the ICP rows keeps only the ICP declaration from going
    return [*found, *(problem for problem in beside if not problem.blocks)]


def _written(
    kind: DeclarationKind,
    header: Header | None,
    summary: Summary,
    filed_payable: Decimal | None,
) -> bytes:
    if header is None:
        raise ValueError("a declaration needs its header")
    try:
        if kind is DeclarationKind.ICP:
            return icp.write_icp(header, summary.icp)
        if kind is DeclarationKind.VAT_RETURN:
            return ob.write_return(header, summary.vat_return)
        suppletie = Suppletie(summary.vat_return, filed_payable or Decimal(0))
        return ob.write_suppletie(header, suppletie)
    except AskUser as error:
        raise NotPrepared([Problem(error.code, error.params)]) from error
