"""The command that fills a running sandbox with orders."""

from pathlib import Path

import click

from plugins.kmoshops.sandbox.loader import load


@click.command("load-orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", required=True, help="Address of the running sandbox.")
@click.option("--hidden", is_flag=True, help="Into the backlog, for the trickle.")
@click.option("--tell", is_flag=True, help="Queue a webhook for each order.")
def load_orders(file: Path, url: str, hidden: bool, tell: bool) -> None:
    """Load the orders of FILE (Online Retail, csv or csv.gz)."""
    click.echo(f"{load(url, file, hidden, tell)} orders loaded")
