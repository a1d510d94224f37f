"""A web site without an application context around it, so that requests stand alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask, Response, g, has_request_context, request
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import event

from core.main.app import create_app
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from tests.browsing import log_in, served, watched
from tests.database import empty_database
from tests.web import samples
from tests.web.samples import PASSWORD, Sample


@dataclass
class Site:
    """The application under test and what tests do with it."""

    app: Flask
    untold: list[str] = field(default_factory=list)
    """Where somebody changed what is set, without a line in the log."""

    @contextmanager
    def data(self) -> Iterator[Any]:
        """Look at the database, or change it: committed at the end."""
        with self.app.app_context(), system_scope():
            yield db.session
            db.session.commit()

    def client(self, email: str = "", password: str = PASSWORD) -> FlaskClient:
        """Return a browser, logged in when an address is given."""
        client = self.app.test_client()
        if email:
            form = {"email": email, "password": password}
            answer = client.post("/login", data=form)
            assert answer.status_code == 303, answer.status
        return client

    def sample(self, name: str = "De Fietsenmaker", number: int = 1) -> Sample:
        """Make a tenant with one coupling."""
        with self.data():
            return samples.tenant(name, number)

    @contextmanager
    def queries(self) -> Iterator[list[str]]:
        """Collect the statements that are sent to the database."""
        sent: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", note)


def _site(settings: Settings, *, csrf: bool) -> Iterator[Site]:
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = csrf
    with app.app_context():
        empty_database()
    site = Site(app)
    _hold_to_log(site)
    yield site
    with app.app_context():
        db.engine.dispose()
    assert site.untold == []


SET = {"tenant", "tenant_vat_code", "webhook_endpoint"}
"""Tables that hold what people set: each change of theirs is written in the log."""


def _hold_to_log(site: Site) -> None:
    """Note each request that changes such a table and writes nothing down."""

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        verb, *words = statement.split(maxsplit=3)
        if has_request_context() and verb in ("INSERT", "UPDATE", "DELETE"):
            table = words[0] if verb == "UPDATE" else words[1]
            g.setdefault("written", set()).add(table.strip('"'))

    def look(answer: Response) -> Response:
        written = g.pop("written", set())
        if written & SET and "log_entry" not in written:
            site.untold.append(str(request.endpoint))
        return answer

    with site.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    site.app.after_request(look)


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """The site without CSRF tokens, which have their own tests."""
    yield from _site(settings, csrf=False)


@pytest.fixture
def strict_site(settings: Settings) -> Iterator[Site]:
    """The site as it runs over https, CSRF tokens and all."""
    secure = replace(settings, public_url="https://localhost")
    yield from _site(secure, csrf=True)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """Where a browser finds the site."""
    with served(site.app) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str, sample: Sample) -> Iterator[Page]:
    """A page at phone width, the owner of the module's `sample` logged in.

    What the console complains of fails the test.
    """
    with watched(browser, address) as page:
        log_in(page, sample.owner, PASSWORD)
        yield page
