"""The `flask` commands: mistakes are told in words, and who used which is kept."""

import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from core.main import cli
from core.main.app import create_app
from core.main.parts import flask_command
from core.runtime.extensions import db
from core.runtime.settings import Settings
from tests.meta.project import ROOT


@pytest.fixture
def bare(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """An installation whose database has no tables."""
    address = f"sqlite:///{tmp_path / 'bare.db'}"
    app = create_app(replace(settings, database_url=address, var_dir=str(tmp_path)))
    yield app
    with app.app_context():
        db.engine.dispose()


def run(app: Flask, words: str) -> Result:
    return app.test_cli_runner().invoke(args=words.split())


NEEDS_TABLES = (
    "restore",
    "reconcile",
    "keys status",
    "users add-operator desk@example.com",
    "peppol rules list",
)


@pytest.mark.parametrize("words", NEEDS_TABLES)
def test_a_database_without_tables_is_told_in_words(bare: Flask, words: str) -> None:
    done = run(bare, words)
    assert done.exit_code == 1
    assert done.output.startswith("Error: The database: no such table")
    assert "flask db upgrade heads" in done.output


def test_what_is_no_address_and_no_rates_is_told_in_words(
    bare: Flask, tmp_path: Path
) -> None:
    for address in ("none", "two@example.com,b@example.com"):
        assert run(bare, f"users add-operator {address}").exit_code == 2
    file = tmp_path / "rates.json"
    for said in ("", "[]", "{}", '{"version": 7}'):
        file.write_text(said)
        assert "holds no rates" in run(bare, f"vat-rates {file}").output


def test_nothing_compared_is_no_clean_bill(app: Flask) -> None:
    done = run(app, "reconcile --tenant 7")
    assert (done.exit_code, "nothing compared" in done.output) == (1, True)


def _trail(tmp_path: Path) -> list[str]:
    path = tmp_path / "logs" / cli.TRAIL
    return path.read_text().splitlines() if path.exists() else []


def test_who_used_what_may_change_something_is_written_down(
    bare: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getlogin", lambda: "ilse")
    for words in ("settings", "egress", "doctor", "restore --help", "restore --wrong"):
        run(bare, words)
    assert _trail(tmp_path) == []
    run(bare, "restore --done")
    run(bare, "users new-password anna@example.com")
    first, second = _trail(tmp_path)
    assert first.endswith(" ilse flask restore --done")
    assert second.endswith(" a***@example.com")  # its words may be a test's secret
    path = tmp_path / "logs" / cli.TRAIL
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_command_is_noted_unless_it_is_known_to_change_nothing() -> None:
    noted = set(cli.COMMANDS) - cli.UNNOTED
    assert noted == {"backup", "db", "keys", "restore", "users"}
    assert set(cli.COMMANDS) > cli.UNNOTED


def test_no_room_for_the_line_stops_nobody(bare: Flask, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    assert run(bare, "keys new").exit_code == 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WEB_WORKERS", "many", "WEB_WORKERS"),
        ("REQUEST_SECONDS", "-5", "REQUEST_SECONDS"),
        ("PRICE_YEAR", "NaN", "PRICE_YEAR"),
        ("SECRET_KEYS", "a:YQ==", "vault_keys_invalid"),
    ],
)
def test_a_setting_that_is_wrong_is_told_in_one_line(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    done = subprocess.run(
        flask_command("settings"),
        env={**os.environ, "VAR_DIR": str(tmp_path), name: value},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Koppelwerk cannot start with these settings: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
