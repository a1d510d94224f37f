"""Preparing as a person asks for it: VIES first, then the declaration itself.

What VIES says is asked without a transaction, so this is no part of `filings`.
"""

from collections.abc import Sequence

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.plugin.database import session, transaction
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.filing import filings
from plugins.belastingdienst.icp import stretches, supplies, vat_numbers
from plugins.belastingdienst.icp.vat_numbers import NumberCheck
from plugins.belastingdienst.models import Administration, Filing
from plugins.belastingdienst.setup import taxpayers


def prepare(
    administration_id: int,
    period: TaxPeriod,
    kind: DeclarationKind,
    *,
    user_id: int,
    confirmed: Sequence[str] = (),
) -> int:
    """Prepare a declaration and return its id; commits. Errors as `filings.prepare`.

    `confirmed` are VAT numbers that a person stands for, though VIES does not.
    """
    numbers = numbers_for(administration_id, period, kind, confirmed)
    with transaction():
        administration = session().get_one(Administration, administration_id)
        made = filings.prepare(
            administration, period, kind, user_id=user_id, numbers=numbers
        )
        return made.id


def prepare_again(filing_id: int, *, user_id: int) -> int:
    """Prepare the next version of a rejected or cancelled one; as `prepare`."""
    filing = session().get_one(Filing, filing_id)
    period, kind = taxpayers.period_of(filing), DeclarationKind(filing.kind)
    numbers = numbers_for(filing.administration_id, period, kind)
    with transaction():
        filing = session().get_one(Filing, filing_id)
        return filings.refile(filing, user_id=user_id, numbers=numbers).id


def numbers_for(
    administration_id: int,
    period: TaxPeriod,
    kind: DeclarationKind,
    confirmed: Sequence[str] = (),
) -> list[NumberCheck]:
    """Ask about the customers of an ICP declaration; nothing for another kind.

    Ends the transaction. AskUser `icp_not_due`.
    """
    if kind is not DeclarationKind.ICP:
        return []
    administration = session().get_one(Administration, administration_id)
    due = stretches.due_as(administration, period)
    rows = supplies.of(administration, period, due.kinds).rows
    known = taxpayers.versions(administration, kind, period)[:1]
    earlier = [
        one.number
        for version in known
        for one in vat_numbers.read(version.vat_checks)
        if one.is_confirmed
    ]
    return vat_numbers.ask(
        administration.tenant_id, rows, confirmed=(*confirmed, *earlier)
    )


def to_confirm(problems: Sequence[Problem]) -> list[str]:
    """Return the VAT numbers that are all that stops it; empty: something else does."""
    blocking = [problem for problem in problems if problem.blocks]
    if any(problem.code not in vat_numbers.CODES for problem in blocking):
        return []
    return [problem.params["number"] for problem in blocking]
