"""A linked customer of Visma eAccounting that became another party's."""

from typing import Any

import pytest

from core.runtime.database import transaction
from core.services.transfer import transfers
from plugins.eaccounting.connector import open_client
from tests.contract import strangers
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.invoices import Books, switched_on

STRANGER = {  # at the same address: the shop was taken over
    "Name": "Slagerij Anders", "EmailAddress": "anders@example.com",
    "VatNumber": "NL123456782B90", "CorporateIdentityNumber": "12345678",
}  # fmt: skip


class Sold:
    """Invoices of one relation."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._was: dict[str, Any] = {}
        books.relation(vat_number="NL004495445B01", chamber_number="87654321")

    def send(self) -> int:
        return self.books.book()

    def again(self, invoice_id: int) -> None:
        with transaction():
            transfers.retry(self.books.booking(invoice_id))
        self.books.coupled.drain()

    def where(self, invoice_id: int) -> tuple[str, str]:
        return self.books.where(invoice_id)

    def cards(self) -> dict[str, str]:
        return {row["CustomerNumber"]: row["Name"] for row in self._rows()}

    def billed(self) -> list[str]:
        names = {row["Id"]: row["Name"] for row in self._rows()}
        items = self.books.coupled.package.ledger("ledgeritem")
        return [names[item["CustomerId"]] for item in items]

    def give_away(self) -> None:
        [self._was] = self._rows()
        self._change(STRANGER)

    def give_back(self) -> None:
        self._change({name: self._was[name] for name in STRANGER})

    def calls(self) -> int:
        return sum(self.books.coupled.package.calls().values())

    def _rows(self) -> list[dict[str, Any]]:
        with open_client(self.books.coupled.connection) as client:
            return list(client.all("customers"))

    def _change(self, fields: dict[str, Any]) -> None:
        [row] = self._rows()
        with open_client(self.books.coupled.connection) as client:
            client.replace("customers", row["Id"], {**row, **fields})


@pytest.fixture
def sold(coupled: Coupled) -> Sold:
    return Sold(switched_on(coupled))


@strangers.ANSWERS
def test_nothing_is_booked_on_a_stranger(sold: Sold, answer: str) -> None:
    connection_id = sold.books.coupled.package_id
    strangers.nothing_goes_to_a_stranger(sold, connection_id, answer)


def test_a_card_that_is_back_is_booked_on(sold: Sold) -> None:
    strangers.a_card_that_is_back_is_booked_on(sold, sold.books.coupled.package_id)
