"""An order that nobody placed, to show what orders become. Pure; it is never sent."""

from datetime import datetime
from decimal import Decimal

from core.domain.money import vat_in
from core.domain.orders import Address, LineKind, Order, OrderLine

PRICE, SHIPPING = Decimal("48.40"), Decimal("6.05")
"""Euros incl VAT."""


def sample_order(
    words: tuple[str, str, str, str], country: str, rate: Decimal, moment: datetime
) -> Order:
    """Return an order of one article and shipping, to the seller's own country.

    `words` are its number, the article, the shipping and the buyer, as the user reads.
    """
    number, article, shipping, buyer = words
    lines = (
        _line(LineKind.GOODS, article, PRICE, rate),
        _line(LineKind.SHIPPING, shipping, SHIPPING, rate),
    )
    address = Address(
        name=buyer, street="Dorpsstraat 1", postal_code="1000 AA", city="Amsterdam",
        country=country,
    )  # fmt: skip
    return Order(
        source_id="sample",
        number=number,
        ordered_at=moment,
        updated_at=moment,
        currency="EUR",
        total_incl_vat=PRICE + SHIPPING,
        vat_amount=lines[0].vat_amount + lines[1].vat_amount,
        lines=lines,
        email="voorbeeld@example.com",
        billing=address,
        delivery=address,
    )


def _line(kind: LineKind, text: str, amount: Decimal, rate: Decimal) -> OrderLine:
    vat = vat_in(amount, rate)
    return OrderLine(kind, text, Decimal(1), amount, vat, rate)
