"""RQ tasks: one function each, by name; each takes the id of what it works on."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from core.domain.errors import AskUser, ClientRefused, KoppelwerkError
from core.plugin.connections import stored_tokens
from core.plugin.database import session, transaction
from core.plugin.tables import Connection, ConnectionState
from plugins.accountview import (
    company_list,
    configuration,
    due,
    figures,
    filing_run,
    invoice_figures,
    period_figures,
    reading,
)
from plugins.accountview.client import SERVICE
from plugins.accountview.figures import Figures, rubric_of
from plugins.accountview.models import Administration, PeriodFigures
from plugins.accountview.models.administration import FigureSource
from plugins.accountview.returns import Rubric, TaxPeriod
from plugins.accountview.wire import VatCode

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
    """Return the figures, and AccountView's VAT codes of 3b when it was asked."""
    period = period_figures.period(row)
    administration = row.administration
    if administration.source == FigureSource.INVOICES:
        sales = list(reading.sales(administration, period))
        session().rollback()
        return invoice_figures.compute(period, sales), None
    return _from_ledger(administration, period)


def _from_ledger(
    administration: Administration, period: TaxPeriod
) -> tuple[Figures, list[dict[str, str]]]:
    services = frozenset(str(code) for code in administration.service_vat_codes)
    company = administration.company_id
    tokens = stored_tokens(_connection(administration), configuration.oauth_provider())
    client = configuration.accountview(tokens, company)
    with client.http:
        codes = client.vat_codes(period.start)
        debtors = client.debtors(period.start)
        transactions = client.transactions(period.start, period.end)
        found = figures.compute(period, transactions, codes, debtors, services)
    return found, _eu_codes(codes)


def _connection(administration: Administration) -> Connection:
    connection = None
    if administration.connection_id is not None:
        connection = session().get(Connection, administration.connection_id)
    if connection is not None and connection.waits_for_us:
        raise ClientRefused(service=SERVICE)
    is_live = connection is not None and connection.enabled
    if connection is None or not is_live or (
        connection.state != ConnectionState.CONNECTED
    ):  # fmt: skip
        raise AskUser("figures_not_connected")
    return connection


def _eu_codes(codes: Mapping[str, VatCode]) -> list[dict[str, str]]:
    """Return the codes of 3b that may be goods or services, by code."""
    return [
        {"code": code.code, "name": code.name}
        for _key, code in sorted(codes.items())
        if rubric_of(code.rubric) is Rubric.R3B and not code.is_abc
    ]


def file(filing_id: int) -> None:
    """Take one declaration a step on."""
    filing_run.run(filing_id)


def read_companies(connection_id: int) -> None:
    """Read which companies AccountView has (on_schedule)."""
    company_list.read(connection_id)


def remind(_no_id: int) -> None:
    """Remind of deadlines, and forget evidence that is over its term."""
    due.remind()


TASKS: Mapping[str, Callable[[int], None]] = {
    "read_figures": read_figures,
    "file": file,
    "read_companies": read_companies,
    "remind": remind,
}
