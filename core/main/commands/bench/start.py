"""`flask bench start`: from nothing to the address and the first booked order."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import OperationalError

from core.kit.processes import cpu_seconds, ends_along, pss_mb, tree
from core.kit.runner import Command, PartFailedError, Supervisor
from core.main.commands.bench.product import show
from core.main.parts import flask_command
from core.main.stack import free_port
from core.models import Transfer, TransferState
from core.runtime.settings import Settings

FRAMEWORKS = (
    "argon2", "cattrs", "cryptography.hazmat.primitives.ciphers.aead",
    "defusedxml.ElementTree", "flask", "flask_babel", "flask_htmx", "flask_login",
    "flask_smorest", "flask_sqlalchemy", "flask_wtf", "limits.storage",
    "limits.strategies", "lxml.etree", "oauthlib.oauth2", "pluggy", "pyotp", "redis",
    "requests", "rq", "simplejson", "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite", "sqlalchemy.orm", "stdnum", "structlog", "wtforms",
)  # fmt: skip
"""The libraries that `import wsgi` loads; a test holds this to what it does load."""
BARE = f"""
import sys
sys.modules.setdefault("rich", None)  # as wsgi.py: part of no product's environment
import {", ".join(FRAMEWORKS)}
"""
READY = "Koppelwerk runs at "


@click.command("start")
@click.option("--imports", default=5, show_default=True, help="Imports to measure.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_start(imports: int, as_json: bool) -> None:
    """Seconds, memory and imports of a fresh product's start, with its demo shop."""
    with tempfile.TemporaryDirectory(prefix="kwstart-") as folder:
        figures = {
            **_start(Path(folder) / "v"),
            "import_ratio": _import_ratio(Path(folder) / "i", imports),
        }
    show(figures, as_json)


def _start(var: Path) -> dict[str, Any]:
    """Start a product as `make run` does; what it used by the time of each event."""
    environ = {"VAR_DIR": str(var), "PUBLIC_URL": f"http://127.0.0.1:{free_port()}"}
    run = Command("run", flask_command("run-demo", "--free-ports"), environ)
    supervisor = Supervisor([], var, say=partial(click.echo, err=True))
    try:
        supervisor.start(run)
        supervisor.wait_until(lambda: READY in (var / "run.log").read_text(), run)
        address, address_cpu = _used(run)
        database = Settings.from_environ(environ).database
        supervisor.wait_until(lambda: _booked(database), run)
        booked, booked_cpu = _used(run)
        return {
            "seconds_to_address": address,
            "cpu_seconds_to_address": address_cpu,
            "seconds_to_first_booked": booked,
            "cpu_seconds_to_first_booked": booked_cpu,
            "memory_pss_mb": round(pss_mb(tree(run.pid or 0)), 1),
        }
    except PartFailedError as error:
        raise click.ClickException(str(error)) from error
    finally:
        supervisor.stop()


def _used(run: Command) -> tuple[float, float]:
    """Return seconds and CPU seconds since the start."""
    seconds = time.monotonic() - run.started
    return round(seconds, 2), round(cpu_seconds(tree(run.pid or 0)), 2)


def _booked(database: str) -> bool:
    engine = create_engine(database)
    done = select(func.count()).where(Transfer.state == TransferState.DONE)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(done))
    except OperationalError:  # locked for a moment
        return False
    finally:
        engine.dispose()


def _import_ratio(var: Path, rounds: int) -> float:
    """Return CPU time of `import wsgi` over that of importing its frameworks alone."""
    environ = {**os.environ, "VAR_DIR": str(var)}
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for program, found in zip(("import wsgi", BARE), times, strict=True):
            found.append(_cpu_of(program, environ))
    wsgi, frameworks = (statistics.median(found[1:]) for found in times)
    return round(wsgi / frameworks, 2)


def _cpu_of(program: str, environ: dict[str, str]) -> float:
    code = f"{program}\nimport os\nt = os.times()\nprint(t.user + t.system)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(  # noqa: S603  our own words
        command,
        env=environ,
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=ends_along(),
    )
    return float(done.stdout)
