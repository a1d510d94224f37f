"""How many files a test walks through: `pytest -p tests.walks FILE::TEST`.

Prints for each test the product's files that ran in its call phase and the hops from
one file to another, simulators left out.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
_PRODUCT = tuple(str(ROOT / folder) + "/" for folder in ("core", "plugins"))


class Walk:
    """Follows calls from file to file in this thread."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.hops = 0
        self._path: list[str] = []

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Note a call of the product's code, or its return."""
        name = frame.f_code.co_filename
        if not name.startswith(_PRODUCT) or "/sandbox/" in name:
            return
        if event == "call":
            self.hops += bool(self._path) and self._path[-1] != name
            self.files.add(name)
            self._path.append(name)
        elif event == "return" and self._path:
            self._path.pop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Walk with one test."""
    walk = Walk()
    sys.setprofile(walk)
    try:
        return (yield)
    finally:
        sys.setprofile(None)
        own = sorted(name.removeprefix(f"{ROOT}/") for name in walk.files)
        item.add_report_section(
            "call", "walk", f"{len(own)} files, {walk.hops} hops\n" + "\n".join(own)
        )
