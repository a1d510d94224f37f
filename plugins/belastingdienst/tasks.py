"""RQ tasks: one function each, by name; each takes the id of what it works on."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from core.domain.declarations import Figures
from core.domain.errors import KoppelwerkError
from core.plugin.capabilities import LedgerQuestion
from core.plugin.database import session, transaction
from plugins.belastingdienst.figures import invoice_figures, period_figures, reading
from plugins.belastingdienst.filing import due, run
from plugins.belastingdienst.models import Administration, PeriodFigures
from plugins.belastingdienst.setup import ledgers

logger = structlog.get_logger(__name__)


def read_figures(period_id: int) -> None:
    """Read the figures of a period that was asked for; no transaction is held."""
    row = session().get(PeriodFigures, period_id)
    if row is None or not row.reading:
        session().rollback()
        return
    asked = _question(row.administration)
    try:
        found, codes = _found(row)
    except KoppelwerkError as error:
        session().rollback()
        _failed(period_id, error)
        return
    try:
        with transaction():
            row = session().get_one(PeriodFigures, period_id)
            if _question(row.administration) != asked:
                return  # settings changed meanwhile: the wake-up of that change reads
            reading.store(row, found)
            if codes is not None:
                row.administration.eu_vat_codes = codes
    except KoppelwerkError as error:
        _failed(period_id, error)


def _question(administration: Administration) -> tuple[Any, ...]:
    """Return what decides on the outcome of a reading, beside the books."""
    return (
        administration.source,
        administration.connection_id,
        administration.company_id,
        tuple(administration.service_vat_codes),
    )


def _failed(period_id: int, error: KoppelwerkError) -> None:
    logger.warning("figures not read", period=period_id, error=str(error))
    with transaction():
        reading.failed(session().get_one(PeriodFigures, period_id), error)


def _found(row: PeriodFigures) -> tuple[Figures, list[dict[str, str]] | None]:
    """Return the figures, and the ledger's VAT codes of 3b when it was asked."""
    period = period_figures.period(row)
    administration = row.administration
    if not ledgers.is_ledger(administration):
        sales = list(reading.sales(administration, period))
        session().rollback()
        return invoice_figures.compute(period, sales), None
    ledger, connection = ledgers.of(administration)
    services = frozenset(str(code) for code in administration.service_vat_codes)
    question = LedgerQuestion(administration.company_id, period, services)
    found = ledger.read(connection, question)
    return found.figures, [dict(code) for code in found.eu_codes]


def file(filing_id: int) -> None:
    """Take one declaration a step on."""
    run.run(filing_id)


def remind(_no_id: int) -> None:
    """Remind of deadlines, and forget evidence that is over its term."""
    due.remind()


TASKS: Mapping[str, Callable[[int], None]] = {
    "read_figures": read_figures,
    "file": file,
    "remind": remind,
}
