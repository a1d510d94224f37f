"""The pure tests (`make quick`) start without the application, and wait for nothing."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.main.commands.plugin_rules import imports
from tests.meta.project import ROOT, called

HEAVY = (
    "alembic", "core.main.app", "core.models", "core.services", "flask",
    "flask_sqlalchemy", "fpdf", "jinja2", "openpyxl", "playwright", "redis", "requests",
    "rq", "schemathesis", "sqlalchemy", "werkzeug", "zeep",
)  # fmt: skip
STARTS = {
    "asyncio", "concurrent", "multiprocessing", "signal", "subprocess", "threading",
    "core.kit.processes", "core.kit.runner", "tests.product", "tests.sandboxes",
}  # fmt: skip
"""Whoever imports these starts something or waits for it."""
WAITS = {"Popen", "check_output", "fork", "sleep", "spawn", "system"}
COLLECT = """
import sys
import pytest

ended = pytest.main(["--collect-only", "-q", "-p", "pytest_timeout", "tests/unit"])
print("LOADED", *sorted(sys.modules))
sys.exit(ended)
"""


def test_collecting_the_pure_tests_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLLECT],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert "core.domain" in loaded
    assert loaded.isdisjoint(HEAVY)


def waiting(tree: ast.Module) -> Iterator[str]:
    """Name what starts a process or thread, or sleeps."""
    for name in imports(tree):
        parts = name.split(".")
        heads = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
        yield from STARTS & heads
    yield from (called(node) for node in ast.walk(tree) if called(node) in WAITS)


def test_pure_tests_start_nothing_and_wait_for_nothing() -> None:
    files = sorted((ROOT / "tests" / "unit").rglob("*.py"))
    assert len(files) > 50
    found = {
        (path.name, name)
        for path in files
        for name in waiting(ast.parse(path.read_text("utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess",
        "from core.kit.runner import Supervisor",
        "from concurrent.futures import ThreadPoolExecutor",
        "import time\ntime.sleep(1)",
        "import os\nos.fork()",
    ],
)
def test_what_starts_or_waits_is_seen(code: str) -> None:
    assert list(waiting(ast.parse(code)))
