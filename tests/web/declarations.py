"""A sandbox and a tenant with AccountView switched on, for the pages of declarations."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
from flask.testing import FlaskClient

from core.sandbox.server import server_for
from core.services import connections
from core.services.database import transaction
from core.settings import Settings
from core.stack import _connection
from plugins.accountview import plugin
from plugins.accountview.demo import SANDBOX, _environ
from plugins.accountview.sandbox import create_app
from tests.web.conftest import Site
from tests.web.samples import Sample

LICENCE = """Licentie AccountView
Serienummer: 123456
Editie: AccountView Business
Versie: 9.8a
Modules: AutoReport-koppeling, Facturering
"""
ADMIN = "beheer@example.com"
SECRET = "demo"  # the sandbox's password
WIZARD = "/aangifte/activeren"


@dataclass
class Outside:
    """The running sandbox."""

    url: str

    def control(self, path: str, body: Any = None, verb: str = "POST") -> Any:
        answer = requests.request(
            verb, f"{self.url}/_control/{path}", json=body or {}, timeout=20
        )
        answer.raise_for_status()
        return answer.json()

    def settings(self, settings: Settings) -> Settings:
        """Return the settings that point at it."""
        values = _environ(self.url)
        return replace(settings, **{key.lower(): text for key, text in values.items()})


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Run a sandbox in a thread."""
    server = server_for(create_app(folder / "sandbox.db"), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield Outside(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def switched_on(site: Site, name: str = "De Fietsenmaker", number: int = 1) -> Sample:
    """Make a tenant with AccountView switched on."""
    made = site.sample(name, number)
    with site.data(), transaction():
        connections.switch_plugin(made.tenant.id, "accountview", enabled=True)
    return made


def connected(site: Site, sample: Sample, running: Outside) -> int:
    """Connect AccountView; return the connection's id."""
    with site.data():
        return _connection(sample.tenant, plugin, SANDBOX, running.url).id


def walk(client: FlaskClient, running: Outside, until: str = "") -> None:
    """Walk the wizard up to (not including) a step, as a user would."""
    steps: list[tuple[str, dict[str, str]]] = [
        ("welkom", {}),
        ("licentie", {"text": LICENCE, "terms": "y"}),
        ("communicatie", {"server": "localhost"}),
        ("beheerder", {"email": ADMIN, "first_name": "Ada", "last_name": "Beheer"}),
        ("beheerder", {"knop": "controleren"}),
        ("gateway", {"email": ADMIN, "password": SECRET}),
        ("autorisatie", {"email": ADMIN, "password": SECRET}),
    ]
    for step, form in steps:
        if step == until:
            return
        if form.get("knop"):
            running.control("confirm", {"email": ADMIN})
        answer = client.post(f"{WIZARD}/{step}", data=form)
        assert answer.status_code == 303, step
