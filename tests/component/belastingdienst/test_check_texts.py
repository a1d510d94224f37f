"""What a check finds has words, whatever it finds."""

import ast
from inspect import getsource

import pytest

from plugins.belastingdienst import checks
from plugins.belastingdienst.texts import TEXTS
from tests.meta.project import called

COMPUTED = ("icp_rounding_gap", "icp_differs_from_3b")
CODES = sorted(
    str(node.args[0].value)
    for node in ast.walk(ast.parse(getsource(checks)))
    if isinstance(node, ast.Call)
    and called(node) in ("_problem", "_warning")
    and isinstance(node.args[0], ast.Constant)
)


@pytest.mark.parametrize("code", [*CODES, *COMPUTED])
def test_every_problem_has_words(code: str) -> None:
    assert code in TEXTS
