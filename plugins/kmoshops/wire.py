"""The shop's JSON, checked when it comes in: anything odd is an error, not a guess.

Field names: Ecwid REST v3 (contract: order-fields-2026).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Document = dict[str, Any]


class Malformed(ValueError):
    """The answer does not have the shape of the contract; names the field."""


def page_items(body: Any) -> tuple[list[Document], int]:
    """Return the orders of a search page and the total number of matches."""
    if not isinstance(body, dict) or not isinstance(body.get("items"), list):
        raise Malformed("items")
    if not isinstance(body.get("total"), int):
        raise Malformed("total")
    for item in body["items"]:
        if not isinstance(item, dict) or not order_id(item):
            raise Malformed("items.id")
    return body["items"], body["total"]


def order_id(document: Document) -> str:
    """Return the order number that the shop shows and webhooks name."""
    value = document.get("id")
    if value is None:
        value = document.get("orderNumber")
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


def text(document: Document, name: str) -> str:
    """Return a text field, empty when absent."""
    value = document.get(name)
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise Malformed(name)
    return str(value).strip()


def amount(document: Document, name: str) -> Decimal:
    """Return an amount in the shop's currency, zero when absent."""
    value = document.get(name)
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Malformed(name)
    return Decimal(value)


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
    if isinstance(stamp, int) and not isinstance(stamp, bool):
        return datetime.fromtimestamp(stamp, UTC)
    written = text(document, f"{name}Date")
    try:
        return datetime.strptime(written, "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except ValueError as error:
        raise Malformed(f"{name}Date") from error
