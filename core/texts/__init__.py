"""The user's words for codes: what happened, why, and what solves it.

Texts are Dutch message ids for gettext; values stand in %(name)s. A plugin brings
the words for its own codes in its `texts.py`; core's stand here, a module per area.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import numbers
from flask import Flask, current_app
from flask_babel import get_locale

from core.domain.errors import KoppelwerkError
from core.texts import (
    accounts,
    api,
    backfill,
    documents,
    invoice_bookings,
    invoices,
    licences,
    log,
    outside,
    refunds,
    relation_cards,
    relation_conflicts,
    relation_sync,
    relations,
    status,
    support,
    tally,
    vat,
)
from core.texts.payments import payment_word
from core.texts.text import ErrorText

__all__ = [
    "TEXTS",
    "ErrorText",
    "Explained",
    "PluginTexts",
    "explain",
    "in_one",
    "init",
    "payment_word",
]

_EXTENSION = "koppelwerk_texts"
_AREAS = (
    accounts, documents, refunds, outside, status, log, licences, backfill, support,
    relations, relation_cards, vat,
    invoices,
    relation_conflicts,
    relation_sync,
    invoice_bookings,
    api,
    tally,
)  # fmt: skip
TEXTS: Mapping[str, ErrorText] = {
    code: text for area in _AREAS for code, text in area.TEXTS.items()
}


@dataclass(frozen=True)
class Explained:
    """A code's words with the values filled in."""

    what: str
    why: str
    action: str
    field: str
    many: str = ""


_NAMES = ("plugin", "service")
"""Values that name a plugin; the user reads its title."""
_PLACES = {"country", "visma_country", "area"}
"""Values that are codes of countries or VAT areas; the user reads their names."""
_METHODS = {"method"}
"""Values that are a payment method; the user reads a word for ours."""
_AMOUNTS = ("refunded", "booked", "now")
"""Values in euros, as plain numbers; the user reads them as amounts."""


def explain(code: str, params: Mapping[str, Any] | None = None) -> Explained:
    """Return the words for a code; an unknown one is shown as itself."""
    text = _find(code)
    if text is None:
        return Explained(code, "", "", "")
    values: defaultdict[str, Any] = defaultdict(lambda: "?", params or {})
    values.update({key: _title(values[key]) for key in _NAMES if key in values})
    values.update({key: _euros(values[key]) for key in _AMOUNTS if key in values})
    values.update(
        {key: payment_word(str(values[key])) for key in _METHODS & values.keys()}
    )
    values.update(
        {key: vat.place_word(str(values[key])) for key in _PLACES & values.keys()}
    )
    return Explained(
        what=str(text.what) % values,
        why=str(text.why) % values,
        action=str(text.action) % values,
        field=text.field,
        many=str(text.many),
    )


def in_one(error: KoppelwerkError) -> str:
    """Return all that there is to say about an error, as one text."""
    words = explain(error.code, error.params)
    return " ".join(filter(None, (words.what, words.why, words.action)))


def _title(name: str) -> str:
    return str(_plugins().titles.get(name, name))


def _euros(amount: Any) -> str:
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return str(amount)
    return str(numbers.format_currency(number, "EUR", locale=get_locale() or "nl"))


def _find(code: str) -> ErrorText | None:
    return TEXTS.get(code) or _plugins().texts.get(code)


@dataclass(frozen=True)
class PluginTexts:
    """What the plugins of an application bring: words for codes, and their titles."""

    texts: Mapping[str, ErrorText]
    titles: Mapping[str, str]


def init(app: Flask, plugins: PluginTexts) -> None:
    """Give an application the words of its plugins; `explain` finds them there."""
    app.extensions[_EXTENSION] = plugins


def _plugins() -> PluginTexts:
    found: PluginTexts = current_app.extensions[_EXTENSION]
    return found
