"""`flask plugins`: which plugins there are, whether they keep the rules, a new one."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from core.kit.processes import ends_along
from core.kit.scaffold import BadName, write_plugin
from core.main.commands import plugin_rules
from core.plugin.registry import Registry
from core.plugin.settings import declared
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import system_scope
from core.services.connections import connections

ROOT = Path(__file__).resolve().parents[3]


@click.group()
def plugins() -> None:
    """The plugins: list, check, new."""


@plugins.command("list")
@with_appcontext
def list_plugins() -> None:
    """List every plugin with its state, a failed one with the reason; its settings."""
    registry = koppelwerk().registry
    names = [*registry.plugins, *sorted(registry.failed)]
    failed = {**_not_connected(), **registry.failed}
    for name in names:
        click.echo("\t".join(_line(registry, name, failed.get(name, ""))))
        for words in _settings(registry, name):
            click.echo("\t".join(["", *words]))


def _not_connected() -> dict[str, str]:
    """Return why plugins could not connect, as far as there is a database to tell."""
    try:
        with system_scope():
            return connections.could_not_be_made()
    except SQLAlchemyError:
        return {}


def _line(registry: Registry, name: str, failed: str) -> list[str]:
    manifest = registry.manifests.get(name)
    state = f"failed: {failed}" if failed else "loaded"
    if manifest is None:
        return [name, "-", "-", "-", "-", state]
    needs = ",".join(manifest.depends) or "-"
    return [
        name,
        str(manifest.title),
        manifest.version,
        manifest.category,
        needs,
        state,
    ]


def _settings(registry: Registry, name: str) -> Iterator[tuple[str, ...]]:
    """Yield what a plugin's settings begin with, and each with default and meaning."""
    if name in registry.manifests:
        for prefix in registry.manifests[name].settings:
            yield (f"{prefix.upper()}*",)
    for each in declared(type(registry.settings.get(name))):
        yield each.name, each.default, each.meaning


@plugins.command()
@click.argument("name", required=False)
@with_appcontext
def check(name: str | None) -> None:
    """Hold one plugin, or all, to the rules; exit 1 when one breaks them."""
    registry = koppelwerk().registry
    known = [*registry.plugins, *sorted(registry.failed)]
    if name is not None and name not in known:
        raise click.ClickException(f"there is no plugin {name}")
    broken = [one for one in ([name] if name else known) if _report(registry, one)]
    if broken:
        raise click.exceptions.Exit(1)


def _report(registry: Registry, name: str) -> int:
    """Print what is wrong with a plugin; return how much."""
    if name in registry.failed:
        found = [f"does not load: {registry.failed[name]}"]
    else:
        found = plugin_rules.problems(
            registry.package(name), registry.get(name), registry.folder(name)
        )
    for problem in found:
        click.echo(f"{name}: {problem}")
    if not found:
        click.echo(f"{name}: ok")
    return len(found)


@plugins.command()
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT,
    help="Where `plugins` and `tests` are; default: this project.",
)
@click.option("--title", help="What users read; default: the name with a capital.")
def new(name: str, folder: Path, title: str | None) -> None:
    """Write a new plugin NAME with all its files and green tests."""
    try:
        written = write_plugin(folder, name, title or name.capitalize())
    except BadName as error:
        raise click.ClickException(str(error)) from error
    _format(written)
    for path in written:
        click.echo(path.relative_to(folder))
    click.echo(_NEXT.format(name=name))


_NEXT = """
Next:
  make run                    see it at work, against its own sandbox
  pytest tests/unit/{name} tests/contract/{name} tests/contract/{name}_sandbox
  flask plugins check {name}
  flask settings --markdown > docs/settings.md
Then change it piece by piece, by the vendor's documentation: docs/plugins.md says in
which order, and what a plugin may use."""


def _format(paths: list[Path]) -> None:
    """Lay the files out for the length of the name, where ruff is installed."""
    if find_spec("ruff") is not None:
        python = [path for path in paths if path.suffix == ".py"]
        command = [sys.executable, "-m", "ruff", "format", "--quiet", *map(str, python)]
        subprocess.run(command, check=False, preexec_fn=ends_along())  # noqa: S603  our own command
