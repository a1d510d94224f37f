"""What goes over the wire, checked when it comes in: odd is an error, not a guess.

Ids are texts of digits, amounts and percentages texts with a point.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

Body = dict[str, Any]


class Malformed(ValueError):
    """The answer does not have the shape of the contract; names the field."""


@dataclass(frozen=True)
class Administration:
    """One of the administrations that a login opens."""

    id: str
    name: str
    currency: str
    country: str


@dataclass(frozen=True)
class TaxRate:
    """A VAT rate for sales."""

    id: str
    name: str
    percentage: Decimal
    country: str
    """Empty: that of the administration."""


@dataclass(frozen=True)
class Account:
    """A ledger account."""

    id: str
    name: str
    type: str


@dataclass(frozen=True)
class Contact:
    """A contact with the addresses that it is recognised by, in lower case."""

    id: str
    emails: frozenset[str]


@dataclass(frozen=True)
class Invoice:
    """An external sales invoice as it stands in Moneybird; amounts in euros."""

    id: str
    reference: str
    contact_id: str
    total_incl_vat: Decimal
    total_excl_vat: Decimal

    @property
    def vat_amount(self) -> Decimal:
        """The VAT that Moneybird calculated."""
        return self.total_incl_vat - self.total_excl_vat


def text(body: Body, name: str) -> str:
    """Return a text field that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(name)
    return value


def optional(body: Body, name: str) -> str:
    """Return a text field; empty when it is null or absent."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(name)
    return value or ""


def identifier(body: Body, name: str = "id") -> str:
    """Return an id."""
    value = text(body, name)
    if not (value.isascii() and value.isdigit()):
        raise Malformed(name)
    return value


def amount(body: Body, name: str) -> Decimal:
    """Return a number that must be there."""
    try:
        value = Decimal(text(body, name))
    except InvalidOperation as error:
        raise Malformed(name) from error
    if not value.is_finite():
        raise Malformed(name)
    return value


def items(body: Any) -> list[Body]:
    """Return the objects of a page."""
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        raise Malformed("[]")
    return body


def item(body: Any) -> Body:
    """Return the object that an answer is."""
    if not isinstance(body, dict):
        raise Malformed("{}")
    return body


def administration(body: Body) -> Administration:
    """Read an administration."""
    return Administration(
        identifier(body), text(body, "name"), text(body, "currency"),
        text(body, "country"),
    )  # fmt: skip


def tax_rate(body: Body) -> TaxRate:
    """Read a VAT rate."""
    return TaxRate(
        identifier(body), text(body, "name"), amount(body, "percentage"),
        optional(body, "country"),
    )  # fmt: skip


def account(body: Body) -> Account:
    """Read a ledger account."""
    return Account(identifier(body), text(body, "name"), text(body, "account_type"))


def contact(body: Body) -> Contact:
    """Read a contact."""
    found = {optional(body, name) for name in ("email", "send_invoices_to_email")}
    return Contact(identifier(body), frozenset(map(str.lower, filter(None, found))))


def invoice(body: Body) -> Invoice:
    """Read an external sales invoice."""
    return Invoice(
        id=identifier(body),
        reference=optional(body, "reference"),
        contact_id=optional(body, "contact_id"),
        total_incl_vat=amount(body, "total_price_incl_tax"),
        total_excl_vat=amount(body, "total_price_excl_tax"),
    )
