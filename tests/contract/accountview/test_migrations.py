"""Declarations that were made twice before the taxpayer was the key keep their rows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from core.main.app import create_app
from core.runtime.extensions import db
from core.runtime.settings import Settings


@pytest.fixture
def empty(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without tables."""
    address = f"sqlite:///{tmp_path / 'empty.db'}"
    app = create_app(replace(settings, database_url=address))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _insert(name: str, **given: str) -> None:
    """Insert a row; what must be there and is not given is empty."""
    values = {
        one["name"]: "''"
        for one in inspect(db.engine).get_columns(name)
        if not one["nullable"] and not one.get("default")
    }
    values |= given
    with db.engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO {name} ({', '.join(values)})"
                f" VALUES ({', '.join(values.values())})"
            )
        )


@pytest.mark.usefixtures("empty")
def test_both_returns_of_one_taxpayer_stay_with_versions_of_their_own() -> None:
    upgrade(revision="core_0021")
    upgrade(revision="accountview_0002")
    _insert("tenant", id="1")
    _insert("accountview_profile", id="1", tenant_id="1")
    for key in ("1", "2"):
        _insert("accountview_administration", id=key, tenant_id="1", code=key)
    for key, administration, number, version in (
        ("1", "1", "'001000044B37'", "1"),
        ("2", "2", "'001000044B37'", "1"),
        ("3", "1", "'001000044B37'", "2"),
        ("4", "2", "'123456782B01'", "5"),
    ):
        _insert(
            "accountview_filing", id=key, tenant_id="1",
            administration_id=administration,
            tax_number=number, version=version, reference=f"'R{key}'", profile_id="1",
            starts_on="'2026-07-01'", ends_on="'2026-09-30'", kind="'vat_return'",
        )  # fmt: skip
    upgrade(revision="accountview_0003")
    assert _versions() == [(1, 1), (2, 2), (3, 3), (4, 5)]
    downgrade(revision="accountview_0002")
    upgrade(revision="accountview_0003")
    assert _versions() == [(1, 1), (2, 2), (3, 3), (4, 5)]


def _versions() -> list[tuple[int, int]]:
    question = text("SELECT id, version FROM accountview_filing ORDER BY id")
    with db.engine.connect() as connection:
        return [(row[0], row[1]) for row in connection.execute(question)]
