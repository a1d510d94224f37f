"""`flask vat-rates`: is our table of VAT rates still that of the Commission?"""

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import click

from core.rules.vatrates_compare import differences


@click.command("vat-rates")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def vat_rates(file: Path) -> None:
    """Compare our VAT rates with FILE; exit 1 when something differs.

    FILE is the JSON of eu-vat-rates-data or its wheel, which
    `pip download --no-deps eu-vat-rates-data` gets at its newest.
    """
    try:
        found = read(file)
        on = date.fromisoformat(found["version"])
        gaps = differences(found["rates"], on)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise click.ClickException(f"{file} holds no rates as we know them") from error
    click.echo(f"rates of {on}: {len(gaps)} differences")
    for gap in gaps:
        click.echo(f"  {gap}")
    if gaps:
        sys.exit(1)


def read(file: Path) -> dict[str, Any]:
    """Read the file, or the one inside a wheel, with exact numbers."""
    if is_zipfile(file):
        with ZipFile(file) as wheel:
            names = [name for name in wheel.namelist() if name.endswith("_data.json")]
            text = wheel.read(names[0]).decode()
    else:
        text = file.read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return found
