"""No invoice without VAT without proof of the VAT number."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.relations import PostalAddress
from core.models import InvoiceState, Mail, SalesInvoice, Tenant, WaitingInvoice
from core.plugin.capabilities import VatCheck, VatRegister
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import (
    invoice_sending,
    numbers,
    sales_invoices,
    vat_proofs,
    waiting_sends,
)
from core.services.invoicing.invoice_sending import Letter
from core.services.people import accounts
from tests.capabilities import bringing
from tests.invoices import complete, customer, draft, line

BERLIN = PostalAddress("Hauptstraße", "7", "", "10115", "Berlin", "DE")
NUMBER = "DE136695976"
LETTER = Letter("klant@example.com", "Factuur {number}", "Hier is {number}.")


class Register:
    """A VAT register whose answer a test chooses; None: it is down."""

    def __init__(self) -> None:
        self.answer: bool | None = True
        self.is_number = True
        self.asked: list[tuple[str, str, str]] = []

    def check(self, _tenant: int, text: str, country: str, own: str) -> VatCheck:
        """Answer as it was told to."""
        self.asked.append((text, country, own))
        if not self.answer:
            return VatCheck(text, self.answer, is_asked=self.is_number)
        return VatCheck(text, True, "WAPI-7", "Radhaus GmbH", utcnow())


@pytest.fixture
def register(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Register:
    made = Register()
    registry = koppelwerk().registry
    plugin = bringing(registry.get("vies"), VatRegister(made.check))
    monkeypatch.setitem(registry.plugins, "vies", plugin)
    return made


@pytest.fixture(name="tenant")
def seller(app: Flask, register: Register) -> Iterator[Tenant]:
    with transaction():
        made = accounts.create_tenant_with_owner(
            name="De Fietsenmaker", email="a@example.com", password="x" * 20
        )
        with tenant_scope(made.id):
            complete(made)
    with tenant_scope(made.id):
        yield made


def made(tenant: Tenant, code: str = "NLICL", **values) -> SalesInvoice:
    values = {"vat_number": NUMBER, "invoice_address": BERLIN, **values}
    with transaction():
        return draft(tenant, customer(**values), line(tenant, code=code))


def send(row: SalesInvoice) -> bool:
    """Send by mail as the page does."""
    invoice_sending.check_vat_number(row)
    with transaction():
        return invoice_sending.by_mail(row, LETTER, user_id=None)


def refused(code: str, work, *args) -> None:
    with pytest.raises(AskUser) as caught:
        work(*args)
    assert caught.value.code == code
    session().rollback()


def untouched(tenant: Tenant, row: SalesInvoice) -> bool:
    drawn = numbers.peek(tenant.id, "sales_invoice", 2026)
    mails = session().scalars(select(Mail.id)).all()
    return (row.state, row.number, drawn, mails) == (InvoiceState.DRAFT, None, 0, [])


@pytest.mark.parametrize("code", ["NLICL", "NLVERL"])
def test_the_proof_is_kept_with_the_invoice(
    tenant: Tenant, register: Register, code: str
) -> None:
    number = "NL004495445B01" if code == "NLVERL" else NUMBER
    row = made(tenant, code, vat_number=number)
    assert send(row)
    assert row.number == "202600001"
    assert register.asked == [(number, "DE", "NL123456782B90")]
    proof = row.vat_proof
    assert (proof["number"], proof["proof"], proof["name"]) == (
        number, "WAPI-7", "Radhaus GmbH",
    )  # fmt: skip
    with transaction():
        credit = sales_invoices.credit(row, row.issued_on)
    register.answer = False
    assert send(credit)
    assert credit.vat_proof == proof


def test_an_invoice_with_vat_asks_nobody(tenant: Tenant, register: Register) -> None:
    assert send(made(tenant, "NL21"))
    assert register.asked == []


def test_an_invalid_number_is_refused(tenant: Tenant, register: Register) -> None:
    register.answer = False
    row = made(tenant)
    refused("invoice_vat_number_invalid", send, row)
    register.is_number = False
    refused("invoice_vat_number_malformed", send, row)
    assert untouched(tenant, row)


@pytest.mark.parametrize("number", ["GB980780684", "NO974760673MVA"])
def test_a_number_that_vies_does_not_have_is_asked_about(
    tenant: Tenant, register: Register, number: str
) -> None:
    row = made(tenant, "NLICD", vat_number=number)
    refused("invoice_vat_number_outside_eu", send, row)
    assert register.asked == []


def test_northern_ireland_is_for_goods_alone(tenant: Tenant) -> None:
    number = "XI980780684"
    refused("invoice_vat_number_outside_eu", send,
            made(tenant, "NLICD", vat_number=number, debtor_number="2"))  # fmt: skip
    assert send(made(tenant, "NLICL", vat_number=number))


def test_it_waits_for_the_register_and_goes_by_itself(
    tenant: Tenant, register: Register
) -> None:
    register.answer = None
    row = made(tenant)
    assert not send(row)
    waiting_sends.take_turn(row.id)
    assert untouched(tenant, row)
    register.answer = True
    waiting_sends.take_turn(row.id)  # not before it is due again
    assert untouched(tenant, row)
    with transaction():
        session().execute(
            update(WaitingInvoice).values(due_at=WaitingInvoice.created_at)
        )
    waiting_sends.take_turn(row.id)
    session().refresh(row)
    assert (row.state, row.number) == (InvoiceState.SENT, "202600001")
    assert session().scalars(select(Mail.recipient)).all() == [LETTER.recipient]
    assert session().scalars(select(WaitingInvoice)).all() == []


def test_what_turns_out_invalid_meanwhile_is_told(
    tenant: Tenant, register: Register
) -> None:
    register.answer = None
    row = made(tenant)
    send(row)
    register.answer = False
    waiting_sends.take_turn(row.id)
    found = session().scalars(select(WaitingInvoice)).one()
    session().refresh(found)
    assert (found.state, found.code) == ("refused", "invoice_vat_number_invalid")
    assert untouched(tenant, row)


def test_a_change_takes_it_back(tenant: Tenant, register: Register) -> None:
    register.answer = None
    row = made(tenant)
    send(row)
    with transaction():
        sales_invoices.hold_draft(row)
    register.answer = True
    waiting_sends.take_turn(row.id)
    assert untouched(tenant, row)


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("change", ["number", "age"])
def test_no_number_is_drawn_on_proof_of_something_else(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, guarded: bool, change: str
) -> None:
    row = made(tenant)
    vat_proofs.ask(row)
    with transaction():
        if change == "number":
            row.relation.vat_number = "DE129273398"
        else:
            old = utcnow() - timedelta(hours=25)
            row.vat_proof = {**row.vat_proof, "checked_at": old.isoformat()}
    if not guarded:
        monkeypatch.setattr(vat_proofs, "is_lacking", lambda _: False)
    with suppress(AskUser), transaction():
        sales_invoices.send(row, "other")
    assert untouched(tenant, row) is guarded


def test_a_file_of_ones_own_is_no_way_around(
    tenant: Tenant, register: Register
) -> None:
    register.answer = None
    row = made(tenant, vat_number="")
    with transaction():
        sales_invoices.attach(row, "eigen.pdf", "application/pdf", b"%PDF-1.4")
    refused("invoice_vat_number_missing", _otherwise, row)


def _otherwise(row: SalesInvoice) -> bool:
    with transaction():
        return invoice_sending.otherwise(row, None, user_id=None)
