"""`flask reconcile`: is everything the shop sold in the package, and nothing else?"""

import sys

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from core.models import Coupling
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.transfer.reconciliation import Beside, Comparison, compare


@click.command()
@click.option(
    "--tenant", type=click.IntRange(1, 2**31 - 1), help="Only this tenant's couplings."
)
@with_appcontext
def reconcile(tenant: int | None) -> None:
    """Compare shop and package to the cent; exit 1 when something differs.

    What is being sent, and what others made in the package, is listed apart.
    """
    with system_scope():
        query = select(Coupling).where(Coupling.source_id.is_not(None))
        query = query.order_by(Coupling.id)
        if tenant is not None:
            query = query.where(Coupling.tenant_id == tenant)
        results = [compare(coupling) for coupling in session().scalars(query)]
    if tenant is not None and not results:
        raise click.ClickException(
            f"Tenant {tenant} has no couplings: nothing compared"
        )
    for result in results:
        _print(result)
    if any(result.gaps for result in results):
        sys.exit(1)


def _print(result: Comparison) -> None:
    click.echo(f"coupling {result.coupling_id}: {result.orders} orders")
    click.echo(f"  booked {result.booked}")
    if result.elsewhere:
        click.echo(f"  in a former administration: {result.elsewhere}")
    for code, count in sorted(result.not_booked.items()):
        click.echo(f"  not booked, {code}: {count}")
    click.echo(f"  total: shop {result.shop_total}, package {result.package_total}")
    for words, beside in (
        ("on its way", result.on_its_way),
        ("not ours", result.of_others),
        ("unexpected", result.unexpected),
    ):
        if beside.references:
            _print_beside(words, beside)
    for rate in sorted({*result.vat_shop, *result.vat_package}):
        shop = result.vat_shop.get(rate, 0)
        package = result.vat_package.get(rate, 0)
        click.echo(f"  VAT {rate} %: shop {shop}, package {package}")
    for gap in result.gaps[:50]:
        click.echo(f"  GAP {gap}")
    if len(result.gaps) > 50:
        click.echo(f"  and {len(result.gaps) - 50} more gaps")


def _print_beside(words: str, beside: Beside) -> None:
    some = ", ".join(beside.references[:10])
    more = ", ..." if len(beside.references) > 10 else ""
    count = len(beside.references)
    click.echo(f"  {words}: {count}, total {beside.total} ({some}{more})")
