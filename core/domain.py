"""The plain data that crosses the hook border; no plugin's words, no database."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cattrs import Converter

from core.money import ZERO, total


class LineKind(StrEnum):
    """What an order line stands for."""

    GOODS = "goods"
    SHIPPING = "shipping"
    FEE = "fee"


class SaleKind(StrEnum):
    """The VAT treatment of a sale, as the VAT configuration lists it (manual 004)."""

    COUNTRY = "country"
    ICP = "icp"
    INTERNATIONAL = "international"


class TargetKind(StrEnum):
    """What an order becomes in the package (manual 004, section 2)."""

    SALES_ENTRY = "sales_entry"
    DRAFT_INVOICE = "draft_invoice"
    ORDER = "order"


class OrderState(StrEnum):
    """What the source says about an order, in our words."""

    READY = "ready"
    WAITING = "waiting"
    CANCELLED = "cancelled"


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

    @property
    def amount_excl_vat(self) -> Decimal:
        """The line's amount without VAT, in euros."""
        return self.amount_incl_vat - self.vat_amount


@dataclass(frozen=True)
class Order:
    """A webshop order with discounts already inside its lines."""

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

    @property
    def company(self) -> str:
        """The buyer's company name; empty for a private person."""
        return self.billing.company

    @property
    def is_private_person(self) -> bool:
        """True unless a company name is filled in (manual 004, field table)."""
        return not self.company

    @property
    def country(self) -> str:
        """Where the goods go, which decides the VAT; else the billing country."""
        return self.delivery.country or self.billing.country

    @property
    def lines_total_incl_vat(self) -> Decimal:
        """Sum of all lines, shipping and fees, incl VAT."""
        return total(line.amount_incl_vat for line in self.lines)


@dataclass(frozen=True)
class OrderReady:
    """Event of `on_order_ready`: this order may be passed on."""

    tenant_id: int
    order_id: int
    connection_id: int
    """The shop connection the order came from."""


@dataclass(frozen=True)
class ScheduleDue:
    """Event of `on_schedule`: this connection is due, or was asked to run now."""

    tenant_id: int
    connection_id: int
    plugin: str


@dataclass(frozen=True)
class RelationChanged:
    """Event of `on_relation_changed`: a relation was saved or deleted."""

    tenant_id: int
    relation_id: int
    fields: frozenset[str]
    origin_connection_id: int | None
    """The connection that caused the change; it is skipped (no echo)."""
    deleted: bool = False


@dataclass(frozen=True)
class InvoiceSent:
    """Event of `on_invoice_sent`: an invoice has a number and became Verstuurd."""

    tenant_id: int
    invoice_id: int


@dataclass(frozen=True)
class Identity:
    """Which shop or administration a connection reaches, read at connect."""

    external_id: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    """What the plugin wants to remember of it (currency, licence variant)."""


@dataclass(frozen=True)
class Booked:
    """The outcome of a transfer: what stands in the package now."""

    external_id: str
    number: str = ""
    url: str = ""
    debtor_id: str = ""
    warning: str = ""
    """Code of a difference found at read-back; empty when all agrees."""
    details: dict[str, Any] = field(default_factory=dict)


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
