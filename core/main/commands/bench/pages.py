"""`flask bench pages`: CPU and queries of an owner's pages as history grows."""

import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from flask.testing import FlaskClient
from sqlalchemy import event

from core.main.commands.bench import history
from core.main.commands.bench.history import EMAIL, PASSWORD
from core.models import Base
from core.runtime import planner
from core.runtime.extensions import db, koppelwerk
from core.runtime.tenancy import system_scope
from core.web import policy

FEW = 1000
LONGEST_MS = 150
ROUNDS = 7
_PLACES = re.compile(r"<(?:\w+:)?(\w+)>")
FILES = (".csv", ".xlsx", ".pdf", ".json", ".zip")
"""Downloads are no pages: they take as long as they hold lines."""
VARIANTS = (
    "/rapportage?zoek=B000",
    "/rapportage?zoek=geen-enkele",
    "/rapportage?als=order&opmerking=met",
    "/rapportage?van=2000-01-01&tot=2100-12-31",
    "/fouten?oorzaak=order_empty",
    "/open?na=900",
    "/log?niveau=error",
    "/log?na=900",
    "/zoeken?zoek=sophie+fischer",
    "/zoeken?zoek=geen-enkele",
    "/zoeken?zoek=52,90",
)


@dataclass(frozen=True)
class Figures:
    """What one page costs."""

    ms: float
    """CPU of the process, database included: what else the machine does is left out."""
    most_ms: float
    queries: int


@click.command("pages")
@click.option("--transfers", default=100_000, show_default=True, help="In the tenant.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_pages(transfers: int, as_json: bool) -> None:
    """CPU and queries per page, with few and with many transfers.

    Exits with 1 when a page's median is over 150 ms or its queries grow with history.
    """
    few, many = measured(FEW, transfers, ROUNDS)
    _show(many, as_json)
    wrong = [
        f"{page}: {found} after {few[page]}"
        for page, found in many.items()
        if found.ms > LONGEST_MS or found.queries != few[page].queries
    ]
    for line in wrong:
        click.echo(f"TOO SLOW OR GROWING {line}", err=True)
    if wrong:
        sys.exit(1)


def measured(
    few: int, many: int, rounds: int
) -> tuple[dict[str, Figures], dict[str, Figures]]:
    """Return what each page costs with few transfers, looked at once, and with many."""
    with _scratch(few) as (app, ids):
        before = _measure(app, ids, rounds=1)
        with app.app_context(), system_scope():
            history.repeat(few, many)
        return before, _measure(app, ids, rounds)


@contextmanager
def _scratch(few: int) -> Iterator[tuple[Flask, dict[str, object]]]:
    """Make the product on a database of its own, with one tenant."""
    from core.main.app import create_app  # the composition root imports the commands

    with tempfile.TemporaryDirectory(prefix="kwpages-") as folder:
        settings = replace(
            koppelwerk().settings,
            var_dir=str(Path(folder) / "var"),
            database_url=f"sqlite:///{Path(folder) / 'pages.db'}",
            public_url="http://localhost",
            log_level="ERROR",
        )
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context(), system_scope():
            Base.metadata.create_all(db.engine)
            with db.engine.begin() as connection:
                planner.learn(connection)
            ids = history.make_tenant(few)
        yield app, ids
        with app.app_context():
            db.engine.dispose()


def _measure(app: Flask, ids: dict[str, object], rounds: int) -> dict[str, Figures]:
    client = app.test_client()
    client.post("/login", data={"email": EMAIL, "password": PASSWORD})
    found = {}
    for page in _addresses(app, ids):
        answer = client.get(page)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            click.echo(f"not measured: {page} ({answer.status})", err=True)
            answer.close()
            continue
        found[page] = _page(app, client, page, rounds)
    return found


def _addresses(app: Flask, ids: dict[str, object]) -> Iterator[str]:
    """Yield every GET address an owner may open, then some with filters."""
    for entry in policy.table(app):
        if entry.access not in ("login", "owner") or "GET" not in entry.methods:
            continue
        if entry.rule.endswith(FILES):
            continue
        unknown = set(_PLACES.findall(entry.rule)) - ids.keys()
        if unknown:
            click.echo(f"not measured: {entry.rule}", err=True)
            continue
        yield _PLACES.sub(lambda place: str(ids[place[1]]), entry.rule)
    yield from VARIANTS


def _page(app: Flask, client: FlaskClient, page: str, rounds: int) -> Figures:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        client.get(page)
        times.append((time.process_time() - start) * 1000)
    with _queries(app) as sent:
        client.get(page)
    return Figures(round(statistics.median(times), 1), round(max(times), 1), len(sent))


@contextmanager
def _queries(app: Flask) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _show(figures: dict[str, Figures], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({page: vars(f) for page, f in figures.items()}))
        return
    for page, found in sorted(figures.items(), key=lambda each: -each[1].ms):
        line = f"{found.ms:8.1f} ms {found.most_ms:8.1f} most {found.queries:4} queries"
        click.echo(f"{line}  {page}")
