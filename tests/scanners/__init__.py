"""What looks for known faults in the product: secrets, parts, advisories.

Settings: `[tool.koppelwerk.*]` in `pyproject.toml`. Each ends with 1 when it finds
something; `tests/meta/test_scanners.py` plants what each must find.
"""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def settings(scanner: str) -> dict[str, Any]:
    """Return a scanner's table in `pyproject.toml`."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found: dict[str, Any] = table["tool"]["koppelwerk"][scanner]
    return found


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package that a lock file's text names."""
    return {normal(name): version for name, version in _PIN.findall(lock)}


def normal(name: str) -> str:
    """Return a package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def ended(scanner: str, complaints: Iterable[str]) -> int:
    """Print what is wrong and return the exit code."""
    found = list(complaints)
    for complaint in found:
        print(f"{scanner}: {complaint}")  # noqa: T201
    return 1 if found else 0
