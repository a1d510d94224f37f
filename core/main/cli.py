"""The `flask` commands, each loaded when it is asked for."""

import os
import shlex
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from core.domain.clock import utcnow
from core.domain.redact import redact

COMMANDS = {
    "backup": "core.main.commands.backup:backup",
    "bench": "core.main.commands.bench:bench",
    "clock": "core.main.commands.work:clock",
    "db": "flask_migrate.cli:db",
    "dispatch": "core.main.commands.work:dispatch",
    "doctor": "core.main.commands.doctor:doctor",
    "egress": "core.main.commands.egress:egress",
    "keys": "core.main.commands.keys:keys",
    "mail-catcher": "core.main.commands.mail:mail_catcher",
    "plugins": "core.main.commands.plugins:plugins",
    "reconcile": "core.main.commands.reconcile:reconcile",
    "vat-rates": "core.main.commands.vat_rates:vat_rates",
    "restore": "core.main.commands.backup:restore",
    "run-demo": "core.main.commands.demo:run_demo",
    "sandbox": "core.main.commands.sandbox:sandbox",
    "serve": "core.main.commands.work:serve",
    "settings": "core.main.commands.settings:settings",
    "users": "core.main.commands.users:users",
    "worker": "core.main.commands.work:worker",
    "workers": "core.main.commands.work:workers",
}


UNNOTED = {
    "bench", "clock", "dispatch", "doctor", "egress", "mail-catcher", "plugins",
    "reconcile", "run-demo", "sandbox", "serve", "settings", "vat-rates", "worker",
    "workers",
}  # fmt: skip
"""Commands that change nothing of an installation."""
TRAIL = "commands.log"
ADVICE = "`flask db upgrade heads` makes the tables; `flask doctor` says what is wrong."


class Commands(AppGroup):
    """A group that loads its commands by name: web server and workers need none."""

    def __init__(
        self, name: str, places: dict[str, str], trail: Path | None = None, **more: Any
    ) -> None:
        """`places` has `module:attribute` by command, `more` are options of click.

        With a `trail` each use of a command that may change something is noted there.
        """
        super().__init__(name, **more)
        self._places, self._trail = places, trail

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See click."""
        return sorted({*super().list_commands(ctx), *self._places})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """See click."""
        found: click.Command | None = super().get_command(ctx, name)
        if name in self._places:
            module, _, attribute = self._places[name].partition(":")
            found = getattr(import_module(module), attribute)
        if found is None or self._trail is None:
            return found
        return _attended(found, None if name in UNNOTED else self._trail)


def _attended(command: click.Command, trail: Path | None) -> click.Command:
    """Return a command that fails in words where the installation is at fault, and
    leaves a line of its use."""
    found = copy(command)

    def make_context(
        name: str | None, args: list[str], *more: Any, **given: Any
    ) -> Any:
        words = [name or "", *args]  # parsing takes them away
        context = command.make_context(name, args, *more, **given)
        context.command = found
        if trail is not None:
            _note(trail, words)
        return context

    def invoke(context: click.Context) -> Any:
        try:
            return command.invoke(context)
        except (OperationalError, ProgrammingError) as error:
            said = redact(str(error.orig).partition("\n")[0])
            raise click.ClickException(f"The database: {said}. {ADVICE}") from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from error

    found.make_context = make_context  # type: ignore[assignment, method-assign]
    found.invoke = invoke  # type: ignore[assignment, method-assign]
    return found


def _note(trail: Path, words: Sequence[str]) -> None:
    """Add when and who to a file that is only added to; one without room stops nobody.

    The number is the user's that it runs as; the name is whose terminal it is, sudo or
    not.
    """
    who = "-"
    with suppress(OSError):  # no terminal: a unit, a container
        who = os.getlogin()
    said = f"{utcnow().isoformat()} {os.getuid()} {who} flask {shlex.join(words)}"
    with suppress(OSError):
        trail.parent.mkdir(parents=True, exist_ok=True)
        with trail.open("a", encoding="utf-8") as file:
            file.write(redact(said) + "\n")


def register(app: Flask) -> None:
    """Add the commands to the application."""
    others = app.cli.commands  # of extensions
    var: Path = app.extensions["koppelwerk"].settings.var
    app.cli = Commands(app.name, COMMANDS, var / "logs" / TRAIL)
    app.cli.commands.update(others)
