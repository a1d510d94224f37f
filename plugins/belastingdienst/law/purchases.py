"""Purchases whose VAT is transferred to the buyer: 2a, 4a and 4b beside 5b. Pure.

Turnover in these boxes comes with VAT, and what may be deducted of it stands in 5b as
well: 10,000 in 4b without VAT is a mistake, or a supply that is exempt or taxed at 0 %.
Amounts are euros.
"""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

from core.domain.money import ZERO, plain, total, vat_on
from core.rules.vatrates import rates
from plugins.belastingdienst.law.boxes import INPUT, NOTHING, Box, Boxes
from plugins.belastingdienst.law.doubts import Doubt, doubt, hint
from plugins.belastingdienst.law.sources import Source, Sure

RULES = {
    "transferred_at_home": Source("Wet OB art. 12(2), (5); form, 2a", Sure.UNVERIFIED),
    "from_outside": Source("Wet OB art. 12(2), 23; form, 4a", Sure.UNVERIFIED),
    "from_member_states": Source("Wet OB art. 12(2), 17a; form, 4b", Sure.UNVERIFIED),
    "deducted": Source("Wet OB art. 15(1)(b), (c)", Sure.UNVERIFIED),
    "both_boxes": Source("A tax adviser's review of this product: VAT in 2a, 4a, 4b and"
                         " beside it in 5b", Sure.SECONDARY),
}  # fmt: skip
"""Where each rule stands."""

BOXES = ("2a", "4a", "4b")
EURO = Decimal(1)
"""What rounding of a box may make."""


def form_doubts(
    boxes: Boxes, on: date, confirmed: Collection[str] = ()
) -> Iterator[Doubt]:
    """Yield what looks wrong on a form in whole euros.

    The last check, for figures without single purchases behind them; `confirmed` are
    boxes, and 5b.
    """
    for name in BOXES:
        box = boxes.get(name, NOTHING)
        if name not in confirmed:
            found = _vat_doubt(name, name, box, on, EURO)
            if found is not None:
                yield found
    owed = total(boxes.get(name, NOTHING).vat for name in BOXES)
    deducted = boxes.get(INPUT, NOTHING).vat
    if INPUT not in confirmed and owed - deducted > EURO * len(BOXES):
        yield hint("transferred_not_in_input", INPUT, amount=owed, expected=deducted)


def _vat_doubt(
    about: str, name: str, box: Box, on: date, rounding: Decimal
) -> Doubt | None:
    """Judge VAT beside turnover: none, too little for the lowest rate, too much."""
    turnover, vat = box.turnover, box.vat
    told = {"box": name, "amount": turnover}
    if turnover and not vat and abs(turnover) > EURO:
        return doubt("transferred_without_vat", about, **told)
    if vat and not turnover:
        return doubt("transferred_without_turnover", about, box=name, amount=vat)
    known = rates("NL", on).all_rates
    margin = max(rounding * 2, Decimal("0.01"))
    low, high = (abs(vat_on(turnover, rate)) for rate in (min(known), max(known)))
    if vat * turnover < ZERO or abs(vat) > high + margin:
        return doubt(
            "transferred_too_high", about, **told, vat=vat, rate=plain(max(known))
        )
    if vat and abs(vat) < low - margin:
        return doubt(
            "transferred_too_low", about, **told, vat=vat, rate=plain(min(known))
        )
    return None
