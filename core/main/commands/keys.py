"""`flask keys`: the secret keys, and sealing everything under the newest."""

import sys

import click
from flask.cli import with_appcontext

from core.runtime import key_file
from core.runtime.extensions import koppelwerk, settings
from core.runtime.vault import new_key
from core.services.operations import resealing

AFTERWARDS = "Start all processes again, then: flask keys rotate"


@click.group()
def keys() -> None:
    """The secret keys: new, status, rotate (docs/operation.md)."""


@keys.command()
@with_appcontext
def new() -> None:
    """Make a key: into the file of VAR_DIR, or printed where SECRET_KEYS is set."""
    key = new_key()
    if settings().secret_keys:
        click.echo(key)
        click.echo(f"Put it in front of SECRET_KEYS, a comma behind it. {AFTERWARDS}")
        return
    key_file.add(settings().var, key)
    path = settings().var / key_file.NAME
    click.echo(f"{key.partition(':')[0]} is the newest in {path}. {AFTERWARDS}")


@keys.command()
@with_appcontext
def status() -> None:
    """Tell under which key each secret is; exit 1 when one does not open."""
    _tell(resealing.standing())


@keys.command()
@click.option("--yes", is_flag=True, help="All processes know the newest key.")
@with_appcontext
def rotate(yes: bool) -> None:
    """Seal every secret under the newest key; may be killed and begun again."""
    newest = koppelwerk().vault.key_ids[0]
    if not yes:
        asked = f"Were all processes started again since {newest} came?"
        click.confirm(asked, abort=True)
    click.echo(f"sealed anew: {resealing.reseal()}")
    _tell(resealing.standing())


def _tell(found: resealing.Standing) -> None:
    newest, *older = koppelwerk().vault.key_ids
    for (column, key), count in sorted(found.by_key.items()):
        click.echo(f"{column}\t{key}\t{count}")
    click.echo(f"{newest} seals and signs; secrets under it: {found.under(newest)}")
    for key in older:
        count = found.under(key)
        said = f"secrets under it: {count}" if count else "it opens nothing any more"
        click.echo(f"{key} is older; {said}")
    if older and not any(map(found.under, older)):
        click.echo(
            "Older keys may go, once nobody needs to stay logged in by them (a year for"
            " known devices). Keep them elsewhere while a backup names them."
        )
    if found.closed:
        click.echo("These do not open:")
        for place in found.closed:
            click.echo(f"  {place}")
        sys.exit(1)
