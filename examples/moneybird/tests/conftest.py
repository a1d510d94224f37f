"""The plugin as installed, a running sandbox, and the application pointed at it."""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from core.net.oauth import Tokens
from core.runtime.settings import Settings
from tests.conftest import quicker, settings
from tests.sandboxes import Outside, serving
from tests.web.conftest import Site, site

PROJECT = Path(__file__).resolve().parents[1]
ROOT = PROJECT.parents[1]
sys.path.insert(0, str(PROJECT))

__all__ = ["quicker", "settings", "site"]

from moneybird.client import Moneybird  # noqa: E402  found once the path is set
from moneybird.demo import SANDBOX  # noqa: E402
from moneybird.sandbox import create_app  # noqa: E402
from moneybird.sandbox.data import ADMINISTRATIONS  # noqa: E402

FIRST, SECOND = (each["id"] for each in ADMINISTRATIONS)


@pytest.fixture(scope="session", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What an installer leaves: the package, its entry point, compiled translations."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    place = tmp_path_factory.mktemp("installed")
    info = place / "koppelwerk_moneybird-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n"
    )
    entries = project["entry-points"]["koppelwerk.plugins"].items()
    lines = "".join(f"{name} = {package}\n" for name, package in entries)
    (info / "entry_points.txt").write_text(f"[koppelwerk.plugins]\n{lines}")
    for source in PROJECT.rglob("*.po"):
        with source.open("rb") as given, source.with_suffix(".mo").open("wb") as made:
            write_mo(made, read_po(given))
    sys.path.insert(0, str(place))
    yield f"{place}:{PROJECT}"
    sys.path.remove(str(place))


@dataclass
class Package(Outside):
    """The sandbox from outside."""

    def grant(self) -> Tokens:
        """Tokens without the login pages."""
        assert SANDBOX.grant is not None
        return SANDBOX.grant(self.url)

    def fault(self, **rule: object) -> None:
        """Inject a fault (see `core/kit/sandbox/faults.py`)."""
        self.control("faults", rule)

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """What Moneybird accepted, in order."""
        entries = self.control(f"ledger?kind={kind}", verb="GET")
        return [entry["body"] for entry in entries]


class Granted:
    """Tokens straight from the sandbox."""

    def __init__(self, tokens: Tokens) -> None:
        self.token = tokens.access_token

    def access_token(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        return rejected


@pytest.fixture
def package() -> Iterator[Package]:
    with serving(create_app(":memory:")) as url:
        yield Package(url)


@pytest.fixture
def tokens(package: Package) -> Granted:
    return Granted(package.grant())


@pytest.fixture
def api(package: Package, tokens: Granted) -> Iterator[Moneybird]:
    """The first administration."""
    client = Moneybird(f"{package.url}/api/v2/", tokens, FIRST)
    with client.http:
        yield client


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def pointed(settings: Settings, package: Package) -> Settings:
    """Settings with the sandbox as the outside system, and without a call limit."""
    own = {**SANDBOX.environ(package.url), "MONEYBIRD_CALLS": ""}
    return settings.with_environ(own)


@pytest.fixture
def moneybird_site(pointed: Settings) -> Iterator[Site]:
    """The web site, with the plugin in it."""
    yield from site.__wrapped__(pointed)
