"""The vendor's JSON: names and limits of API v2 (OpenAPI of 2026-02-17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

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
VAT_TOLERANCE_CENTS = 5
"""A sales entry's VAT may differ so much from what the rows give (contract 3.11)."""

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


class Malformed(ValueError):
    """An answer lacks what the contract promises."""


def page(body: Any) -> Page:
    """Return a list answer's items and number of pages (contract 2.2)."""
    if not isinstance(body, dict) or not isinstance(body.get("Data"), list):
        raise Malformed("Data")
    meta = body.get("Meta")
    if not isinstance(meta, dict) or "TotalNumberOfPages" not in meta:
        raise Malformed("Meta")
    return Page(body["Data"], int(meta["TotalNumberOfPages"]))


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
