"""A linked debtor of DigitaleFactuur that became another party's."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.models import Connection, Transfer
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import invoice_bookings, sales_invoices
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.transfer import drain, transfers
from plugins.digitalefactuur import wire
from plugins.digitalefactuur.connector import open_client
from tests.contract import strangers
from tests.contract.digitalefactuur.test_end import PLACE, Books, books

__all__ = ["books"]
OWN = RelationData(
    False, "Scheepswerf De Hoop", debtor_number="1501", email="hoop@example.com",
    vat_number="NL004495445B01", chamber_number="87654321", invoice_address=PLACE,
)  # fmt: skip


class Sold:
    """Invoices of one relation."""

    def __init__(self, books: Books, relation: RelationData = OWN) -> None:
        self.books = books
        with transaction(), tenant_scope(books.tenant_id):
            self._relation_id = relations.save(relation, None).id
        self._was = wire.Customer()

    @property
    def connection_id(self) -> int:
        return session().scalars(select(Connection.id)).one()

    def send(self) -> int:
        day = date(2026, 3, 2)
        line = DraftLine("Hosting", Decimal(2), Decimal("49.95"), self.books.code_id)
        with transaction(), tenant_scope(self.books.tenant_id):
            draft = Draft(self._relation_id, day, day, [line])
            row = sales_invoices.save_draft(self.books.tenant_id, draft)
            invoice_id = sales_invoices.send(row, "other").id
        self._drain()
        return invoice_id

    def again(self, invoice_id: int) -> None:
        with transaction():
            transfers.retry(self._booking(invoice_id))
        self._drain()

    def where(self, invoice_id: int) -> tuple[str, str]:
        found = self._booking(invoice_id)
        return str(found.state), found.code

    def cards(self) -> dict[str, str]:
        return {one.number: one.name for one in self._all()}

    def billed(self) -> list[str]:
        names = {one.id: one.name for one in self._all()}
        found = self.books.vendor.objects("factuur")
        return [names[str(one["klant_id"])] for one in found]

    def give_away(self) -> None:
        """The shop was taken over: at the same address."""
        [self._was] = self._all()
        stranger = replace(
            self._was, name="Slagerij Anders", contact_email="anders@example.com",
            vat_number="NL123456782B90", chamber_number="12345678",
        )  # fmt: skip
        self._change(stranger)

    def give_back(self) -> None:
        self._change(self._was)

    def calls(self) -> int:
        return self.books.calls()

    def _all(self) -> list[wire.Customer]:
        connection = session().get_one(Connection, self.connection_id)
        with open_client(connection) as client:
            return list(client.customers())

    def _change(self, customer: wire.Customer) -> None:
        connection = session().get_one(Connection, self.connection_id)
        with open_client(connection) as client:
            client.update_customer(customer)

    def _booking(self, invoice_id: int) -> Transfer:
        session().rollback()
        session().expire_all()
        [found] = invoice_bookings.of_invoice(invoice_id)
        return found

    @staticmethod
    def _drain() -> None:
        with transaction() as current:
            current.execute(update(Transfer).values(due_at=utcnow()))
        drain.drain()


@pytest.fixture
def sold(books: Books) -> Sold:
    return Sold(books)


@strangers.ANSWERS
def test_nothing_is_booked_on_a_stranger(sold: Sold, answer: str) -> None:
    strangers.nothing_goes_to_a_stranger(sold, sold.connection_id, answer, per_drain=1)


def test_a_card_that_is_back_is_booked_on(sold: Sold) -> None:
    strangers.a_card_that_is_back_is_booked_on(sold, sold.connection_id)


def test_near_ones_are_asked_about(books: Books) -> None:
    connection = session().scalars(select(Connection)).one()
    connection_id, sold = connection.id, []
    with open_client(connection) as client:
        for number, (_, theirs, code, vat) in enumerate(strangers.NEAR, start=1501):
            client.create_customer(
                wire.Customer(
                    number=str(number), name=theirs, postal_code=code, vat_number=vat
                )
            )
    for number, (name, _, _, vat) in enumerate(strangers.NEAR, start=1501):
        place = replace(PLACE, postal_code="1000 AA")
        relation = RelationData(
            False, name, debtor_number=str(number), vat_number=vat,
            invoice_address=place,
        )  # fmt: skip
        one = Sold(books, relation)
        sold.append((one, one.send()))
    strangers.near_ones_are_asked_about(
        connection_id,
        lambda: books.vendor.objects("klant"),
        lambda: [one.where(key) for one, key in sold],
    )
    assert books.vendor.objects("factuur") == []
