"""The plain data that crosses the hook border; no plugin's words, no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cattrs import Converter

from core.domain.companies import company_name
from core.domain.money import ZERO, total


class LineKind(StrEnum):
    """What an order line stands for."""

    GOODS = "goods"
    SHIPPING = "shipping"
    FEE = "fee"
    GIFT_CARD = "gift_card"
    """A gift card sold: no turnover before it is redeemed, unless it is for one
    purpose (directive 2006/112/EC, art. 30b)."""
    DEPOSIT = "deposit"
    """Money for a container that comes back; not a down payment."""
    TIP = "tip"


class Purse(StrEnum):
    """What a shop takes off the total that was paid with before: payments by name."""

    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"
    LOYALTY = "loyalty"


class RefundKind(StrEnum):
    """Why money went back, which decides what it does to the books."""

    UNKNOWN = "unknown"
    """The shop does not say: the user is asked where it makes a difference."""
    RETURNED = "returned"
    """Goods, or a part of them, came back or were not delivered: turnover goes."""
    PRICE_CUT = "price_cut"
    """Goodwill on the price: turnover goes, at the rates of what was sold."""
    COMPENSATION = "compensation"
    """Damages: a cost of the seller's, no turnover and no VAT."""
    CHARGEBACK = "chargeback"
    """The bank took the payment back: the sale stands, its payment does not."""
    CHARGEBACK_REVERSED = "chargeback_reversed"


class SaleKind(StrEnum):
    """The VAT treatment of a sale, as the VAT configuration lists it (manual 004)."""

    COUNTRY = "country"
    ICP = "icp"
    INTERNATIONAL = "international"


class OrderState(StrEnum):
    """What the source says about an order, in our words."""

    READY = "ready"
    WAITING = "waiting"
    CANCELLED = "cancelled"


REASONS = {
    OrderState.WAITING: "shop_says_wait",
    OrderState.CANCELLED: "shop_says_cancelled",
}
"""Why an order stays, where a shop says no more than that it does."""
UNPAID = "order_unpaid"
"""Why an order waits of which the shop says that it is not paid, or not any more."""


@dataclass(frozen=True)
class Address:
    """An address as a shop gives it: the house number is inside the street."""

    name: str = ""
    company: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2, upper case; empty when the shop does not know it."""
    phone: str = ""


@dataclass(frozen=True)
class OrderLine:
    """One line after discounts; amounts in euros for the whole quantity."""

    kind: LineKind
    description: str
    quantity: Decimal
    amount_incl_vat: Decimal
    vat_amount: Decimal
    vat_rate: Decimal
    """In percent: 21, 5.5."""
    article_number: str = ""
    roundings: Decimal | None = None
    """How often its VAT was rounded; None: once for each piece at most."""

    @property
    def pieces(self) -> Decimal:
        """How often its VAT may have been rounded."""
        return abs(self.quantity) if self.roundings is None else self.roundings

    @property
    def amount_excl_vat(self) -> Decimal:
        """The line's amount without VAT, in euros."""
        return self.amount_incl_vat - self.vat_amount


def plain_name(line: OrderLine) -> str:
    """Return what a line is called, for comparing: without case."""
    return line.description.strip().casefold()


@dataclass(frozen=True)
class Payment:
    """Money received for an order, or paid back (negative); euros."""

    method: str
    """As the shop names it, or a `Purse`."""
    amount: Decimal
    paid_at: datetime


@dataclass(frozen=True)
class Refund:
    """Money that went back to the buyer of one order."""

    source_id: str
    """Unique within its order, the same at each reading."""
    amount: Decimal
    """Euros incl VAT, positive; negative is money that came in again."""
    refunded_at: datetime
    kind: RefundKind = RefundKind.UNKNOWN
    reason: str = ""
    """In the words of the shop."""
    method: str = ""
    """How it was paid back; empty: as the order was paid."""
    lines: tuple[OrderLine, ...] = ()
    """What was taken back, positive amounts; empty where the shop does not say."""


@dataclass(frozen=True)
class Order:
    """A webshop order with discounts already inside its lines.

    A credit document is an order too: its amounts are negative, `credits` names the
    sale and `ordered_at` is the moment of the refund. One without lines takes back
    (or restores) a payment only.
    """

    source_id: str
    number: str
    ordered_at: datetime
    updated_at: datetime
    currency: str
    total_incl_vat: Decimal
    vat_amount: Decimal
    lines: tuple[OrderLine, ...]
    email: str = ""
    customer_id: str = ""
    billing: Address = field(default_factory=Address)
    delivery: Address = field(default_factory=Address)
    vat_number: str = ""
    reverse_charged: bool = False
    """The shop set VAT to zero because of a VAT number."""
    payment_method: str = ""
    invoice_number: str = ""
    payment_status: str = ""
    fulfilment_status: str = ""
    refunded_amount: Decimal = ZERO
    is_collected: bool = False
    """The buyer collects the goods at the shop: they are sold where the shop is."""
    is_business: bool | None = None
    """What the shop says of the buyer; None where it says nothing."""
    payments: tuple[Payment, ...] = ()
    """What was paid; empty where nothing was, or the source does not say."""
    refunds: tuple[Refund, ...] = ()
    credits: str = ""
    """Number of the sale that this takes back; empty for a sale."""
    sold_at: datetime | None = None
    """When a credited sale took place: its VAT rates and its area count."""
    sold_vat: Decimal | None = None
    """The VAT of a credited sale: whether any was charged tells what kind of sale it
    was, where a part of it has none (a line at 0 %, a few cents)."""

    @property
    def taxed_at(self) -> datetime:
        """The moment whose VAT rates and areas apply (UTC)."""
        return self.sold_at or self.ordered_at

    @property
    def taxed_vat(self) -> Decimal:
        """The VAT that tells what kind of sale it is: a credit has its sale's."""
        return self.vat_amount if self.sold_vat is None else self.sold_vat

    @property
    def company(self) -> str:
        """The buyer's company name; empty for a private person.

        A filler ("-", "n.v.t.") is no company, nor is a name beside the shop's word
        that the buyer is a private person.
        """
        if self.is_business is False:
            return ""
        return company_name(self.billing.company)

    @property
    def is_private_person(self) -> bool:
        """True unless the shop says otherwise or a company name is filled in.

        The second is manual 004 (field table), for shops that say nothing.
        """
        return not (self.is_business or self.company)

    @property
    def is_for_business(self) -> bool:
        """True where a company or a VAT number says so, or the shop."""
        return not self.is_private_person or bool(self.vat_number)

    @property
    def country(self) -> str:
        """Where the goods go, which decides the VAT; else the billing country."""
        return self.delivery.country or self.billing.country

    @property
    def lines_total_incl_vat(self) -> Decimal:
        """Sum of all lines, shipping and fees, incl VAT."""
        return total(line.amount_incl_vat for line in self.lines)


@dataclass(frozen=True)
class Reading:
    """An order as the shop gives it now, and what its status means for us."""

    order: Order
    state: OrderState
    reason: str = ""
    """Code of why it waits (or counts as cancelled), for tab Open."""


_converter = Converter(forbid_extra_keys=False)
_converter.register_unstructure_hook(Decimal, str)
_converter.register_structure_hook(Decimal, lambda value, _: Decimal(str(value)))
_converter.register_unstructure_hook(datetime, datetime.isoformat)
_converter.register_structure_hook(
    datetime, lambda value, _: datetime.fromisoformat(value)
)


def order_to_dict(order: Order) -> dict[str, Any]:
    """Return an order as plain data that JSON can hold exactly."""
    data: dict[str, Any] = _converter.unstructure(order)
    return data


def order_from_dict(data: dict[str, Any]) -> Order:
    """Return the order that `order_to_dict` wrote."""
    return _converter.structure(data, Order)


def payments_to_data(payments: Iterable[Payment]) -> list[dict[str, Any]]:
    """Return payments as plain data that JSON can hold exactly."""
    data: list[dict[str, Any]] = _converter.unstructure(list(payments))
    return data


def payments_from_data(data: Iterable[Mapping[str, Any]]) -> tuple[Payment, ...]:
    """Return the payments that `payments_to_data` wrote."""
    return tuple(_converter.structure(each, Payment) for each in data)


def refund_to_dict(refund: Refund) -> dict[str, Any]:
    """Return a refund as plain data that JSON can hold exactly."""
    data: dict[str, Any] = _converter.unstructure(refund)
    return data


def refund_from_dict(data: dict[str, Any]) -> Refund:
    """Return the refund that `refund_to_dict` wrote."""
    return _converter.structure(data, Refund)
