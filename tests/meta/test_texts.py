"""Every code has words, every text can be filled in, and all is translated."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from core.kit.translations import catalogues
from core.main.app import ROOT
from core.models import InvoiceState, LogLevel, StepState, TransferState
from core.plugin.registry import WORDS
from core.runtime.extensions import koppelwerk
from core.texts import TEXTS, ErrorText, explain, heading, invoices, values
from core.web.views.display import WORD_FOR
from tests.meta.project import plugin_names

CORE = ROOT / "core" / "texts"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
RAISED = {"AskUser", "RetryLater", "WaitUntil", "Stop", "AuthenticationLost",
          "OutcomeUnknown", "Fault", "Status"}  # fmt: skip
NOTED = {"note", "_saved", "pause", "warn", "run_finished"}
"""Helpers that write a code into the log or keep it with a row."""
HELD = {"code", "warning", "reason"}
"""Names of what holds a code."""
WORDS_OF_THEIR_OWN = (
    "core/web", "plugins/vies", "plugins/accountview", "plugins/belastingdienst",
)  # fmt: skip
"""Where such names hold places on a page, or what has words in a table there."""
PLACES = re.compile(r"%\((\w+)\)s")


def _texts() -> dict[str, ErrorText]:
    found = dict(TEXTS)
    for plugin in koppelwerk().registry.plugins.values():
        found.update(plugin.texts)
    return found


@cache
def _used(*folders: Path) -> frozenset[str]:
    """Return every message id there is in code and templates."""
    found = {
        message if isinstance(message, str) else message[0]
        for folder in folders
        for _file, _line, message, _comments, _context in extract_from_dir(
            folder, METHODS, {}, KEYWORDS
        )
    }
    return frozenset(found - {""})


def wanted(place: Path) -> frozenset[str]:
    """Return what a place's own catalogue must hold: the core's words stay there."""
    core = _used(ROOT / "core", ROOT / "templates")
    return core if place == CORE else (_used(place) | _of_manifest(place)) - core


def _of_manifest(place: Path) -> frozenset[str]:
    found = ast.literal_eval((place / "__manifest__.py").read_text(encoding="utf-8"))
    return frozenset(found[name] for name in WORDS)


def catalog(place: Path) -> Catalog:
    path = place / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file)


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _codes(path: Path) -> Iterator[str]:
    """Yield the codes that a module raises, writes to the log or keeps with a row."""
    has_own = str(path.relative_to(ROOT)).startswith(WORDS_OF_THEIR_OWN)
    held, noted = (set[str](), set[str]()) if has_own else (HELD, NOTED)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and _name(node.targets[0]) in held:
            yield from _texts_in(node.value)
        if not isinstance(node, ast.Call):
            continue
        is_log = isinstance(node.func, ast.Attribute) and (
            _name(node.func.value) == "log" and node.func.attr == "write"
        )
        given = node.args[1:2] if is_log else node.args[:2]
        if is_log or _name(node.func) in RAISED | noted:
            for item in given:
                yield from _texts_in(item)
        for keyword in node.keywords:
            if keyword.arg in held:
                yield from _texts_in(keyword.value)


def _texts_in(node: ast.expr) -> Iterator[str]:
    """Yield a text, or both of a choice (`"a" if x else "b"`)."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts_in(node.body), *_texts_in(node.orelse))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _sources() -> list[Path]:
    paths = [*(ROOT / "core").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    return [path for path in paths if "sandbox" not in path.parts]


def test_every_code_that_is_raised_or_logged_has_words(app: Flask) -> None:
    known = _texts()
    missing = {
        f"{path.relative_to(ROOT)}: {code}"
        for path in _sources()
        for code in _codes(path)
        if code and re.fullmatch(r"[a-z_]+", code) and code not in known
    }
    assert missing == set()


def test_every_state_has_words() -> None:
    for kind in (TransferState, StepState, LogLevel):
        assert {each.value for each in kind} <= set(WORD_FOR)
    assert {each.value for each in InvoiceState} == set(invoices.STATES)


def test_every_text_can_be_filled_in(app: Flask) -> None:
    for code, text in _texts().items():
        words = explain(code, {"number": "1"})
        assert words.what, code
        for part in (text.what, text.why, text.action):
            values: defaultdict[str, Any] = defaultdict(lambda: "x")
            filled = str(part) % values
            assert "%(" not in filled, code


def test_what_stands_above_a_group_holds_for_all_of_it(app: Flask) -> None:
    """`many` has no value of one document, and `by` what `what` says of them all."""
    for code, text in _texts().items():
        assert set(PLACES.findall(str(text.many))) <= {*text.by, "plugin"}, code
        assert len(text.by) <= 2, code
        assert not (text.by and text.many), code
        for name in text.by:
            assert name in PLACES.findall(str(text.what)), code


def test_what_has_values_of_one_document_is_told_without_them_of_several(
    app: Flask,
) -> None:
    given = {"total": "41.00", "lines": "39.90", "country": "FR", "rate": "20"}
    assert heading("total_mismatch", given).what == (
        "Bestellingen waarvan het totaal niet klopt met de regels"
    )
    assert heading("changed_after_booking", given).why == ""
    assert heading("vat_rate_not_configured", given).what == (
        "Voor 20% BTW in Frankrijk is nog geen BTW-code gekozen."
    )


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("total", "1234.5", "€\xa01.234,50"), ("total", "veel", "veel"),
        ("expected", "12.30", "€\xa012,30"), ("expected", "2000", "2000"),
        ("rate", "5.500", "5,5"), ("rate", "?", "?"),
        ("date", "2026-03-01", "1 mrt 2026"),
        ("moment", "2026-07-01 22:30:00+00:00", "2 jul 2026 00:30"),
        ("on", "maart", "maart"), ("country", "DE", "Duitsland"),
        ("reference", "2026-03-01", "2026-03-01"), ("method", "iDEAL", "iDEAL"),
    ],
)  # fmt: skip
def test_values_are_shown_as_people_write_them(
    app: Flask, name: str, value: str, shown: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        assert values.shown({name: value}) == {name: shown}


def test_plugins_do_not_take_each_others_codes(app: Flask) -> None:
    owners: dict[str, str] = {}
    for plugin in koppelwerk().registry.plugins.values():
        for code in plugin.texts:
            assert code not in TEXTS, f"{plugin.name}: {code} is core's"
            assert owners.setdefault(code, plugin.name) == plugin.name


OWNERS = [CORE, *(ROOT / "plugins" / name for name in plugin_names())]
each_place = pytest.mark.parametrize("place", OWNERS, ids=lambda place: place.name)


@each_place
def test_every_text_is_translated(place: Path) -> None:
    known = catalog(place)
    untranslated = {
        message
        for message in wanted(place)
        if not (found := known.get(message)) or not found.string or found.fuzzy
    }
    assert untranslated == set()


@each_place
def test_no_translation_is_left_over(place: Path) -> None:
    known = {_id(message) for message in catalog(place) if message.id}
    assert known - wanted(place) == set()


_NAMED = re.compile(
    r"(?:[Dd]rukt?(?:[ ]\w+){0,3}[ ]op|\bknop|\bof[ ]op|daarna[ ]op)[ ]‘?(?=[A-Z])"
)
_BUTTON = re.compile(
    r"(?:<button[^<]*?>|<a[ ]class=\"button[^<]*?>)(.*?)</(?:button|a)>", re.DOTALL
)
_OF_OTHERS = ("Ctrl+",)
"""Keys of the keyboard."""


def _buttons() -> set[str]:
    """Return the Dutch words on the buttons of all templates."""
    folders = [ROOT / "templates", *(ROOT / "plugins").glob("*/templates")]
    found = set[str]()
    for path in (each for folder in folders for each in folder.rglob("*.html")):
        for inside in _BUTTON.findall(path.read_text(encoding="utf-8")):
            found |= set(re.findall(r"_\('([^']+)'", inside))
    return found


@each_place
def test_a_button_that_a_text_names_exists(place: Path) -> None:
    """In Dutch as it stands on the button; in English as the button's translation."""
    buttons, core, own = (
        sorted(_buttons(), key=len, reverse=True),
        catalog(CORE),
        catalog(place),
    )
    wrong = set()
    for text in wanted(place):
        for named in _NAMED.finditer(text):
            rest = text[named.end() :]
            if rest.startswith(_OF_OTHERS):
                continue
            label = next((one for one in buttons if rest.startswith(one)), "")
            english = core.get(label) or own.get(label)
            said = own.get(text)
            if not label or (english and said and english.string not in said.string):
                wrong.add(text)
    assert wrong == set()


def test_a_text_of_two_plugins_is_translated_alike() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for place in OWNERS:
        for message in catalog(place):
            if message.id:
                found[_id(message)].add(str(message.string))
    assert {text for text, english in found.items() if len(english) > 1} == set()
    assert len(found) > 2500


def test_the_catalogues_are_those_that_are_compiled() -> None:
    found = {path.parents[3] for path in catalogues(ROOT)}
    assert found == {place for place in OWNERS if list(catalog(place))[1:]}


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


@each_place
def test_translations_keep_the_values(place: Path) -> None:
    for message in catalog(place):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if len(ids) == 1 else list(message.string)
        for dutch, english in zip(ids, strings, strict=True):
            if dutch:
                values = sorted(PLACES.findall(dutch))
                assert values == sorted(PLACES.findall(english)), dutch
