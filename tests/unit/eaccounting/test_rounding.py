"""Where the cents go: what goes over agrees with the shop wherever there is a way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import ZERO, total, vat_in
from core.domain.orders import OrderLine
from plugins.eaccounting.orders.rounding import (
    MOST_ROUNDING,
    TOLERANCE,
    DocumentPlan,
    entry_difference,
    plan_document,
    plan_entry,
    vat_of,
    vat_of_entry,
)
from tests.unit.eaccounting.samples import line, ruled

RATES = st.sampled_from([Decimal(21), Decimal(9), Decimal(0)])


@st.composite
def lines(draw: st.DrawFn, sign: int = 1) -> OrderLine:
    """A line as a shop rounds it: VAT per piece, or a cent off by a spread discount."""
    quantity = draw(st.integers(1, 40))
    price = Decimal(draw(st.integers(1, 50_000))) / 100
    rate = draw(RATES)
    vat = vat_in(price, rate) * quantity
    if draw(st.booleans()):
        vat = vat_in(price * quantity, rate)
    return line(
        "Artikel",
        str(sign * price * quantity),
        str(sign * vat),
        str(rate),
        str(quantity),
    )


BASKETS = st.lists(lines(), min_size=1, max_size=12)


@given(BASKETS, st.sampled_from([1, -1]))
def test_an_entry_is_within_the_vendor_s_tolerance_and_costs_the_same(
    some: list[OrderLine], sign: int
) -> None:
    given_lines = ruled(
        [
            line(
                "A", str(sign * item.amount_incl_vat), str(sign * item.vat_amount),
                str(item.vat_rate), str(item.quantity),
            )
            for item in some
        ]
    )  # fmt: skip
    planned = plan_entry(given_lines)
    if planned is None:
        # Nothing but single cents, which have no net and VAT to move between.
        assert max(abs(item.line.vat_amount) for item in given_lines) < Decimal("0.05")
        return
    charged = total(item.line.vat_amount for item in planned)
    assert all(abs(charged - vat) <= TOLERANCE for vat in vat_of_entry(planned))
    for before, after in zip(given_lines, planned, strict=True):
        assert before.line.amount_incl_vat == after.line.amount_incl_vat
    if abs(entry_difference(given_lines)) <= TOLERANCE:
        assert list(planned) == given_lines


def test_thirty_small_lines_are_booked_with_two_cents_moved() -> None:
    given_lines = ruled([line(f"Bout {n}", "0.99", "0.17") for n in range(30)])
    planned = plan_entry(given_lines)
    assert planned is not None
    assert total(item.line.vat_amount for item in planned) == Decimal("5.12")


@pytest.mark.parametrize(("vat", "moved"), [("118.85", "0"), ("118.84", "0.01")])
def test_the_edge_of_the_tolerance_is_the_vendor_s(vat: str, moved: str) -> None:
    """118.90 by the rows: 118.85 is allowed as it is, a cent further is moved."""
    incl = Decimal("566.19") + Decimal(vat)
    [item] = ruled([line("Groot", str(incl), vat)])
    planned = plan_entry([item])
    assert planned is not None
    assert planned[0].line.vat_amount - Decimal(vat) == Decimal(moved)


def comes_to(plan: DocumentPlan) -> tuple[Decimal, Decimal]:
    """Total and VAT as the vendor works them out from the rows, and nothing else."""
    amounts: dict[Decimal, Decimal] = {}
    for row in plan.rows:
        rate = row.item.line.vat_rate
        amounts[rate] = amounts.get(rate, ZERO) + row.amount
    vat = total(vat_of(a, r, incl_vat=plan.incl_vat) for r, a in amounts.items())
    given_total = total(amounts.values()) + (ZERO if plan.incl_vat else vat)
    return given_total + plan.rounding, vat


@given(BASKETS, st.booleans(), st.booleans())
def test_a_document_comes_to_the_shop_s_total_and_keeps_its_pieces(
    some: list[OrderLine], incl_vat: bool, can_round: bool
) -> None:
    plan = plan_document(ruled(some), incl_vat=incl_vat, can_round=can_round)
    assert comes_to(plan) == (plan.total, plan.vat)
    assert ZERO <= plan.rounding <= MOST_ROUNDING
    amount, vat = (
        total(item.amount_incl_vat for item in some),
        total(item.vat_amount for item in some),
    )
    assert total(row.quantity for row in plan.rows) == total(i.quantity for i in some)
    for row in plan.rows:
        assert row.unit_price == round(row.unit_price, 2) >= 0
        assert 0 <= row.discount <= 1
        assert row.discount == round(row.discount, 4)
    if incl_vat or (can_round and abs(plan.vat - vat) <= Decimal("0.02")):
        assert plan.total == amount


@pytest.mark.parametrize(
    ("item", "incl_vat", "vat"),
    [
        (line("Mok", "10.00", "1.74"), False, "1.73"),
        (line("Theepot", "244.65", "42.46", quantity="7"), False, "42.46"),
        (line("Bout", "19.80", "3.44", quantity="20"), True, "3.44"),
        (line("Bout", "34.95", "6.06"), True, "6.06"),
        (line("Bout", "19.80", "3.39", quantity="20"), True, "3.39"),
    ],
)
def test_a_business_draft_is_not_a_cent_off(
    item: OrderLine, incl_vat: bool, vat: str
) -> None:
    plan = plan_document(ruled([item]), incl_vat=incl_vat)
    assert (plan.total, plan.vat) == (item.amount_incl_vat, Decimal(vat))
    assert total(row.quantity for row in plan.rows) == item.quantity
