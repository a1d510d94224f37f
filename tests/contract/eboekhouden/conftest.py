"""A running sandbox, clients over both interfaces, and a tenant coupled to it.

Every SOAP message that goes out or comes in is held against the vendor's own schema;
a deviation fails the test.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from flask import Flask
from lxml import etree

from core.models import Connection
from core.net.http import HttpClient
from core.runtime.settings import Settings
from core.services.linking import form_flow
from plugins.eboekhouden.client import EBoekhouden, Uncounted, descriptions
from plugins.eboekhouden.connector import client_of
from plugins.eboekhouden.demo import SANDBOX
from plugins.eboekhouden.sandbox import create_app
from plugins.eboekhouden.settings import settings
from tests.contract import coupled as coupling
from tests.contract.coupled import CoupledPackage, couple, pointed_at
from tests.contract.kept import begin
from tests.sandboxes import serving
from tests.shared import shared_file

XSD = "{http://www.w3.org/2001/XMLSchema}schema"
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
DAY = re.compile(rb">(\d{4}-\d{2}-\d{2})<")
"""The manual, which wins, writes dates where the schema says dateTime (contract 2)."""
_PLAIN = HttpClient.request

PART = int(os.environ.get("MONTH_PART", "3"))
"""Of a month so much is lived; MONTH_PART=1 lives it all."""


class Package(coupling.Package):
    """A sandbox of e-Boekhouden.nl on a free port."""

    def fault(self, **rule: Any) -> None:
        """Inject a fault; `path` may be an operation's name."""
        self.control("faults", rule)

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """What was accepted, in order."""
        entries = self.control(f"ledger?kind={kind}", verb="GET")
        return [entry["body"] for entry in entries]

    def calls(self) -> dict[str, int]:
        """How often each operation was called."""
        found = self.control("calls", verb="GET")
        return {name: count for name, count in found.items() if "_control" not in name}

    def values(self, interface: str = "soap", key: str = "demo") -> dict[str, str]:
        """What the user fills in."""
        return {"interface": interface, **self.control("grant", {"key": key})}


@pytest.fixture(scope="session")
def vendor_schema() -> etree.XMLSchema:
    """The vendor's schema, out of its WSDL."""
    path = shared_file("contracts/eboekhouden/soap.wsdl")
    schema = etree.parse(str(path)).find(f".//{XSD}")
    assert schema is not None
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


@pytest.fixture(autouse=True)
def judged(
    monkeypatch: pytest.MonkeyPatch, vendor_schema: etree.XMLSchema
) -> list[str]:
    """Hold every SOAP message against the vendor's schema; list the calls."""
    seen: list[str] = []

    def judge(text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        data = DAY.sub(rb">\1T00:00:00<", data)
        content = etree.fromstring(data).find(f"{BODY}/*")
        assert content is not None
        if "Fault" not in content.tag:
            valid = vendor_schema.validate(etree.fromstring(etree.tostring(content)))
            assert valid, str(vendor_schema.error_log)

    def request(self: HttpClient, method: str, path: str, **rest: Any) -> Any:
        is_soap = method == "POST" and path.endswith("soap.asmx")
        if is_soap:
            judge(rest["data"])
        seen.append(str(rest.get("endpoint") or f"{method} {path}"))
        answer = _PLAIN(self, method, path, **rest)
        if is_soap:
            into = rest.get("into")
            judge(_read(into.file) if into else answer.body)
        return answer

    monkeypatch.setattr(HttpClient, "request", request)
    return seen


@pytest.fixture
def package(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Package]:
    """A sandbox of its own for each test; its port may have been another's before."""
    monkeypatch.setattr(descriptions, "_known", {})
    begun = begin(_coupled_by(request), create_app, tmp_path)
    with serving(begun.app) as url:
        yield Package(url, begun)


def _coupled_by(request: pytest.FixtureRequest) -> str:
    """The interface that the test's tenant is coupled over; empty: it has none."""
    if "coupled" in request.fixturenames:
        return f"eboekhouden {request.getfixturevalue('interface')}"
    return "eboekhouden soap" if "by_soap" in request.fixturenames else ""


@pytest.fixture
def product(package: Package, settings: Settings) -> Iterator[Flask]:
    """The application, pointed at the sandbox."""
    with pointed_at(SANDBOX.environ(package.url), settings) as app:
        yield app


@pytest.fixture(params=["soap", "rest"])
def interface(request: pytest.FixtureRequest) -> str:
    """Each of the two interfaces."""
    return str(request.param)


@pytest.fixture
def api(package: Package, product: Flask, interface: str) -> Iterator[EBoekhouden]:
    """A client with good codes."""
    client = client_of(package.values(interface), Uncounted())
    yield client
    client.close()


class Coupled(CoupledPackage[Package]):
    """A tenant with a shop and the package."""

    def load(self) -> None:
        """Run the scheduled task, as if the last time was long ago."""
        self.change(cursor={})
        super().load()


def couple_by(product: Flask, package: Package, interface: str) -> Coupled:
    """Couple over one of the interfaces."""

    def connect(target: Connection) -> None:
        form_flow.connect(target, package.values(interface))

    if interface == "soap":
        descriptions.of(settings().eboekhouden_wsdl_url)  # as coupling does
    return couple(Coupled, product, package, "eboekhouden", connect)


@pytest.fixture
def coupled(package: Package, product: Flask, interface: str) -> Coupled:
    """A coupled tenant, once over each interface."""
    return couple_by(product, package, interface)


@pytest.fixture
def by_soap(package: Package, product: Flask) -> Coupled:
    """A coupled tenant over SOAP."""
    return couple_by(product, package, "soap")
