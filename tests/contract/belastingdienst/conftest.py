"""A running sandbox, and what it takes to file with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from core.domain.declarations import DeclarationKind
from core.domain.filings import Message
from plugins.belastingdienst.channels.digipoort.certificates import SigningCertificate
from plugins.belastingdienst.channels.digipoort.channel import (
    Digipoort,
    DigipoortAccess,
)
from plugins.belastingdienst.channels.digipoort.wssecurity import Algorithm
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.xbrl import ob
from tests.declaration_sandboxes import create_app
from tests.sandboxes import serving
from tests.unit.belastingdienst.samples import NUMBER, header, sample_return


@dataclass
class World:
    """The sandbox's address and control."""

    app: Flask
    url: str
    authority: dict[str, str]
    certificate: SigningCertificate = field(init=False)

    def control(self, path: str, body: Any = None, verb: str = "POST") -> Any:
        answer = requests.request(
            verb, f"{self.url}/_control/{path}", json=body or {}, timeout=20
        )
        answer.raise_for_status()
        return answer.json()

    def fault(self, kind: str, **options: Any) -> None:
        self.control("faults", {"kind": kind, **options})

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        entries = self.control(f"ledger?kind={kind}", verb="GET")
        return [entry["body"] for entry in entries]

    def access(self, base: str = "", **changes: Any) -> DigipoortAccess:
        base = base or self.url
        made = DigipoortAccess(
            delivery_url=f"{base}/wus/2.0/aanleverservice/1.2",
            status_url=f"{base}/wus/2.0/statusinformatieservice/1.2",
            pinned=frozenset((self.authority["fingerprint"],)),
            weakest=Algorithm.SHA1,
            roots=self.authority["root"],
        )
        return replace(made, **changes)

    def issued(self, name: str = "Demo", serial: str = "12345678", **more: Any) -> (
        SigningCertificate
    ):  # fmt: skip
        pair = self.control("certificate", {"name": name, "serial": serial, **more})
        return SigningCertificate.from_pem(
            pair["certificate"].encode(), pair["key"].encode()
        )


@contextmanager
def running_world(app: Flask) -> Iterator[World]:
    """Serve a sandbox that has Digipoort."""
    with serving(app) as url:
        authority = requests.get(f"{url}/_control/authority", timeout=20).json()
        world = World(app, url, authority)
        world.certificate = world.issued()
        yield world
        tls = app.extensions.get("tls")
        if tls is not None:
            tls.shutdown()
            tls.server_close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One sandbox per test module."""
    path: Path = tmp_path_factory.mktemp("belastingdienst") / "sandbox.db"
    with running_world(create_app(path)) as world:
        yield world


@pytest.fixture
def world(running: World) -> World:
    """The module's sandbox, empty; statuses come at once."""
    running.control("reset")
    running.control("options", {"pace": 0})
    return running


@pytest.fixture
def digipoort(world: World) -> Iterator[Digipoort]:
    """The channel at the sandbox."""
    channel = Digipoort(world.access(), world.certificate)
    yield channel
    channel.close()


def message(
    reference: str = "R1",
    vat_return: VatReturn | None = None,
    change: Callable[[bytes], bytes] = lambda content: content,
) -> Message:
    """A VAT return with the official sample's figures, on its way."""
    vat_return = vat_return or sample_return(2020)
    content = change(ob.write_return(header(), vat_return))
    kind, period = DeclarationKind.VAT_RETURN, vat_return.period
    return Message(reference, kind, period, NUMBER, content)
