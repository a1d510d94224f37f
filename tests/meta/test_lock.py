"""The locks hold on each Python that we say runs the product, not on this one alone.

pip refuses a whole lock with hashes when it lacks one package that some other needs.
"""

from importlib.metadata import distribution

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.meta.project import ROOT

PYTHONS = ("3.11.2", "3.11.9", "3.12.0", "3.13.0")
"""3.11.2 is Debian 12's."""


def _locked(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    pins = [line.removesuffix("\\").strip() for line in lines if line[:1].isalnum()]
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, pins)}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_all_that_a_package_needs_is_locked(lock: str, python: str) -> None:
    here = {
        **default_environment(), "extra": "", "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
    }  # fmt: skip
    locked = {
        name: pin
        for name, pin in _locked(lock).items()
        if pin.marker is None or pin.marker.evaluate(here)
    }
    assert len(locked) > 50
    missing = {
        (name, str(needed))
        for name in locked
        for needed in map(Requirement, _needs(name))
        if (needed.marker is None or needed.marker.evaluate(here))
        and canonicalize_name(needed.name) not in locked
    }
    assert missing == set()


def test_what_is_tested_is_what_runs() -> None:
    run, dev = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert {name: str(dev.get(name, "")) for name in run} == {
        name: str(pin) for name, pin in run.items()
    }


def _needs(name: str) -> list[str]:
    """Return what an installed package says that it needs; async-timeout, which this
    Python may do without, needs nothing."""
    return [] if name == "async-timeout" else distribution(name).requires or []
