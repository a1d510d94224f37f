"""A running sandbox of AccountView, AutoReport and the Visma services."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from plugins.accountview.sandbox import create_app
from tests.sandboxes import serving


@dataclass
class World:
    """The sandbox's address and control."""

    url: str

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


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One sandbox per test module."""
    path = tmp_path_factory.mktemp("accountview") / "sandbox.db"
    with serving(create_app(path)) as url:
        yield World(url)


@pytest.fixture
def world(running: World) -> World:
    """The module's sandbox, empty; statuses come at once."""
    running.control("reset")
    running.control("options", {"pace": 0})
    return running
