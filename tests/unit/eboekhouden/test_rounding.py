"""The planner: every amount and VAT of a shop as lines that the vendor takes."""

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.money import CENT, total, vat_in, vat_on
from plugins.eboekhouden.rounding import is_taken, plan, planned

RATES = st.sampled_from(
    [Decimal(r) for r in ("5.5", "6", "9", "12", "19", "21", "25.5", "27")]
)
SOLD = st.lists(st.tuples(st.integers(1, 30_000), st.integers(1, 6)), min_size=1,
                max_size=15)  # fmt: skip


@given(SOLD, RATES, st.sampled_from([1, -1]), st.sampled_from(["piece", "line"]))
def test_what_a_shop_rounds_comes_out_to_the_cent(
    sold: list[tuple[int, int]], rate: Decimal, sign: int, rounds: str
) -> None:
    """A shop rounds VAT per piece or per line; both are booked as they were sold."""
    pairs = []
    for cents, count in sold:
        incl = cents * count * CENT
        vat = vat_in(incl, rate)
        if rounds == "piece":
            vat = vat_in(cents * CENT, rate) * count
        pairs.append((sign * (incl - vat), sign * vat))
    lines = planned(pairs, rate)
    assert total(excl for excl, _ in lines) == total(excl for excl, _ in pairs)
    assert total(vat for _, vat in lines) == total(vat for _, vat in pairs)
    assert all(is_taken(excl, vat, rate) for excl, vat in lines)
    assert all(excl * sign > 0 <= vat * sign for excl, vat in lines)
    assert len(lines) <= 40


@given(st.integers(1, 500_000), st.integers(-5, 5), RATES)
@example(16_832, -5, Decimal(27))
def test_five_cents_off_take_fifteen_lines_at_most(
    cents: int, off: int, rate: Decimal
) -> None:
    """Five cents and a half at 27 % are 6.99 cents of VAT amiss; a line mends 0.49."""
    incl = cents * CENT
    vat = vat_in(incl, rate) + off * CENT
    lines = plan(incl - vat, vat, rate)
    if cents > 1_500:  # of a few cents no other VAT can be made
        assert 1 <= len(lines) <= 15
    for excl, own in lines:
        assert vat_on(excl, rate) == own
    assert total(excl + own for excl, own in lines) == (incl if lines else 0)


def test_one_line_where_it_fits_else_a_small_one_beside_it() -> None:
    twenty_one = Decimal(21)
    assert plan(Decimal(100), Decimal(21), twenty_one) == [(Decimal(100), Decimal(21))]
    ten = plan(Decimal("8.26"), Decimal("1.74"), twenty_one)
    assert [(str(a), str(b)) for a, b in ten] == [("8.23", "1.73"), ("0.03", "0.01")]
    back = plan(Decimal("-8.26"), Decimal("-1.74"), twenty_one)
    assert back == [(-a, -b) for a, b in ten]


def test_what_no_lines_give_has_no_plan() -> None:
    assert plan(Decimal("0.03"), Decimal("0.02"), Decimal(21)) == []
    assert plan(Decimal("100.00"), Decimal("31.00"), Decimal(21)) == []
    assert plan(Decimal("100.00"), Decimal("1.00"), Decimal(0)) == []
