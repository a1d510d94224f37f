"""Whether VAT fits its rate, as far as rounding goes. Pure."""

from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import CENT, ZERO, vat_in
from core.domain.orders import LineKind, Order, OrderLine

_COSTS = (LineKind.SHIPPING, LineKind.FEE)
_PER_PIECE = Decimal("0.005")
_MOST = Decimal("0.05")
HIGHEST_RATE = Decimal(100)


def slack(quantity: Decimal = Decimal(1)) -> Decimal:
    """Return how far a line's VAT may be from its rate, in euros.

    A cent, and half a cent for each piece, since many shops round the VAT of one piece;
    at most five cents. The contract of a shop proposes a cent a line and five cents
    an order (3.3, a proposal, not law).
    """
    return min(_MOST, CENT + _PER_PIECE * abs(quantity))


def fits(
    amount_incl_vat: Decimal,
    vat_amount: Decimal,
    rate: Decimal,
    quantity: Decimal = Decimal(1),
) -> bool:
    """Tell whether VAT (euros) is that of an amount incl VAT at a rate in percent."""
    if rate == ZERO or amount_incl_vat == ZERO:
        return vat_amount == ZERO
    if vat_amount * amount_incl_vat < ZERO:
        return False
    return abs(vat_amount - vat_in(amount_incl_vat, rate)) <= slack(quantity)


def is_rounding(
    amount_incl_vat: Decimal,
    vat_amount: Decimal,
    rate: Decimal,
    pieces: Decimal = Decimal(1),
) -> bool:
    """Tell whether VAT can be its rate's but for rounding, however the shop rounds.

    What is further off is VAT of another rate, or an exempt sale: no package books it
    as this rate. A shop may round per piece (half a cent each) and spread a discount
    over lines (a cent of amount and VAT each); five cents are let pass whatever was
    sold. No VAT at all at a rate is no rounding. Our own limits, not law: wider than
    those of `fits`, by which one reading of an amount is told from another.
    """
    if not rate:
        return not vat_amount
    if vat_amount and vat_amount * amount_incl_vat < ZERO:
        return False
    exact = amount_incl_vat * rate / (100 + rate)
    count = max(abs(pieces), Decimal(1))
    if not vat_amount and abs(exact) > _PER_PIECE * (count + 1):
        return False
    return abs(vat_amount - exact) <= max(_MOST, 2 * CENT + _PER_PIECE * count)


def check_vat(order: Order) -> None:
    """Check each line's VAT; raise AskUser `vat_off_rate` for the first that is off.

    A line of nothing needs none; a rate beyond a hundred percent is no rate. Costs that
    go with the goods may be rounded once for each line of goods.
    """
    goods = sum(line.kind not in _COSTS for line in order.lines)
    for line in order.lines:
        pieces = max(goods, 1) if line.kind in _COSTS else line.quantity
        if not _is_right(line, Decimal(pieces)):
            raise AskUser(
                "vat_off_rate",
                line=line.description,
                vat=line.vat_amount,
                rate=line.vat_rate,
                expected=vat_in(line.amount_incl_vat, line.vat_rate),
            )


def _is_right(line: OrderLine, pieces: Decimal) -> bool:
    return ZERO <= line.vat_rate <= HIGHEST_RATE and fits(
        line.amount_incl_vat, line.vat_amount, line.vat_rate, pieces
    )
