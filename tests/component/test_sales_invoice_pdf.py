"""A sales invoice as a PDF: every item the law wants, to the letter."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from core.domain.invoices import InvoiceData, InvoiceLineData
from core.domain.money import cents, total
from core.domain.relations import PostalAddress, RelationData
from core.rules.invoice_rules import vat_per_code
from core.services.invoicing.invoice_settings import Seller
from core.services.invoicing.sales_invoice_pdf import Facts, write
from tests.component.test_invoices import read

GOLDEN = Path(__file__).parent / "golden"
SELLER = Seller(
    name="De Fietsenmaker B.V.", street="Dorpsstraat 1", postal_code="1234 AB",
    city="Ons Dorp", country="NL", vat_number="NL123456782B90",
    chamber_number="12345678", iban="NL91ABNA0417164300", bic="ABNANL2A",
    email="info@fiets.example", phone="020-1234567",
)  # fmt: skip
PLACE = PostalAddress("Kerkstraat", "12", "a", "3511 LX", "Utrecht", "NL")
ABROAD = PostalAddress("Hauptstraße", "7", "", "10115", "Berlin", "DE")


def _line(text: str, quantity: str, price: str, code: str, rate: str, kind: str):
    amounts = Decimal(quantity), Decimal(price)
    return InvoiceLineData(
        text, *amounts, cents(amounts[0] * amounts[1]), code, Decimal(rate), kind
    )


def _invoice(*lines: InvoiceLineData, **values) -> InvoiceData:
    totals = vat_per_code(lines)
    given = {
        "number": "202600012",
        "issued_on": date(2026, 3, 2),
        "due_on": date(2026, 3, 16),
        "relation": RelationData(False, "Bakkerij De Korrel", debtor_number="10001"),
        "lines": lines,
        "totals": totals,
        "amount_excl_vat": total(line.amount_excl_vat for line in lines),
        "vat_amount": total(one.vat_amount for one in totals),
        **values,
    }
    return InvoiceData(**given)


HIGH = _line("Stadsfiets ‘Amsterdam’, 28 inch", "2", "499.50", "NL21", "21", "standard")
LOW = _line("Reparatie band", "1.5", "33.3333", "NL9", "9", "reduced")
DOMESTIC = _invoice(HIGH, LOW, reference="PO 4411")
CREDIT = _invoice(
    _line("Stadsfiets", "-1", "499.50", "NL21", "21", "standard"),
    number="202600013", credits_number="202600012",
)  # fmt: skip
GERMAN = RelationData(False, "Radhaus GmbH", vat_number="DE136695976")
EUROPE = _invoice(
    _line("City bike", "1", "499.50", "NLICL", "0", "intra_community"),
    _line("Advice", "1", "100", "NLICD", "0", "intra_services"),
    _line("Freight to Norway", "1", "80", "NLEXP", "0", "export"),
    relation=GERMAN,
)
AT_HOME = _invoice(
    _line("Onderaanneming", "8", "55", "NLVERL", "0", "reverse_charged"),
    _line("Cursus", "1", "250", "NLVRIJ", "0", "exempt"),
    relation=RelationData(False, "Bouw B.V.", vat_number="NL001234567B01"),
)
CASES = {
    "domestic": (DOMESTIC, Facts("nl", PLACE, date(2026, 2, 27), "Dank u wel.")),
    "credit": (CREDIT, Facts("nl", PLACE, credits_on=date(2026, 3, 2))),
    "europe": (EUROPE, Facts("en", ABROAD)),
    "reverse": (AT_HOME, Facts("nl", PLACE)),
    "draft": (replace(DOMESTIC, number=""), Facts("nl", PLACE)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_texts_are_those_of_the_golden_file(app: Flask, name: str) -> None:
    found = "\n".join(read(write(CASES[name][0], SELLER, CASES[name][1]))) + "\n"
    assert found == (GOLDEN / f"sales_invoice_{name}.txt").read_text("utf-8")


def test_the_same_invoice_gives_the_same_bytes(app: Flask) -> None:
    first, again = (write(DOMESTIC, SELLER, CASES["domestic"][1]) for _ in range(2))
    assert first == again


def test_a_belgian_seller_has_an_enterprise_number(app: Flask) -> None:
    seller = replace(SELLER, country="BE", chamber_number="0403.170.701")
    texts = " ".join(read(write(DOMESTIC, seller, CASES["domestic"][1])))
    assert "Ondernemingsnummer 0403.170.701" in texts
    assert "KvK" not in texts


def test_a_long_invoice_takes_more_pages_and_loses_no_line(app: Flask) -> None:
    lines = [replace(HIGH, description=f"Regel {n} " + "x" * 60) for n in range(60)]
    pdf = write(_invoice(*lines), SELLER, CASES["domestic"][1])
    assert pdf.count(b"/Type /Page\n") > 2
