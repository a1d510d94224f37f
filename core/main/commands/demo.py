"""`flask run-demo`: the whole product on this machine, with a demo shop."""

import os
import signal
from dataclasses import replace
from secrets import token_urlsafe

import click
from flask.cli import with_appcontext
from sqlalchemy import make_url

from core.kit.processes import die_with
from core.kit.runner import PartFailedError
from core.main.stack import EMAIL, Stack, free_port
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope


@click.command("run-demo")
@click.option("--orders/--no-orders", default=True, help="Let orders come in.")
@click.option("--free-ports", is_flag=True, help="Use ports that are free.")
@click.option("--end-with-parent", is_flag=True, help="Stop when the caller ends.")
@with_appcontext
def run_demo(orders: bool, free_ports: bool, end_with_parent: bool) -> None:
    """Run everything with sandboxes and a demo shop; Ctrl-C stops all of it."""
    if end_with_parent:
        die_with(os.getppid(), signal.SIGTERM)
    registry = koppelwerk().registry
    settings, ports = koppelwerk().settings, None
    if free_ports:
        settings = _on_free_port(settings)
        ports = {name: free_port() for name in registry.plugins}
    stack = Stack(settings, registry, ports, say=click.echo)
    try:
        start(stack, orders=orders)
        stack.supervisor.watch()
    except PartFailedError as error:
        raise click.ClickException(str(error)) from error
    finally:
        stack.stop()


def _on_free_port(settings: Settings) -> Settings:
    """Have the web server listen on a free port, unless its address was chosen."""
    if settings.public_url != Settings.public_url:
        return settings
    return replace(settings, public_url=f"http://127.0.0.1:{free_port()}")


def start(stack: Stack, *, orders: bool) -> None:
    """Start all of a demo and tell the steps; PartFailedError when one fails."""
    from flask_migrate import upgrade  # Alembic is slow to load

    from core.main.app import create_app  # the composition root imports the commands
    from core.services.invoicing import sample_invoices  # with what draws PDFs

    password = token_urlsafe(9)
    stack.refuse_taken_ports()
    click.echo(f"Simulators: {', '.join(stack.addresses)}")
    stack.begin_outside()
    address = make_url(stack.settings.database).render_as_string(hide_password=True)
    click.echo(f"Database: {address}")
    demo = create_app(stack.settings)
    with demo.app_context(), system_scope():
        upgrade(revision="heads")
        stack.wait_for_outside()
        click.echo("Demo shop: connecting it and making sample invoices")
        sample_invoices.make(stack.prepare(password))
        click.echo("Web server, workers and clock")
        stack.start_product(demo)
    if orders:
        stack.begin_orders()
    _announce(stack, password)


def _announce(stack: Stack, password: str) -> None:
    click.echo(f"Koppelwerk runs at {stack.settings.public_url}")
    click.echo(f"  log in with {EMAIL} / {password}")
    for name, address in stack.addresses.items():
        click.echo(f"  sandbox {name}: {address}")
    for name, reason in {**koppelwerk().registry.failed, **stack.failed}.items():
        click.echo(f"  plugin {name} failed: {reason}")
    if stack.mail_page:
        click.echo(f"  mails: {stack.mail_page}")
    click.echo(f"  logs in {stack.supervisor.logs}; Ctrl-C stops everything")
