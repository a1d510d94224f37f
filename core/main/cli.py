"""The `flask` commands, each loaded when it is asked for."""

from importlib import import_module
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

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


class Commands(AppGroup):
    """A group that loads its commands by name: web server and workers need none."""

    def __init__(self, name: str, places: dict[str, str], **options: Any) -> None:
        """`places` has `module:attribute` by command; `options` are click's."""
        super().__init__(name, **options)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See click."""
        return sorted({*super().list_commands(ctx), *self._places})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """See click."""
        if name not in self._places:
            return super().get_command(ctx, name)
        module, _, attribute = self._places[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


def register(app: Flask) -> None:
    """Add the commands to the application."""
    others = app.cli.commands  # of extensions
    app.cli = Commands(app.name, COMMANDS)
    app.cli.commands.update(others)
