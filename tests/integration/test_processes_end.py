"""Whatever a command starts ends with it, killed or not (`core.kit.processes`).

The commands that keep processes running are found by what they are made of, so that a
new one has to be tried here too.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.kit.processes import tree
from core.kit.runner import Command, Supervisor
from core.main.parts import flask_command
from core.main.stack import free_port
from tests.meta.project import ROOT, imports_of, product

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux ends children along"
)
PATIENCE_SECONDS = 60
GONE_SECONDS = 5
KEEPS_RUNNING = (
    "core.kit.runner",
    "core.main.stack",
    "core.main.web_server",
    "core.main.commands.bench.product",
)
TRIED = {
    "core/main/commands/bench/orders.py": ("bench", "orders"),
    "core/main/commands/bench/relation_place.py": (
        "bench",
        "relations",
        "--relations",
        "2000",
    ),
    "core/main/commands/bench/start.py": ("bench", "start"),
    "core/main/commands/demo.py": ("run-demo", "--free-ports"),
    "core/main/commands/work.py": ("serve",),
}
"""The command of each module; `workers`: test_forked_workers."""
AS_OTHERS = {
    "core/main/commands/bench/product.py": "what bench orders and webhook run",
    "core/main/commands/bench/webhook.py": "runs what bench orders runs",
    "core/main/commands/bench/memory.py": "looks at processes only",
}
FAMILY = {"serve": 3, "relations": 4}
"""How many processes are enough to be cut off, where it is not all simulators."""
SIMULATORS = 6


def test_each_command_that_keeps_processes_running_is_tried_here() -> None:
    found = {
        file.name
        for file in product()
        if file.name.startswith("core/main/commands/")
        and any(name.startswith(KEEPS_RUNNING) for name in imports_of(file))
    }
    assert found == {*TRIED, *AS_OTHERS}


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Begin a command, and clean up whatever the test leaves."""
    supervisor = Supervisor([], tmp_path / "logs")

    def begin(words: tuple[str, ...]) -> Command:
        environ = {
            "VAR_DIR": str(tmp_path / "v"),
            "PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
            "TMPDIR": str(tmp_path),
            "PYTHONPATH": str(ROOT),
        }
        part = Command("command", flask_command(*words), environ)
        supervisor.start(part)
        return part

    yield begin
    supervisor.stop()


@pytest.mark.parametrize("words", TRIED.values(), ids=" ".join)
def test_what_a_killed_command_started_is_gone_in_seconds(
    begun: Callable[..., Command], words: tuple[str, ...]
) -> None:
    command = begun(words)
    few = next((FAMILY[word] for word in words if word in FAMILY), SIMULATORS)
    family = _grown(command, few)
    os.kill(command.pid or 0, signal.SIGKILL)
    until = time.monotonic() + GONE_SECONDS
    while (left := tree(*family)) and time.monotonic() < until:
        time.sleep(0.05)
    for pid in left:  # the test itself leaves nothing
        os.kill(pid, signal.SIGKILL)
    assert not left, f"{len(left)} of {len(family)} go on"


def _grown(command: Command, number: int) -> set[int]:
    """Return a command's family as soon as it has so many members."""
    until = time.monotonic() + PATIENCE_SECONDS
    while len(family := tree(command.pid or 0)) < number:
        assert command.exit_code() is None, "it ended by itself"
        assert time.monotonic() < until, f"only {len(family)} processes"
        time.sleep(0.05)
    return family
