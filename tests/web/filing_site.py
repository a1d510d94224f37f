"""A site whose tenant files with a running sandbox, for the pages of declarations."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from flask.testing import FlaskClient

from core.main.app import create_app
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.models.administration import DIGIPOORT
from tests.contract.belastingdienst.conftest import World
from tests.database import empty_database
from tests.integration.filing_world import NUMBERS, PASSWORD, Files, _made, pointed
from tests.web.conftest import Site

_Found = TypeVar("_Found")


@dataclass
class FilingSite:
    """The site, and the sandbox it files at."""

    site: Site
    sandbox: World

    def do(self, act: Callable[[Files], _Found]) -> _Found:
        """Do something with the tenant's declarations, outside any request."""
        with self.site.app.app_context(), system_scope():
            files = Files.found(self.site.app, self.sandbox)
            try:
                return act(files)
            finally:
                db.session.remove()

    def client(self, email: str = "owner@example.com") -> FlaskClient:
        """Return a browser, logged in."""
        return self.site.client(email, PASSWORD)

    def prepared(self, kind: str = DIGIPOORT, number: str = NUMBERS[0]) -> int:
        """Return the id of a declaration that waits for approval."""

        def act(files: Files) -> int:
            administration = files.administration(kind, number)
            files.figures(administration, icp="8200.40")
            return files.prepare(administration).id

        return self.do(act)

    def work(self, filing_id: int, rounds: int = 2) -> None:
        """Be the worker."""
        self.do(lambda files: files.work(filing_id, rounds=rounds))


@contextmanager
def filing_site(settings: Settings, sandbox: World) -> Iterator[FilingSite]:
    """Make the site on an empty database and an empty sandbox."""
    sandbox.control("reset")
    sandbox.control("options", {"pace": 0})
    app = create_app(pointed(settings, sandbox.url))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context(), system_scope():
        empty_database()
        _made(app, sandbox)
        db.session.remove()
    yield FilingSite(Site(app), sandbox)
    with app.app_context():
        db.engine.dispose()
