"""Which VAT our invoices carry, and that the PDF says what the row says."""

import re
import zlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from core.domain.money import vat_on
from core.models import ServiceInvoice
from core.services.licensing import invoices
from core.services.licensing.invoices import Vat, vat_for

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("country", "is_valid", "rate", "is_reverse_charged"),
    [
        ("NL", False, 21, False),
        ("NL", True, 21, False),
        ("BE", True, 0, True),
        ("BE", False, 21, False),
        ("DE", False, 19, False),
        ("HU", False, 27, False),
        ("GR", True, 0, True),
        ("US", False, 0, False),
        ("GB", True, 0, False),
        ("CH", False, 0, False),
    ],
)
def test_the_vat_follows_the_customer(
    country: str, is_valid: bool, rate: int, is_reverse_charged: bool
) -> None:
    found = vat_for(country, "NL", DAY, is_valid=is_valid)
    assert found == Vat(Decimal(rate), is_reverse_charged)


def test_a_seller_elsewhere_charges_its_own_country(app: Flask) -> None:
    assert vat_for("BE", "BE", DAY, is_valid=True) == Vat(Decimal(21))
    assert vat_for("NL", "BE", DAY, is_valid=True).is_reverse_charged


def invoice(**values: Any) -> ServiceInvoice:
    """An invoice as stored."""
    customer = {
        "name": "Café Łódź & Αθήνα BV",
        "street": "Rue de l’Église 3",
        "postal_code": "1000",
        "city": "Brussel",
        "country": "BE",
        "language": "nl",
        "vat_number": "",
        "vat_proof": "",
    }
    amount = Decimal("1234.57")
    rate = values.pop("vat_rate", Decimal(21))
    given = {
        "year": 2026,
        "sequence": 7,
        "issued_on": DAY,
        "due_on": date(2026, 3, 16),
        "customer": {**customer, **values.pop("customer", {})},
        "lines": [{"text": "Licentie A → B, één jaar", "quantity": 1,
                   "amount": "1234.57"}],
        "amount_excl_vat": amount,
        "vat_rate": rate,
        "vat_amount": vat_on(amount, rate),
        "is_reverse_charged": False,
        **values,
    }  # fmt: skip
    return ServiceInvoice(**given)


def read(pdf: bytes) -> list[str]:
    """Return the texts of a PDF, by its own tables from glyphs to characters."""
    bodies = _objects(pdf)
    names = dict(re.findall(rb"/(F\d+) (\d+) 0 R", pdf))
    fonts = {name: _characters(bodies, int(at)) for name, at in names.items()}
    pages = [body for body in bodies.values() if b"/Type /Page\n" in body]
    [page] = [int(re.search(rb"/Contents (\d+)", body)[1]) for body in pages]
    content = zlib.decompress(_stream(bodies[page]))
    texts, font = [], {}
    for chosen, text in re.findall(
        rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", content, re.DOTALL
    ):
        if chosen:
            font = fonts[chosen]
        else:
            raw = re.sub(rb"\\(.)", _unescaped, text, flags=re.DOTALL)
            pairs = (raw[at : at + 2] for at in range(0, len(raw), 2))
            texts.append("".join(font[int.from_bytes(pair)] for pair in pairs))
    return texts


def _unescaped(match: re.Match[bytes]) -> bytes:
    return {b"r": b"\r", b"n": b"\n"}.get(match[1], match[1])


def _objects(pdf: bytes) -> dict[int, bytes]:
    found = re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL)
    return {int(number): body for number, body in found}


def _stream(body: bytes) -> bytes:
    return re.search(rb"stream\n(.*)\nendstream", body, re.DOTALL)[1]


def _characters(bodies: dict[int, bytes], font: int) -> dict[int, str]:
    """Return which character each glyph of a font stands for."""
    table = int(re.search(rb"/ToUnicode (\d+) 0 R", bodies[font])[1])
    pairs = re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>\n", bodies[table])
    return {
        int(glyph, 16): bytes.fromhex(code.decode()).decode("utf-16-be")
        for glyph, code in pairs
    }


def test_the_pdf_says_what_the_row_says_to_the_cent(app: Flask) -> None:
    row = invoice()
    assert row.vat_amount == Decimal("259.26")
    texts = read(invoices.pdf(row))
    for wanted in (
        "Factuur KW2026-0007",
        "Factuurdatum: 2 maart 2026",
        "Te betalen vóór of op: 16 maart 2026",
        "Café Łódź & Αθήνα BV",
        "Rue de l’Église 3",
        "1000 Brussel",
        "België",
        "Licentie A → B, één jaar",
        "€\xa01.234,57",
        "BTW 21%",
        "€\xa0259,26",
        "€\xa01.493,83",
        "BTW-nummer NL000000000B00 · KvK 00000000",
    ):
        assert wanted in texts, (wanted, texts)
    assert "NL00BANK0000000000" in " ".join(texts)
    assert "verlegd" not in " ".join(texts)


def test_reverse_charge_names_both_numbers_and_no_vat(app: Flask) -> None:
    row = invoice(
        vat_rate=Decimal(0),
        is_reverse_charged=True,
        customer={"vat_number": "BE0403019261"},
    )
    texts = read(invoices.pdf(row))
    assert "BTW verlegd" in texts
    assert "BTW-nummer BE0403019261" in texts
    assert "BTW-nummer NL000000000B00 · KvK 00000000" in texts
    assert texts.count("€\xa01.234,57") == 3  # the line, the total, what is to be paid
    assert "€\xa00,00" in texts


def test_it_is_in_the_customers_language_whoever_asks(app: Flask) -> None:
    row = invoice(customer={"language": "en"})
    texts = read(invoices.pdf(row))
    assert "€1,234.57" in texts
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        assert read(invoices.pdf(row)) == texts


def test_the_bytes_are_the_same_each_time(app: Flask) -> None:
    first = invoices.pdf(invoice())
    assert invoices.pdf(invoice()) == first


def test_a_long_name_and_many_lines_stay_on_the_paper(app: Flask) -> None:
    line = {"text": "Een lange omschrijving " * 12, "quantity": 3, "amount": "1.00"}
    row = invoice(lines=[line] * 30, customer={"name": "Naam " * 60})
    pdf = invoices.pdf(row)
    assert pdf.count(b"/Type /Page\n") > 1
