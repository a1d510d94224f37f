"""Each package's README tells of every kind of order what becomes of it, everywhere."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from core.plugin.capabilities import Orders
from core.runtime.extensions import koppelwerk
from core.texts import TEXTS
from tests.contract.eaccounting.test_kinds import KINDS
from tests.meta.project import ROOT, plugin_names

HEADINGS = ("Kind", "With a clearing account")
_CODE = re.compile(r"\b(?:refused|asked|skipped|told|nothing to book): `(\w+)`")


def readme(name: str) -> str:
    return (ROOT / "plugins" / name / "README.md").read_text("utf-8")


def rows(name: str) -> Iterator[list[str]]:
    """Yield the rows of the tables of kinds: the kind, and each target's cell."""
    width = 0
    for line in readme(name).splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in HEADINGS:
            width = len(cells)
        elif width and set(cells[0]) != {"-"} and cells[0] != "---":
            assert len(cells) == width, line
            yield cells


@pytest.mark.parametrize("name", plugin_names())
def test_no_cell_is_empty_and_each_code_has_words(app: Flask, name: str) -> None:
    plugin = koppelwerk().registry.get(name)
    found = list(rows(name))
    if plugin.find(Orders) is None:
        assert found == []
        return
    assert len(found) > 20
    assert [row for row in found if not all(row)] == []
    words = {*TEXTS, *plugin.texts}
    told = {code for row in found for cell in row for code in _CODE.findall(cell)}
    assert len(told) > 5
    assert sorted(told - words) == []


def test_what_visma_s_documents_refuse_stands_in_their_columns() -> None:
    found = list(rows("eaccounting"))
    for kind, (_, *outcomes) in KINDS.items():
        for column, code in enumerate(outcomes, 1):
            cells = [row[column] for row in found]
            if code != "booked":
                assert any(f"`{code}`" in cell for cell in cells), (kind, code)


def test_a_package_without_orders_says_so() -> None:
    assert "It takes no orders of webshops" in readme("digitalefactuur")
