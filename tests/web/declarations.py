"""A sandbox, and a tenant with AccountView switched on, for the declarations' pages."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from flask.testing import FlaskClient
from sqlalchemy import text as sql

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.main.stack import _connection
from core.models import Base
from core.runtime.database import transaction
from core.runtime.settings import Settings
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from plugins.accountview.demo import SANDBOX
from plugins.accountview.plugin import plugin
from plugins.belastingdienst import checks
from plugins.belastingdienst.setup import administrations
from tests.declaration_sandboxes import create_app, environ
from tests.sandboxes import serving
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
BASE = "/aangifte"
WIZARD = f"{BASE}/activeren"
CANARY = "Kanarie-wachtwoord-8"


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
        return settings.with_environ(environ(self.url))


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Run a sandbox in a thread."""
    with serving(create_app(folder / "sandbox.db")) as url:
        yield Outside(url)


def switched_on(site: Site, name: str = "De Fietsenmaker", number: int = 1) -> Sample:
    """Make a tenant with AccountView switched on."""
    made = site.sample(name, number)
    with site.data(), transaction():
        for plugin in ("accountview", "belastingdienst"):
            connections.switch_plugin(made.tenant.id, plugin, enabled=True)
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


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("accountview")) as running:
        yield running


@pytest.fixture
def running(sandbox: Outside) -> Outside:
    sandbox.control("reset")
    return sandbox


@pytest.fixture
def settings(settings: Settings, running: Outside) -> Settings:
    return running.settings(settings)


@pytest.fixture
def sample(site: Site) -> Sample:
    return switched_on(site)


@pytest.fixture
def owner(site: Site, sample: Sample) -> FlaskClient:
    return site.client(sample.owner)


def rows(site: Site, model: Any) -> list[Any]:
    with site.data() as session:
        found = session.query(model).order_by(model.id).all()
        session.expunge_all()
        return found


def text(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def undertaking(owner: FlaskClient, code: str = "FIETS", name: str = "Fietsen") -> Any:
    form = {"code": code, "description": name}
    return owner.post(f"{BASE}/ondernemingen", data=form)


def own(owner: FlaskClient, code: str = "WINKEL") -> str:
    form = {"code": code, "description": "De winkel"}
    answer = owner.post(f"{BASE}/administraties/eigen", data=form)
    assert answer.status_code == 303
    return str(answer.location)


SETTINGS = {
    "description": "De winkel", "enabled": "y", "tax_number": "NL001000044B37",
    "period_kind": "month", "contact_initials": "A", "contact_surname": "Jansen",
    "contact_phone": "020-1234567", "remind_days": "5", "undertaking_id": "0",
    "profile_id": "0",
}  # fmt: skip


def profile(owner: FlaskClient, kind: str = "digipoort", name: str = "P") -> None:
    form = {"name": name, "channel": kind, "account": "demo-tenant"}
    assert owner.post(f"{BASE}/profielen", data=form).status_code == 303


def issued(running: Outside, days: int = 365) -> dict[str, str]:
    body = {"name": "De winkel", "serial": "12345678", "days": days}
    found: dict[str, str] = running.control("certificate", body)
    return found


def p12(pair: dict[str, str], password: str = CANARY) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"x",
        load_pem_private_key(pair["key"].encode(), None),  # type: ignore[arg-type]
        x509.load_pem_x509_certificate(pair["certificate"].encode()),
        None,
        BestAvailableEncryption(password.encode()),
    )


def upload(owner: FlaskClient, content: bytes, password: str = "", **more: Any) -> Any:
    form = {"file": (io.BytesIO(content), "x.p12"), "password": password, **more}
    return owner.post(f"{BASE}/certificaat", data=form)


def choose(owner: FlaskClient, profile: int, certificate: int, only: int = 0) -> Any:
    form = {"profile": profile, "certificate": certificate, "administration": only}
    return owner.post(f"{BASE}/certificaat/kiezen", data=form)


def header(site: Site, sample: Sample) -> Any:
    with site.data(), tenant_scope(sample.tenant.id):
        (row,) = administrations.of_tenant()
        administrations.check_ready(row)
        made = administrations.header(row, "R1", utcnow())
        for problem in checks.header_problems(made):
            if problem.blocks:
                raise AskUser(problem.code)
        return made


def codes(site: Site, sample: Sample) -> list[str]:
    with site.data(), tenant_scope(sample.tenant.id):
        (row,) = administrations.of_tenant()
        return administrations.problems(row)


def everything(site: Site) -> str:
    """Return all tables as text."""
    with site.data() as session:
        found = [
            str(session.execute(sql(f'SELECT * FROM "{table.name}"')).all())
            for table in Base.metadata.sorted_tables
        ]
    return "\n".join(found)
