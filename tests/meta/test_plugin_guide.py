"""`docs/plugins.md` names all that a plugin declares and may use, and nothing else."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, get_args, get_type_hints

import pytest

import core.domain
import core.plugin
from core.domain import errors
from core.kit.sandbox import create_sandbox
from core.kit.sandbox.app import CONTROL
from core.kit.sandbox.faults import GENERAL
from core.main.commands.plugin_rules import QUALITY_RULES, imports
from core.plugin import capabilities, hooks, pages, ports
from core.plugin.registry import AUTHS, CATEGORIES
from tests.meta.project import ROOT, product

DOCUMENT = (ROOT / "docs" / "plugins.md").read_text("utf-8")
CORES_OWN = "the core's own"
PLACES = (
    "core.plugin.capabilities",
    "core.plugin.work",
    "core.plugin.setups",
    "core.kit.sandbox",
    "core.rules.sync",
    "core.net.oauth",
    "core.texts",
    *(
        f"core.domain.{found.name}"
        for found in pkgutil.iter_modules(core.domain.__path__)
    ),
)
"""Where the classes that have a heading of their own are looked for, in this order."""


@cache
def tables() -> dict[str, list[tuple[str, str]]]:
    """Return each heading's rows: what stands in backticks first, and the rest."""
    found = {}
    for part in re.split(r"^#+ ", DOCUMENT, flags=re.M)[1:]:
        heading, _, text = part.partition("\n")
        cells = re.findall(r"^\| (`.*?) \| (.*)$", text, re.M)
        found[heading.strip("`")] = [
            (name, rest)
            for first, rest in cells
            for name in re.findall(r"`(.*?)`", first)
        ]
    return found


def named(heading: str) -> list[str]:
    """Return what a heading's tables name, in order."""
    return [name for name, _ in tables()[heading]]


def members(kind: type) -> list[str]:
    """Return what is to be told of a class: a dataclass's fields, else its own."""
    if is_dataclass(kind):
        return [item.name for item in fields(kind)]
    own = (*inspect.get_annotations(kind), *vars(kind))
    return [name for name in dict.fromkeys(own) if not name.startswith("_")]


def the_class(name: str) -> type:
    """Return the class that a heading is about."""
    for place in PLACES:
        found = getattr(importlib.import_module(place), name, None)
        if isinstance(found, type):
            return found
    raise LookupError(f"the guide tells of {name}, which there is not")


def offered(module: ModuleType) -> set[str]:
    """Return the names of a module that are there for plugins."""
    if hasattr(module, "__all__"):
        return set(module.__all__)
    own = [each for each in vars(module).values() if type(each) is ports.Port]
    return {
        name
        for name, each in vars(module).items()
        if not name.startswith("_")
        and (_calls_of(each, own) or _is_defined_in(each, module))
        and not (own and getattr(each, "_is_protocol", False))
    }


def _is_defined_in(each: Any, module: ModuleType) -> bool:
    is_one = issubclass(type(each), FunctionType | type)
    return is_one and each.__module__ == module.__name__


def _calls_of(each: Any, own: list[Any]) -> bool:
    """Tell whether this is a function of one of a module's ports."""
    if type(each) is not FunctionType or not each.__qualname__.startswith("_Calls."):
        return False
    return inspect.getclosurevars(each).nonlocals["self"]._port in own


def border() -> Iterator[str]:
    """Yield the modules that the guide says are for plugins, whole."""
    for name, use in tables()["Modules"]:
        if CORES_OWN not in use:
            yield f"core.plugin.{name}"
    yield "core.plugin.engine.rounds"


CLASSES = [name for name in tables() if re.fullmatch(r"[A-Z]\w+", name)]
CLASSES = [name for name in CLASSES if f"# `{name}`\n" in DOCUMENT]
MODULES = [name for name in tables() if name.startswith("core.")]
DECLARED = [
    name
    for name in capabilities.__all__
    if isinstance(getattr(capabilities, name), type)
]
EVENTS = [
    get_type_hints(getattr(hooks, hook))["event"].__name__ for hook in hooks.HOOKS
]


@pytest.mark.parametrize("name", ["Job", "Step", "ErrorText", *DECLARED, *EVENTS])
def test_what_a_plugin_declares_or_is_given_is_told(name: str) -> None:
    assert name in CLASSES


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_told_with_all_it_has_and_no_more(name: str) -> None:
    assert sorted(named(name)) == sorted(members(the_class(name)))


@pytest.mark.parametrize("name", [name for name in border() if name not in MODULES])
def test_a_module_without_a_table_has_only_what_is_told_elsewhere(name: str) -> None:
    untold = offered(importlib.import_module(name)) - set(CLASSES)
    assert [name for name in sorted(untold) if f"`{name}`" not in DOCUMENT] == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_told_with_all_it_offers_and_no_more(name: str) -> None:
    told = named(name)
    assert len(told) == len(set(told))
    there = offered(importlib.import_module(name))
    assert set(told) == there - (set(CLASSES) - set(told))


def test_the_list_of_modules_is_whole() -> None:
    found = pkgutil.iter_modules(core.plugin.__path__)
    assert named("Modules") == sorted(each.name for each in found)


def test_what_the_guide_takes_from_a_module_of_the_cores_is_there() -> None:
    for name, use in tables()["Modules"]:
        module = importlib.import_module(f"core.plugin.{name}")
        if CORES_OWN in use and not use.startswith(CORES_OWN):
            assert hasattr(module, re.findall("`(.*?)`", use)[0])


def test_no_plugin_uses_what_is_the_cores_own() -> None:
    rows = tables()["Modules"]
    cores = [f"core.plugin.{name}" for name, use in rows if use.startswith(CORES_OWN)]
    assert len(cores) > 2
    used = {
        (file.name, name)
        for file in product()
        if file.name.startswith("plugins/")
        for name in imports(file.tree)
        if any(f"{name}.".startswith(f"{one}.") for one in cores)
    }
    assert used == set()


def _errors() -> set[str]:
    found = inspect.getmembers(errors, inspect.isclass)
    return {name for name, kind in found if kind.__module__ == errors.__name__}


def _control() -> set[str]:
    rules = create_sandbox("guide", ":memory:").url_map.iter_rules()
    return {
        f"{method} {rule.rule}"
        for rule in rules
        if rule.rule.startswith(CONTROL)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


LISTS: dict[str, Callable[[], set[str]]] = {
    "Hooks": lambda: set(hooks.HOOKS),
    "Errors": _errors,
    "Access": lambda: set(get_args(pages.Access)),
    "Faults": lambda: set(GENERAL),
    "Control addresses": _control,
    "Quality": lambda: set(QUALITY_RULES),
}


@pytest.mark.parametrize("heading", LISTS)
def test_a_list_is_whole_and_has_no_more(heading: str) -> None:
    assert sorted(named(heading)) == sorted(LISTS[heading]())


@pytest.mark.parametrize("word", [*CATEGORIES, *AUTHS])
def test_what_a_manifest_can_say_is_told(word: str) -> None:
    meanings = dict(tables()["Manifest"])
    assert f"`{word}`" in meanings["category"] + meanings["auth"]


def test_a_field_that_there_is_not_would_be_found() -> None:
    assert "sender" in members(capabilities.Orders)
    assert "subject" not in members(capabilities.Orders)
    with pytest.raises(LookupError):
        the_class("Nonsense")


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        *(f"docs/{one.name}" for one in (ROOT / "docs").glob("*.md")),
    ],
)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.S)
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target.read_text("utf-8")), link


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
