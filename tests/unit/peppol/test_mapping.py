"""A structured invoice as UBL: what is there, what is left out, what is escaped."""

from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from core.domain.structured_invoices import (
    Adjustment,
    EmbeddedFile,
    StructuredInvoice,
    VatCategory,
)
from plugins.peppol.mapping import text_of, ubl_of
from tests.unit.peppol.generated import PDF, documents

NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def _invoice(**values) -> StructuredInvoice:
    (made,) = documents(1)
    return replace(made, **values)


def _texts(invoice: StructuredInvoice, path: str) -> list[str]:
    return etree.fromstring(ubl_of(invoice)).xpath(f"{path}/text()", namespaces=NAMES)


@pytest.mark.parametrize("invoice", documents(25), ids=lambda each: each.number)
def test_amounts_are_those_of_the_invoice(invoice: StructuredInvoice) -> None:
    totals = "/*/cac:LegalMonetaryTotal/cbc:"
    for name, amount in (
        ("LineExtensionAmount", invoice.lines_total),
        ("TaxExclusiveAmount", invoice.amount_excl_vat),
        ("TaxInclusiveAmount", invoice.amount_incl_vat),
        ("PayableAmount", invoice.amount_due),
    ):
        assert [Decimal(text) for text in _texts(invoice, totals + name)] == [amount]
    lines = "/*/cac:InvoiceLine|/*/cac:CreditNoteLine"
    assert len(etree.fromstring(ubl_of(invoice)).xpath(lines, namespaces=NAMES)) == len(
        invoice.lines
    )
    vat = _texts(invoice, "/*/cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount")
    assert [Decimal(text) for text in vat] == [each.vat for each in invoice.shares]


def test_nothing_is_empty() -> None:
    bare = _invoice(note=" ", payment=None, payment_terms="", delivered_on=None)
    root = etree.fromstring(ubl_of(bare))
    assert [each.tag for each in root.iter() if not len(each) and not each.text] == []


def test_texts_lose_only_what_xml_cannot_hold() -> None:
    assert (
        text_of(" a\x00b\x1f\ufffe<&>\n\u20ac\U0001f6b2 ")
        == "a b  <&>\n\u20ac\U0001f6b2"
    )
    assert _texts(_invoice(note="a\x07<b>&"), "/*/cbc:Note") == ["a <b>&"]


@pytest.mark.parametrize(
    ("amount", "indicator", "written"),
    [("-5.00", "false", "5.00"), ("5.00", "true", "5.00")],
)
def test_a_discount_below_zero_is_a_surcharge(
    amount: str, indicator: str, written: str
) -> None:
    one = Adjustment(Decimal(amount), "Korting", VatCategory.CHARGED, Decimal(21))
    made = _invoice(adjustments=(one, replace(one, amount=Decimal(0))))
    place = "/*/cac:AllowanceCharge/cbc:"
    assert _texts(made, f"{place}ChargeIndicator") == [indicator]
    assert _texts(made, f"{place}Amount") == [written]


def test_the_invoice_is_inside_and_what_may_not_is_left_out() -> None:
    word = EmbeddedFile("brief.docx", "application/msword", b"x")
    made = _invoice(files=(PDF, word))
    place = "/*/cac:AdditionalDocumentReference"
    assert _texts(made, f"{place}/cbc:ID") == ["Factuur-1.pdf"]
    held = f"{place}/cac:Attachment/cbc:EmbeddedDocumentBinaryObject"
    assert _texts(made, held) == ["JVBERi0xLjQgeA=="]
