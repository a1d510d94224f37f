"""Our invoices as structured ones: the amounts are those of the paper."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.domain.invoices import InvoiceData, InvoiceLineData
from core.domain.money import total
from core.domain.relations import PostalAddress, RelationData
from core.domain.structured_invoices import (
    Adjustment,
    StructuredAddress,
    StructuredInvoice,
    StructuredLine,
    StructuredParty,
    VatCategory,
    vat_shares,
)
from core.rules.invoice_rules import vat_per_code
from core.rules.structured_invoices import CATEGORIES, StructuredFacts, structured

DAY, DUE = date(2026, 9, 1), date(2026, 9, 15)
SELLER = StructuredParty("Fiets", StructuredAddress(country="NL"))
CUSTOMER = RelationData(
    False,
    "Bakkerij",
    invoice_address=PostalAddress("Laan", "1", "", "1000", "Stad", "BE"),
)


def _line(
    price: str, quantity: str = "1", code: str = "A", rate: str = "21", kind="standard"
) -> InvoiceLineData:
    amount = round(Decimal(quantity) * Decimal(price), 2)
    return InvoiceLineData(
        "Zadel", Decimal(quantity), Decimal(price), amount, code, Decimal(rate), kind
    )


def _invoice(*lines: InvoiceLineData, **values) -> InvoiceData:
    shares = vat_per_code(lines)
    return InvoiceData(
        "1", DAY, DUE, CUSTOMER, lines, shares,
        total(each.amount_excl_vat for each in shares),
        total(each.vat_amount for each in shares), **values,
    )  # fmt: skip


def _structured(*lines: InvoiceLineData, facts=None, **values) -> StructuredInvoice:
    return structured(_invoice(*lines, **values), SELLER, facts or StructuredFacts())


@pytest.mark.parametrize("kind", sorted(CATEGORIES))
def test_every_kind_of_vat_code_has_a_category(kind: str) -> None:
    rate = "21" if kind in ("standard", "reduced") else "0"
    (share,) = _structured(_line("10", kind=kind, rate=rate)).shares
    assert share.category is CATEGORIES[kind]
    assert (share.taxable, share.vat) == (10, Decimal(rate) / 10)


def test_codes_of_one_rate_are_one_share_with_the_vat_of_the_paper() -> None:
    """Rounded per code, so that it is what was booked: a cent less than of the sum."""
    lines = [_line("0.07", code=code) for code in "AB"]
    (share,) = _structured(*lines).shares
    assert (share.taxable, share.vat) == (Decimal("0.14"), Decimal("0.02"))
    assert vat_shares(_structured(*lines).lines)[0].vat == Decimal("0.03")


def test_what_is_credited_is_positive() -> None:
    made = _structured(
        _line("10.00", "-2"), credits_number="7", facts=StructuredFacts(credits_on=DAY)
    )
    assert made.is_credit
    assert made.preceding == ("7", DAY)
    assert made.due_on is None
    assert (made.lines[0].quantity, made.lines[0].amount) == (2, 20)
    assert (made.amount_excl_vat, made.vat_amount) == (20, Decimal("4.20"))


@pytest.mark.parametrize("credits_number", ["", "7"])
@pytest.mark.parametrize(
    ("quantity", "price"), [("2", "-5"), ("-2", "5"), ("-2", "-5")]
)
def test_a_price_is_never_below_zero(
    credits_number: str, quantity: str, price: str
) -> None:
    line = _line(price, quantity)
    (made,) = _structured(line, credits_number=credits_number).lines
    sign = -1 if credits_number else 1
    assert made.unit_price == 5
    assert made.quantity * made.unit_price == made.amount
    assert made.amount == line.amount_excl_vat * sign


def test_goods_within_the_eu_say_when_and_where_to() -> None:
    made = _structured(_line("10", kind="intra_community", rate="0"))
    assert (made.delivered_on, made.deliver_to) == (DAY, "BE")
    assert _structured(_line("10")).delivered_on is None


def test_both_reasons_for_one_category_are_said() -> None:
    facts = StructuredFacts(
        reasons={"reverse_charged": "Een.", "intra_services": "Twee."}
    )
    lines = [_line("1", code=k, kind=k, rate="0") for k in facts.reasons]
    (share,) = _structured(*lines, facts=facts).shares
    assert (share.reason, share.reason_code) == ("Een. Twee.", "VATEX-EU-AE")


def test_totals_hold_discounts_surcharges_prepayment_and_rounding() -> None:
    line = StructuredLine(
        "x", Decimal(1), Decimal(100), Decimal(100), VatCategory.CHARGED, Decimal(21)
    )
    adjustments = tuple(
        Adjustment(Decimal(amount), "x", VatCategory.CHARGED, Decimal(21))
        for amount in ("-10", "5")
    )
    made = replace(
        _structured(_line("1")), lines=(line,), adjustments=adjustments,
        shares=vat_shares([line], adjustments), prepaid=Decimal(50),
        rounding=Decimal("0.05"),
    )  # fmt: skip
    assert (made.discounts_total, made.surcharges_total) == (10, 5)
    assert made.amount_excl_vat == 95
    assert made.amount_incl_vat == Decimal("114.95")
    assert made.amount_due == 65
