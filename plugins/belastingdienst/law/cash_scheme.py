"""The cash scheme (kasstelsel): VAT is owed when the money comes. Pure.

Only for who is entitled to it, and never for supplies within the EU to businesses, for
reverse charge and for exports: those stay with their invoice. Input VAT stays with the
purchase invoice. Amounts are euros to the cent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.money import ZERO, cents, total
from plugins.belastingdienst.law.boxes import Box, less
from plugins.belastingdienst.law.sources import Source, Sure

RULES = {
    "when_paid": Source("Wet OB art. 26; moneymonk.nl", Sure.SECONDARY),
    "entitled": Source(
        "Uitvoeringsbeschikking OB art. 26, as fundamentvoor.nl lists it: shops (web"
        " shops too), named trades, over 90 % from a place for private customers; on"
        " request who sells at least 80 % to them over a calendar year",
        Sure.SECONDARY,
    ),
    "input_vat": Source("fundamentvoor.nl: deducted when the invoice is received",
                        Sure.SECONDARY),
    "not_for": Source(
        "That ICP, reverse charge and exports stay with their invoice: general"
        " knowledge",
        Sure.UNVERIFIED,
    ),
    "share": Source("A part payment pays every rate of a sale by its share: own choice",
                    Sure.UNVERIFIED),
}  # fmt: skip
"""Where each rule stands."""

BY_PAYMENT = ("1a", "1b", "1c", "1e")
"""Boxes that follow the money; 1e as far as it is sold at 0 % or exempt at home."""


class Entitlement(StrEnum):
    """Why the scheme may be used; asked, never derived."""

    NONE = ""
    RETAIL = "retail"
    """A shop or another trade that is named."""
    PREMISES = "premises"
    """Over 90 % of the turnover from a place meant for private customers."""
    PERMISSION = "permission"
    """At least 80 % to private customers, and the tax office agreed."""


@dataclass(frozen=True)
class Payment:
    """Money for a sale, incl VAT; paid back: negative."""

    received_on: date
    amount: Decimal


@dataclass(frozen=True)
class Sale:
    """A sale or credit with what it adds to the boxes and what was paid for it."""

    id: str
    invoiced_on: date
    boxes: Mapping[str, Box]
    payments: tuple[Payment, ...] = ()
    is_reverse_charged: bool = False
    """1e by reverse charge within the country: it stays with the invoice."""

    @property
    def amount_incl_vat(self) -> Decimal:
        """What the customer pays."""
        return total(box.turnover + box.vat for box in self.boxes.values())

    @property
    def follows_money(self) -> bool:
        """Tell whether the scheme takes it."""
        is_home = all(name in BY_PAYMENT for name in self.boxes)
        return is_home and not self.is_reverse_charged


def shares(sale: Sale) -> Iterator[tuple[Payment, dict[str, Box]]]:
    """Yield what each payment adds to the boxes: of all of them it is the sale."""
    paid = ZERO
    for payment in sorted(sale.payments, key=lambda one: one.received_on):
        before, paid = paid, paid + payment.amount
        yield payment, less(paid_for(sale, paid), paid_for(sale, before))


def paid_for(sale: Sale, paid: Decimal) -> dict[str, Box]:
    """Return what of a sale's boxes an amount pays, each by its share, to the cent.

    Of the whole amount it is exactly the sale; rounding falls in the difference of two
    payments. More than the whole is nothing more (`overpaid` asks about it).
    """
    whole = sale.amount_incl_vat
    if not whole:
        return {}
    share = min(max(paid / whole, ZERO), Decimal(1))
    return {
        name: Box(cents(box.turnover * share), cents(box.vat * share))
        for name, box in sale.boxes.items()
    }
