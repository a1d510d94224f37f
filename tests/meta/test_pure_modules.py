"""What a plugin's quality.toml calls pure is held to it (D2, D10), and the border."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.main.commands import plugin_rules
from core.plugin.capabilities import Manifest, Plugin

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


@pytest.mark.parametrize(
    ("module", "line", "count"),
    [
        ("tasks", "from core.models import Connection", 1),
        ("tasks", "from core.services.transfer import orders", 1),
        ("tasks", "from core.kit.sandbox import create_sandbox", 1),
        ("sandbox", "from core.kit.sandbox import create_sandbox", 0),
        ("tasks", "from core.plugin.tables import Connection", 0),
        ("tasks", "from core.net.http import HttpClient", 0),
    ],
)
def test_a_plugin_sees_the_border_of_the_core_only(
    folder: Path, module: str, line: str, count: int
) -> None:
    (folder / f"{module}.py").write_text(f"{line}\n")
    found = plugin_rules.import_problems("plugins.x", MANIFEST, folder)
    assert len(found) == count
    assert all("border" in problem for problem in found)


def test_a_connector_is_what_the_manifest_says() -> None:
    manifest = replace(MANIFEST, auth="oauth")
    assert plugin_rules.connector_problems(Plugin(MANIFEST)) == []
    (problem,) = plugin_rules.connector_problems(Plugin(manifest))
    assert problem == "the connector is not of auth oauth"
