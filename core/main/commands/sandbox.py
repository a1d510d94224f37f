"""`flask sandbox`: run the simulators of the outside systems."""

from pathlib import Path

import click
from flask.cli import AppGroup, ScriptInfo

from core.kit import sandbox as kit
from core.plugin.capabilities import Sandbox
from core.plugin.registry import Registry
from core.runtime.extensions import koppelwerk, settings


class _Group(AppGroup):
    """The commands below, and what the plugins' sandboxes add to them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *filter(None, _of_plugins(ctx))])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or _of_plugins(ctx).get(name)


def _of_plugins(ctx: click.Context) -> dict[str | None, click.Command]:
    app = ctx.ensure_object(ScriptInfo).load_app()
    registry: Registry = app.extensions["koppelwerk"].registry
    return {
        command.name: command
        for plugin in registry.plugins.values()
        for command in (plugin.sandbox.commands if plugin.sandbox else ())
    }


sandbox = _Group("sandbox", help="Simulators of the outside systems.")


def sandbox_of(name: str) -> Sandbox:
    """Return a plugin's sandbox; a clear error when it has none."""
    plugin = koppelwerk().registry.plugins.get(name)
    if plugin is None or plugin.sandbox is None:
        raise click.ClickException(f"{name} has no sandbox")
    return plugin.sandbox


@sandbox.command()
@click.argument("name")
@click.option("--port", type=int, help="Loopback port; default: the sandbox's own.")
@click.option("--database", type=click.Path(path_type=Path), help="Its own file.")
def run(name: str, port: int | None, database: Path | None) -> None:
    """Run the sandbox of plugin NAME until interrupted."""
    own = sandbox_of(name)
    package = f"{koppelwerk().registry.package(name)}.sandbox"
    path = database or settings().var / f"sandbox-{name}.db"
    click.echo(f"Sandbox {name} at http://127.0.0.1:{port or own.port}")
    kit.run(package, path, port or own.port)
