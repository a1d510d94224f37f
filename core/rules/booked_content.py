"""What of an order is booked: a change of anything else changes nothing in the books.

Pure. An order that was booked is held for the user when what would be booked now is
not what was booked then. Not part of it: the shop's own invoice number, telephone and
e-mail address, status, payments and refunds (a refund is a document of its own).
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from core.domain import jsontext
from core.domain.money import plain
from core.domain.orders import Order, OrderLine, order_from_dict

VERSION = "2:"
"""What a hash of this content begins with; one without is of all fields of its time."""
_LENGTH = 64
_FIRST = (
    "source_id", "number", "ordered_at", "currency", "total_incl_vat", "vat_amount",
    "lines", "email", "customer_id", "billing", "delivery", "vat_number",
    "reverse_charged", "payment_method", "invoice_number",
)  # fmt: skip
"""What a hash without a version is of, in its order."""
_FIRST_LINE = (
    "kind", "description", "quantity", "amount_incl_vat", "vat_amount", "vat_rate",
    "article_number",
)  # fmt: skip
_FIRST_ADDRESS = (
    "name", "company", "street", "postal_code", "city", "country", "phone",
)  # fmt: skip


def booked_content(order: Order) -> dict[str, Any]:
    """Return what of an order is booked, the same however a shop writes it."""
    content = _booked_amounts(order)
    content["lines"] = sorted(
        [line.kind.value, _words(line.description), line.article_number, *money]
        for line, money in ((line, _money(line)) for line in order.lines)
    )
    return content


def content_hash(order: Order) -> str:
    """Hash what is booked of an order."""
    return VERSION + digest(booked_content(order))[: _LENGTH - len(VERSION)]


def is_as_booked(
    order: Order, booked_hash: str, known: Mapping[str, Any] | None
) -> bool:
    """Tell whether an order is what was booked under a hash.

    `known` is the payload of the reading before. A hash without a version is of all
    that was known then: where it is that payload's, amounts, rates and the buyer are
    compared, not the words of the lines, which we may read in another way since.
    """
    if booked_hash.startswith(VERSION):
        return booked_hash == content_hash(order)
    if known is None or booked_hash != first_hash(known):
        return False
    return _booked_amounts(order) == _booked_amounts(order_from_dict(dict(known)))


def is_same_reading(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two payloads differ in nothing but the moment of the change."""
    return {**one, "updated_at": ""} == {**other, "updated_at": ""}


def _booked_amounts(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "ordered_at": order.ordered_at.isoformat(),
        "currency": order.currency,
        "total": plain(order.total_incl_vat),
        "vat": plain(order.vat_amount),
        "country": order.country,
        "company": _words(order.company),
        "vat_number": "".join(filter(str.isalnum, order.vat_number)).upper(),
        "reverse_charged": order.reverse_charged,
        "lines": sorted(_money(line) for line in order.lines if line.amount_incl_vat),
    }


def _money(line: OrderLine) -> list[str]:
    amounts = (line.quantity, line.amount_incl_vat, line.vat_amount, line.vat_rate)
    return [plain(amount) for amount in amounts]


def _words(text: str) -> str:
    return " ".join(text.split())


def first_hash(payload: Mapping[str, Any]) -> str:
    """Hash a payload as was done before hashes had a version."""
    fields = _only(_FIRST, payload)
    fields["lines"] = [_only(_FIRST_LINE, line) for line in payload["lines"]]
    for name in ("billing", "delivery"):
        fields[name] = _only(_FIRST_ADDRESS, payload[name])
    return digest(fields)


def _only(names: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def digest(content: Mapping[str, Any]) -> str:
    """Hash plain data, as it is ordered."""
    return sha256(jsontext.dumps(dict(content)).encode()).hexdigest()
