"""Cases that are asked: unanswered is not no, and the sums beside the questions."""

from datetime import date
from decimal import Decimal

import pytest

from core.domain.errors import AskUser
from plugins.belastingdienst.law import cases
from plugins.belastingdienst.law.boxes import Box, payable
from plugins.belastingdienst.law.cases import Answer, Margin, Stock, StockRow
from plugins.belastingdienst.law.spans import quarter

D = date.fromisoformat


def answer(
    code: str, turnover: str = "0", vat: str = "0", *, no: bool = False
) -> Answer:
    return Answer(code, not no, Decimal(turnover), Decimal(vat))


def test_unanswered_is_not_no() -> None:
    assert len(cases.open_cases([])) == 4
    left = cases.open_cases([answer("case_margin", no=True)])
    assert [case.box for case in left] == ["1c", "3c", "3b"]
    everything = [answer(case.code, no=True) for case in cases.CASES]
    assert cases.open_cases(everything) == ()
    assert cases.boxes_of(everything) == {}


def test_a_period_by_hand() -> None:
    """A margin of 605, a canteen of 1,000 at 10 %, 250 to Germany, 900 called off."""
    made = cases.margin_of_pieces([(Decimal(805), Decimal(200))], Decimal(21))
    assert made == Margin(Decimal("500.00"), Decimal("105.00"))
    boxes = cases.boxes_of([
        answer("case_margin", str(made.turnover), str(made.vat)),
        answer("case_other_rates", "1000", "100"),
        answer("case_distance_sales", "250"),
        answer("case_call_off_stock", "900"),
    ])  # fmt: skip
    assert boxes == {
        "1a": Box(Decimal(500), Decimal(105)), "1c": Box(Decimal(1000), Decimal(100)),
        "3c": Box(Decimal(250)), "3b": Box(Decimal(900)),
    }  # fmt: skip
    assert payable(boxes) == 205
    assert [case.code for case in cases.CASES if case.needs_icp] == [
        "case_call_off_stock"
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (answer("case_nothing", "1", "1"), "case_unknown"),
        (answer("case_margin"), "case_without_amount"),
        (answer("case_margin", "500"), "case_without_amount"),
        (answer("case_distance_sales", "500", "105"), "case_with_vat"),
        (answer("case_margin", "500", "105", no=True), "case_no_but_amount"),
    ],
)
def test_an_answer_that_is_not_whole(given: Answer, code: str) -> None:
    with pytest.raises(AskUser, match=code):
        cases.boxes_of([given])


def test_a_loss_is_nothing_by_piece_and_waits_by_period() -> None:
    pieces = [(Decimal(121), Decimal(0)), (Decimal(50), Decimal(100))]
    assert cases.margin_of_pieces(pieces, Decimal(21)).vat == 21
    first = cases.margin_of_period(Decimal(171), Decimal(300), Decimal(21))
    assert first == Margin(Decimal(0), Decimal(0), Decimal(129))
    second = cases.margin_of_period(Decimal(350), Decimal(100), Decimal(21), first.loss)
    assert (second.turnover, second.vat, second.loss) == (100, 21, 0)


def test_call_off_stock_goes_on_paper_and_not_over_twelve_months() -> None:
    stocks = [
        Stock("1", "DE136695976", D("2026-07-03"), Decimal(900), D("2026-09-30")),
        Stock("2", "DE136695976", D("2025-10-01"), Decimal(70), None, D("2026-08-01")),
        Stock("3", "BE0123456749", D("2025-09-15"), Decimal(40)),
    ]
    assert cases.stock_rows(quarter(2026, 3), stocks) == (
        StockRow("sent", "DE136695976", Decimal(900)),
        StockRow("called_off", "DE136695976", Decimal(900)),
        StockRow("returned", "DE136695976", Decimal(70)),
    )
    assert not list(cases.stock_doubts(stocks, D("2026-09-15")))
    (late,) = cases.stock_doubts(stocks, D("2026-09-16"))
    assert (late.code, late.about) == ("call_off_too_long", "3")
