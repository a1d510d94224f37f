"""The `flask` commands."""

from flask import Flask

from core.main.commands import (
    bench,
    demo,
    mail,
    reconcile,
    sandbox,
    settings,
    users,
    work,
)
from core.plugin.registry import Registry


def register(app: Flask, registry: Registry) -> None:
    """Add the commands to the application."""
    for command in (
        work.worker,
        work.clock,
        work.dispatch,
        demo.run_demo,
        reconcile.reconcile,
        mail.mail_catcher,
    ):
        app.cli.add_command(command)
    app.cli.add_command(users.users)
    app.cli.add_command(settings.settings)
    app.cli.add_command(bench.bench)
    app.cli.add_command(sandbox.group(registry))
    _add_plugin_commands(app)


def _add_plugin_commands(app: Flask) -> None:
    from core.main.commands.plugins import plugins

    app.cli.add_command(plugins)
