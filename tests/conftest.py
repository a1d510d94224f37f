"""Fixtures every layer shares: settings, the application, a clean database."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import text

from core.main.app import create_app
from core.main.stack import Stack
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.services.people import accounts
from tests import postgres
from tests.browsing import chromium
from tests.database import empty_database
from tests.product import Product, outside, product
from tests.quicker import STRONG, make_quicker

make_quicker()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=("sqlite", "postgresql"), default="sqlite",
        help="What tests with a database run on.",
    )  # fmt: skip


@pytest.fixture
def strong_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as the product does."""
    monkeypatch.setattr(accounts, "hasher", STRONG)
    monkeypatch.setattr(accounts, "_nobody", cache(accounts._nobody.__wrapped__))


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty PostgreSQL database, one per test process."""
    if postgres.binaries() is None:
        message = "PostgreSQL is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with postgres.server() as address:
        admin = sqlalchemy.create_engine(
            address.format(name="postgres"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE koppelwerk"))
        admin.dispose()
        yield address.format(name="koppelwerk")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of the database under test."""
    if request.config.getoption("--database") == "postgresql":
        address: str = request.getfixturevalue("postgresql")
        return address
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a test: everything in its own folder, no outside address."""
    nowhere = "http://127.0.0.1:9"
    return Settings(
        var_dir=str(tmp_path / "var"),
        database_url=database_url,
        public_url="http://localhost",
        log_level="CRITICAL",
        api_calls_per_minute=0,
        environ={
            "KMOSHOPS_API_URL": f"{nowhere}/api/v3/",
            "KMOSHOPS_OAUTH_URL": f"{nowhere}/api/oauth/",
            "KMOSHOPS_CLIENT_ID": "koppelwerk-sandbox",
            "KMOSHOPS_CLIENT_SECRET": "sandbox-secret",
            "EACCOUNTING_API_URL": f"{nowhere}/v2/",
            "EACCOUNTING_IDENTITY_URL": f"{nowhere}/connect/",
            "EACCOUNTING_CLIENT_ID": "koppelwerk-sandbox",
            "EACCOUNTING_CLIENT_SECRET": "sandbox-secret",
            "EACCOUNTING_CALLS_PER_MINUTE": "0",
            "EBOEKHOUDEN_WSDL_URL": f"{nowhere}/soap.asmx?WSDL",
            "EBOEKHOUDEN_SOAP_URL": f"{nowhere}/soap.asmx",
            "EBOEKHOUDEN_REST_URL": f"{nowhere}/",
            "DIGITALEFACTUUR_API_URL": f"{nowhere}/api/",
            "VIES_URL": f"{nowhere}/checkVatService.wsdl",
            "ACCOUNTVIEW_API_URL": f"{nowhere}/api/v3/",
            "ACCOUNTVIEW_OAUTH_URL": f"{nowhere}/ams/authorize.aspx",
            "DIGIPOORT_DELIVERY_URL": f"{nowhere}/wus/2.0/aanleverservice/1.2",
            "DIGIPOORT_STATUS_URL": f"{nowhere}/wus/2.0/statusinformatieservice/1.2",
        },
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser, one per module of tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on an empty database with all tables."""
    app = create_app(settings)
    with app.app_context():
        empty_database()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


@pytest.fixture(scope="session")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The sandboxes as processes, shared by the tests of one process."""
    with outside(tmp_path_factory.mktemp("outside")) as stack:
        yield stack


@pytest.fixture
def connected(sandboxes: Stack, database_url: str, tmp_path: Path) -> Iterator[Product]:
    """A connected demo tenant on empty sandboxes."""
    with product(sandboxes, database_url, tmp_path / "var") as made:
        yield made
