"""The books behind a period: asked, and stored. No transaction is held while asking."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.errors import WaitUntil
from core.plugin.capabilities import LedgerFigures, LedgerQuestion
from core.plugin.database import session, transaction
from plugins.belastingdienst.figures import period_figures, reading, vat_check
from plugins.belastingdienst.icp import owed
from plugins.belastingdienst.models import Administration, PeriodFigures
from plugins.belastingdienst.sales import own_sales
from plugins.belastingdienst.setup import ledgers

_SOON = 30
"""Seconds after which is read again when settings changed meanwhile."""


def read(period_id: int) -> None:
    """Read a period and store what was found; commits.

    Raises what the books raise, and WaitUntil `figures_being_read` when settings that
    decide on the outcome changed meanwhile.
    """
    row = session().get_one(PeriodFigures, period_id)
    asked = _question(row.administration)
    found, left_out = _found(row)
    with transaction():
        row = session().get_one(PeriodFigures, period_id)
        if _question(row.administration) != asked:
            raise WaitUntil("figures_being_read", seconds=_SOON)
        checked = vat_check.of_books(found)
        doubts = (*found.figures.doubts, *vat_check.doubts(checked))
        reading.store(row, replace(found.figures, doubts=doubts))
        owed.notice(row.administration, period_figures.period(row))
        row.left_out = list(left_out)
        row.vat_accounts = vat_check.stored(checked) if found.vat_accounts else {}
        if ledgers.is_ledger(row.administration):
            row.administration.eu_vat_codes = [dict(code) for code in found.eu_codes]


def read_since(period_id: int, moment: datetime) -> None:
    """Read a period unless that was done since a moment; errors as `read`."""
    row = session().get_one(PeriodFigures, period_id)
    is_recent = row.read_at is not None and row.read_at >= moment
    if not is_recent or row.code:
        read(period_id)


def _question(administration: Administration) -> tuple[Any, ...]:
    """Return what decides on the outcome of a reading, beside the books."""
    return (
        administration.source,
        administration.connection_id,
        administration.company_id,
        tuple(administration.service_vat_codes),
        repr(administration.own_sales),
        own_sales.cash_of(administration),
    )


def _found(row: PeriodFigures) -> tuple[LedgerFigures, Sequence[dict[str, Any]]]:
    """Return the figures, with the ledger's VAT codes of 3b when it was asked, and
    what of the own sales is left out."""
    period = period_figures.period(row)
    administration = row.administration
    if not ledgers.is_ledger(administration):
        own = own_sales.read(administration, period)
        session().rollback()
        return LedgerFigures(own.figures), own.left_out
    ledger, connection = ledgers.of(administration)
    services = frozenset(str(code) for code in administration.service_vat_codes)
    question = LedgerQuestion(administration.company_id, period, services)
    return ledger.read(connection, question), ()
