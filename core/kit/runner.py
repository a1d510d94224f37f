"""Running several processes on one machine: start, wait, watch, replace, stop.

A part is a command of its own, or a fork of this process, which has imported already
what the part needs. All of them end with this process, however that ends (Linux).
"""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType

import structlog

from core.kit.processes import cpu_seconds, die_with, ends_along, tree

STOP_SECONDS = 15
QUIET_SECONDS = 60
"""A part that uses no CPU and logs nothing for so long will not get ready."""
STILL_SECONDS = 10
"""How often to say that something is still being waited for."""
REST_SECONDS = 2
EARLY_SECONDS = 10
EARLY_ENDS = 5
"""So often in a row a part may end soon after its start."""
LAST_LINES, LAST_BYTES = 15, 8192
LOG_BYTES = 20_000_000
"""A log that is longer is put aside, in the place of the one before it."""

logger = structlog.get_logger(__name__)


class PartFailedError(Exception):
    """A part ended or hangs; the text names it with the last lines of its log."""


@dataclass
class Part(ABC):
    """One process of the product."""

    name: str
    started: float = field(default=0.0, init=False)
    early_ends: int = field(default=0, init=False)

    def start(self, logs: Path) -> None:
        """Start the process in a group of its own, its output in a log file."""
        self.started = time.monotonic()
        self._start(logs / f"{self.name}.log")

    @abstractmethod
    def _start(self, log: Path) -> None: ...

    @property
    @abstractmethod
    def pid(self) -> int | None:
        """The process's id, and its group's; None before its start."""

    @abstractmethod
    def exit_code(self) -> int | None:
        """Return how the process ended (minus a signal's number); None: it did not."""

    @abstractmethod
    def wait(self, seconds: float) -> bool:
        """Wait for its end; tell whether it came."""

    def signal(self, number: int) -> None:
        """Send a signal to the process and its children."""
        if self.pid is not None and self.exit_code() is None:
            os.killpg(self.pid, number)


@dataclass
class Command(Part):
    """A program of its own."""

    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def _start(self, log: Path) -> None:
        # Unbuffered: what it said last must be in the log when it is killed.
        environ = {**os.environ, "PYTHONUNBUFFERED": "1", **self.environ}
        with log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  our own commands
                list(self.command),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ends_along(),
            )

    @property
    def pid(self) -> int | None:
        """See `Part`."""
        return self.process.pid if self.process else None

    def exit_code(self) -> int | None:
        """See `Part`."""
        return self.process.poll() if self.process else None

    def wait(self, seconds: float) -> bool:
        """See `Part`."""
        try:
            return self.process is None or self.process.wait(seconds) is not None
        except subprocess.TimeoutExpired:
            return False


@dataclass
class Fork(Part):
    """A function in a fork of this process, which shares the memory of what is loaded.

    Sockets are shared too: close what this process holds before.
    """

    work: Callable[[], None]
    process: ForkProcess | None = field(default=None, init=False)

    def _start(self, log: Path) -> None:
        args = (self.work, log, os.getpid())
        context = multiprocessing.get_context("fork")
        self.process = context.Process(target=_in_fork, args=args, name=self.name)
        self.process.start()

    @property
    def pid(self) -> int | None:
        """See `Part`."""
        return self.process.pid if self.process else None

    def exit_code(self) -> int | None:
        """See `Part`."""
        return self.process.exitcode if self.process else None

    def wait(self, seconds: float) -> bool:
        """See `Part`."""
        if self.process is not None:
            self.process.join(seconds)
        return self.exit_code() is not None

    def signal(self, number: int) -> None:
        """See `Part`."""
        try:
            super().signal(number)
        except ProcessLookupError:  # it has no group of its own yet
            os.kill(self.pid or 0, number)


def _in_fork(work: Callable[[], None], log: Path, parent: int) -> None:
    os.setsid()
    die_with(parent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    # The parent's own may write elsewhere, or hold what they have not written yet.
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115  the process keeps it
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115  the process keeps it
    work()


class Supervisor:
    """Keeps parts running until it is told to stop."""

    def __init__(
        self,
        parts: Sequence[Part],
        logs: Path,
        *,
        say: Callable[[str], None] = logger.warning,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        """`say` is told, in lines for a person, what happens to the parts."""
        self.parts = list(parts)
        self.logs = logs
        self.say = say
        self.stop_seconds = stop_seconds
        self.stopping = False
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, part: Part) -> Part:
        """Start one part and watch over it from now on."""
        part.start(self.logs)
        if part not in self.parts:
            self.parts.append(part)
        return part

    def wait_until(self, ready: Callable[[], bool], part: Part) -> None:
        """Return once `ready`; however slow, as long as `part` makes progress.

        Raises PartFailedError when any part ended, or this one does nothing any more.
        """
        seen, since, said = (-1.0, 0), time.monotonic(), time.monotonic()
        while True:
            self._refuse_ended()
            if ready():
                return
            now, progress = time.monotonic(), self._progress(part)
            if progress != seen:
                seen, since = progress, now
            if now - since > QUIET_SECONDS:
                why = f"made no progress for {QUIET_SECONDS} seconds"
                raise PartFailedError(self._told(part, why))
            if now - said > STILL_SECONDS:
                said = now
                self.say(f"still waiting for {part.name}, {seen[0]:.0f} s of CPU used")
            time.sleep(0.05)

    def _progress(self, part: Part) -> tuple[float, int]:
        """Return what grows while a part does something: its CPU time and its log."""
        log = self.logs / f"{part.name}.log"
        size = log.stat().st_size if log.exists() else 0
        return cpu_seconds(tree(part.pid or 0)), size

    def _refuse_ended(self) -> None:
        for part in self.parts:
            if (code := part.exit_code()) is not None:
                raise PartFailedError(self._told(part, _ending(code)))

    def _told(self, part: Part, what: str) -> str:
        log = self.logs / f"{part.name}.log"
        lines = _last_lines(log) or ["(it said nothing)"]
        return "\n  ".join([f"{part.name} {what}; {log} ends:", *lines])

    def watch(self, *, gives_up: bool = True) -> None:
        """Replace parts that end by themselves, until SIGINT, SIGTERM or SIGHUP.

        Raises PartFailedError when one ends at once again and again, unless it shall
        be tried for ever.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        while not self.stopping:
            self.tend(gives_up=gives_up)
            time.sleep(0.5)
        self.stop()

    def tend(self, *, gives_up: bool = True) -> None:
        """Look once at each part: replace what ended, put aside a log that is long."""
        for part in self.parts:
            self._revive(part, gives_up)
            _put_aside(self.logs / f"{part.name}.log")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _revive(self, part: Part, gives_up: bool) -> None:
        code, lived = part.exit_code(), time.monotonic() - part.started
        if code is None or self.stopping or lived < REST_SECONDS:
            return
        part.early_ends = part.early_ends + 1 if lived < EARLY_SECONDS else 0
        told = self._told(part, _ending(code))
        if gives_up and part.early_ends >= EARLY_ENDS:
            raise PartFailedError(told)
        self.say(f"{told}\n{part.name} is started again")
        part.start(self.logs)

    def stop(self) -> None:
        """Stop all parts, last started first; kill what does not listen."""
        self.stopping = True
        for part in reversed(self.parts):
            part.signal(signal.SIGTERM)
        deadline = time.monotonic() + self.stop_seconds
        for part in reversed(self.parts):
            if part.pid is None or part.wait(max(deadline - time.monotonic(), 0.1)):
                continue
            part.signal(signal.SIGKILL)
            part.wait(self.stop_seconds)


def _put_aside(log: Path) -> None:
    """Keep a long log as another file, and empty it: who writes has it open."""
    try:
        if log.stat().st_size <= LOG_BYTES:
            return
        shutil.copyfile(log, log.with_suffix(".log.1"))
    except OSError:  # it was never written, or there is no room for a second one
        if not log.exists():
            return
    os.truncate(log, 0)


def _last_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    with path.open("rb") as log:
        log.seek(max(path.stat().st_size - LAST_BYTES, 0))
        return log.read().decode("utf-8", errors="replace").splitlines()[-LAST_LINES:]


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with status {code}"
