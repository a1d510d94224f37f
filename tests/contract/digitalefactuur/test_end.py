"""What a poison document and an hour of faults cost, of invoices."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData
from core.models import Connection, Coupling, TenantVatCode, Transfer, VatKind
from core.rules.sync.settings import DEBTOR
from core.runtime.database import session, transaction
from core.runtime.settings import Settings
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.crm import relations
from core.services.invoicing import sales_invoices
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.linking import form_flow
from core.services.people import accounts
from plugins.digitalefactuur.connector import open_client
from plugins.digitalefactuur.demo import SANDBOX
from plugins.digitalefactuur.relations import mapping
from tests.contract.coupled import pointed_at
from tests.contract.digitalefactuur.conftest import ACCOUNT, CODE, Vendor
from tests.contract.ending import OUTAGE_CALLS, POISON_CALLS, pace, told

NAME = "digitalefactuur"
PLACE = PostalAddress("Kade", "1", "", "2311 AA", "Leiden", "NL")


@dataclass
class Books:
    """A tenant whose sent invoices go to the account."""

    app: Flask
    vendor: Vendor
    tenant_id: int
    code_id: int

    def send(self, number: int) -> None:
        """Send an invoice to a new relation."""
        day = date(2026, 3, 2)
        with transaction(), tenant_scope(self.tenant_id):
            data = RelationData(
                False,
                f"Klant {number}",
                debtor_number=str(1500 + number),
                invoice_address=PLACE,
            )
            line = DraftLine("Hosting", Decimal(2), Decimal("49.95"), self.code_id)
            relation = relations.save(data, None)
            row = sales_invoices.save_draft(
                self.tenant_id, Draft(relation.id, day, day, [line])
            )
            sales_invoices.send(row, "other")

    def calls(self) -> int:
        found = self.vendor.control("calls", method="GET")
        return sum(n for name, n in found.items() if "_control" not in name)

    def states(self) -> list[tuple[str, str]]:
        session().rollback()
        session().expire_all()
        rows = session().scalars(select(Transfer).order_by(Transfer.id))
        return [(str(row.state), row.code) for row in rows]


@pytest.fixture
def books(vendor: Vendor, settings: Settings) -> Iterator[Books]:
    with pointed_at(SANDBOX.environ(vendor.url), settings) as app:
        tenant_id = accounts.create_tenant_with_owner(
            name="Winkel", email="o@example.com", password="een lang wachtwoord"
        ).id
        connections.switch_plugin(tenant_id, NAME, enabled=True)
        connection = connections.create(tenant_id, NAME)
        session().commit()
        form_flow.connect(connection, {"account_id": ACCOUNT, "access_code": CODE})
        with transaction() as current:
            code = TenantVatCode(
                tenant_id=tenant_id, code="hoog", label="21 %",
                kind=VatKind.STANDARD, country="NL", rate=Decimal(21),
            )  # fmt: skip
            coupling = Coupling(
                tenant_id=tenant_id,
                target_id=connection.id,
                configured_at=utcnow(),
                settings={},
            )
            current.add_all([code, coupling])
            current.flush()
            code_id = code.id
        yield Books(app, vendor, tenant_id, code_id)


def test_a_poison_document_costs_little_until_its_end(books: Books) -> None:
    _strike(books)
    books.send(1)
    with pace(books.app, books.calls) as going:
        spent = going.go_on(11, 60) + going.go_on(110, 300)
        assert books.states() == [("failed", "outcome_unclear")]
        books.vendor.control("faults", method="DELETE")
        books.send(2)
        going.go_on(2)
    assert books.states()[1] == ("done", "")
    told("digitalefactuur, a poison document", spent, POISON_CALLS)


def test_nothing_is_booked_on_another_partys_debtor(books: Books) -> None:
    connection = session().scalars(select(Connection)).one()
    with open_client(connection) as client:
        theirs = mapping.customer(DEBTOR, "1501", {"name": "Slagerij Anders"})
        client.create_customer(theirs)
    books.send(1)
    with pace(books.app, books.calls) as going:
        going.go_on(1)
    assert books.states() == [("failed", "debtor_other_party")]


def test_an_hour_of_faults_costs_little_and_all_go_once_it_is_over(
    books: Books,
) -> None:
    _strike(books)
    for number in range(26):
        books.send(number)
    with pace(books.app, books.calls) as going:
        spent = going.go_on(1, 20) + going.go_on(59)
        books.vendor.control("faults", method="DELETE")
        going.go_on(65, 300)
    assert books.states() == [("done", "")] * 26
    assert len(books.vendor.objects("factuur")) == 26
    told("digitalefactuur, an hour of faults", spent, OUTAGE_CALLS)


def _strike(books: Books) -> None:
    books.vendor.fault("status", status=500, method="POST", path="factuur", times=None)
