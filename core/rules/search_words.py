"""What things are found by: the words of a text, of an order, of what was typed. Pure.

Search stays flat as lists grow because it asks for words that begin with what was
typed, which an index answers.
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.domain.companies import company_name

LONGEST = 100
MOST_TYPED = 6
"""Words of a search that count."""
LAST = "\uffff"
"""Sorts behind every character that a word has."""
_AMOUNT = re.compile(r"-?(\d{1,9}|\d{1,3}([.,]\d{3}){1,2})([.,]\d{1,2})?")
_REFUND = re.compile(r"-R\d{1,3}$", re.IGNORECASE)
"""The end of a refund's own number, behind that of its order."""


def split(text: str) -> set[str]:
    """Return a text's words without case or accents; `info@x.nl` is found by x too."""
    plain = _plain(text)
    parts = "".join(letter if letter.isalnum() else " " for letter in plain)
    return _cut(plain.split()) | _cut(parts.split())


def typed(search: str) -> list[str]:
    """Return what was typed as words, the longest first; an e-mail address and a number
    with signs stay whole, as `split` keeps them whole too."""
    return sorted(_cut(_plain(search).split()), key=len, reverse=True)[:MOST_TYPED]


def order_words(payload: Mapping[str, Any]) -> set[str]:
    """Return the words of an order, as `order_to_dict` wrote it: its number, who bought
    it and who gets it, and the e-mail address."""
    names = [
        payload.get(role, {}).get(field, "")
        for role in ("billing", "delivery")
        for field in ("name", "company")
    ]
    whole = f"{payload.get('number', '')} {payload.get('email', '')}"
    return _cut(_plain(whole).split()).union(*(split(name) for name in names))


def customer_of(payload: Mapping[str, Any]) -> str:
    """Return who bought an order: the company, else the person; empty: not told."""
    billing = payload.get("billing", {})
    is_private = payload.get("is_business") is False
    company = "" if is_private else company_name(billing.get("company", ""))
    return str(company or billing.get("name", ""))


def order_number(search: str) -> str:
    """Return the order that a refund's number names (`T12-R1`); else what was typed."""
    return _REFUND.sub("", search.strip())


def amount(search: str) -> Decimal | None:
    """Read an amount in euros as people type it (52,90, € 1.234,50); None: it is none.

    Behind the last point or comma stand cents when there are one or two digits.
    """
    text = search.replace("€", "").replace(" ", "").removeprefix("EUR")
    if not _AMOUNT.fullmatch(text):
        return None
    whole, sign, end = text.rpartition(max(".", ",", key=text.rfind))
    if sign and len(end) <= 2:
        return Decimal(f"{_digits(whole)}.{end}")
    return Decimal(_digits(text))


def _digits(text: str) -> str:
    return text.replace(".", "").replace(",", "")


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _cut(words: list[str]) -> set[str]:
    return {word[:LONGEST] for word in words}
