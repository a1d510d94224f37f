"""A linked relation of e-Boekhouden.nl that became another's, by SOAP and REST."""

from typing import Any

import pytest

from core.domain.relations import PostalAddress
from core.runtime.database import transaction
from core.services.transfer import transfers
from plugins.eboekhouden.connector import open_client
from tests.contract import strangers
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.invoices import Books, switched_on

STRANGER = {  # at the same address: the shop was taken over
    "Bedrijf": "Slagerij Anders", "Email": "anders@example.com",
    "BTWNummer": "NL123456782B90", "KvkNummer": "12345678",
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
        return {row["Code"]: row["Bedrijf"] for row in self._rows()}

    def billed(self) -> list[str]:
        entries = self.books.coupled.package.ledger("entry")
        return [self.cards()[entry["RelatieCode"]] for entry in entries]

    def give_away(self) -> None:
        [self._was] = self._rows()
        self._change(STRANGER)

    def give_back(self) -> None:
        self._change({name: self._was[name] for name in STRANGER})

    def calls(self) -> int:
        return sum(self.books.coupled.package.calls().values())

    def _rows(self) -> list[dict[str, Any]]:
        with open_client(self.books.coupled.connection, for_booking=False) as client:
            return list(client.relations())

    def _change(self, fields: dict[str, Any]) -> None:
        [row] = self._rows()
        with open_client(self.books.coupled.connection, for_booking=True) as client:
            client.update_relation({**row, **fields})


@pytest.fixture
def sold(coupled: Coupled) -> Sold:
    return Sold(switched_on(coupled))


@strangers.ANSWERS
def test_nothing_is_booked_on_a_stranger(sold: Sold, answer: str) -> None:
    connection_id = sold.books.coupled.package_id
    strangers.nothing_goes_to_a_stranger(sold, connection_id, answer)


def test_a_card_that_is_back_is_booked_on(sold: Sold) -> None:
    strangers.a_card_that_is_back_is_booked_on(sold, sold.books.coupled.package_id)


def test_near_ones_are_asked_about(coupled: Coupled) -> None:
    books, invoices = switched_on(coupled), []
    place = PostalAddress("Kade", "1", "", "1000 AA", "Amsterdam", "NL")
    places = {"visiting_address": place, "postal_address": place, "email": ""}
    with open_client(coupled.connection, for_booking=True) as client:
        for number, (_, theirs, code, vat) in enumerate(strangers.NEAR, start=10001):
            client.add_relation({
                "Code": str(number), "Bedrijf": theirs, "BP": "B", "Postcode": code,
                "BTWNummer": vat,
            })  # fmt: skip
    for number, (name, _, _, vat) in enumerate(strangers.NEAR, start=10001):
        given = {"name": name, "debtor_number": str(number), "vat_number": vat}
        key = books.relation(**{**places, **given})
        invoices.append(books.book(relation_id=key))

    def cards() -> list[dict[str, Any]]:
        with open_client(coupled.connection, for_booking=False) as client:
            return list(client.relations())

    strangers.near_ones_are_asked_about(
        coupled.package_id, cards, lambda: [books.where(key) for key in invoices]
    )
    assert books.coupled.package.ledger("entry") == []
