"""The boxes of the Dutch VAT return and how their amounts add up. Pure.

Boxes are named as the form names them (`1a`); amounts are euros. Source of the boxes
and of 5a and 5g: the form of the tax office (taxonomy NT14 to NT20, `ob-aangifte`).
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from core.domain.declarations import Box as Box
from core.domain.money import total

OWED = ("1a", "1b", "1c", "1d", "2a", "4a", "4b")
"""Their VAT adds up to 5a."""
INPUT = "5b"
_EURO = Decimal(1)


NOTHING = Box()
Boxes = Mapping[str, Box]
"""By the name of the box; one that is absent is zero."""


def add(*several: Boxes) -> dict[str, Box]:
    """Add forms up, box by box; boxes that come to nothing are left out."""
    found: dict[str, Box] = {}
    for boxes in several:
        for name, box in boxes.items():
            found[name] = found.get(name, NOTHING) + box
    return {name: box for name, box in found.items() if box != NOTHING}


def less(one: Boxes, other: Boxes) -> dict[str, Box]:
    """Return what one form has more than another; equal boxes are left out."""
    return add(one, {name: -box for name, box in other.items()})


def added(several: Iterable[Boxes]) -> dict[str, Box]:
    """Add any number of forms up."""
    return add(*several)


def payable(boxes: Boxes) -> Decimal:
    """Return 5g: the VAT owed less the input VAT; negative: to get back."""
    owed = total(boxes.get(name, NOTHING).vat for name in OWED)
    return owed - boxes.get(INPUT, NOTHING).vat


def whole_owed(amount: Decimal) -> Decimal:
    """Round turnover and owed VAT to whole euros in the taxpayer's favour: down."""
    return amount.quantize(_EURO, rounding=ROUND_FLOOR)


def whole_input(amount: Decimal) -> Decimal:
    """Round input VAT to whole euros in the taxpayer's favour: up."""
    return amount.quantize(_EURO, rounding=ROUND_CEILING)


def rounded(boxes: Boxes) -> dict[str, Box]:
    """Round each box once, after adding up; never per line."""
    found = {}
    for name, box in boxes.items():
        whole = whole_input if name == INPUT else whole_owed
        found[name] = Box(whole_owed(box.turnover), whole(box.vat))
    return add(found)
