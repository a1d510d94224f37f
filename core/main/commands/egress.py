"""`flask egress`: what this installation calls, ready for a firewall."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from urllib.parse import urlsplit

import click
from flask.cli import with_appcontext
from sqlalchemy.engine import make_url

from core.plugin.settings import declared
from core.runtime.extensions import koppelwerk, settings
from core.services.mailing.smtp import server_of

_PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379, "postgresql": 5432}
_BESIDE = (
    "Webhooks that users set up go to any public address, on the port that they chose;"
    " names are looked up with the DNS."
)


@dataclass(frozen=True, order=True)
class Destination:
    """A host and port that the settings make the product call."""

    host: str
    port: int
    settings: tuple[str, ...]
    """The variables that name it."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@with_appcontext
def egress(as_json: bool) -> None:
    """List hosts and ports that the settings make the product call.

    Web server and workers call them; nothing else has to get out, but for webhooks.
    """
    found = destinations()
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found]))
        return
    for each in found:
        click.echo(f"{each.host}\t{each.port}\t{', '.join(each.settings)}")
    click.echo(_BESIDE, err=True)


def destinations() -> list[Destination]:
    """Return what the running application's settings name, by host and port."""
    every = sorted({*_of_the_core(), *_of_plugins()})
    return [
        Destination(host, port, tuple(name for _, _, name in same))
        for (host, port), same in groupby(every, key=lambda each: (each[0], each[1]))
    ]


def _of_the_core() -> Iterator[tuple[str, int, str]]:
    database = make_url(settings().database)
    host = database.host or str(database.query.get("host", ""))
    if host and not host.startswith("/"):
        kind = database.get_backend_name()
        yield host, database.port or _PORTS[kind], "DATABASE_URL"
    yield from _of_address(settings().redis, "REDIS_URL")
    if settings().smtp_url:
        server = server_of(settings().smtp_url)
        yield server.host, server.port, "SMTP_URL"


def _of_plugins() -> Iterator[tuple[str, int, str]]:
    for values in koppelwerk().registry.settings.values():
        for each in declared(type(values)):
            value = getattr(values, each.name.lower())
            if isinstance(value, str) and value.startswith(("http://", "https://")):
                yield from _of_address(value, each.name)


def _of_address(url: str, name: str) -> Iterator[tuple[str, int, str]]:
    parts = urlsplit(url)
    if parts.hostname:  # a socket in the file system has none
        yield parts.hostname, parts.port or _PORTS[parts.scheme], name
