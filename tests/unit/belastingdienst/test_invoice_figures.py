"""From our own invoices to rubrics: every line lands once, or is doubted."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.declarations import Box, Customer, IcpKind, Rubric, TaxPeriod
from core.domain.money import total
from plugins.belastingdienst.sales.invoice_figures import (
    EXEMPT,
    Sale,
    SoldUnderCode,
    compute,
    together,
)
from tests.figure_sums import Sums

Q3 = TaxPeriod.quarter(2026, 3)
DE = Customer("DE", "136695976")


def sold(kind: str, amount: str, rate: str = "0", *, country: str = "NL",
         code: str = "") -> SoldUnderCode:  # fmt: skip
    return SoldUnderCode(code or kind, kind, country, Decimal(rate), Decimal(amount))


def sale(*lines: SoldUnderCode, number: str = "F1", on: date = date(2026, 8, 1),
         customer: Customer | None = DE, vat: str | None = None) -> Sale:  # fmt: skip
    stated = total(line.vat for line in lines) if vat is None else Decimal(vat)
    return Sale(number, number, on, "Klant", customer, stated, lines)


@pytest.mark.parametrize(
    ("kind", "rate", "rubric", "vat", "icp"),
    [
        ("standard", "21", "1a", "21.01", None),
        ("reduced", "9", "1b", "9.00", None),
        ("zero", "0", "1e", "0", None),
        ("reverse_charged", "0", "1e", "0", None),
        ("export", "0", "3a", "0", None),
        ("intra_community", "0", "3b", "0", IcpKind.GOODS),
        ("intra_services", "0", "3b", "0", IcpKind.SERVICES),
    ],
)
def test_the_kind_of_the_code_decides(
    kind: str, rate: str, rubric: str, vat: str, icp: IcpKind | None
) -> None:
    (entry,) = compute(Q3, [sale(sold(kind, "100.05", rate))]).entries
    assert entry.rubric == rubric
    assert entry.box == Box(Decimal("100.05"), Decimal(vat))
    assert (entry.icp_kind, entry.customer) == (icp, DE if icp else None)


def test_exempt_sales_stand_nowhere() -> None:
    found = compute(Q3, [sale(sold("exempt", "100"))])
    assert (found.entries, found.doubts) == ((), ())


def test_a_credit_invoice_takes_off() -> None:
    found = compute(Q3, [
        sale(sold("standard", "100", "21")),
        sale(sold("standard", "-40", "21"), number="F2"),
    ])  # fmt: skip
    assert Sums(found).boxes[Rubric.R1A] == Box(Decimal(60), Decimal("12.60"))


def test_only_the_period_counts() -> None:
    days = (date(2026, 6, 30), date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1))
    found = compute(Q3, [
        sale(sold("standard", "1", "21"), number=str(day), on=day) for day in days
    ])  # fmt: skip
    assert [entry.booked_on for entry in found.entries] == list(days[1:3])


@pytest.mark.parametrize(
    ("made", "code", "params"),
    [
        (
            sale(sold("standard", "100", "21", country="BE", code="BE21")),
            "invoice_vat_foreign",
            {"number": "F1", "vat_code": "BE21"},
        ),
        (
            sale(sold("oss", "100", "19")),
            "invoice_vat_kind_unknown",
            {"number": "F1", "vat_code": "oss"},
        ),
        (
            sale(sold("intra_services", "100"), customer=None),
            "invoice_customer_unknown",
            {"number": "F1", "name": "Klant"},
        ),
        (
            sale(sold("standard", "100", "21"), vat="20.99"),
            "invoice_vat_differs",
            {"number": "F1", "stated": "20.99", "computed": "21.00"},
        ),
    ],
)
def test_what_cannot_be_placed_is_doubted(
    made: Sale, code: str, params: dict[str, str]
) -> None:
    (doubt,) = compute(Q3, [made]).doubts
    assert (doubt.code, doubt.entry_id, doubt.params) == (code, "F1", params)


def test_an_icp_sale_to_nobody_known_still_stands_in_3b() -> None:
    found = compute(Q3, [sale(sold("intra_community", "70"), customer=None)])
    assert Sums(found).boxes[Rubric.R3B].turnover == 70
    assert Sums(found).icp.rows == ()


def test_lines_of_one_code_are_rounded_together() -> None:
    lines = [sold("standard", "0.02", "21")] * 3
    (found,) = together(lines)
    assert (found.amount_excl_vat, found.vat) == (Decimal("0.06"), Decimal("0.01"))


amounts = st.decimals(min_value=-10000, max_value=10000, places=2)
kinds = st.sampled_from([("standard", "21"), ("reduced", "9"), ("export", "0"),
                         ("intra_community", "0"), ("exempt", "0")])  # fmt: skip


@given(st.lists(st.tuples(kinds, amounts), max_size=30))
def test_nothing_is_lost_and_nothing_counted_twice(
    lines: list[tuple[tuple[str, str], Decimal]],
) -> None:
    sales = [
        sale(sold(kind, str(amount), rate), number=str(index))
        for index, ((kind, rate), amount) in enumerate(lines)
    ]
    found = compute(Q3, sales)
    counted = [one for one in sales if one.sold[0].kind != EXEMPT]
    boxes = Sums(found).boxes.values()
    assert total(box.turnover for box in boxes) == total(
        one.sold[0].amount_excl_vat for one in counted
    )
    assert total(box.vat for box in boxes) == total(one.vat_amount for one in counted)
    assert found.doubts == ()
