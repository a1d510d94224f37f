"""The lines of an order, from what the shop says of items, shipping and fees. Pure.

Discounts go inside the lines (manual 004: no negative sales lines), and what has
several VAT rates becomes a line for each. Amounts are taken as the shop computed them,
nothing is rounded away: if lines and total do not agree the check before booking says
so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.domain.money import ZERO, cents, spread, total
from core.domain.orders import LineKind, OrderLine
from core.rules.line_discounts import inside_lines
from core.rules.vat_fit import fits
from core.rules.vat_shares import Tax, split
from plugins.kmoshops import wire
from plugins.kmoshops.wire import Document

LONGEST_OPTION = 60
"""A buyer may type a whole poem into an option."""
TIPS = "tips"
"""`customSurcharges[].id` of a tip, in the vendor's documentation."""


@dataclass(frozen=True)
class _Part:
    """One thing to pay for, in the shop's own way of pricing."""

    kind: LineKind
    description: str
    price: Decimal
    """Euros for the whole quantity, after discounts, with or without VAT."""
    taxes: tuple[Tax, ...]
    quantity: Decimal = Decimal(1)
    article_number: str = ""
    says: bool | None = None
    """Whether the price holds the VAT, by its field `...WithoutTax`."""
    lists: bool | None = None
    """The same by `includeInPrice` of its taxes."""
    prices: Mapping[Decimal, Decimal] = field(default_factory=dict)
    """How the shop divides the price over VAT rates (percent)."""
    pieces: Decimal = Decimal(1)
    """How often the shop may have rounded the VAT."""

    def lines(self, inclusive: bool) -> Iterator[OrderLine]:
        """Yield a line for each VAT rate."""
        vats: dict[Decimal, Decimal] = {}
        for tax in self.taxes:
            vats[tax.rate] = vats.get(tax.rate, ZERO) + tax.vat
        inside = vats if inclusive else {}
        net = self.price - total(inside.values())
        nets = {rate: p - inside.get(rate, ZERO) for rate, p in self.prices.items()}
        for share in split(net, self.taxes, self.pieces, nets):
            yield OrderLine(
                kind=self.kind,
                description=self.description,
                quantity=self.quantity,
                amount_incl_vat=share.amount_incl_vat,
                vat_amount=share.vat,
                vat_rate=share.rate,
                article_number=self.article_number,
            )


_Way = Callable[[_Part], bool]


def order_lines(document: Document, wanted: Decimal) -> tuple[OrderLine, ...]:
    """Return the lines of an order whose total incl VAT should be `wanted`.

    Raises `wire.Malformed` when a field has not its shape.
    """
    parts = [*_goods(document), *_shipping(document), *_fees(document)]
    lines = _priced(document, parts, wanted)
    if wire.flag(document, "reversedTaxApplied"):
        # The shop may still name the rate it would have charged (contract: the VAT is
        # set to 0); what was not charged is booked at 0 %.
        lines = [
            line if line.vat_amount else replace(line, vat_rate=ZERO) for line in lines
        ]
    return inside_lines(lines)


def _priced(
    document: Document, parts: Sequence[_Part], wanted: Decimal
) -> list[OrderLine]:
    """Return the lines by the first way of reading prices that gives the total."""
    usual, *others = _ways(document, parts, wanted)
    for way in (usual, *others):
        lines = _lines(parts, way)
        if total(line.amount_incl_vat for line in lines) == wanted:
            return lines
    return _lines(parts, usual)


def _lines(parts: Iterable[_Part], way: _Way) -> list[OrderLine]:
    return [line for part in parts for line in part.lines(way(part))]


def _ways(
    document: Document, parts: Iterable[_Part], wanted: Decimal
) -> Iterator[_Way]:
    """Yield the ways in which prices may hold their VAT; the first is the usual one.

    `pricesIncludeTax` says it for the order. Parts may differ (prices of goods with
    VAT, of shipping without): their own fields say so. In the vendor's sample of
    *search orders* (EBJFT) the flag says without and `totalWithoutTax` shows that the
    total has the VAT inside: where that field agrees, the other way counts. Older
    documents have no flag (the contract's sample has `includeInPrice` true on a tax
    that comes on top), so the total decides there.
    """
    told = wire.flag(document, "pricesIncludeTax")
    usual = told is not False
    yield lambda _: usual
    if told is None:
        yield lambda _: False
    yield lambda part: usual if part.says is None else part.says
    yield lambda part: usual if part.lists is None else part.lists
    vat = total(tax.vat for part in parts for tax in part.taxes)
    without = document.get("totalWithoutTax")
    if without is not None and wire.money(document, "totalWithoutTax") == wanted - vat:
        yield lambda _: not usual


# --- goods --------------------------------------------------------------------------


def _goods(document: Document) -> Iterator[_Part]:
    items = list(wire.parts(document, "items"))
    prices = [_discounted(item) for item in items]
    rest = _discount_not_on_lines(document, items)
    if rest and prices:
        takers = [
            ZERO if wire.flag(item, "giftCard") else price
            for item, price in zip(items, prices, strict=True)
        ]
        shares = spread(rest, takers if any(takers) else prices)
        prices = [p - share for p, share in zip(prices, shares, strict=True)]
    for item, price in zip(items, prices, strict=True):
        quantity = wire.amount(item, "quantity")
        yield _Part(
            kind=LineKind.GIFT_CARD if wire.flag(item, "giftCard") else LineKind.GOODS,
            description=_described(item),
            price=price,
            taxes=_goods_taxes(item),
            quantity=quantity,
            article_number=_article_number(item),
            says=_holds_vat(item, "price", "priceWithoutTax"),
            lists=_listed(item.get("taxes")),
            pieces=quantity,
        )


def _described(item: Document) -> str:
    """Return the name with the chosen options: variants share their product's name."""
    name = wire.text(item, "name") or wire.text(item, "sku") or "Artikel"
    options = [
        f"{wire.text(option, 'name')}: {value}"
        for option in wire.parts(item, "selectedOptions")
        if (value := _chosen(option))
    ]
    return f"{name} ({', '.join(options)})" if options else name


def _chosen(option: Document) -> str:
    titles = [wire.text(s, "selectionTitle") for s in wire.parts(option, "selections")]
    value = ", ".join(filter(None, titles)) or wire.text(option, "value")
    value = " ".join(value.split())
    if len(value) <= LONGEST_OPTION:
        return value
    return f"{value[: LONGEST_OPTION - 1]}…"


def _article_number(item: Document) -> str:
    """Return the SKU, which a variant has of its own; else the shop's own ids.

    The P keeps the id of a product from being taken for an SKU of digits (EAN 8).
    """
    sku = wire.text(item, "sku")
    product = wire.text(item, "productId")
    if sku or product in ("", "0"):
        return sku
    combination = wire.text(item, "combinationId")
    return f"P{product}" + (f"-{combination}" if combination else "")


def _discounted(item: Document) -> Decimal:
    """A line's price for its whole quantity, less the discounts on the line."""
    gross = cents(wire.amount(item, "price") * wire.amount(item, "quantity"))
    return gross - _line_discounts(item)


def _line_discounts(item: Document) -> Decimal:
    return wire.money(item, "couponAmount") + total(
        wire.money(discount, "total") for discount in wire.parts(item, "discounts")
    )


def _discount_not_on_lines(document: Document, items: Iterable[Document]) -> Decimal:
    """What the order was discounted beyond its lines (older shops)."""
    whole = wire.money(document, "couponDiscount") + wire.money(document, "discount")
    return whole - total(_line_discounts(item) for item in items)


def _goods_taxes(item: Document) -> tuple[Tax, ...]:
    """A line's own VAT: its `taxes` hold its share of the shipping's VAT as well."""
    taxes = list(wire.parts(item, "taxes"))
    if not taxes and wire.money(item, "tax"):
        raise wire.Malformed("items.taxes")  # VAT without a rate
    return tuple(Tax(_rate(tax), _own_vat(tax)) for tax in taxes)


def _own_vat(tax: Document) -> Decimal:
    if tax.get("taxOnDiscountedSubtotal") is not None:
        return wire.money(tax, "taxOnDiscountedSubtotal")
    shared = wire.money(tax, "taxOnShipping") + wire.money(tax, "taxOnHandlingFee")
    return wire.money(tax, "total") - shared


def _rate(tax: Document) -> Decimal:
    rate = wire.amount(tax, "value")
    if rate < ZERO:
        raise wire.Malformed("taxes.value")
    return rate


# --- shipping and fees --------------------------------------------------------------


def _shipping(document: Document) -> Iterator[_Part]:
    option = wire.part(document, "shippingOption")
    paid = "shippingRate"
    if option.get("discountedShippingRate") is not None:
        paid = "discountedShippingRate"
    price = wire.money(option, paid)
    if not price:
        return
    items = list(wire.parts(document, "items"))
    taxes = _taxes(document.get("taxesOnShipping")) or _carried(items, "taxOnShipping")
    yield _Part(
        kind=LineKind.SHIPPING,
        description=wire.text(option, "shippingMethodName") or "Verzendkosten",
        price=price,
        taxes=taxes,
        says=_holds_vat(option, "shippingRate", "shippingRateWithoutTax"),
        lists=_listed(document.get("taxesOnShipping")),
        prices=_divided(items, "shipping", "taxOnShipping"),
        pieces=Decimal(len(items)),
    )


def _fees(document: Document) -> Iterator[_Part]:
    """The handling fee and surcharges such as payment costs; a tip is no fee."""
    items = list(wire.parts(document, "items"))
    handling = wire.part(document, "handlingFee")
    yield from _fee(
        replace(
            _surcharge(handling, "name", "value"),
            taxes=_taxes(handling.get("taxes")) or _carried(items, "taxOnHandlingFee"),
            prices=_divided(items, "handlingFee", "taxOnHandlingFee"),
            pieces=Decimal(len(items)),
        )
    )
    for surcharge in wire.parts(document, "customSurcharges"):
        part = _surcharge(surcharge, "description", "total")
        is_tip = wire.text(surcharge, "id").lower() == TIPS
        yield from _fee(replace(part, kind=LineKind.TIP) if is_tip else part)


def _fee(part: _Part) -> Iterator[_Part]:
    if part.price:
        yield part


def _surcharge(charge: Document, name: str, price: str) -> _Part:
    return _Part(
        kind=LineKind.FEE,
        description=wire.text(charge, name) or "Toeslag",
        price=wire.money(charge, price),
        taxes=_taxes(charge.get("taxes")),
        says=_holds_vat(charge, price, f"{price}WithoutTax"),
        lists=_listed(charge.get("taxes")),
    )


def _taxes(given: object) -> tuple[Tax, ...]:
    found = wire.parts({"taxes": given}, "taxes")
    return tuple(Tax(_rate(tax), wire.money(tax, "total")) for tax in found)


def _carried(items: Iterable[Document], share: str) -> tuple[Tax, ...]:
    """Return the VAT on shipping or handling that only the lines' own taxes name."""
    return tuple(
        Tax(_rate(tax), wire.money(tax, share))
        for item in items
        for tax in wire.parts(item, "taxes")
        if wire.money(tax, share)
    )


def _divided(
    items: Iterable[Document], price: str, share: str
) -> dict[Decimal, Decimal]:
    """Return how the lines carry shipping or handling, by the rate each bears it at.

    Empty where a line bears it at several rates: that divides nothing.
    """
    found: dict[Decimal, Decimal] = {}
    for item in items:
        taxes, part = list(wire.parts(item, "taxes")), wire.money(item, price)
        rates = {_rate(tax) for tax in taxes if wire.money(tax, share)}
        if len(rates) > 1:
            return {}
        rate = rates.pop() if rates else _rate_of_cents(taxes, part)
        found[rate] = found.get(rate, ZERO) + part
    return found


def _rate_of_cents(taxes: Sequence[Document], part: Decimal) -> Decimal:
    """Return the rate of a part without VAT: of a few cents VAT is rounded to none."""
    rates = {_rate(tax) for tax in taxes}
    rate = rates.pop() if len(rates) == 1 else ZERO
    return rate if fits(part, ZERO, rate) else ZERO


# --- whether a price holds its VAT ----------------------------------------------------


def _holds_vat(part: Document, price: str, without: str) -> bool | None:
    """Compare a price with the same without VAT; None where the shop does not say."""
    if part.get(without) is None:
        return None
    difference = wire.money(part, price) - wire.money(part, without)
    return difference != ZERO


def _listed(given: object) -> bool | None:
    found = {
        wire.flag(tax, "includeInPrice")
        for tax in wire.parts({"taxes": given}, "taxes")
    }
    return found.pop() if len(found) == 1 else None
