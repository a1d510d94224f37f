"""Entries and debtors, field by field, held against golden files."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import jsontext
from core.domain.errors import AskUser
from core.domain.invoices import InvoiceData, InvoiceVatRule, VatTotal
from core.domain.money import CENT, total, vat_on
from core.domain.orders import Address, Order, SaleKind
from core.domain.relations import RelationData
from core.rules.sale_checks import VatRule
from plugins.eboekhouden import mapping
from plugins.eboekhouden.invoices import mapping as invoice_mapping
from plugins.eboekhouden.mapping import CodedLine
from plugins.eboekhouden.orders import mapping as order_mapping
from plugins.eboekhouden.rounding import is_taken
from tests.unit.eaccounting import samples

GOLDEN = Path(__file__).with_name("golden")
CODES = {Decimal(21): "HOOG_VERK_21", Decimal(9): "LAAG_VERK_9", Decimal(0): "GEEN"}


def golden(name: str) -> Any:
    """Return an expected document; dates are ISO texts in it."""
    return jsontext.loads((GOLDEN / f"{name}.json").read_bytes())


def plain(body: Any) -> Any:
    """Return a body as its golden file holds it."""
    if isinstance(body, dict):
        return {name: plain(value) for name, value in body.items()}
    if isinstance(body, list):
        return [plain(value) for value in body]
    return body.isoformat() if isinstance(body, date) else body


def coded(order: Order) -> list[CodedLine]:
    """The lines with a Dutch configuration."""
    return [
        CodedLine(
            line.amount_incl_vat, line.vat_amount, line.vat_rate,
            CODES[line.vat_rate], "8000", text=line.description,
        )
        for line in order.lines
    ]  # fmt: skip


def sold(
    incl: str, vat: str, rate: str = "21", code: str = "HOOG_VERK_21"
) -> CodedLine:
    return CodedLine(Decimal(incl), Decimal(vat), Decimal(rate), code, "8000")


def amounts(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(str(row["BedragExclBTW"]), str(row["BedragBTW"])) for row in rows]


def test_an_order_becomes_the_golden_entry() -> None:
    order = samples.order(samples.basket())
    body = order_mapping.order_entry(
        order,
        coded(order),
        invoice_number="ORD.UH.09875",
        debtor_code="10000",
        receivables_account="1300",
        payment_days=30,
        booked_on=date(2023, 3, 1),
        with_invoice_number=True,
    )
    assert plain(body) == golden("order_entry")
    assert mapping.entry_total(body) == order.total_incl_vat


def rule(vat_code: str) -> InvoiceVatRule:
    codes = {"H": "HOOG_VERK_21", "L": "LAAG_VERK_9", "EU": "BI_EU_VERK_D"}
    return InvoiceVatRule(codes[vat_code], "8000")


def invoice(sign: int = 1, **changes: Any) -> InvoiceData:
    totals = tuple(
        VatTotal(code, Decimal(rate), sign * Decimal(excl), sign * Decimal(vat))
        for code, rate, excl, vat in (
            ("H", "21", "1000.00", "210.00"),
            ("L", "9", "50.00", "4.50"),
            ("EU", "0", "300.00", "0.00"),
        )
    )
    values = {
        "number": "2026-0042",
        "issued_on": date(2026, 3, 31),
        "due_on": date(2026, 4, 14),
        "relation": RelationData(False, "Fischer Optiek B.V.", debtor_number="10017"),
        "lines": (),
        "totals": totals,
        "amount_excl_vat": total(row.amount_excl_vat for row in totals),
        "vat_amount": total(row.vat_amount for row in totals),
        **changes,
    }
    return InvoiceData(**values)


def invoice_body(data: InvoiceData, **changes: Any) -> dict[str, Any]:
    given = {"debtor_code": "10017", "receivables_account": "1300", **changes}
    return invoice_mapping.invoice_entry(
        data, invoice_mapping.invoice_lines(data, rule), **given
    )


def test_a_crm_invoice_becomes_the_golden_entry() -> None:
    body = invoice_body(invoice(), voucher="factuur-2026-0042.pdf")
    assert plain(body) == golden("invoice_entry")


def test_a_credit_invoice_is_the_same_kind_with_negative_amounts() -> None:
    body = invoice_body(invoice(-1, credits_number="2026-0040"))
    assert plain(body) == golden("credit_entry")
    assert mapping.entry_total(body) == Decimal("-1564.50")


def test_a_term_is_never_negative() -> None:
    body = invoice_body(invoice(due_on=date(2026, 3, 1)))
    assert body["Betalingstermijn"] == "0"


@given(
    st.lists(
        st.tuples(st.sampled_from("HL"), st.integers(-500_000, 500_000)),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_every_invoice_passes_the_vendors_checks_to_the_cent(
    sums: list[tuple[str, int]],
) -> None:
    """Two codes of the tenant may become one code of the package."""
    totals = tuple(
        VatTotal(code, Decimal(21), amount * CENT, vat_on(amount * CENT, Decimal(21)))
        for code, amount in sums
    )
    data = invoice(totals=totals)
    one = InvoiceVatRule("AFW_VERK", "8000")
    rows = mapping.entry_lines(invoice_mapping.invoice_lines(data, lambda _: one))
    wanted = total(row.amount_excl_vat + row.vat_amount for row in totals)
    assert total(row["BedragInclBTW"] for row in rows) == wanted
    for row in rows:
        assert is_taken(row["BedragExclBTW"], row["BedragBTW"], Decimal(21))


def test_a_new_debtor_is_the_golden_relation() -> None:
    delivery = samples.address(street="Kade 9", city="Utrecht", postal_code="3511AB")
    buyer = samples.address(company="Fischer Optiek B.V.", phone="020-1234567")
    order = samples.order(samples.basket(), billing=buyer, delivery=delivery)
    assert order_mapping.debtor(order, "10000", "NL004495445B01") == golden("debtor")


def test_a_private_debtor_has_no_contact_and_no_second_address() -> None:
    body = order_mapping.debtor(samples.order(samples.basket()), "10000", "")
    assert (body["BP"], body["Bedrijf"], body["Contactpersoon"]) == (
        "P", "Sophie Fischer", "",
    )  # fmt: skip
    assert "Adres2" not in body


def test_each_address_comes_whole_from_one_place() -> None:
    delivery = samples.address(
        street="1 Nathan Road", city="Hong Kong", postal_code="", country="HK"
    )
    nothing = Address()
    order = samples.order(samples.basket(), billing=nothing, delivery=delivery)
    body = order_mapping.debtor(order, "10000", "")
    assert [body[name] for name in ("Adres", "Postcode", "Plaats", "Land")] == [
        "1 Nathan Road", "", "Hong Kong", "HK",
    ]  # fmt: skip
    assert body["Bedrijf"] == delivery.name
    assert "Adres2" not in body
    billing = samples.address(country="")
    order = samples.order(samples.basket(), billing=billing, delivery=delivery)
    body = order_mapping.debtor(order, "10000", "")
    assert (body["Land"], body["Land2"]) == ("", "HK")


def test_a_credit_names_its_sale_under_a_number_of_its_own() -> None:
    credit = samples.order(samples.basket(), number="W1-C1", credits="W1")
    assert order_mapping.entry_text(credit) == "Creditering bestelling W1"
    assert order_mapping.order_invoice_number(credit, "A-") == "A-W1-C1"
    same = replace(credit, number="W1")
    assert order_mapping.order_invoice_number(same, "A-") == "A-CW1"


def test_a_cut_text_keeps_the_order_number() -> None:
    order = samples.order(samples.basket(), number="W" * 45)
    assert order_mapping.entry_text(order) == f"Bestelling {'W' * 45}"
    header = mapping.Header("1", date(2026, 3, 1), "1", "1300", 30, "B " + "9" * 300)
    assert len(mapping.entry(header, [sold("12.10", "2.10")])["Omschrijving"]) == 200


def test_what_is_outside_vat_has_the_code_for_that() -> None:
    rule = VatRule(SaleKind.COUNTRY, "NL", Decimal(0), "", "2100")
    line = order_mapping.coded(samples.line("Bon", "50.00", "0.00", "0"), rule)
    [row] = mapping.entry_lines([line])
    assert (row["BTWCode"], row["TegenrekeningCode"]) == ("GEEN", "2100")
    assert row["Omschrijving"] == "1 x Bon"


# --- lines that satisfy CMUT010 and CMUT010.1 (see test_rounding) --------------------


def test_a_vat_code_is_one_line_where_that_fits() -> None:
    rows = mapping.entry_lines([sold("60.50", "10.50"), sold("60.50", "10.50")])
    assert amounts(rows) == [("100.00", "21.00")]


def test_accounts_and_rates_stay_apart() -> None:
    other = CodedLine(
        Decimal("12.10"), Decimal("2.10"), Decimal(21), "HOOG_VERK_21", "8010"
    )
    rows = mapping.entry_lines([sold("12.10", "2.10"), other])
    assert [row["TegenrekeningCode"] for row in rows] == ["8000", "8010"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("121.00", "21.06"), "eboekhouden_vat_wrong"),
        (("10.00", "0.00"), "eboekhouden_vat_wrong"),
        (("10.00", "1.74", "0", "GEEN"), "eboekhouden_vat_wrong"),
        (("0.05", "0.02"), "eboekhouden_vat_not_split"),
    ],
)
def test_vat_that_is_not_its_rates_is_refused_with_both_amounts(
    line: tuple[str, ...], code: str
) -> None:
    with pytest.raises(AskUser) as caught:
        mapping.entry_lines([sold(*line)])
    assert (caught.value.code, caught.value.params["vat"]) == (code, line[1])
    assert caught.value.params["amount"] == line[0]


def test_one_wrong_line_does_not_hide_among_right_ones() -> None:
    right = [sold("121.00", "21.00")] * 20
    with pytest.raises(AskUser):
        mapping.entry_lines([*right, sold("10.00", "1.64")])


def test_over_a_hundred_codes_ask_the_user() -> None:
    lines = [
        CodedLine(Decimal("1.21"), Decimal("0.21"), Decimal(21), "AFW_VERK", str(n))
        for n in range(101)
    ]
    with pytest.raises(AskUser) as caught:
        mapping.entry_lines(lines)
    assert caught.value.code == "eboekhouden_too_many_lines"


def test_a_number_is_never_cut() -> None:
    order = samples.order(samples.basket(), number="X" * 45)
    assert order_mapping.order_invoice_number(order, "A-").startswith("A-X")
    with pytest.raises(AskUser) as caught:
        order_mapping.order_invoice_number(order, "WINKEL-")
    assert caught.value.code == "eboekhouden_number_too_long"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"Code": "1" * 16}, ""),
        ({"Site": "https://" + "x" * 80}, "Site"),
        ({"Email": "x" * 150 + "@example.com"}, "Email"),
    ],
)
def test_what_says_something_else_when_cut_is_told(
    body: dict[str, str], field: str
) -> None:
    for check in (mapping.limited, mapping.check_lengths):
        with pytest.raises(AskUser) as caught:
            check(body)
        code = "text_too_long" if field else "code_too_long"
        assert caught.value.code == f"eboekhouden_{code}"
        assert caught.value.params.get("field", "") == field


def test_our_own_name_is_told_a_buyers_is_cut() -> None:
    with pytest.raises(AskUser) as caught:
        mapping.check_lengths({"Bedrijf": "x" * 130})
    assert caught.value.params == {"field": "Bedrijf", "length": "130", "most": "100"}
    assert len(mapping.limited({"Bedrijf": "x" * 130})["Bedrijf"]) == 100


def test_texts_are_cut_at_a_word() -> None:
    body = mapping.limited({"Bedrijf": "woord " * 30, "Plaats": "x" * 60})
    assert (len(body["Bedrijf"]), body["Plaats"]) == (95, "x" * 50)
