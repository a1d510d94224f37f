"""What every process loads at its start: its frameworks, and nothing for later."""

import json
import subprocess
import sys

import pytest

from core.main.commands.bench.start import FRAMEWORKS
from tests.meta.project import ROOT

FOR_LATER = {
    "alembic": "migrations",
    "core.main.commands": "the flask commands",
    "core.main.stack": "make run and benches",
    "cryptography.x509": "certificates",
    "email_validator": "forms with an address",
    "fpdf": "invoices as PDF",
    "flask_migrate": "migrations",
    "hypothesis": "tests",
    "openpyxl": "spreadsheets",
    "prometheus_client": "/metrics",
    "pygments": "rich",
    "pytest": "tests",
    "rich": "tracebacks in colour",
    "segno": "two-factor login",
    "waitress": "the web server's own process",
    "xmlsec": "filing",
    "zeep": "SOAP",
}
LOADED = """
import json, sys
import wsgi
print(json.dumps([name for name, module in sys.modules.items() if module]))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules there are after `import wsgi`."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env={"VAR_DIR": str(tmp_path_factory.mktemp("start"))},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("name", FOR_LATER)
def test_what_is_for_later_is_not_loaded(name: str, loaded: set[str]) -> None:
    assert not {one for one in loaded if f"{one}.".startswith(f"{name}.")}


def test_the_frameworks_it_is_measured_against_are_loaded(loaded: set[str]) -> None:
    assert set(FRAMEWORKS) <= loaded


PRODUCT = (
    "core.models", "core.runtime", "core.plugin", "core.services", "core.web",
    "core.main", "plugins.",
)  # fmt: skip
OUTSIDE = """
import sys
import core.kit.outside, core.kit.sandbox.__main__, core.kit.mailcatcher.__main__
print(*[name for name in sys.modules if name.startswith(("core.", "plugins."))])
"""


def test_the_parent_of_the_simulators_holds_nothing_of_the_product() -> None:
    """D3: what a simulator shared with the product would hide faults."""
    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()
    assert not [name for name in done.stdout.split() if name.startswith(PRODUCT)]
