"""The command that fills a running sandbox with orders."""

from pathlib import Path

import click

from plugins.kmoshops.sandbox.cancellations import find, load_refunds
from plugins.kmoshops.sandbox.loader import load

STEPS = ("all", "orders", "refunds")


@click.command("load-orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", required=True, help="Address of the running sandbox.")
@click.option("--hidden", is_flag=True, help="Into the backlog, for the trickle.")
@click.option("--tell", is_flag=True, help="Queue a webhook for each order.")
@click.option(
    "--step",
    type=click.Choice(STEPS),
    default="all",
    help="Load the orders, then their refunds: book in between to have both.",
)
@click.option("--as-orders", is_flag=True, help="Cancellations as orders of their own.")
def load_orders(
    file: Path, url: str, hidden: bool, tell: bool, step: str, as_orders: bool
) -> None:
    """Load the orders of FILE (Online Retail, csv or csv.gz).

    A cancellation becomes a refund of the order that it cancels, where that is found.
    What waits in the backlog cannot be refunded yet: there each is an order.
    """
    if as_orders or hidden:
        click.echo(f"{load(url, file, hidden, tell)} orders loaded")
        return
    found = find(file)
    if step != "refunds":
        count = load(url, file, tell=tell, without=found.cancellations)
        click.echo(f"{count} orders loaded")
    if step != "orders":
        click.echo(f"{load_refunds(url, found, tell)} refunds loaded")
    click.echo(
        f"{len(found.cancellations)} cancellations are refunds;"
        f" of {len(found.lost)} the order was not found: they are refunded orders"
    )
