"""`flask plugins new` writes a plugin whose types, style and tests are in order."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.kit.scaffold import BadName, write_plugin
from tests.meta.test_texts import catalog, wanted

ROOT = Path(__file__).resolve().parents[2]
NAME = "averylongpluginname"
"""Nearly the longest there may be: lines that fit now fit for every name."""


def _run(folder: Path, *command: str, **environ: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project without plugins."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "core", tmp_path / "core", ignore=skip)
    for name in ("pyproject.toml", "wsgi.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "templates").symlink_to(ROOT / "templates")
    for folder in ("plugins", "tests", "tests/unit", "tests/contract"):
        (tmp_path / folder).mkdir()
        for path in (ROOT / folder).glob("*.py"):
            shutil.copy(path, tmp_path / folder)
    return tmp_path


@pytest.mark.slow
def test_a_new_plugin_is_typed_clean_and_green(project: Path) -> None:
    _run(project, "flask", "--app", "wsgi", "plugins", "new", NAME)
    tests = [f"tests/unit/{NAME}", f"tests/contract/{NAME}"]
    tests += [f"tests/contract/{NAME}_sandbox"]
    own = (f"plugins/{NAME}", *tests)
    _run(project, "ruff", "format", "--check", *own)
    _run(project, "ruff", "check", *own)
    _run(project, "pytest", "-q", "-p", "no:cacheprovider", *tests)
    _run(project, "flask", "--app", "wsgi", "plugins", "check", NAME)
    types = project / "types"
    types.mkdir()
    (types / "plugins").symlink_to(project / "plugins")
    _run(
        types,
        "mypy",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "--strict",
        "--cache-dir",
        str(ROOT / ".mypy_cache" / "scaffold"),
        "-p",
        f"plugins.{NAME}",
        MYPYPATH=os.pathsep.join((str(types), str(ROOT))),
    )


@pytest.mark.parametrize("name", ["ab", "Demo", "my-shop", "class", "9lives", "../x"])
def test_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadName):
        write_plugin(tmp_path, name, "Demo")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("title", ["", 'A "B"', "100 %", "$x", "a\\b"])
def test_a_title_that_cannot_stand_in_a_text_is_refused(
    tmp_path: Path, title: str
) -> None:
    with pytest.raises(BadName):
        write_plugin(tmp_path, "demo", title)


def test_each_sandbox_gets_a_port_of_its_own(tmp_path: Path) -> None:
    for name in ("one1", "two2"):
        write_plugin(tmp_path, name, name)
    demos = [path.read_text() for path in sorted(tmp_path.glob("plugins/*/demo.py"))]
    assert "port=8101" in demos[0]
    assert "port=8102" in demos[1]


def test_its_words_are_translated(tmp_path: Path) -> None:
    write_plugin(tmp_path, "demo", "Demo")
    place = tmp_path / "plugins" / "demo"
    translated = {message.id for message in catalog(place) if message.string}
    assert translated - {""} == wanted(place)


def test_an_existing_plugin_is_not_overwritten(tmp_path: Path) -> None:
    write_plugin(tmp_path, "demo", "Demo")
    kept = (tmp_path / "plugins" / "demo" / "README.md").read_text()
    with pytest.raises(BadName):
        write_plugin(tmp_path, "demo", "Another")
    assert (tmp_path / "plugins" / "demo" / "README.md").read_text() == kept
