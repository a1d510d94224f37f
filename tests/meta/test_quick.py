"""The pure tests (`make quick`) start without the application."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "core.main.app", "core.models", "core.services", "flask", "flask_sqlalchemy",
    "playwright", "redis", "requests", "sqlalchemy", "zeep",
)  # fmt: skip
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
