"""Cases that are asked: unanswered is not no, and the sums beside the questions."""

from datetime import date
from decimal import Decimal

from plugins.belastingdienst.law import cases
from plugins.belastingdienst.law.cases import Margin, Stock, StockRow
from tests.quarters import quarter

D = date.fromisoformat


def test_which_cases_there_are() -> None:
    assert [(each.box, each.has_vat) for each in cases.CASES] == [
        ("1a", True), ("1c", True), ("3c", False), ("3b", False),
    ]  # fmt: skip


def test_a_margin_of_605_by_hand() -> None:
    made = cases.margin_of_pieces([(Decimal(805), Decimal(200))], Decimal(21))
    assert made == Margin(Decimal("500.00"), Decimal("105.00"))


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
