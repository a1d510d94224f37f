"""The pure rules of lines: shares of several rates, discounts inside, VAT that fits."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import AskUser
from core.domain.money import CENT, ZERO, total, vat_in, vat_on
from core.domain.orders import LineKind, Order, OrderLine
from core.rules.line_discounts import inside_lines
from core.rules.moments import CLOCK_TOLERANCE, is_future, no_later
from core.rules.vat_fit import check_vat, fits, is_rounding
from core.rules.vat_shares import Tax, split

D = Decimal
NOW = datetime(2026, 11, 28, tzinfo=UTC)
RATES = (D("5.5"), D(9), D(21))
CENTS = st.decimals(D("0.01"), 500, places=2)


def line(
    amount: str, rate: str = "21", kind: LineKind = LineKind.GOODS, vat: str = ""
) -> OrderLine:
    gross = D(amount)
    due = D(vat) if vat else vat_in(gross, D(rate))
    return OrderLine(kind, "x", D(1), gross, due, D(rate))


@given(st.dictionaries(st.sampled_from(RATES), CENTS, min_size=1))
def test_shares_add_up_and_fit_their_rates(nets: dict[Decimal, Decimal]) -> None:
    taxes = [Tax(rate, vat_on(net, rate)) for rate, net in nets.items()]
    net, vat = total(nets.values()), total(tax.vat for tax in taxes)
    for division in ({}, nets):
        shares = split(net, taxes, nets=division)
        assert total(share.amount_incl_vat for share in shares) == net + vat
        assert total(share.vat for share in shares) == vat
        assert all(fits(s.amount_incl_vat, s.vat, s.rate) for s in shares)
        assert {s.rate for s in shares if s.vat} == {t.rate for t in taxes if t.vat}


LINES = st.builds(
    lambda cents, rate, kind: line(str(cents), str(rate), kind),
    st.decimals(-100, 500, places=2),
    st.sampled_from((ZERO, *RATES)),
    st.sampled_from(LineKind),
)


@given(st.lists(LINES, min_size=1, max_size=8))
def test_discounts_inside_change_no_total_and_turn_no_line(
    lines: list[OrderLine],
) -> None:
    made = inside_lines(lines)
    for rate in {each.vat_rate for each in lines}:
        before = [each for each in lines if each.vat_rate == rate]
        after = [each for each in made if each.vat_rate == rate]
        for name in ("amount_incl_vat", "vat_amount"):
            assert total(getattr(o, name) for o in before) == total(
                getattr(o, name) for o in after
            )
    assert {o.amount_incl_vat < 0 for o in made} <= {
        o.amount_incl_vat < 0 for o in lines
    }
    assert inside_lines(made) == made


def test_each_rate_takes_its_own_discount() -> None:
    made = inside_lines([line("10.90", "9"), line("12.10"), line("-1.21")])
    assert [each.amount_incl_vat for each in made] == [D("10.90"), D("10.89")]
    assert [each.vat_amount for each in made] == [D("0.90"), D("1.89")]


@pytest.mark.parametrize(
    "lines",
    [
        [line("12.10"), line("-1.09", "9")],
        [line("5.00", "9"), line("12.10"), line("-6.00", "9")],
        [line("12.10", "0"), line("-0.25", "0", LineKind.DEPOSIT)],
        [line("-12.10"), line("-1.21")],
    ],
    ids=["no such rate", "more than there is", "deposit back", "all negative"],
)
def test_what_no_line_can_take_stays_for_the_user(lines: list[OrderLine]) -> None:
    assert inside_lines(lines) == tuple(lines)


def test_in_a_negative_order_the_positive_goes_inside() -> None:
    made = inside_lines([line("-12.10"), line("1.21")])
    assert [(each.amount_incl_vat, each.vat_amount) for each in made] == [
        (D("-10.89"), D("-1.89"))
    ]


@pytest.mark.parametrize(
    ("amount", "vat", "rate", "quantity", "fine"),
    [
        ("12.10", "2.10", "21", "1", True),
        ("12.10", "2.11", "21", "1", True),
        ("12.10", "2.12", "21", "1", False),
        ("19.80", "3.40", "21", "20", True),
        ("19.80", "3.50", "21", "2000", False),
        ("-12.10", "-2.10", "21", "1", True),
        ("12.10", "-2.10", "21", "1", False),
        ("0.02", "-0.01", "21", "1", False),
        ("10.00", "0", "21", "1", False),
        ("10.00", "0.01", "0", "1", False),
        ("0", "0", "21", "1", True),
        ("200.00", "100.50", "101", "1", False),
    ],
)
def test_vat_fits_its_rate_but_for_rounding(
    amount: str, vat: str, rate: str, quantity: str, fine: bool
) -> None:
    sold = OrderLine(LineKind.GOODS, "x", D(quantity), D(amount), D(vat), D(rate))
    order = Order("1", "1", NOW, NOW, "EUR", D(amount), D(vat), (sold,))
    if fine:
        check_vat(order)
        return
    with pytest.raises(AskUser, match="vat_off_rate"):
        check_vat(order)


@given(
    st.integers(1, 50_000),
    st.integers(1, 40),
    st.sampled_from(["0", "5.5", "9", "21", "27"]),
    st.sampled_from([1, -1]),
)
def test_vat_rounded_per_piece_or_per_line_is_rounding(
    price: int, count: int, rate: str, sign: int
) -> None:
    one, incl = sign * price * CENT, sign * price * count * CENT
    for vat in (vat_in(incl, D(rate)), vat_in(one, D(rate)) * count):
        assert is_rounding(incl, vat, D(rate), D(count))


@pytest.mark.parametrize(
    ("incl", "vat", "rate", "pieces", "fits"),
    [
        ("121.00", "21.05", "21", 1, True),
        ("121.00", "21.06", "21", 1, False),
        ("121.00", "0.00", "21", 1, False),
        ("19.80", "3.40", "21", 20, True),
        ("10.00", "1.74", "0", 1, False),
        ("-10.00", "-1.74", "21", 1, True),
        ("-10.00", "1.74", "21", 1, False),
        ("5000.00", "868.00", "21", 100, True),
        ("5000.00", "870.00", "21", 100, False),
        ("0.20", "0.00", "21", 1, False),
        ("0.02", "0.00", "21", 1, True),
        ("0.04", "0.00", "21", 4, True),
        ("121.00", "21.52", "21", 100, True),
    ],
)
def test_vat_of_another_rate_is_no_rounding(
    incl: str, vat: str, rate: str, pieces: int, fits: bool
) -> None:
    said = is_rounding(Decimal(incl), Decimal(vat), Decimal(rate), Decimal(pieces))
    assert said is fits


def test_a_moment_is_held_against_our_clock() -> None:
    assert not is_future(NOW + CLOCK_TOLERANCE, NOW)
    assert is_future(NOW + CLOCK_TOLERANCE + timedelta(seconds=1), NOW)
    assert no_later(NOW + timedelta(days=9), NOW) == NOW
    assert no_later(NOW - CLOCK_TOLERANCE, NOW) == NOW - CLOCK_TOLERANCE


def test_a_discount_without_vat_lowers_no_deposit_of_a_taxed_order() -> None:
    lines = (line("12.10"), line("1.50", "0"), line("-1.00", "0", LineKind.FEE))
    assert inside_lines(lines) == lines
    without = inside_lines((line("12.10", "0"), line("-1.00", "0", LineKind.FEE)))
    assert [each.amount_incl_vat for each in without] == [D("11.10")]


def test_costs_are_divided_as_the_shop_says_before_they_count_as_rounded() -> None:
    """0.69 of costs, 0.14 of it with untaxed goods: 0.12 is 21 % of the rest."""
    shop_says = {ZERO: D("0.14"), D(21): D("0.55")}
    for pieces in (1, 2, 5):
        shares = split(D("0.69"), [Tax(D(21), D("0.12"))], D(pieces), shop_says)
        found = {share.rate: share.amount_incl_vat for share in shares}
        assert found == {ZERO: D("0.14"), D(21): D("0.67")}


def test_a_cent_of_the_costs_with_untaxed_goods_is_no_sale_without_vat() -> None:
    """12.63 of shipping, of which 0.01 goes with a deposit of 1.00."""
    says = {ZERO: D("0.01"), D(9): D("1.05"), D(21): D("9.49")}
    taxes = [Tax(D(9), D("0.09")), Tax(D(21), D("1.99"))]
    shares = split(D("10.55"), taxes, D(4), says)
    assert {share.rate: share.amount_incl_vat for share in shares} == {
        D(9): D("1.14"), D(21): D("11.49"),
    }  # fmt: skip


def test_costs_may_be_rounded_once_for_each_line_of_goods() -> None:
    """21 % in 12.10 is 2.10; rounded down for each of three lines it is 2.08."""
    costs = line("12.10", kind=LineKind.SHIPPING, vat="2.08")
    goods = line("10.00")
    check_vat(_order(goods, goods, goods, costs))
    with pytest.raises(AskUser):
        check_vat(_order(goods, costs))


def _order(*lines: OrderLine) -> Order:
    incl, vat = (
        total(li.amount_incl_vat for li in lines), total(li.vat_amount for li in lines)
    )  # fmt: skip
    return Order("1", "1", NOW, NOW, "EUR", incl, vat, lines)
