"""kill -9 before and after every remote call and commit of an invoice's booking.

As for orders: the points are counted first, then the worker is killed at each of them
in turn, on an invoice of a new relation; over SOAP and over REST. Afterwards another
worker goes on. The books must hold each entry and each debtor once, and the archive
gets each file once.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.domain.events import InvoiceSent
from core.domain.relations import RelationData
from core.models import Connection, Mail, SalesInvoice, TenantVatCode, VatKind
from core.net.http import probe
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.crm import relations
from core.services.invoicing import invoice_setup, sales_invoices
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.linking import form_flow
from plugins.eboekhouden.invoices import document as archive
from tests.e2e.test_kill_points import (
    ROUNDS,
    in_child,
    kill_at,
    let_time_pass,
    some_of,
)
from tests.e2e.test_kill_points_eboekhouden import entries
from tests.product import Product

TODAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    """No listener is left behind."""
    yield
    probe.listener = None


@dataclass
class Desk:
    """Where invoices are sent that e-Boekhouden books."""

    tenant_id: int
    vat_code_id: int

    def send(self, number: int) -> int:
        """Send an invoice to a new relation, with its file."""
        data = RelationData(
            is_person=False,
            name=f"Klant {number}",
            relation_type="client",
            debtor_number=str(30_000 + number),
        )
        line = DraftLine("Werk", Decimal(1), Decimal(100 + number), self.vat_code_id)
        with transaction(), tenant_scope(self.tenant_id):
            buyer = relations.save(data, None)
            draft = Draft(buyer.id, TODAY, TODAY, [line])
            row = sales_invoices.save_draft(self.tenant_id, draft)
            sales_invoices.attach(
                row, "factuur.pdf", "application/pdf", b"%PDF-1.7", is_invoice=True
            )
            return sales_invoices.send(row, "other").id


def couple(product: Product, interface: str) -> Desk:
    """Book sent invoices in e-Boekhouden, over one of its interfaces."""
    codes = product.control("eboekhouden", "grant")
    connection = (
        session()
        .scalars(select(Connection).where(Connection.plugin == "eboekhouden"))
        .one()
    )
    form_flow.connect(connection, {**codes, "interface": interface})
    tenant_id = connection.tenant_id
    with transaction() as current:
        connections.switch_plugin(tenant_id, "eboekhouden", enabled=True)
        code = TenantVatCode(
            tenant_id=tenant_id, code="KILL", label="Hoog", kind=VatKind.STANDARD,
            country="NL", rate=Decimal(21),
        )  # fmt: skip
        current.add(code)
    with transaction():
        coupling = invoice_setup.switch_on(connection, date(2026, 1, 1))
        chosen = {
            "receivables_account": "1300", archive.SETTING: "archief@archief.example",
        }  # fmt: skip
        invoice_setup.save_settings(coupling, chosen)
        lines = [
            invoice_setup.MappingLine(line.code, "HOOG_VERK_21", "8000")
            for line in invoice_setup.lines(coupling)
            if line.code.id == code.id
        ]
        invoice_setup.save_mapping(coupling, lines)
    return Desk(tenant_id, code.id)


def work() -> None:
    """What a worker does for an invoice."""
    jobs.run_task("drain", 0)


def states(ids: list[int]) -> dict[int, str]:
    session().rollback()
    session().expire_all()
    return {key: str(session().get_one(SalesInvoice, key).state) for key in ids}


@pytest.mark.slow
@pytest.mark.parametrize("interface", ["soap", "rest"])
def test_one_entry_and_one_mail_each_wherever_the_worker_is_killed(
    connected: Product, interface: str
) -> None:
    desk = couple(connected, interface)
    points: list[str] = []
    sent = [desk.send(0)]
    probe.listener = points.append
    work()
    probe.listener = None
    assert states(sent) == {sent[0]: "booked"}
    assert len(points) >= 16, points

    for number in some_of(points, first=int(interface == "rest")):
        sent.append(desk.send(len(sent)))
        survived = in_child(work, kill_at(number))
        assert not survived, f"point {number} ({points[number]}) was not reached"
        again = InvoiceSent(desk.tenant_id, sent[-1])  # the event comes twice
        with transaction():
            koppelwerk().registry.dispatch("on_invoice_sent", ["eboekhouden"], again)
        for _ in range(ROUNDS):
            let_time_pass()
            in_child(work, lambda _: None)
            if states(sent[-1:]) == {sent[-1]: "booked"}:
                break

    assert states(sent) == dict.fromkeys(sent, "booked")
    names = [str(session().get_one(SalesInvoice, key).number) for key in sent]
    booked = Counter(entry["Factuurnummer"] for entry in entries(connected, "entry"))
    assert booked == Counter(names)
    debtors = Counter(row["Code"] for row in entries(connected, "relation"))
    assert debtors == Counter(str(30_000 + number) for number in range(len(sent)))
    mails = session().scalars(select(Mail.dedup_key).where(Mail.kind == archive.KIND))
    assert len(mails.all()) == len(sent)
