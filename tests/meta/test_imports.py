"""D1 to D3 by import-linter, and D7: importing connects to nothing."""

import subprocess
import sys

import pytest
from importlinter.cli import lint_imports

from tests.meta.project import ROOT

SANDBOXES = sorted(path.parent.name for path in ROOT.glob("plugins/*/sandbox"))

NO_NETWORK = """
import importlib, pkgutil, socket, sys

def refuse(*_args, **_kwargs):
    raise AssertionError("something connects at import time")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.socket.bind = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
for root in ("core", "plugins"):
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(package.__path__, f"{root}."):
        if ".migrations." not in found.name:
            importlib.import_module(found.name)
print(len([name for name in sys.modules if name.startswith(("core.", "plugins."))]))
"""


def test_the_layers_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0


def test_importing_everything_connects_to_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", NO_NETWORK],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50


ALONE = """
import importlib, sys
package = importlib.import_module(sys.argv[1])
assert callable(package.create_app)
own, parent = f"{sys.argv[1]}.", sys.argv[1].rpartition(".")[0]
print(*[
    name for name in sys.modules
    if name.startswith((f"{parent}.", "core.models", "core.services", "core.main.app"))
    and not f"{name}.".startswith(own)
])
"""


@pytest.mark.parametrize("name", SANDBOXES)
def test_a_sandbox_runs_without_the_product_and_its_plugin(name: str) -> None:
    """D3 as it is loaded: what it shared with the client would hide faults."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE, f"plugins.{name}.sandbox"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
