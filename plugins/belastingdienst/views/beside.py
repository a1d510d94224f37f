"""What other pages tell of declarations: due, to pay, changed, and how they stand."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.plugin.pages import today
from plugins.belastingdienst.filing import obligations, paying, words
from plugins.belastingdienst.law.dates import Urgency
from plugins.belastingdienst.models import Administration, Filing
from plugins.belastingdienst.setup import administrations, schemes, taxpayers
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.texts.law_texts import ROUTE_UNSURE
from plugins.belastingdienst.watching import changes


def _declarations_due() -> list[obligations.Obligation]:
    """Return the open declarations whose deadline is near or over, for a banner."""
    todo = obligations.of(administrations.of_tenant(), today())
    return [one for one in todo if one.is_open and one.urgency is not Urgency.EARLY]


def _changes_known() -> list[changes.Notice]:
    """Return what filed periods ask, of every taxpayer with a change, for a banner."""
    return [one for number in changes.changed() for one in changes.of(number, today())]


def _declarations_of(
    administration: Administration, period: TaxPeriod
) -> dict[str, Filing]:
    """Return the newest version of each kind over a period."""
    return {
        kind: found[0]
        for kind in DeclarationKind
        if (found := taxpayers.versions(administration, kind, period))
    }


def _files_here(administration: Administration) -> bool:
    """Tell whether an administration's returns are filed here, not elsewhere."""
    return schemes.of([administration]).files_here(administration)


def _amount_of(one: obligations.Obligation) -> tuple[Decimal | None, date | None]:
    """Return what an open declaration asks to pay, and the last day to pay.

    None: not known before its figures are read, or nothing is paid with such a one.
    """
    last_day = one.pay_by
    if last_day is None:
        return None, None
    if one.filing is not None and one.filing.stage not in taxpayers.ENDED_BADLY:
        return one.filing.payable, last_day
    found = paying.expected([(one.administration, one.period)])
    return next(iter(found.values()), None), last_day


def _globals() -> dict[str, Any]:
    """Return what the plugin's other pages need to lead here."""
    return {
        "declarations_due": _declarations_due,
        "changes_known": _changes_known,
        "route_unsure": ROUTE_UNSURE,
        "declarations_of": _declarations_of,
        "declaration_words": words.kind,
        "declaration_stage": words.stage,
        "declaration_period": figure_words.period,
        "files_here": _files_here,
        "declaration_amount": _amount_of,
        "declarations_to_pay": lambda: paying.to_be_paid(today()),
        "is_past": lambda day: day < today(),
        "declaration_period_of": figure_words.period_of,
    }


def add_to(pages: Blueprint) -> None:
    """Let every template of the plugin ask."""
    pages.context_processor(_globals)
