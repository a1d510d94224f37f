"""`docs/proofs.md` names tests that exist, for each finding, run and security item."""

import ast
import re
from functools import cache

import pytest

from tests.meta.project import ROOT

PAGE = (ROOT / "docs" / "proofs.md").read_text("utf-8")
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
ROWS = re.findall(r"^\| ([A-EKT]\d+b?) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
NUMBERS = {"K": 21, "T": 27, "A": 14, "B": 13, "C": 14, "D": 16, "E": 18}


@cache
def _tests_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef)
    )


def test_every_number_has_one_row() -> None:
    wanted = {
        f"{kind}{one + 1}" for kind, many in NUMBERS.items() for one in range(many)
    }
    assert sorted(number for number, _ in ROWS) == sorted(wanted | {"T11b"})


@pytest.mark.parametrize(("number", "held"), ROWS, ids=lambda each: each[:4])
def test_what_holds_it_exists_or_is_said_to_be_missing(number: str, held: str) -> None:
    tests = TEST.findall(held)
    if not tests:
        assert held == "not held"
        assert f"- {number}: " in PAGE, "say what there is instead"
    for file, name in tests:
        assert name in _tests_of(file), f"{file}::{name}"


def test_tests_that_the_text_names_exist() -> None:
    for file, name in TEST.findall(PAGE):
        assert name in _tests_of(file), f"{file}::{name}"
    assert len(TEST.findall(PAGE)) == PAGE.count(".py::")
