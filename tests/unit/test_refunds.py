"""What a refund takes back of a sale, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import total, vat_in
from core.domain.orders import (
    LineKind,
    Order,
    OrderLine,
    Payment,
    Purse,
    Refund,
    RefundKind,
)
from core.rules.refunds import (
    RefundCase,
    credit_order,
    divide,
    judge,
    what_is_left,
)

SOLD = datetime(2025, 12, 30, 10, tzinfo=UTC)
BACK = datetime(2026, 1, 5, 10, tzinfo=UTC)


def line(
    incl: str, rate: str = "21", kind: LineKind = LineKind.GOODS, pieces: int = 1
) -> OrderLine:
    amount, percent = Decimal(incl), Decimal(rate)
    vat = vat_in(amount, percent)
    return OrderLine(kind, f"{kind} {incl}", Decimal(pieces), amount, vat, percent)


def sale(*lines: OrderLine, **values: object) -> Order:
    order = Order(
        source_id="7",
        number="W7",
        ordered_at=SOLD,
        updated_at=SOLD,
        currency="EUR",
        total_incl_vat=total(each.amount_incl_vat for each in lines),
        vat_amount=total(each.vat_amount for each in lines),
        lines=lines,
        payment_method="iDEAL",
    )
    return replace(order, **values)  # type: ignore[arg-type]


def refund(amount: str, kind: RefundKind = RefundKind.UNKNOWN, **values: object):
    return Refund("r1", Decimal(amount), BACK, kind, **values)  # type: ignore[arg-type]


ONE_RATE = sale(line("36.30", pieces=3), line("4.95", kind=LineKind.SHIPPING))
TWO_RATES = sale(
    line("24.20", pieces=2), line("6.54", "9"), line("4.95", kind=LineKind.SHIPPING)
)
REVERSED = sale(line("100.00", "0"), reverse_charged=True)


@pytest.mark.parametrize(
    ("of", "back", "case", "is_certain"),
    [
        (ONE_RATE, refund("41.25"), RefundCase.IN_FULL, True),
        (TWO_RATES, refund("35.69"), RefundCase.IN_FULL, True),
        (REVERSED, refund("100.00"), RefundCase.IN_FULL, True),
        (TWO_RATES, refund("6.54", lines=(line("6.54", "9"),)), RefundCase.LINES, True),
        (ONE_RATE, refund("36.30"), RefundCase.LINES, True),
        (TWO_RATES, refund("6.54"), RefundCase.LINES, False),
        (ONE_RATE, refund("12.10"), RefundCase.QUANTITY, True),
        (ONE_RATE, refund("4.95"), RefundCase.SHIPPING, True),
        (ONE_RATE, refund("5.00"), RefundCase.AMOUNT, False),
        (ONE_RATE, refund("5.00", RefundKind.PRICE_CUT), RefundCase.AMOUNT, True),
        (TWO_RATES, refund("5.00", RefundKind.PRICE_CUT), RefundCase.AMOUNT, False),
        (REVERSED, refund("5.00", RefundKind.RETURNED), RefundCase.AMOUNT, True),
        (ONE_RATE, refund("5.00", RefundKind.COMPENSATION), RefundCase.COMPENSATION,
         False),
        (ONE_RATE, refund("41.25", RefundKind.CHARGEBACK), RefundCase.CHARGEBACK, True),
        (ONE_RATE, refund("-41.25", RefundKind.CHARGEBACK_REVERSED),
         RefundCase.CHARGEBACK_REVERSED, True),
        (ONE_RATE, refund("-3.00"), RefundCase.MONEY_IN, False),
        (ONE_RATE, refund("41.26"), RefundCase.TOO_MUCH, False),
    ],
)  # fmt: skip
def test_a_refund_is_what_its_amount_lines_and_kind_say(
    of: Order, back: Refund, case: RefundCase, is_certain: bool
) -> None:
    found = judge(of, back)
    assert (found.case, found.is_certain) == (case, is_certain)
    if found.lines:
        assert total(each.amount_incl_vat for each in found.lines) == -back.amount


def test_only_an_unexplained_amount_asks_why() -> None:
    assert judge(ONE_RATE, refund("5.00")).asks_why
    assert not judge(ONE_RATE, refund("5.00", RefundKind.PRICE_CUT)).asks_why
    assert not judge(ONE_RATE, refund("12.10")).asks_why


def test_shipping_of_two_rates_is_taken_back_as_it_was_split() -> None:
    kind = LineKind.SHIPPING
    shipping = (line("2.18", "9", kind), line("2.42", "21", kind))
    found = judge(sale(line("12.10"), line("10.90", "9"), *shipping), refund("4.60"))
    assert found.case == RefundCase.SHIPPING
    assert {each.vat_rate: each.amount_incl_vat for each in found.lines} == {
        9: Decimal("-2.18"), 21: Decimal("-2.42"),
    }  # fmt: skip


def test_lines_that_do_not_add_up_are_an_assumption() -> None:
    found = judge(TWO_RATES, refund("5.00", lines=(line("6.54", "9"),)))
    assert (found.case, found.is_certain) == (RefundCase.AMOUNT, False)


def test_lines_never_take_more_than_their_rate_has_left() -> None:
    earlier = judge(TWO_RATES, refund("6.54", lines=(line("6.54", "9"),))).lines
    again = judge(TWO_RATES, refund("6.54", lines=(line("6.54", "9"),)), earlier)
    assert not again.is_certain
    assert {each.vat_rate for each in again.lines} == {Decimal(21)}


def test_gift_cards_deposits_and_tips_keep_their_own_part() -> None:
    of = sale(line("50.00", "0", LineKind.GIFT_CARD), line("2.00", "0", LineKind.TIP))
    found = judge(of, refund("26.00", RefundKind.PRICE_CUT))
    assert {each.kind: each.amount_incl_vat for each in found.lines} == {
        LineKind.GIFT_CARD: Decimal("-25.00"),
        LineKind.TIP: Decimal("-1.00"),
    }
    assert found.is_divided


def test_a_part_of_a_surcharge_without_vat_keeps_its_name() -> None:
    deposit = replace(line("0.50", "0", LineKind.FEE), description="Statiegeld")
    found = judge(sale(line("12.10"), deposit), refund("6.30", RefundKind.PRICE_CUT))
    assert {each.description: each.amount_incl_vat for each in found.lines} == {
        "Creditering": Decimal("-6.05"),
        "Statiegeld": Decimal("-0.25"),
    }


@pytest.mark.parametrize(
    ("kind", "rate"),
    [(LineKind.GOODS, "0"), (LineKind.FEE, "0"), (LineKind.FEE, "21")],
)
def test_what_the_user_named_a_deposit_or_tip_keeps_its_own_part(
    kind: LineKind, rate: str
) -> None:
    named = replace(line("0.50", rate, kind), description=" Statiegeld")
    of, said = sale(line("12.10"), line("10.00", "0"), named), ("statiegeld",)
    part = judge(of, refund("11.30", RefundKind.PRICE_CUT), (), said).lines
    rest = judge(of, refund("11.30"), part, said).lines
    for some in (part, rest):
        assert [
            (each.kind, each.vat_rate, each.amount_incl_vat)
            for each in some
            if each.description == " Statiegeld"
        ] == [(kind, Decimal(rate), Decimal("-0.25"))]
    assert what_is_left(of, (*part, *rest), said) == {}


def test_the_few_cents_that_stay_have_the_vat_of_their_rate() -> None:
    """Not each package takes 0.05 and 0.01 of VAT at 9 %; a large line hides it."""
    of = sale(replace(line("100.00", "9"), vat_amount=Decimal("8.27")))
    part = judge(of, refund("99.94", RefundKind.PRICE_CUT)).lines
    [rest] = judge(of, refund("0.06"), part).lines
    assert (rest.amount_incl_vat, rest.vat_amount) == (Decimal("-0.06"), 0)


def test_money_goes_back_by_each_method_no_more_than_came_by_it() -> None:
    of = sale(
        line("100.00"),
        payment_method="iDEAL",
        payments=(
            Payment(Purse.GIFT_CARD, Decimal("40.00"), SOLD),
            Payment("iDEAL", Decimal("35.00"), SOLD),
            Payment("iDEAL", Decimal("25.00"), SOLD),
        ),
    )
    gone: list[Payment] = []
    told = []
    for amount in ("50.00", "30.00", "20.00", "5.00"):
        made = credit_order(of, refund(amount), "W7-R1", (), gone).payments
        told.append([(each.method, str(each.amount)) for each in made])
        gone += made
    assert told == [
        [("iDEAL", "-35.00"), ("iDEAL", "-15.00")],
        [("iDEAL", "-10.00"), (Purse.GIFT_CARD, "-20.00")],
        [(Purse.GIFT_CARD, "-20.00")],
        [("iDEAL", "-5.00")],  # more than was paid: as the order was
    ]


def test_a_reversed_chargeback_can_be_refunded() -> None:
    of = sale(line("10.00"), payments=(Payment("iDEAL", Decimal("10.00"), SOLD),))
    back = refund("10.00")
    taken = credit_order(of, replace(back, kind=RefundKind.CHARGEBACK), "W7-R1", ())
    again = credit_order(
        of, replace(back, kind=RefundKind.CHARGEBACK_REVERSED), "W7-R2", ()
    )
    before = (*taken.payments, *again.payments)
    [paid] = credit_order(of, back, "W7-R3", of.lines, before).payments
    assert (paid.method, paid.amount) == ("iDEAL", Decimal("-10.00"))


def test_a_credit_is_dated_on_the_refund_and_taxed_as_the_sale() -> None:
    of = sale(
        line("121.00"),
        payments=(
            Payment(Purse.GIFT_CARD, Decimal("21.00"), SOLD),
            Payment("iDEAL", Decimal("100.00"), SOLD),
        ),
    )
    back = refund("121.00")
    credit = credit_order(of, back, "W7-R1", judge(of, back).lines)
    assert (credit.ordered_at, credit.taxed_at, credit.credits) == (BACK, SOLD, "W7")
    assert (credit.total_incl_vat, credit.vat_amount) == (
        Decimal("-121.00"), Decimal("-21.00"),
    )  # fmt: skip
    assert [(each.method, each.amount) for each in credit.payments] == [
        ("iDEAL", Decimal("-100.00")), (Purse.GIFT_CARD, Decimal("-21.00")),
    ]  # fmt: skip


def test_a_chargeback_takes_back_the_payment_and_no_turnover() -> None:
    of = sale(line("121.00"), payments=(Payment("iDEAL", Decimal("121.00"), SOLD),))
    for kind, amount in ((RefundKind.CHARGEBACK, "-121.00"),
                         (RefundKind.CHARGEBACK_REVERSED, "121.00")):  # fmt: skip
        credit = credit_order(of, refund(amount.strip("-"), kind), "W7-R1", ())
        assert (credit.lines, credit.total_incl_vat) == ((), 0)
        assert [each.amount for each in credit.payments] == [Decimal(amount)]


AMOUNTS = st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.integers(0, 100))
def test_a_division_adds_up_and_takes_no_more_than_there_is(
    over: list[Decimal], percent: int
) -> None:
    amount = (total(over) * percent / 100).quantize(Decimal("0.01"), "ROUND_DOWN")
    parts = divide(amount, over)
    assert total(parts) == amount
    assert all(0 <= part <= whole for part, whole in zip(parts, over, strict=True))


LINES = st.lists(
    st.builds(
        line,
        st.integers(1, 20_000).map(lambda cents: str(Decimal(cents) / 100)),
        st.sampled_from(["0", "9", "21"]),
        st.sampled_from([LineKind.GOODS, LineKind.SHIPPING, LineKind.DEPOSIT]),
    ),
    min_size=1,
    max_size=5,
)


@given(LINES, st.lists(st.integers(1, 100), min_size=1, max_size=4))
def test_refunds_one_after_another_never_take_more_than_the_sale(
    lines: list[OrderLine], percents: list[int]
) -> None:
    of = sale(*lines)
    credited: tuple[OrderLine, ...] = ()
    for percent in (*percents, 100):
        left = total(each.incl_vat for each in what_is_left(of, credited).values())
        amount = (left * percent / 100).quantize(Decimal("0.01"), "ROUND_UP")
        if not left:
            break
        found = judge(of, refund(str(amount), RefundKind.PRICE_CUT), credited)
        assert total(each.amount_incl_vat for each in found.lines) == -amount
        credited += found.lines
        for each in what_is_left(of, credited).values():
            assert 0 <= each.vat <= each.incl_vat
    assert what_is_left(of, credited) == {}
