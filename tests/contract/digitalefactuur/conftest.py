"""A running sandbox and a client of its account."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from core.domain import jsontext
from plugins.digitalefactuur.client import Credentials, DigitaleFactuur
from plugins.digitalefactuur.sandbox import create_app
from tests.sandboxes import serving

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
    with serving(create_app(tmp_path / "sandbox.db")) as url:
        yield Vendor(url)


@pytest.fixture
def package(vendor: Vendor) -> Iterator[DigitaleFactuur]:
    client = DigitaleFactuur(vendor.api_url, Credentials(ACCOUNT, CODE))
    with client.http:
        yield client
