"""`flask plugins new acme`, then `make run`: nothing is patched.

The project is copied, with more plugins that are broken on purpose: one cannot be
loaded, the demo of one cannot connect, the simulator of one does not start. All else
starts and works.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from core.kit.scaffold import write_plugin
from core.main.app import ROOT

SECONDS = 240
"""Until it runs, and until an order is booked, on a slow machine."""
STEP = 0.5


@dataclass
class Running:
    """The product as a user sees it: a browser, and what the command told."""

    browser: requests.Session
    told: str

    @property
    def url(self) -> str:
        """The product's address."""
        return self.address("Koppelwerk runs at")

    def sandbox(self, name: str) -> str:
        """Return the address of a sandbox."""
        return self.address(f"sandbox {name}:")

    def address(self, what: str) -> str:
        """Return the address that was told behind some words."""
        return re.findall(rf"{what} (\S+)", self.told)[0]

    @property
    def login(self) -> tuple[str, str]:
        """The demo owner's address and password."""
        email, password = re.findall(r"log in with (\S+) / (\S+)", self.told)[0]
        return email, password

    def page(self, path: str) -> str:
        """Return a page of the product."""
        answer = self.browser.get(f"{self.url}{path}", timeout=30)
        assert answer.ok, answer.text
        return answer.text

    def tile(self, name: str) -> str:
        """Return a plugin's tile at Koppelingen."""
        tiles = self.page("/koppelingen").split('<li class="plugin-tile">')
        return next(tile for tile in tiles if f'/koppelingen/{name}"' in tile)

    def log_in(self) -> None:
        """Log in with what the command told."""
        email, password = self.login
        form = self.page("/login")
        (token,) = set(re.findall(r'name="csrf_token" value="([^"]+)"', form))
        values = {"email": email, "password": password, "csrf_token": token}
        headers = {"Referer": f"{self.url}/login"}
        self.browser.post(f"{self.url}/login", values, headers=headers, timeout=30)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, with what makes a start quick: bytecode."""
    for name in ("core", "plugins", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("pyproject.toml", "wsgi.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def _environ(project: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(project / "v"),
        "DISPATCH_SECONDS": "1",
    }


def _flask(project: Path, environ: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _break(project: Path) -> None:
    write_plugin(project, "broken", "Gebroken")
    with (project / "plugins/broken/plugin.py").open("a") as file:
        file.write("\nraise RuntimeError('out of order')\n")
    write_plugin(project, "silent", "Zwijgend")
    demo = project / "plugins/silent/demo.py"
    demo.write_text(demo.read_text().replace("_control/grant", "_control/nowhere"))
    write_plugin(project, "fallen", "Gevallen")
    with (project / "plugins/fallen/sandbox/__init__.py").open("a") as file:
        file.write("\nraise RuntimeError('no simulator')\n")


@contextmanager
def run(
    project: Path, environ: dict[str, str], output: Path, *options: str
) -> Iterator[Running]:
    """Run the product as `make run` does, until its address is told."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "run-demo",
             "--free-ports", *options],
            cwd=project,
            env=environ,
            stdout=file,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        until = time.monotonic() + SECONDS
        while "Ctrl-C stops everything" not in (told := output.read_text()):
            assert process.poll() is None, told
            assert time.monotonic() < until, told
            time.sleep(STEP)
        with requests.Session() as browser:
            yield Running(browser, told)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_for_booking(address: str) -> list[object]:
    """Return what a sandbox booked, once there is something."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        url = f"{address}/_control/ledger?kind=invoice"
        if entries := requests.get(url, timeout=30).json():
            return list(entries)
        time.sleep(STEP)
    return []


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS + 120)
def test_a_new_plugin_runs_and_broken_ones_are_listed(project: Path) -> None:
    environ = _environ(project)
    told = _flask(project, environ, "plugins", "new", "acme", "--title", "Acme")
    assert "make run" in told
    _break(project)
    with run(project, environ, project / "output") as running:
        running.log_in()
        acme = running.tile("acme")
        assert '<span class="dot green"' in acme
        assert "Acme" in acme
        assert wait_for_booking(running.sandbox("acme"))

        assert '<span class="dot red"' in running.tile("silent")
        page = running.page("/koppelingen")
        assert "Gebroken kon niet worden geladen." in page
        assert "RuntimeError: out of order" in page
        assert "plugin broken failed: RuntimeError: out of order" in running.told
        assert "plugin silent failed: HTTPError: 404" in running.told
        assert '<span class="dot red"' in running.tile("fallen")
        assert "plugin fallen failed: PartFailedError: sandbox-fallen" in running.told
        assert '<span class="dot green"' in running.tile("kmoshops")

        assert "event='plugin failed to load' plugin='broken'" in running.told
        assert "event='plugin cannot take part' plugin='silent'" in running.told

        lines = _flask(project, environ, "plugins", "list").splitlines()
        columns = [line.split("\t") for line in lines if not line.startswith("\t")]
        states = {each[0]: each[-1] for each in columns if len(each) > 1}
        assert states.pop("broken") == "failed: RuntimeError: out of order"
        assert states.pop("silent").startswith("failed: HTTPError: 404")
        assert states.pop("fallen").endswith("RuntimeError: no simulator")
        assert set(states.values()) == {"loaded"}
        assert "\tACME_*" in lines
