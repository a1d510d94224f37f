"""An ICP declaration made of the figures of its days, with all that is wrong with it.

Nothing is stored here; `filings` does that.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.domain.errors import AskUser
from plugins.belastingdienst import checks
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.filing import drafts, other_books
from plugins.belastingdienst.filing.drafts import Draft, NotPrepared
from plugins.belastingdienst.icp import owed, stretches, supplies, vat_numbers
from plugins.belastingdienst.icp.supplies import IcpFigures
from plugins.belastingdienst.icp.vat_numbers import NumberCheck
from plugins.belastingdienst.law import icp
from plugins.belastingdienst.law.icp import Declaration, Way
from plugins.belastingdienst.models import Administration, IcpCorrection
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.xbrl.icp import write_icp

_KIND = DeclarationKind.ICP
_DIVISION = re.compile(r"\d{9}B\d{2}")


def make(
    administration: Administration,
    period: TaxPeriod,
    reference: str,
    moment: datetime,
    numbers: Sequence[NumberCheck] | None,
) -> Draft:
    """Make a declaration; NotPrepared with all that is in the way.

    `moment` is aware; `numbers` is what VIES said of the customers, None: it is not
    looked at. AskUser `icp_not_due` and `filing_overlaps`.
    """
    due = stretches.due_as(administration, period)
    taxpayers.refuse_overlap(administration, _KIND, period, due.kinds)
    figures = supplies.of(administration, due.period, due.kinds)
    carried = carried_by(administration, due.period)
    declaration = Declaration(
        due.period,
        (*figures.rows, *(owed.row_of(one) for one in carried)),
        administration.division,
    )
    found = [
        *drafts.readiness(administration),
        *_unfinished(administration, due.period),
        *_division_problems(administration.division),
        *other_books.problems(administration, due.period, _KIND),
    ]
    header = drafts.header_of(administration, reference, moment, found)
    found += _figure_problems(declaration, figures)
    if numbers is not None:
        found += vat_numbers.problems(figures.rows, numbers)
    drafts.refuse(found)
    if header is None:
        raise ValueError("a declaration needs its header")
    try:
        content = write_icp(header, declaration)
    except AskUser as error:
        raise NotPrepared([Problem(error.code, error.params)]) from error
    made = drafts.read(content, _KIND, found)
    return replace(made, scope=taxpayers.scope(due.kinds), carried=carried)


def carried_by(
    administration: Administration, period: TaxPeriod
) -> Sequence[IcpCorrection]:
    """Return the corrections that a declaration takes along.

    None from the version on whose rows of corrections are unknown: they are owed.
    """
    try:
        if icp.way(period) is Way.PORTAL:
            return ()
    except AskUser:  # no version at all: writing refuses it
        return ()
    return owed.to_carry(administration, period)


def _unfinished(administration: Administration, period: TaxPeriod) -> Iterator[Problem]:
    rows = supplies.rows_of(administration, period)
    if not supplies.is_covered(rows, period):
        yield Problem("figures_not_read", {})
    for row in rows:
        yield from drafts.unfinished(row, min(row.ends_on, period.end))


def _division_problems(division: str) -> Iterator[Problem]:
    if division and not _DIVISION.fullmatch(division):
        yield Problem("division_form", {"number": division})


def _figure_problems(declaration: Declaration, figures: IcpFigures) -> list[Problem]:
    empty = [] if declaration.rows else [Problem("icp_empty", {})]
    return [*empty, *checks.icp_problems(declaration, figures.stated)]
