"""The law is pure, and says of every rule where it stands."""

import ast
import importlib
from pathlib import Path

import pytest

from plugins.belastingdienst import law
from plugins.belastingdienst.law.sources import Source, Sure

FOLDER = Path(law.__file__).parent
RULED = (
    "bad_debts", "cases", "cash_scheme", "dates", "icp", "oss", "oss_threshold",
    "purchases", "small_business", "suppletie", "vat_accounts", "watch", "year_end",
)  # fmt: skip
SHARED = ("boxes", "doubts", "sources", "spans", "taxonomies")
ALLOWED = ("core.domain.declarations", "core.domain.errors", "core.domain.money",
           "core.rules.vatrates", "plugins.belastingdienst.law")  # fmt: skip
PLAIN = {
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "typing",
}


@pytest.mark.parametrize("name", RULED)
def test_every_rule_has_a_source(name: str) -> None:
    rules = importlib.import_module(f"plugins.belastingdienst.law.{name}").RULES
    assert rules
    for source in rules.values():
        assert isinstance(source, Source)
        assert source.where
        assert source.sure in Sure


@pytest.mark.parametrize("name", [*RULED, *SHARED])
def test_it_is_pure(name: str) -> None:
    """No clock, no database, no application; and no floats."""
    for node in ast.walk(ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert module.startswith(ALLOWED) or module.partition(".")[0] in PLAIN
        elif isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= PLAIN
        elif isinstance(node, ast.Constant):
            assert not isinstance(node.value, float)
        elif isinstance(node, ast.Attribute):
            assert node.attr not in ("today", "now", "utcnow")
