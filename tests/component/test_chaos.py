"""The runs that break things by name: they go on where they ended, and can fail."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.chaos import BAD, network
from tests.chaos import __main__ as chaos
from tests.chaos.__main__ import SCENARIOS, Scenario, Wanted
from tests.chaos.many import Many
from tests.product import PASSWORD

Waves = list[Wanted]


def run(*words: str) -> Result:
    return CliRunner().invoke(chaos.main, ["T8", "--json", *words])


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def waves(monkeypatch: pytest.MonkeyPatch) -> Waves:
    """What a stand-in for T8 was asked, wave by wave; the second is cut short."""
    asked: Waves = []

    def work(wanted: Wanted, _folder: Path) -> dict[str, Any]:
        asked.append(wanted)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return {"rounds": wanted.count}

    monkeypatch.setitem(SCENARIOS, "T8", Scenario("stand-in", 300, 50, work))
    return asked


def test_a_run_goes_on_where_it_ended(waves: Waves, tmp_path: Path) -> None:
    words = ("--count", "120", "--folder", str(tmp_path))
    assert run(*words).exit_code == 1
    done = run(*words)
    assert done.exit_code == 0
    assert [wave.count for wave in waves] == [50, 50, 50, 20]
    assert len({wave.seed for wave in waves}) == 3  # the cut one begins anew
    assert told(done)["rounds"] == 120
    again = run(*words)
    assert (len(waves), told(again)["rounds"]) == (4, 120)


@pytest.mark.parametrize("name", BAD)
def test_a_run_that_found_something_fails(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for found, code in ((0, 0), (1, 1)):
        given = Scenario("stand-in", 1, 1, lambda *_, found=found: {name: found})
        monkeypatch.setitem(SCENARIOS, "T8", given)
        assert run().exit_code == code


@pytest.mark.parametrize(
    "line", ["Klant 3", "klant3@winkel5.example.com", PASSWORD, "a+token"]
)
@pytest.mark.parametrize("log", ["v/logs/worker-default.log", "w1/logs/web-1.log"])
def test_a_log_that_names_a_customer_is_found(
    tmp_path: Path, line: str, log: str
) -> None:
    stack: Any = SimpleNamespace(settings=SimpleNamespace(var_dir=tmp_path / "v"))
    made = Many(Flask("x"), stack, [], secrets=["a+token"])
    path = tmp_path / log
    path.parent.mkdir(parents=True)
    path.write_text("order 3 of connection 5 failed\n")
    assert made.told() == 0
    path.write_text(f"order of {line} failed\n")
    assert made.told() == 1


def test_where_no_hosts_can_be_made_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in network.why_not()
    done = CliRunner().invoke(chaos.main, ["hosts"])
    assert done.exit_code == 1
    assert "no hosts can be made here: network namespaces" in done.output
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    assert network.why_not() == "the program ip is not installed"
