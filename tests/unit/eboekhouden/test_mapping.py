"""Entries and debtors, field by field, held against golden files."""

from collections.abc import Sequence
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
from core.domain.money import CENT, total, vat_in, vat_on
from core.domain.orders import Order
from core.domain.relations import RelationData
from plugins.eboekhouden import mapping
from plugins.eboekhouden.invoices import mapping as invoice_mapping
from plugins.eboekhouden.mapping import CodedLine
from plugins.eboekhouden.orders import mapping as order_mapping
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
            CODES[line.vat_rate], "8000",
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
        assert mapping.fits(row["BedragExclBTW"], row["BedragBTW"], Decimal(21))


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


# --- lines that satisfy CMUT010 and CMUT010.1 ----------------------------------------


def test_a_vat_code_is_one_line_where_that_fits() -> None:
    rows = mapping.entry_lines([sold("60.50", "10.50"), sold("60.50", "10.50")])
    assert amounts(rows) == [("100.00", "21.00")]


def test_accounts_and_rates_stay_apart() -> None:
    other = CodedLine(
        Decimal("12.10"), Decimal("2.10"), Decimal(21), "HOOG_VERK_21", "8010"
    )
    rows = mapping.entry_lines([sold("12.10", "2.10"), other])
    assert [row["TegenrekeningCode"] for row in rows] == ["8000", "8010"]


def test_ten_euros_keep_their_vat_with_a_small_second_line() -> None:
    rows = mapping.entry_lines([sold("10.00", "1.74")])
    assert amounts(rows) == [("8.23", "1.73"), ("0.03", "0.01")]
    credit = mapping.entry_lines([sold("-10.00", "-1.74")])
    assert amounts(credit) == [("-8.23", "-1.73"), ("-0.03", "-0.01")]


def test_the_sold_lines_keep_the_vat_where_their_sum_does_not_fit() -> None:
    lines = [sold("0.04", "0.01")] * 20
    assert amounts(mapping.entry_lines(lines)) == [("0.03", "0.01")] * 20


def test_vat_follows_from_the_total_where_the_shop_rounds_otherwise() -> None:
    [row] = mapping.entry_lines([sold("121.00", "21.05")])
    assert amounts([row]) == [("100.00", "21.00")]


def test_an_amount_that_no_line_reaches_gets_its_last_cent_apart() -> None:
    pairs = mapping.reached(Decimal("0.03"), Decimal(21))
    assert pairs == [(Decimal("0.02"), Decimal(0)), (Decimal("0.01"), Decimal(0))]


RATES = st.sampled_from([Decimal(r) for r in ("0", "5.5", "6", "9", "19", "21", "27")])


@given(st.integers(-2_000_000, 2_000_000), RATES)
def test_every_amount_can_be_reached_exactly(cents: int, rate: Decimal) -> None:
    amount = cents * CENT
    pairs = mapping.reached(amount, rate)
    assert total(excl + vat for excl, vat in pairs) == amount
    assert all(mapping.fits(excl, vat, rate) for excl, vat in pairs)
    assert len(pairs) <= 2
    assert abs(total(vat for _, vat in pairs) - vat_in(amount, rate)) <= CENT


@given(
    st.lists(st.tuples(st.integers(1, 50_000), st.integers(-2, 2)), min_size=1), RATES
)
def test_every_entry_passes_the_vendors_checks(
    sales: list[tuple[int, int]], rate: Decimal
) -> None:
    lines = []
    for cents, off in sales:
        amount = cents * CENT
        vat = vat_in(amount, rate) + off * CENT if rate else Decimal(0)
        lines.append(CodedLine(amount, vat, rate, "AFW_VERK", "8000"))
    rows = mapping.entry_lines(lines)
    assert total(row["BedragInclBTW"] for row in rows) == total(
        line.amount_incl_vat for line in lines
    )
    assert len(rows) <= 100
    for row in rows:
        assert row["BedragExclBTW"] + row["BedragBTW"] == row["BedragInclBTW"]
        assert mapping.fits(row["BedragExclBTW"], row["BedragBTW"], rate)


def test_over_a_hundred_lines_are_recalculated_into_fewer() -> None:
    assert len(mapping.entry_lines([sold("0.04", "0.01")] * 150)) <= 2


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
    with pytest.raises(AskUser) as caught:
        mapping.limited({"Code": "1" * 16})
    assert caught.value.code == "eboekhouden_code_too_long"


def test_texts_are_cut_at_a_word() -> None:
    body = mapping.limited({"Bedrijf": "woord " * 30, "Plaats": "x" * 60})
    assert (len(body["Bedrijf"]), body["Plaats"]) == (95, "x" * 50)
