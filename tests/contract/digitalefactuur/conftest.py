"""A running sandbox and a client of its account."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from core import jsontext
from core.sandbox.server import server_for
from plugins.digitalefactuur.client import Credentials, DigitaleFactuur
from plugins.digitalefactuur.sandbox import create_app

ACCOUNT, CODE = "4711", "sandbox-toegangscode"


@dataclass
class Vendor:
    """The sandbox's addresses and its control."""

    url: str

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def control(self, name: str, body: Any = None, method: str = "POST") -> Any:
        answer = requests.request(
            method,
            f"{self.url}/_control/{name}",
            data=jsontext.dumps({} if body is None else body).encode(),
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        return jsontext.loads(answer.content)

    def fault(self, kind: str, **options: Any) -> None:
        self.control("faults", {"kind": kind, "times": 1, **options})

    def objects(self, kind: str) -> Any:
        return self.control(f"objects/{kind}", method="GET")

    def ledger(self, kind: str) -> Any:
        return self.control(f"ledger?kind={kind}", method="GET")


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[Vendor]:
    server = server_for(create_app(tmp_path / "sandbox.db"), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Vendor(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def package(vendor: Vendor) -> Iterator[DigitaleFactuur]:
    client = DigitaleFactuur(vendor.api_url, Credentials(ACCOUNT, CODE))
    with client.http:
        yield client
