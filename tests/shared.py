"""The vendors' contracts and the sample data that lie beside the project."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


def shared_file(name: str) -> Path:
    """Return a file of the shared folder; skip visibly without it, fail in CI."""
    path = SHARED / name
    if not path.exists():
        message = f"{name} is not beside the project"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path
