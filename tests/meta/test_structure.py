"""The house: nothing loose, no circles, a border that is a list, no plugin's name."""

import pytest

from tests.meta.structure import BORDER, Structure, measure


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
