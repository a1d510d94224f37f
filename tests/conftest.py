"""Fixtures every layer shares: settings, the application, a clean database.

What they need is imported when one of them is used: a pure test (`tests/unit`) starts
without the application.
"""

import gc
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser

    from core.main.stack import Stack
    from core.runtime.settings import Settings
    from tests.product import Product

# In CI Hypothesis does so by itself. The first example in a process waits for every
# module to be read for constants: a second or three where others compute too.
settings.register_profile(
    "no-wall-time", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
if settings.get_current_profile_name() == "default":
    settings.load_profile("no-wall-time")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=("sqlite", "postgresql"), default="sqlite",
        help="What tests with a database run on.",
    )  # fmt: skip


def pytest_sessionstart(session: pytest.Session) -> None:
    """On PostgreSQL, close after each test what it left open."""
    if session.config.getoption("--database") == "postgresql":
        from tests import left_open

        left_open.watch()
        session.config.pluginmanager.register(_Closing(left_open.close))


class _Closing:
    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Iterator[None]:
        """Close once all that the test used has ended."""
        yield
        self._close()


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture
def strong_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as the product does."""
    from core.services.people import accounts
    from tests.quicker import STRONG

    monkeypatch.setattr(accounts, "hasher", STRONG)
    monkeypatch.setattr(accounts, "_nobody", cache(accounts._nobody.__wrapped__))


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty PostgreSQL database, one per test process."""
    from tests import postgres

    if postgres.binaries() is None:
        message = "PostgreSQL is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with postgres.server() as address:
        postgres.create_database(address.format(name="postgres"), "koppelwerk")
        yield address.format(name="koppelwerk")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of the database under test."""
    if request.config.getoption("--database") == "postgresql":
        address: str = request.getfixturevalue("postgresql")
        return address
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(scope="session")
def quicker() -> None:
    """Do once per process what every application would do again."""
    from tests.quicker import make_quicker, reverse_what_has_no_order

    make_quicker()
    reverse_what_has_no_order()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, quicker: None) -> "Settings":
    """Settings of a test: everything in its own folder, no outside address."""
    from core.runtime.settings import Settings

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


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A real browser, one per test process."""
    from tests.browsing import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture
def app(settings: "Settings") -> Iterator["Flask"]:
    """The application on an empty database with all tables."""
    from core.main.app import create_app
    from core.runtime.extensions import db
    from tests.database import empty_database

    app = create_app(settings)
    with app.app_context():
        empty_database()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: "Flask") -> "FlaskClient":
    """A browser without a session."""
    return app.test_client()


@pytest.fixture(scope="session")
def sandboxes(
    tmp_path_factory: pytest.TempPathFactory, quicker: None
) -> Iterator["Stack"]:
    """The sandboxes as processes, shared by the tests of one process."""
    from tests.product import outside

    with outside(tmp_path_factory.mktemp("outside")) as stack:
        yield stack


@pytest.fixture
def connected(
    sandboxes: "Stack", database_url: str, tmp_path: Path
) -> Iterator["Product"]:
    """A connected demo tenant on empty sandboxes."""
    from tests.product import product

    with product(sandboxes, database_url, tmp_path / "var") as made:
        yield made
