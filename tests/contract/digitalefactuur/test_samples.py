"""Every message the client sends has the structure of the vendor's own sample."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from lxml import etree

from plugins.digitalefactuur import names, wire
from plugins.digitalefactuur.client import Credentials, DigitaleFactuur
from tests.component.loopback import loopback, text
from tests.shared import shared_file

FOLDER = "contracts/digitalefactuur"
CUSTOMER = wire.Customer(
    number="123456789",
    name="API TEST",
    contact_name="Voorbeeld BV",
    contact_department="HQ",
    contact_email="klant@example.nl",
    address="Voorbeeldstraat 1",
    postal_code="2311 AA",
    city="Leiden",
    account_number="123456789",
    account_holder="Voorbeeld BV",
)
ADDRESSEE = wire.Customer(
    name="Voorbeeld BV",
    address="Voorbeeldstraat 1",
    postal_code="2311AA",
    city="Leiden",
)


def _line(key: str, description: str, price: str) -> wire.Line:
    return wire.Line(Decimal(1), description, Decimal(price), Decimal(19), key)


NEW = wire.Invoice(
    id="160",
    customer_name="Voorbeeld BV",
    customer_email="klant@example.nl",
    match_field="email",
    number="2004163",
    direct_debit=False,
    issued_on=date(2010, 6, 2),
    due_on=date(2010, 7, 25),
    lines=(_line("319", "Domeinnaam", "40"), _line("320", "Hosting", "150")),
)
CHANGED = wire.Invoice(
    id="55924",
    customer_id="123370",
    payment_status="openstaand",
    prefix="2010",
    number="1111",
    direct_debit=True,
    issued_on=date(2005, 2, 6),
    lines=(
        _line("319", "Domeinnaam aangepast12", "40"),
        _line("320", "Hosting aangepast", "150"),
    ),
)
PRODUCT = wire.Product(
    "Hosting", Decimal("10.50"), Decimal(21), "1234", "Hosting pakket Light"
)

Call = Callable[[DigitaleFactuur], Any]
CALLS: dict[str, Call] = {
    "customer-create": lambda df: df.create_customer(CUSTOMER),
    "invoice-create": lambda df: df.create_invoice(NEW),
    "invoice-update": lambda df: df.update_invoice(CHANGED),
    "invoice-send-digital": lambda df: df.mail_invoice(
        "9595", "klant@example.nl", template="859", text="dit is een test", ubl=False
    ),
    "invoice-send-paper": lambda df: df.post_invoice("9595", ADDRESSEE, template="859"),
    "payment-full-process": lambda df: df.register_payment("9595", date(2010, 1, 25)),
    "payment-partial-process": lambda df: df.register_payment(
        "9595", date(2010, 1, 25), Decimal(150)
    ),
    "payment-undo": lambda df: df.undo_payment("9595"),
    "product-create": lambda df: df.create_product(PRODUCT),
}
READS: dict[str, Call] = {
    "customer-list": lambda df: df.customers(),
    "invoices-list": lambda df: df.check(),
    "product-list": lambda df: df.products(),
}
OTHER_DATE = {"02-06-2010": "2010-06-02", "25-07-2010": "2010-07-25"}
"""The one sample with the older form; notes 1.3: send ISO."""


def _endpoint(sample: str) -> tuple[str, str]:
    lines = shared_file(f"{FOLDER}/endpoints.tsv").read_text("utf-8").splitlines()
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in lines}
    method, action = rows[sample]
    return method.partition(" ")[0], action


def _sent(call: Call, answer: str = "Verwerkt") -> tuple[str, str, str]:
    with loopback(text(200, answer, "text/html")) as server:
        client = DigitaleFactuur(
            f"{server.url}api/", Credentials("ACCOUNT_ID", "TOEGANG")
        )
        with client.http:
            call(client)
    (received,) = server.received
    kind = received.headers.get("Content-Type", "application/x-www-form-urlencoded")
    assert kind == "application/x-www-form-urlencoded"
    document = parse_qs(received.body).get("xml", [""])[0]
    prefix = "/api/ACCOUNT_ID/TOEGANG/"
    assert received.path.startswith(prefix)
    return received.method, received.path.removeprefix(prefix), document


def _facts(document: str) -> list[tuple[str, str]]:
    """Every element in order, as path and text."""
    root = etree.fromstring(document.encode())
    tree = root.getroottree()
    return [
        (tree.getpath(element), OTHER_DATE.get(value, value))
        for element in root.iter()
        if (value := (element.text or "").strip()) or not len(element)
    ]


@pytest.mark.parametrize("sample", CALLS)
def test_a_write_is_the_sample(sample: str) -> None:
    method, action, document = _sent(CALLS[sample])
    assert (method, action) == _endpoint(sample)
    expected = shared_file(f"{FOLDER}/{sample}.xml").read_text("utf-8")
    assert _facts(document) == _facts(expected)


@pytest.mark.parametrize("sample", READS)
def test_a_read_is_the_sample(sample: str) -> None:
    method, action, _ = _sent(READS[sample], "<leeg/>")
    assert (method, action) == _endpoint(sample)


def test_a_product_update_is_the_sample() -> None:
    product = wire.Product("Hosting", Decimal("15.50"), Decimal(21), "1234",
                           "Hosting pakket Pro", "2886")  # fmt: skip
    method, action, document = _sent(lambda df: df.update_product(product))
    assert (method, action) == _endpoint("product-update")
    expected = shared_file(f"{FOLDER}/product-update.xml").read_text("utf-8")
    assert _facts(document) == _facts(expected)


def test_a_customer_update_is_the_sample_with_what_no_sample_has() -> None:
    """All fields go along, to clear the empty ones; the order is the sample's."""
    customer = replace(CUSTOMER, id="133366")
    method, action, document = _sent(lambda df: df.update_customer(customer))
    assert (method, action) == _endpoint("customer-update")
    expected = shared_file(f"{FOLDER}/customer-update.xml").read_text("utf-8")
    extra = {f"/klant/{tag}" for tag in names.UNCERTAIN}
    facts = _facts(document)
    assert [fact for fact in facts if fact[0] not in extra] == _facts(expected)
    assert {value for path, value in facts if path in extra} == {""}


def test_every_tag_is_a_samples_or_named_as_uncertain() -> None:
    known: set[str] = set(names.UNCERTAIN)
    for sample in ("customer-update", "invoice-create", "invoice-update",
                   "product-update"):  # fmt: skip
        root = etree.parse(shared_file(f"{FOLDER}/{sample}.xml")).getroot()
        known |= {str(element.tag) for element in root.iter()}
    tables = (names.CUSTOMER_TAGS, names.INVOICE_TAGS, names.LINE_TAGS,
              names.PRODUCT_TAGS)  # fmt: skip
    assert {tag for table in tables for tag in table.values()} <= known
