"""The house: nothing loose, no circles, a border that is a list, no plugin's name."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.meta.project import ROOT
from tests.meta.structure import BORDER, Structure, measure
from tests.scanners import secrets


@pytest.fixture(scope="module")
def structure() -> Structure:
    return measure()


def test_no_module_stands_loose_in_the_core(structure: Structure) -> None:
    assert structure.loose == []


def test_no_modules_import_each_other_in_a_circle(structure: Structure) -> None:
    assert structure.cycle == []


def test_plugins_import_the_border_only(structure: Structure) -> None:
    assert len(structure.border) > 20
    beyond = [name for name in structure.border if not name.startswith(BORDER)]
    assert beyond == []


def test_no_line_of_the_core_names_a_plugin(structure: Structure) -> None:
    assert structure.named == []


def _others(names: list[str]) -> list[str]:
    """Return what is neither text nor a font or picture of the product."""
    return [
        name
        for name in names
        if not name.endswith((".ttf", ".png")) and b"\0" in (ROOT / name).read_bytes()
    ]


def test_the_project_holds_no_database_or_program_by_mistake(tmp_path: Path) -> None:
    assert _others(secrets.files()) == []
    mistake = tmp_path / "left.db"
    with closing(sqlite3.connect(mistake)) as made:
        made.execute("CREATE TABLE left_behind (id INTEGER)")
    assert _others([str(mistake)]) == [str(mistake)]
