"""Cases that no sale or booking tells: asked in plain words, filled in by hand. Pure.

Margin scheme, other rates, distance and installation sales outside the one stop shop,
call-off stock. Unanswered is not no (`figures/questions.py`). The words stand in
`law_texts`, by the code of the case.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.domain.money import CENT, ZERO
from plugins.belastingdienst.law.doubts import Doubt, doubt
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Span, years_later

RULES = {
    "margin": Source("Wet OB art. 28b; 2006/112/EC art. 312-325: VAT is within the"
                     " margin; the purchase has none to deduct", Sure.UNVERIFIED),
    "margin_loss": Source("Wet OB art. 28d: globally reckoned a loss goes to the"
                          " next period; by piece it is nothing", Sure.UNVERIFIED),
    "other_rates": Source("Form, 1c: rates other than 21 and 9, such as sports"
                          " canteens; old rates", Sure.UNVERIFIED),
    "distance": Source("belastingdienstondernemers.nl, question 3c; since 2021 for who"
                       " is registered in another state himself", Sure.SECONDARY),
    "call_off": Source("2006/112/EC art. 17a: within twelve months, a register, the"
                       " transfer in the ICP; element names in NT20 are unknown",
                       Sure.UNVERIFIED),
}  # fmt: skip
"""Where each rule stands."""

CALL_OFF_YEARS = 1


@dataclass(frozen=True)
class Case:
    """One question of a return."""

    code: str
    box: str
    """Where the answer is filled in."""
    has_vat: bool
    source: Source


MARGIN = Case("case_margin", "1a", True, RULES["margin"])
OTHER_RATES = Case("case_other_rates", "1c", True, RULES["other_rates"])
DISTANCE = Case("case_distance_sales", "3c", False, RULES["distance"])
CALL_OFF = Case("case_call_off_stock", "3b", False, RULES["call_off"])
CASES = (MARGIN, OTHER_RATES, DISTANCE, CALL_OFF)


@dataclass(frozen=True)
class Margin:
    """What the margin scheme comes to in a period at one rate."""

    turnover: Decimal
    """The margin less the VAT within it."""
    vat: Decimal
    loss: Decimal = ZERO
    """What goes to the next period, as a positive amount."""


def margin_of_pieces(
    pieces: Iterable[tuple[Decimal, Decimal]], rate: Decimal
) -> Margin:
    """Reckon piece by piece: (sold for, bought for), incl VAT; a loss is nothing."""
    gains = sum((max(sold - bought, ZERO) for sold, bought in pieces), ZERO)
    return _within(gains, rate)


def margin_of_period(
    sold: Decimal, bought: Decimal, rate: Decimal, loss_before: Decimal = ZERO
) -> Margin:
    """Reckon globally: all that was sold less all that was bought in the period."""
    margin = sold - bought - loss_before
    if margin < ZERO:
        return Margin(ZERO, ZERO, -margin)
    return _within(margin, rate)


def _within(margin: Decimal, rate: Decimal) -> Margin:
    vat = (margin * rate / (100 + rate)).quantize(CENT, rounding=ROUND_HALF_UP)
    return Margin(margin - vat, vat)


@dataclass(frozen=True)
class Stock:
    """Goods that lie with a customer in another state until he takes them."""

    id: str
    customer: str
    """His VAT number, country in front."""
    arrived_on: date
    amount_excl_vat: Decimal
    called_off_on: date | None = None
    returned_on: date | None = None


@dataclass(frozen=True)
class StockRow:
    """One row of the paper for the ICP portal: what happened to a stock."""

    what: str
    """`sent`, `called_off` (also in 3b) or `returned`."""
    customer: str
    amount_excl_vat: Decimal


def stock_rows(period: Span, stocks: Iterable[Stock]) -> tuple[StockRow, ...]:
    """Return what has to be told of call-off stock over a period."""
    found = []
    for stock in stocks:
        for what, day in (
            ("sent", stock.arrived_on),
            ("called_off", stock.called_off_on),
            ("returned", stock.returned_on),
        ):
            if day is not None and day in period:
                found.append(StockRow(what, stock.customer, stock.amount_excl_vat))
    return tuple(found)


def stock_doubts(stocks: Iterable[Stock], today: date) -> Iterator[Doubt]:
    """Yield goods that lay with a customer for over twelve months: a transfer then."""
    for stock in stocks:
        last = years_later(stock.arrived_on, CALL_OFF_YEARS)
        ended = stock.called_off_on or stock.returned_on or today
        if ended > last:
            yield doubt("call_off_too_long", stock.id, date=last)
