"""The supervisor: waiting for progress, naming who failed, replacing, ending along."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from core.kit import runner
from core.kit.processes import cpu_seconds, pss_mb, tree
from core.kit.runner import Command, Fork, Part, PartFailedError, Supervisor

BUSY = "import sys, time\nfor _ in range({turns}): print('at it'); time.sleep(0.05)"


def python(name: str, code: str) -> Command:
    return Command(name, [sys.executable, "-S", "-c", code])


def eventually(look: Callable[[], object]) -> object:
    until = time.monotonic() + 30
    while not (found := look()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)
    return found


def is_there(pid: int) -> bool:
    return bool(tree(pid))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor([], tmp_path, say=said.append, stop_seconds=5)
    yield made
    made.stop()


@pytest.fixture(params=["command", "fork"])
def sleeper(request: pytest.FixtureRequest) -> Part:
    """A part that speaks, and then does nothing."""
    if request.param == "command":
        return python("sleeper", "import time\nprint('hello')\ntime.sleep(600)")

    def sleep() -> None:
        sys.stdout.write("hello\n")
        time.sleep(600)

    return Fork("sleeper", sleep)


def log_of(supervisor: Supervisor, name: str) -> str:
    path = supervisor.logs / f"{name}.log"
    return path.read_text() if path.exists() else ""


def test_a_part_logs_is_a_group_and_stops(
    supervisor: Supervisor, sleeper: Part
) -> None:
    supervisor.start(sleeper)
    eventually(lambda: log_of(supervisor, "sleeper") == "hello\n")
    pid = sleeper.pid or 0
    assert os.getpgid(pid) == pid
    assert sleeper.exit_code() is None
    supervisor.stop()
    assert sleeper.exit_code() == -signal.SIGTERM
    assert not is_there(pid)


def test_what_does_not_listen_is_killed(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)"
    part = python("deaf", f"{deaf}\nprint('deaf')\ntime.sleep(600)")
    supervisor.start(part)
    eventually(lambda: log_of(supervisor, "deaf"))
    supervisor.stop_seconds = 0.2
    supervisor.stop()
    assert part.exit_code() == -signal.SIGKILL


def test_it_waits_as_long_as_there_is_progress(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times as long as silence is borne."""
    monkeypatch.setattr(runner, "QUIET_SECONDS", 0.5)
    monkeypatch.setattr(runner, "STILL_SECONDS", 0.5)
    part = supervisor.start(python("busy", BUSY.format(turns=4000)))
    supervisor.wait_until(lambda: log_of(supervisor, "busy").count("at it") > 40, part)
    assert any(line.startswith("still waiting for busy") for line in said)


def test_it_gives_up_on_what_does_nothing(
    supervisor: Supervisor, sleeper: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "QUIET_SECONDS", 0.5)
    supervisor.start(sleeper)
    with pytest.raises(PartFailedError) as refused:
        supervisor.wait_until(lambda: False, sleeper)
    assert "sleeper made no progress for 0.5 seconds" in str(refused.value)
    assert "hello" in str(refused.value)


def test_who_ends_while_another_is_waited_for_is_named(
    supervisor: Supervisor, sleeper: Part
) -> None:
    lines = "; ".join(f"print('line {number}')" for number in range(40))
    supervisor.start(sleeper)
    supervisor.start(python("broken", f"{lines}; raise SystemExit(3)"))
    with pytest.raises(PartFailedError) as refused:
        supervisor.wait_until(lambda: False, sleeper)
    told = str(refused.value).splitlines()
    assert told[0].startswith("broken ended with status 3; ")
    last = range(40 - runner.LAST_LINES, 40)
    assert told[1:] == [f"  line {number}" for number in last]


def test_an_error_in_a_fork_stands_in_its_log(supervisor: Supervisor) -> None:
    part = supervisor.start(Fork("broken", partial(int, "no number")))
    with pytest.raises(PartFailedError, match="invalid literal for int"):
        supervisor.wait_until(lambda: False, part)


def watched(supervisor: Supervisor, look: Callable[[], object]) -> None:
    """Watch in this thread until something is seen, as `watch` does between sleeps."""
    until = time.monotonic() + 30
    while not look():
        assert time.monotonic() < until, "it never came"
        for part in supervisor.parts:
            supervisor._revive(part, gives_up=True)
        time.sleep(0.02)


def test_a_dead_one_is_replaced_and_told_of(
    supervisor: Supervisor,
    sleeper: Part,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "REST_SECONDS", 0)
    supervisor.start(sleeper)
    eventually(lambda: log_of(supervisor, "sleeper"))
    first = sleeper.pid
    sleeper.signal(signal.SIGKILL)
    watched(supervisor, lambda: sleeper.pid != first)
    assert sleeper.exit_code() is None
    assert said[0].startswith("sleeper was ended by SIGKILL; ")
    assert said[0].endswith("hello\nsleeper is started again")


def test_what_ends_at_once_again_and_again_is_given_up(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "REST_SECONDS", 0)
    supervisor.start(python("broken", "raise SystemExit('no port')"))
    with pytest.raises(PartFailedError, match=r"broken ended with status 1(.|\n)*port"):
        watched(supervisor, lambda: False)
    assert len(said) == runner.EARLY_ENDS - 1


def test_a_log_that_is_long_makes_way(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOG_BYTES", 100)
    told = "import time\nfor n in range(600): print(f'line {n}', flush=True); "
    supervisor.start(python("talker", f"{told}time.sleep(0.02)"))
    aside = supervisor.logs / "talker.log.1"

    def tended() -> bool:
        supervisor.tend()
        return aside.exists()

    eventually(tended)
    assert aside.read_text().startswith("line 0\n")
    last = aside.read_text().split()[-1]
    eventually(lambda: "line" in log_of(supervisor, "talker"))
    first = log_of(supervisor, "talker").split()[1]
    assert int(first) >= int(last)  # it goes on in the emptied one
    assert len(log_of(supervisor, "talker")) < 5000


PARENT = """
import sys, time
from functools import partial
from pathlib import Path
from core.kit.runner import Command, Fork, Supervisor
supervisor = Supervisor([], Path(sys.argv[1]))
supervisor.start(Fork("fork", partial(time.sleep, 600)))
supervisor.start(Command("command", ["sleep", "600"]))
print(*[part.pid for part in supervisor.parts], flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children along")
def test_nothing_outlives_a_killed_parent(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "theirs")]
    parent = Command("parent", command, {"PYTHONPATH": os.getcwd()})
    supervisor.start(parent)
    eventually(lambda: len(log_of(supervisor, "parent").split()) == 2)
    pids = [int(pid) for pid in log_of(supervisor, "parent").split()]
    assert all(map(is_there, pids))
    assert {parent.pid, *pids} <= tree(parent.pid or 0)
    parent.signal(signal.SIGKILL)
    eventually(lambda: not any(map(is_there, pids)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of processes")
def test_what_processes_use_is_read() -> None:
    before, until = cpu_seconds([os.getpid()]), time.process_time() + 0.1
    while time.process_time() < until:
        pass
    # With what its children used, which may be much more than its own.
    assert before < cpu_seconds([os.getpid()]) <= sum(os.times()[:4]) + 0.05
    assert 5 < pss_mb([os.getpid()]) < 4000
    assert pss_mb([0]) == 0
