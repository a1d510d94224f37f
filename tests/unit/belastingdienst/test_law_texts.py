"""Every code of the law has words, and the words get the values they name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PLUGIN = Path(__file__).resolve().parents[3] / "plugins" / "belastingdienst"
MADE_BY = {"doubt", "hint", "AskUser", "Prompt", "Case"}
OTHERS = {"taxonomy_unknown", "correction_gone"}
"""Their words stand with the filing."""
PLACES = re.compile(r"%\((\w+)\)s")


def called() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((PLUGIN / "law").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name, code = getattr(node.func, "id", ""), node.args[0]
            if name in MADE_BY and isinstance(code, ast.Constant):
                yield str(code.value), node


def words() -> dict[str, str]:
    """Return all text of each code, read without the application."""
    tree = ast.parse((PLUGIN / "texts" / "law_texts.py").read_text("utf-8"))
    found = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Dict):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(value, ast.Call):
                texts = (
                    each for each in ast.walk(value) if isinstance(each, ast.Constant)
                )
                found[str(key.value)] = " ".join(str(each.value) for each in texts)
    return found


def constants() -> set[str]:
    return {
        node.value
        for path in (PLUGIN / "law").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_code_has_words() -> None:
    codes = {code for code, _ in called()}
    assert len(codes) > 50
    assert codes - words().keys() == OTHERS


def test_no_words_are_left_over() -> None:
    assert words().keys() - constants() == set()


def test_the_words_get_their_values() -> None:
    known = words()
    for code, call in called():
        given = {word.arg for word in call.keywords}
        if code in known and None not in given:
            assert set(PLACES.findall(known[code])) <= given, code
