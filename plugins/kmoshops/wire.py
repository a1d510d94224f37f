"""The shop's JSON, checked when it comes in: anything odd is an error, not a guess.

Field names: Ecwid REST v3 (contract: order-fields-2026).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.domain.money import cents
from core.domain.strings import sendable

Document = dict[str, Any]
LARGEST = Decimal(10) ** 9
"""No amount, quantity or rate of a web shop comes near it."""


class Malformed(ValueError):
    """The answer does not have the shape of the contract; names the field."""


@dataclass(frozen=True)
class Profile:
    """What the store's profile says of the shop (shape unverified)."""

    name: str
    country: str
    currency: str


def page_items(body: Any) -> tuple[list[Document], int]:
    """Return the orders of a search page and the total number of matches."""
    if not isinstance(body, dict) or not isinstance(body.get("items"), list):
        raise Malformed("items")
    if not _is_whole(body.get("total")):
        raise Malformed("total")
    for item in body["items"]:
        if not isinstance(item, dict) or not order_id(item):
            raise Malformed("items.id")
    return body["items"], body["total"]


def store_profile(body: Any) -> Profile:
    """Return the shop's name, country (ISO) and currency; empty when not given."""
    profile = part({"profile": body}, "profile")
    return Profile(
        text(part(profile, "settings"), "storeName"),
        text(part(profile, "company"), "countryCode").upper(),
        text(part(profile, "formatsAndUnits"), "currency").upper(),
    )


def order_id(document: Document) -> str:
    """Return the order number that the shop shows and webhooks name."""
    return _as_text(document.get("id")) or _as_text(document.get("orderNumber"))


def names(document: Document) -> set[str]:
    """Return what a webhook may call an order: the shown number or the inner id."""
    return {order_id(document), _as_text(document.get("internalId"))} - {""}


def text(document: Document, name: str) -> str:
    """Return a text field, empty when absent; without what no database can hold."""
    value = document.get(name)
    if isinstance(value, (dict, list)):
        raise Malformed(name)
    return _as_text(value)


def amount(document: Document, name: str) -> Decimal:
    """Return a number (price, quantity, rate) with its own digits, zero when absent."""
    value = document.get(name)
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Malformed(name)
    if not -LARGEST < value < LARGEST:
        raise Malformed(name)
    return Decimal(value)


def money(document: Document, name: str) -> Decimal:
    """Return an amount in whole cents of the shop's currency, zero when absent.

    The wire's numbers are doubles (order-fields-2026): what is left of the cents in
    23.799999999999997 is how doubles are written, not money.
    """
    return cents(amount(document, name))


def flag(document: Document, name: str) -> bool | None:
    """Return true or false; None when absent. A text such as "false" is neither."""
    value = document.get(name)
    if value is not None and not isinstance(value, bool):
        raise Malformed(name)
    return value


def part(document: Document, name: str) -> Document:
    """Return a nested object, empty when absent."""
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed(name)
    return value


def parts(document: Document, name: str) -> Iterator[Document]:
    """Yield the objects of a nested list, none when absent."""
    value = document.get(name)
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise Malformed(name)
    yield from value


def moment(document: Document, name: str) -> datetime:
    """Return `createTimestamp` or `createDate` (or update...) as aware UTC."""
    stamp = document.get(f"{name}Timestamp")
    if not _is_whole(stamp):
        return date(document, f"{name}Date")
    try:
        return datetime.fromtimestamp(int(stamp or 0), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed(f"{name}Timestamp") from error


def date(document: Document, name: str) -> datetime:
    """Return a moment as the shop writes it, `2018-05-31 15:08:36 +0000`, in UTC."""
    try:
        written = datetime.strptime(text(document, name), "%Y-%m-%d %H:%M:%S %z")
        return written.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed(name) from error


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _as_text(value: Any) -> str:
    """Write a single value as text, without what no package can hold."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    return sendable(str(value)).strip()
