"""What of an order is booked: a change of anything else changes nothing in the books.

Pure. An order that was booked is held for the user when what would be booked now is
not what was booked then. Not part of it: the shop's own invoice number, telephone and
e-mail address, status, payments (see `is_paid_alike`) and refunds (a refund is a
document of its own); of addresses only what makes it another kind of sale, such as
goods that now go to the Canary Islands or are collected.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from core.domain import jsontext
from core.domain.errors import AskUser
from core.domain.money import plain
from core.domain.orders import Order, OrderLine, Payment, order_from_dict
from core.rules.sale_place import place_of
from core.rules.seller import Seller

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
    order: Order, booked_hash: str, known: Mapping[str, Any] | None, seller: Seller
) -> bool:
    """Tell whether an order is what was booked under a hash.

    `known` is the payload of the reading before. A hash without a version is of all
    that was known then: where it is that payload's, amounts, rates and the buyer are
    compared, not the words of the lines, which we may read in another way since.
    """
    if booked_hash.startswith(VERSION):
        is_same = booked_hash == content_hash(order)
    elif known is None or booked_hash != first_hash(known):
        return False
    else:
        before = order_from_dict(dict(known))
        is_same = _booked_amounts(order) == _booked_amounts(before)
    return is_same and (known is None or _is_sold_alike(order, known, seller))


def _is_sold_alike(order: Order, known: Mapping[str, Any], seller: Seller) -> bool:
    """Tell whether VAT treats an order as the reading before, as far as both tell.

    The places are compared and not the addresses, so that a correction of one is no
    change, and not by their hash, so that a new table of places is none either.
    """
    given = (vars(order.delivery), vars(order.billing), order.is_collected)
    kept = (known["delivery"], known["billing"], known.get("is_collected", False))
    if given == kept:
        return True
    places = [_place(each, seller) for each in (order_from_dict(dict(known)), order)]
    return None in places or places[0] == places[1]


def _place(order: Order, seller: Seller) -> tuple[str, ...] | None:
    try:
        sale = place_of(order, seller)
    except AskUser:
        return None
    return sale.kind, sale.country, sale.scheme


def is_paid_alike(
    one: Iterable[Payment], other: Iterable[Payment], accounts: Mapping[str, str]
) -> bool:
    """Tell whether payments come to the same on each account; others are not booked.

    `accounts`: where payments come in, by method.
    """

    def sums(payments: Iterable[Payment]) -> dict[str, Decimal]:
        found: defaultdict[str, Decimal] = defaultdict(Decimal)
        for payment in payments:
            found[accounts.get(payment.method, "")] += payment.amount
        return {account: amount for account, amount in found.items() if account}

    return sums(one) == sums(other)


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
