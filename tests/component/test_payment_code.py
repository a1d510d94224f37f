"""The QR code of an invoice says what is to be paid (EPC069-12, version 002)."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from pypdf import PdfReader

from core.services.invoicing.payment_code import payment_code
from core.services.invoicing.sales_invoice_pdf import Facts, write
from tests.component.test_sales_invoice_pdf import CREDIT, DOMESTIC, PLACE, SELLER

IBAN = "NL91 ABNA 0417 1643 00"
FACTS = Facts("nl", PLACE, payment_code=True)


def read(image: Image.Image) -> list[str]:
    """Return the lines of the one code in a picture."""
    [found] = zxingcpp.read_barcodes(image)
    assert found.ec_level == "M"
    return found.text.split("\n")


def code(*given: str, amount: str = "1263.29") -> list[str]:
    name, remittance, bic = given
    png = payment_code(name, IBAN, Decimal(amount), remittance, bic)
    assert png is not None
    return read(Image.open(BytesIO(png)))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (
            ("Café “Łódź” B.V.", "202600012", "ABNANL2A"),
            ["ABNANL2A", "Café “Łódź” B.V.", "NL91ABNA0417164300", "EUR1263.29", "",
             "", "202600012"],
        ),
        (
            ("N" * 80, "+++090/9337/55493+++", "oud"),
            ["", "N" * 70, "NL91ABNA0417164300", "EUR1263.29", "", "",
             "+++090/9337/55493+++"],
        ),
        (
            ("A", "RF18 5390 0754 7034", ""),
            ["", "A", "NL91ABNA0417164300", "EUR1263.29", "", "RF18539007547034"],
        ),
    ],
)  # fmt: skip
def test_it_is_decoded_to_the_payment(
    given: tuple[str, str, str], wanted: list[str]
) -> None:
    assert code(*given) == ["BCD", "002", "1", "SCT", *wanted]


@pytest.mark.parametrize("amount", ["0.01", "100.00", "999999999.99"])
def test_the_amount_is_exact(amount: str) -> None:
    said = code("A", "1", "", amount=amount)[7]
    assert said.startswith("EUR")
    assert Decimal(said[3:]) == Decimal(amount)


@pytest.mark.parametrize("amount", ["0", "-1", "0.004", "1000000000"])
def test_an_amount_that_the_standard_does_not_know_has_none(amount: str) -> None:
    assert payment_code("A", IBAN, Decimal(amount), "1") is None


def test_what_does_not_fit_has_none() -> None:
    assert payment_code("京" * 70, IBAN, Decimal(1), "京" * 60) is None


def test_it_stands_on_an_invoice_that_is_to_be_paid(app: Flask) -> None:
    [page] = PdfReader(BytesIO(write(DOMESTIC, SELLER, FACTS))).pages
    [image] = page.images
    assert read(image.image)[6:8] == [SELLER.iban, "EUR1263.29"]


@pytest.mark.parametrize("without", ["credit", "iban", "switch", "draft"])
def test_there_is_none_where_nothing_can_be_paid(app: Flask, without: str) -> None:
    invoice = CREDIT if without == "credit" else DOMESTIC
    invoice = replace(invoice, number="") if without == "draft" else invoice
    seller = replace(SELLER, iban="") if without == "iban" else SELLER
    facts = replace(FACTS, payment_code=without != "switch")
    [page] = PdfReader(BytesIO(write(invoice, seller, facts))).pages
    assert list(page.images) == []
