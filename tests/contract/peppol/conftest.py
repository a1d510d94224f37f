"""A running sandbox, a client of its account, and a tenant that is connected to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.runtime.settings import Settings
from plugins.peppol.client import AccessPoint
from plugins.peppol.sandbox import create_app
from tests.contract.peppol.world import World, connected
from tests.sandboxes import Outside, serving

TOKEN = "sandbox-token"


@dataclass
class Point(Outside):
    """The sandbox seen from outside."""

    def fault(self, kind: str, **options: object) -> None:
        self.control("faults", {"kind": kind, "times": 1, **options})

    def documents(self) -> list[dict[str, str]]:
        """Every document that it took, in order: bodies of its ledger."""
        found = self.control("ledger?kind=document", verb="GET")
        return [each["body"] for each in found]


@pytest.fixture
def point(tmp_path: Path) -> Iterator[Point]:
    with serving(create_app(tmp_path / "sandbox.db")) as url:
        yield Point(url)


@pytest.fixture
def client(point: Point) -> Iterator[AccessPoint]:
    made = AccessPoint(f"{point.url}/", TOKEN, f"{point.url}/", "peppolprod")
    yield made
    made.close()


@pytest.fixture
def world(point: Point, settings: Settings) -> Iterator[World]:
    with connected(point.url, settings) as made:
        yield made
