"""`flask sandbox`: run the simulators of the outside systems."""

from pathlib import Path

import click
from flask.cli import AppGroup

from core.kit import sandbox as kit
from core.plugin.capabilities import Sandbox
from core.plugin.registry import Registry
from core.runtime.extensions import koppelwerk, settings


def group(registry: Registry) -> AppGroup:
    """Return the command group, with what the plugins' sandboxes add to it."""
    commands = AppGroup("sandbox", help="Simulators of the outside systems.")
    commands.add_command(run)
    for plugin in registry.plugins.values():
        for command in plugin.sandbox.commands if plugin.sandbox else ():
            commands.add_command(command)
    return commands


def sandbox_of(name: str) -> Sandbox:
    """Return a plugin's sandbox; a clear error when it has none."""
    plugin = koppelwerk().registry.plugins.get(name)
    if plugin is None or plugin.sandbox is None:
        raise click.ClickException(f"{name} has no sandbox")
    return plugin.sandbox


@click.command()
@click.argument("name")
@click.option("--port", type=int, help="Loopback port; default: the sandbox's own.")
@click.option("--database", type=click.Path(path_type=Path), help="Its own file.")
def run(name: str, port: int | None, database: Path | None) -> None:
    """Run the sandbox of plugin NAME until interrupted."""
    sandbox = sandbox_of(name)
    package = f"{koppelwerk().registry.package(name)}.sandbox"
    path = database or settings().var / f"sandbox-{name}.db"
    kit.run(package, path, port or sandbox.port)
