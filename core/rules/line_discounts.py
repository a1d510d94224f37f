"""Negative amounts beside positive ones go inside the lines. Pure.

Manual 004: no negative sales lines; a package refuses them. A discount that a shop
gives as a line or a surcharge of its own lowers the lines of its VAT rate, as a price
reduction does (directive 2006/112/EC, art. 79(b) and 90).
"""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.money import ZERO, spread, total
from core.domain.orders import LineKind, OrderLine

_OUTSIDE = (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.TIP)
"""No turnover: no discount lowers them, each only makes good for its own kind."""

_UNTAXED = (ZERO, None)


def inside_lines(lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    """Return lines of which none goes against the order's direction.

    Each such line is spread over those of its VAT rate, to the cent in amount and VAT,
    and none of them crosses zero. A rate whose lines cannot take it stays as it is, for
    the check that asks the user. So does a discount without VAT in an order with VAT:
    what else has none there may be a deposit, which no discount lowers. In an order
    that is negative as a whole the positive lines are the ones that go inside.
    """
    is_turned = total(line.amount_incl_vat for line in lines) < ZERO
    turned = [_turned(line) for line in lines] if is_turned else list(lines)
    is_taxed = any(line.vat_amount for line in lines)
    for group in {_group(line) for line in turned}:
        if is_taxed and group == _UNTAXED:
            continue
        turned = _absorbed(turned, group)
    return tuple(_turned(line) if is_turned else line for line in turned)


def _turned(line: OrderLine) -> OrderLine:
    return replace(
        line, amount_incl_vat=-line.amount_incl_vat, vat_amount=-line.vat_amount
    )


def _group(line: OrderLine) -> tuple[object, ...]:
    return line.vat_rate, line.kind if line.kind in _OUTSIDE else None


def _absorbed(lines: list[OrderLine], group: tuple[object, ...]) -> list[OrderLine]:
    mine = [line for line in lines if _group(line) == group]
    less = [line for line in mine if line.amount_incl_vat < ZERO]
    takers = [line for line in mine if line.amount_incl_vat >= ZERO]
    amounts = [line.amount_incl_vat for line in takers]
    vats = [line.vat_amount for line in takers]
    amount = -total(line.amount_incl_vat for line in less)
    vat = -total(line.vat_amount for line in less)
    if not less or amount > total(amounts) or not ZERO <= vat <= total(vats):
        return lines
    if min(vats) < ZERO:
        return lines
    parts = zip(takers, spread(amount, amounts), spread(vat, vats), strict=True)
    lowered = iter(
        replace(
            line,
            amount_incl_vat=line.amount_incl_vat - part,
            vat_amount=line.vat_amount - vat_part,
        )
        for line, part, vat_part in parts
    )
    return [
        next(lowered) if _group(line) == group else line
        for line in lines
        if line not in less
    ]
