"""A running package sandbox, a client of it, and a tenant whose shop is coupled to it.

Every request the plugin makes and every answer it gets is held against the vendor's
OpenAPI document; a deviation fails the test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core.domain import jsontext
from core.domain.errors import AuthenticationLost
from core.models import Connection
from core.net.http import Answer, HttpClient
from core.net.oauth import Tokens
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings
from core.services.connections import connections
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import SCOPES
from plugins.eaccounting.demo import SANDBOX
from plugins.eaccounting.sandbox import create_app
from tests.contract import coupled as coupling
from tests.contract.coupled import CoupledPackage, couple, pointed_at
from tests.contract.kept import begin
from tests.contract.openapi import OpenApi
from tests.sandboxes import serving
from tests.shared import shared_file

CONTRACT = "contracts/eaccounting/openapi-v2-2026-02-17.yaml"
JUDGED = (200, 201, 400)
"""Answers the document describes; other refusals have no schema there."""
_PLAIN = HttpClient.request


class Package(coupling.Package):
    """The sandbox from outside."""

    @property
    def api(self) -> str:
        return f"{self.url}/v2/"

    def grant(self, company: str = "demo", **options: Any) -> Tokens:
        """Tokens without the login pages."""
        given = self.control("grant", {"company": company, **options})
        return Tokens(given["access_token"], given.get("refresh_token"))

    def fault(self, **rule: Any) -> None:
        self.control("faults", rule)

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """The documents of a kind that the package accepted, in order."""
        entries = self.control(f"ledger?kind={kind}", verb="GET")
        return [entry["body"]["document"] for entry in entries]

    def calls(self, method: str = "") -> dict[str, int]:
        """How often each address was called."""
        counts: dict[str, int] = self.control("calls", verb="GET")
        return {name: n for name, n in counts.items() if name.startswith(method)}


@dataclass
class Granted:
    """One token that cannot be renewed."""

    token: str

    def access_token(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        raise AuthenticationLost("authentication_lost", service="Visma eAccounting")


@pytest.fixture(scope="session")
def contract() -> OpenApi:
    return OpenApi(shared_file(CONTRACT))


@pytest.fixture(autouse=True)
def judged(contract: OpenApi, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hold everything that goes to the API and comes back against the contract."""
    seen: list[str] = []

    def request(
        self: HttpClient, method: str, path: str, *, json_body: Any = None, **rest: Any
    ) -> Answer:
        address = f"/{path.split('?')[0]}"
        sent = jsontext.loads(jsontext.dumps(json_body)) if json_body else None
        contract.check_request(method, address, sent)
        answer = _PLAIN(self, method, path, json_body=json_body, **rest)
        if answer.status in JUDGED and answer.body is not None:
            contract.check_response(method, address, answer.status, answer.body)
        seen.append(f"{method} {address}")
        return answer

    monkeypatch.setattr(HttpClient, "request", request)
    return seen


@pytest.fixture
def unjudged(monkeypatch: pytest.MonkeyPatch, judged: list[str]) -> None:
    """Let a test's own server answer against the contract."""
    monkeypatch.setattr(HttpClient, "request", _PLAIN)


@pytest.fixture
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Package]:
    """A sandbox of its own for each test."""
    name = "eaccounting" if "coupled" in request.fixturenames else ""
    begun = begin(name, create_app, tmp_path)
    with serving(begun.app) as url:
        yield Package(url, begun)


@pytest.fixture
def api(package: Package) -> Iterator[EAccounting]:
    """A client with a good token."""
    client = EAccounting(package.api, Granted(package.grant().access_token))
    with client.http:
        yield client


class Coupled(CoupledPackage[Package]):
    """A tenant with a shop and the package."""


@pytest.fixture
def product(package: Package, settings: Settings) -> Iterator[Flask]:
    """The application, pointed at the sandbox."""
    with pointed_at(SANDBOX.environ(package.url), settings) as app:
        yield app


@pytest.fixture
def coupled(package: Package, product: Flask) -> Coupled:
    """A shop coupled to the demo company, configured with every suggestion."""

    def connect(target: Connection) -> None:
        plugin = koppelwerk().registry.get("eaccounting")
        assert plugin.connector is not None
        # No more than we ask for: whatever a test does, these scopes are enough.
        tokens = package.grant(scope=" ".join(SCOPES))
        (identity,) = plugin.connector.identify(tokens)
        connections.complete(target, identity, tokens)

    made = couple(Coupled, product, package, "eaccounting", connect)
    package.control("faults", verb="DELETE")
    return made
