"""What a plugin's quality.toml calls pure is held to it (D2, D10)."""

from pathlib import Path

import pytest

from core.main.commands import plugin_rules
from core.plugin.capabilities import Manifest

MANIFEST = Manifest("x", "X", "", "1", "service")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "quality.toml").write_text('pure = ["sums"]\n')
    (tmp_path / "checks.py").write_text("from plugins.x.sums import add\n")
    (tmp_path / "sums.py").write_text("add = 1\n")
    return tmp_path


def test_checks_may_use_a_module_that_is_called_pure(folder: Path) -> None:
    assert plugin_rules.import_problems("plugins.x", MANIFEST, folder) == []
    (folder / "quality.toml").write_text("")
    (problem,) = plugin_rules.import_problems("plugins.x", MANIFEST, folder)
    assert "pure (D2)" in problem


@pytest.mark.parametrize(
    "line",
    [
        "import requests",
        "from core.domain.clock import utcnow",
        "from plugins.x import tasks",
    ],
)
def test_a_module_that_is_called_pure_has_to_be(folder: Path, line: str) -> None:
    (folder / "sums.py").write_text(f"{line}\n")
    (problem,) = plugin_rules.import_problems("plugins.x", MANIFEST, folder)
    assert problem.startswith("sums imports")


def test_it_has_no_floats(folder: Path) -> None:
    (folder / "sums.py").write_text("add = 0.1\n")
    assert plugin_rules.float_problems(folder) == ["sums: 0.1 on line 1 (D10)"]
