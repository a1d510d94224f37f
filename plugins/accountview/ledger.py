"""AccountView's ledger as a source of a declaration's figures."""

import re
from collections.abc import Mapping
from datetime import date

from core.domain.declarations import Rubric
from core.plugin.capabilities import (
    Ledger,
    LedgerCompany,
    LedgerFigures,
    LedgerQuestion,
)
from core.plugin.tables import Connection
from plugins.accountview import connector, mapping, vat_accounts
from plugins.accountview.client import SERVICE
from plugins.accountview.wire import VatCode


def companies(connection: Connection) -> list[LedgerCompany]:
    """Return the administrations of AccountView as they were when last checked."""
    return [
        LedgerCompany(found.id, found.code, found.description, _book_year(found.year))
        for found in connector.companies(connection)
    ]


def _book_year(year: str | None) -> tuple[date, date] | None:
    """Read ATS_YEAR; what is no plain year (a broken book year) is not guessed."""
    if year is None or not re.fullmatch(r"20\d\d", year):
        return None
    return date(int(year), 1, 1), date(int(year), 12, 31)


def tax_number(connection: Connection, company: str) -> str:
    """Return the number of the only onderneming there is, without NL; else empty."""
    client = connector.opened(connection, company)
    with client.http:
        found = client.undertakings()
    numbers = {one.tax_number.upper().replace(".", "") for one in found} - {""}
    if len(numbers) != 1:
        return ""
    return numbers.pop().replace(" ", "").removeprefix("NL")


def read(connection: Connection, question: LedgerQuestion) -> LedgerFigures:
    """Read the figures of a period; see `Ledger.read`."""
    client = connector.opened(connection, question.company_id)
    period = question.period
    with client.http:
        codes = client.vat_codes(period.start)
        transactions = list(client.transactions(period.start, period.end))
        found = mapping.compute(
            period,
            transactions,
            codes,
            client.debtors(period.start),
            question.service_codes,
        )
    accounts = vat_accounts.roles(codes)
    moved = vat_accounts.movements(transactions, accounts)
    return LedgerFigures(found, _eu_codes(codes), moved, accounts)


def _eu_codes(codes: Mapping[str, VatCode]) -> list[dict[str, str]]:
    """Return the codes of 3b that may be goods or services, by code."""
    return [
        {"code": code.code, "name": code.name}
        for _key, code in sorted(codes.items())
        if mapping.rubric_of(code.rubric) is Rubric.R3B and not code.is_abc
    ]


LEDGER = Ledger(title=SERVICE, companies=companies, tax_number=tax_number, read=read)
