"""The made-up world, on the database under test and on one of its own."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask

from core.main.app import create_app
from core.runtime.extensions import db
from core.runtime.settings import Settings
from tests import postgres
from tests.contract.belastingdienst.conftest import World as Outside
from tests.database import empty_database
from tests.integration.filing_world import Files, filing_tenant, running_sandbox
from tests.integration.world import World, made_up


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A tenant coupled to the made-up package."""
    with made_up(monkeypatch) as made:
        yield made


@pytest.fixture
def race(
    postgresql: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """The same on a PostgreSQL database that a test may spoil.

    SQLite has one writer at a time, so two tasks cannot be at the same point there.
    """
    name = f"race_{uuid4().hex}"
    postgres.create_database(postgresql, name)
    address = postgresql.replace("/koppelwerk?", f"/{name}?")
    app = create_app(replace(settings, database_url=address))
    with app.app_context():
        empty_database()
        with made_up(monkeypatch) as made:
            yield made
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(postgresql, name)


@pytest.fixture(scope="module")
def tax_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """AccountView's sandbox, one per test module."""
    with running_sandbox(tmp_path_factory.mktemp("tax") / "sandbox.db") as sandbox:
        yield sandbox


@pytest.fixture
def files(settings: Settings, tax_office: Outside) -> Iterator[Files]:
    """A tenant that files, on the database under test."""
    with filing_tenant(settings, tax_office) as made:
        yield made
