"""The user's words for codes: what happened, why, and what solves it.

Texts are Dutch message ids for gettext; values stand in %(name)s. A plugin brings
the words for its own codes in its `texts.py`; core's stand here, a module per area.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask, current_app

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
    purchases,
    refunds,
    relation_cards,
    relation_conflicts,
    relation_sync,
    relations,
    set_aside,
    status,
    support,
    tally,
    vat,
)
from core.texts.changes import change_word
from core.texts.payments import payment_word
from core.texts.text import ErrorText
from core.texts.values import shown

__all__ = [
    "TEXTS",
    "ErrorText",
    "Explained",
    "PluginTexts",
    "change_word",
    "codes_saying",
    "explain",
    "grouping",
    "heading",
    "in_one",
    "init",
    "payment_word",
    "solved_in_coupling",
]

_EXTENSION = "koppelwerk_texts"
_AREAS = (
    accounts, documents, refunds, outside, status, log, licences, backfill, support,
    relations, relation_cards, vat,
    invoices,
    relation_conflicts,
    relation_sync,
    invoice_bookings,
    purchases,
    api,
    tally,
    set_aside,
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


_ELSEWHERE = ("", "package", "relation", "shop")
"""Where a cause is solved for all couplings at once (`ErrorText.field`)."""
_NAMES = ("plugin", "service")
"""Values that name a plugin; the user reads its title."""
_VALUE = re.compile(r"%\((\w+)\)s")
_LEFT_OUT = "…"


def explain(code: str, params: Mapping[str, Any] | None = None) -> Explained:
    """Return the words for a code; an unknown one is shown as itself."""
    text = _find(code)
    if text is None:
        return Explained(code, "", "", "")
    values = _values(params or {})
    return Explained(
        what=str(text.what) % values,
        why=str(text.why) % values,
        action=str(text.action) % values,
        field=text.field,
        many=str(text.many) % values,
    )


def heading(code: str, params: Mapping[str, Any]) -> Explained:
    """Return the words above several documents: only what all of them share.

    Of `why` and `action` nothing is said that has one document's own values.
    """
    text = _find(code)
    if text is None:
        return Explained(code, "", "", "")
    shared = {*text.by, *_NAMES}
    common = {name: value for name, value in params.items() if name in shared}
    words = [str(text.many or text.what), str(text.why), str(text.action)]
    values = _values(common, missing=_LEFT_OUT)
    what, why, action = (
        words % values if place == 0 or not _own(words, shared) else ""
        for place, words in enumerate(words)
    )
    return Explained(what, why, action, text.field)


def _own(words: str, shared: set[str]) -> bool:
    """Tell whether words hold a value that is one document's own."""
    return not set(_VALUE.findall(words)) <= shared


def _values(params: Mapping[str, Any], missing: str = "?") -> Mapping[str, Any]:
    found: defaultdict[str, Any] = defaultdict(lambda: missing, shown(params))
    found.update({name: _title(found[name]) for name in _NAMES if name in found})
    return found


def grouping() -> Mapping[str, tuple[str, ...]]:
    """Return by code which values divide its documents into groups (`by`)."""
    return _plugins().grouping


def solved_in_coupling() -> Collection[str]:
    """Return the codes that each coupling's own configuration solves, in order."""
    return _plugins().solved_in_coupling


def _all() -> Mapping[str, ErrorText]:
    return _plugins().all


def codes_saying(text: str) -> list[str]:
    """Return the codes whose words, in the user's language, hold a text."""
    wanted = text.casefold()
    return [
        code
        for code, words in _all().items()
        if wanted in _VALUE.sub("", str(words.what)).casefold()
    ]


def in_one(error: KoppelwerkError) -> str:
    """Return all that there is to say about an error, as one text."""
    words = explain(error.code, error.params)
    return " ".join(filter(None, (words.what, words.why, words.action)))


def _title(name: str) -> str:
    return str(_plugins().titles.get(name, name))


def _find(code: str) -> ErrorText | None:
    return TEXTS.get(code) or _plugins().texts.get(code)


@dataclass(frozen=True)
class PluginTexts:
    """What the plugins of an application bring: words for codes, and their titles."""

    texts: Mapping[str, ErrorText]
    titles: Mapping[str, str]

    # Asked for every document of a list, and the same as long as the process runs.

    @cached_property
    def all(self) -> Mapping[str, ErrorText]:
        """Those of the core too, which go before a plugin's."""
        return {**self.texts, **TEXTS}

    @cached_property
    def grouping(self) -> Mapping[str, tuple[str, ...]]:
        """See `grouping`."""
        return {code: text.by for code, text in self.all.items() if text.by}

    @cached_property
    def solved_in_coupling(self) -> Collection[str]:
        """See `solved_in_coupling`: a dict, to look up in and to go through."""
        fields = {code: text.field for code, text in self.all.items()}
        found = sorted(
            code for code, field in fields.items() if field not in _ELSEWHERE
        )
        return dict.fromkeys(found)


def init(app: Flask, plugins: PluginTexts) -> None:
    """Give an application the words of its plugins; `explain` finds them there."""
    app.extensions[_EXTENSION] = plugins


def _plugins() -> PluginTexts:
    found: PluginTexts = current_app.extensions[_EXTENSION]
    return found
