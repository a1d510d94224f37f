"""`flask backup` and `flask restore`: a copy of everything, and the way back."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from core.domain.clock import local_date, utcnow
from core.main import backups
from core.main.database_copies import Unusable
from core.models import Tenant
from core.runtime.database import transaction
from core.runtime.tenancy import system_scope
from core.services.invoicing import invoice_settings
from core.services.operations import restores

KEYS = "Keep the secret keys elsewhere: without them a backup is of no use."


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """Copy the database into the new folder TARGET, while the product runs."""
    try:
        manifest = backups.take(target)
    except Unusable as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{target}: {manifest.size} bytes, as of {manifest.taken_at}")
    click.echo(f"secret keys it needs: {', '.join(manifest.key_ids)}. {KEYS}")
    _warn()


@click.command()
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option("--replace", is_flag=True, help="Replace the data that is there.")
@click.option("--done", is_flag=True, help="All was found: end the looking first.")
@click.option("--drop-held", is_flag=True, help="With --done: keep back what is held.")
@click.option(
    "--look-since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]),
    help="Begin looking for a copy of that moment (UTC) that was put back otherwise;"
    " with SOURCE: its true moment, where its clock was wrong.",
)
@click.option(
    "--next-invoice",
    type=(click.IntRange(1, 2**31 - 1), click.IntRange(1, 999_999_999)),
    metavar="TENANT NUMBER",
    help="Let a tenant's invoices of this year go on at NUMBER: it sent later ones.",
)
@with_appcontext
def restore(
    source: Path | None,
    replace: bool,
    done: bool,
    drop_held: bool,
    look_since: datetime | None,
    next_invoice: tuple[int, int] | None,
) -> None:
    """Put the backup in SOURCE back, or say how things stand since one was.

    Stop all processes first. Afterwards every document is looked for before it is sent
    for the first time, and mails of before are held, until `flask restore --done`.
    """
    since = look_since and look_since.replace(tzinfo=UTC)
    asked = (source or since, done, next_invoice)
    if sum(map(bool, asked)) > 1:
        raise click.UsageError("One thing at a time: SOURCE or one of the options.")
    if replace and source is None:
        raise click.UsageError("--replace goes with SOURCE.")
    if drop_held and not done:
        raise click.UsageError("--drop-held goes with --done.")
    if source is not None:
        _restore(source, replace, since)
    elif since is not None:
        try:
            with transaction():
                restores.begin(since)
        except restores.InFuture as error:
            raise click.ClickException(f"{error}: give it in UTC.") from error
    elif next_invoice is not None:
        _go_on_at(*next_invoice)
    elif done:
        with transaction():
            if not restores.end("flask restore --done", drop_held=drop_held):
                raise click.ClickException("Nothing was restored.")
        click.echo("Ended: documents are sent without being looked for first.")
    _warn()


def _go_on_at(tenant_id: int, number: int) -> None:
    with system_scope(), transaction() as current:
        tenant = current.get(Tenant, tenant_id)
        if tenant is None:
            raise click.ClickException("There is no such tenant.")
        year = local_date(utcnow(), tenant.timezone).year
        invoice_settings.go_on_at(tenant_id, year, number)
    click.echo(f"Invoices of {year} of {tenant.name} go on at {number} or above.")


def _restore(source: Path, replaces: bool, since: datetime | None) -> None:
    try:
        manifest = backups.restore(source, replaces=replaces, since=since)
    except Unusable as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Restored to {manifest.taken_at}. Start the processes again.")


def _warn() -> None:
    found = restores.current()
    if found is None:
        return
    click.echo(
        f"Restored to {found.taken_at.isoformat()}: what came later is looked for."
    )
    click.echo(f"  held: {found.held_mails} mails, {found.held_messages} messages")
    click.echo("  `flask reconcile` clean? Then end it: flask restore --done")
