"""Mapping, checks and wire: pure."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from samples import ORDER

from core.domain.errors import AskUser
from core.domain.orders import Address, LineKind, SaleKind
from core.rules.sale_checks import GiftCards, NoTurnover, VatRule, VatRules
from core.rules.sale_place import place_of
from core.rules.seller import Seller
from moneybird import wire
from moneybird.checks import check, difference
from moneybird.mapping import contact_body, invoice_body, invoice_lines

DAY = date(2026, 3, 3)
SALE = place_of(ORDER, Seller("NL"))
RULES = VatRules(
    VatRule(SaleKind.COUNTRY, "NL", Decimal(rate), f"R{rate}", "A1") for rate in (21, 9)
)


def test_an_order_becomes_an_invoice_of_whole_amounts() -> None:
    body = invoice_body(invoice_lines(ORDER, SALE, RULES), "77", DAY, 14)
    lines = body.pop("details_attributes")
    assert body == {
        "contact_id": "77",
        "date": "2026-03-03",
        "due_date": "2026-03-17",
        "currency": "EUR",
        "prices_are_incl_tax": True,
        "source": "Koppelwerk",
    }
    assert lines[0] == {
        "description": "3 x Kopje",
        "price": "20.00",
        "amount": "1",
        "tax_rate_id": "R21",
        "ledger_account_id": "A1",
    }
    assert [line["tax_rate_id"] for line in lines] == ["R21", "R9", "R21"]
    assert sum(Decimal(line["price"]) for line in lines) == ORDER.total_incl_vat


def test_a_rate_that_is_not_configured_asks_the_user() -> None:
    with pytest.raises(AskUser, match="vat_rate_not_configured"):
        invoice_lines(ORDER, SALE, VatRules([]))


def test_what_is_outside_vat_is_refused() -> None:
    card = replace(
        ORDER.lines[0],
        kind=LineKind.GIFT_CARD,
        vat_amount=Decimal(0),
        vat_rate=Decimal(0),
    )
    chosen = NoTurnover(GiftCards.MANY, {LineKind.GIFT_CARD: "1700"})
    with pytest.raises(AskUser, match="moneybird_without_vat"):
        invoice_lines(replace(ORDER, lines=(card,)), SALE, VatRules([], chosen))


def test_a_negative_order_is_refused() -> None:
    with pytest.raises(AskUser, match="moneybird_negative"):
        check(replace(ORDER, total_incl_vat=-ORDER.total_incl_vat))


@pytest.mark.parametrize(
    ("billing", "expected"),
    [
        (Address(name="Anna van der Klant"), ("", "Anna van der", "Klant")),
        (Address(name="Klant"), ("", "", "Klant")),
        (Address(company="Klant BV"), ("Klant BV", "", "")),
        (Address(), ("", "", "klant@example.com")),
    ],
)
def test_a_contact_always_has_a_name(
    billing: Address, expected: tuple[str, str, str]
) -> None:
    body = contact_body(replace(ORDER, billing=replace(billing, country="NL")))
    assert body["send_invoices_to_email"] == "klant@example.com"
    names = ("company_name", "firstname", "lastname")
    assert tuple(body.get(name, "") for name in names) == expected
    assert all(body.values())


def test_an_order_without_address_asks_the_user() -> None:
    check(ORDER)
    with pytest.raises(AskUser, match="moneybird_email_missing"):
        check(replace(ORDER, email=""))


@pytest.mark.parametrize(
    ("incl", "excl", "contact", "code"),
    [
        ("36.89", "31.49", "77", ""),
        ("36.89", "31.47", "77", ""),
        ("36.89", "30.39", "77", "moneybird_vat_differs"),
        ("36.90", "31.50", "77", "moneybird_total_differs"),
        ("36.89", "31.49", "78", "moneybird_contact_differs"),
    ],
)
def test_what_was_booked_is_compared(
    incl: str, excl: str, contact: str, code: str
) -> None:
    invoice = wire.Invoice("1", "KW-W1", contact, Decimal(incl), Decimal(excl))
    assert difference(ORDER, invoice, "77") == code


INVOICE = {
    "id": "9",
    "reference": None,
    "contact_id": "77",
    "total_price_incl_tax": "121.0",
    "total_price_excl_tax": "100.0",
}


def test_an_invoice_is_read() -> None:
    assert wire.invoice(INVOICE).vat_amount == Decimal(21)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", 9),
        ("id", "9a"),
        ("reference", 1),
        ("total_price_incl_tax", 121),
        ("total_price_incl_tax", "NaN"),
        ("total_price_excl_tax", None),
    ],
)
def test_what_is_odd_is_an_error(name: str, value: object) -> None:
    with pytest.raises(wire.Malformed, match=name):
        wire.invoice({**INVOICE, name: value})
