"""`flask settings`: every setting of the core and the plugins."""

from collections.abc import Iterator

import click
from flask.cli import with_appcontext

from core.plugin.registry import Registry
from core.plugin.settings import Declared, declared
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings

_HEAD = """\
# Settings

Made by `flask settings --markdown`. All settings are environment variables; addresses
default to the vendors' own. A plugin's settings begin with a prefix that its manifest
names, and are read by its own `settings.py`.
"""
_COLUMNS = "| Variable | Default | Meaning |\n| --- | --- | --- |\n"


@click.command()
@click.option("--markdown", is_flag=True, help="As `docs/settings.md`.")
@with_appcontext
def settings(markdown: bool) -> None:
    """List every setting with its default and its meaning."""
    registry = koppelwerk().registry
    if markdown:
        click.echo(as_markdown(registry), nl=False)
        return
    for _, found in _groups(registry):
        for each in found:
            click.echo(f"{each.name}\t{each.default}\t{each.meaning}")


def as_markdown(registry: Registry) -> str:
    """Return the page of all settings, a table for the core and for each plugin."""
    parts = [_HEAD]
    for title, found in _groups(registry):
        rows = "".join(map(_row, found))
        parts.append(f"## {title}\n\n{_COLUMNS}{rows}")
    return "\n".join(parts)


def _groups(registry: Registry) -> Iterator[tuple[str, list[Declared]]]:
    yield "Core", declared(Settings)
    for name in sorted(registry.settings):
        plugin = registry.get(name)
        yield str(plugin.manifest.title), declared(type(registry.settings[name]))


def _row(each: Declared) -> str:
    default = f"`{each.default}`" if each.default else ""
    return f"| `{each.name}` | {default} | {each.meaning} |\n"
