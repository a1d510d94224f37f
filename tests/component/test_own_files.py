"""What the product writes is closed to other users of the machine."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.main import own_files
from core.main.app import create_app
from core.runtime.settings import Settings

OPEN = 0o022


@pytest.fixture(autouse=True)
def _as_everywhere() -> Iterator[None]:
    """Begin as a shell does, and leave the test process as it was."""
    before = os.umask(OPEN)
    yield
    os.umask(before)


def _open_to_others(folder: Path) -> list[str]:
    """Return what others may read, by itself or through its folders."""
    return [
        str(path)
        for path in (folder, *folder.rglob("*"))
        if path.lstat().st_mode & own_files.OTHERS and not path.is_symlink()
    ]


def _write_all(settings: Settings) -> None:
    """Let a process of the product make the database, a log, a backup."""
    backup = settings.var.parent / "backup"
    for words in (["db", "upgrade", "heads"], ["backup", str(backup)]):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        environ = {**settings.as_environ(), "PATH": os.environ["PATH"]}
        subprocess.run(command, env=environ, check=True, capture_output=True)


def test_database_keys_and_backup_are_closed(settings: Settings) -> None:
    settings = Settings(
        var_dir=settings.var_dir, environ={**settings.environ, "PYTHONPATH": "."}
    )
    _write_all(settings)
    written = {path.name for path in settings.var.rglob("*")}
    assert {"koppelwerk.db", "secret.keys"} <= written
    assert _open_to_others(settings.var) == []
    assert _open_to_others(settings.var.parent / "backup") == []


def test_a_folder_of_before_is_closed(settings: Settings) -> None:
    settings.var.mkdir(parents=True, mode=0o755)
    create_app(settings)
    assert stat.S_IMODE(settings.var.stat().st_mode) == 0o700


def test_children_make_closed_files(settings: Settings, tmp_path: Path) -> None:
    create_app(settings)
    subprocess.run(["touch", str(tmp_path / "made")], check=True)
    assert _open_to_others(tmp_path / "made") == []


def test_without_the_guard_they_would_be_open(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_files, "close", lambda folder: folder.mkdir())
    create_app(settings)
    assert str(settings.var) in _open_to_others(settings.var)
    subprocess.run(["touch", str(tmp_path / "made")], check=True)
    assert _open_to_others(tmp_path / "made") != []
