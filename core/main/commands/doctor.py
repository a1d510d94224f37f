"""`flask doctor`: what is wrong with this installation, and what to do about it."""

import json
import sys
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from core.main import checkup
from core.runtime.tenancy import system_scope


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Name what is wrong with this installation; exit 1 when something is.

    Run it as the user, and with the settings, of the product. It stores one row and
    logs in at the mail server, and sends nothing.
    """
    with system_scope():
        parts = checkup.look()
    if as_json:
        found = {part.name: [asdict(one) for one in part.findings] for part in parts}
        click.echo(json.dumps(found))
    else:
        for part in parts:
            _print(part)
    if any(part.is_wrong for part in parts):
        sys.exit(1)


def _print(part: checkup.Part) -> None:
    if not part.findings:
        click.echo(f"ok     {part.name}")
    for finding in part.findings:
        word = "WRONG" if finding.is_wrong else "note "
        click.echo(f"{word}  {part.name}: {finding.what}")
        click.echo(f"       {finding.action}")
