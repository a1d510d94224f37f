"""The vendor's JSON: names and limits of API v2 (OpenAPI of 2026-02-17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.domain.strings import cut

Body = dict[str, Any]

NAME = 50
TEXT = 2000
TRANSACTION_TEXT = 60
VOUCHER_TEXT = 1000
ADDRESS = 50
POSTAL_CODE = 10
CITY = 50
REFERENCE = 100
PAYMENT_REFERENCE = 50
ARTICLE_NUMBER = 40
PHONE = 50
EMAIL = 255
TOTAL = 99_999_999
"""Largest total of a ledger item, euros."""
ROWS = 1000
"""Line numbers run to 1000."""
PAYMENT_TEXT = 50
"""Text of a row of a payment voucher (contract 3.12)."""
VAT_TOLERANCE_CENTS = 5
"""A sales entry's VAT may differ so much from what the rows give (contract 3.11)."""

PURCHASE_NUMBER, PURCHASE_MESSAGE, PURCHASE_TEXT = 50, 25, 100
"""Of a supplier invoice draft and its rows (SupplierInvoiceDraftApi)."""
INT32 = 2_147_483_647
"""Largest invoice number (contract 3.11)."""
FILE_NAME = 200
ATTACHMENT_TYPES = ("application/pdf", "image/jpeg", "image/png", "image/tiff")
VOUCHER = 3
"""AttachmentLink.DocumentType (contract 3.13)."""

STANDARD, INVOICING, BOOKKEEPING, SOLO, PRO = 1, 2, 3, 4, 5
"""CompanySettings.ProductVariant (contract 3.14)."""
ORDER_DRAFT = 1
ROT_NORMAL = 0


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    items: Sequence[Body]
    pages: int
    total: int = 0
    """How many records the filter lets through, over all pages."""
    server_time: str = ""
    """The vendor's clock when it answered, where it says so."""


class Malformed(ValueError):
    """An answer lacks what the contract promises."""


def units(text: str) -> int:
    """Return a text's length as the vendor is assumed to count it: in UTF-16 units,
    as .NET does. An emoji counts for two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """Cut a code or number to a limit, wherever that is."""
    text = text[:limit]
    while units(text) > limit:
        text = text[:-1]
    return text


def fit(text: str, limit: int) -> str:
    """Cut a text to a limit without breaking a word, unless one word is longer."""
    fitting = cut(text, limit)
    while (over := units(fitting) - limit) > 0:
        fitting = cut(fitting, len(fitting) - -(-over // 2))
    return fitting


def about(word: str, number: str, limit: int) -> str:
    """Return `word number`, the number shortened in its middle where it is too long:
    its beginning and its end tell it from others."""
    text = f"{word} {number}"
    if units(text) <= limit:
        return text
    room = limit - units(word) - 2
    tail = room // 2
    return f"{word} {clip(number, room - tail)}…{number[-tail:]}"


def page(body: Any) -> Page:
    """Return a list answer's items and number of pages (contract 2.2)."""
    if not isinstance(body, dict) or not isinstance(body.get("Data"), list):
        raise Malformed("Data")
    meta = body.get("Meta")
    if not isinstance(meta, dict) or "TotalNumberOfPages" not in meta:
        raise Malformed("Meta")
    return Page(
        body["Data"],
        int(meta["TotalNumberOfPages"]),
        int(meta.get("TotalNumberOfResults") or 0),
        str(meta.get("ServerTimeUtc") or ""),
    )


def record(body: Any) -> Body:
    """Return a single record; it must have an id."""
    if not isinstance(body, dict) or not body.get("Id"):
        raise Malformed("Id")
    return body


def moment(text: str) -> datetime:
    """Read a date answer: with zone, without, or a date only (contract 2.4)."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def utc_literal(value: datetime) -> str:
    """Write a moment as a bare `$filter` literal."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def quoted(value: str) -> str:
    """Write a text as a `$filter` literal; an inner quote is doubled."""
    return "'" + value.replace("'", "''") + "'"
