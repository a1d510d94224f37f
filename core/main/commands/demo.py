"""`flask run-demo`: the whole product on this machine, with a demo shop."""

from secrets import token_urlsafe

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from core.main.stack import EMAIL, Stack, free_port
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import system_scope
from core.services.invoicing import sample_invoices


@click.command("run-demo")
@click.option("--orders/--no-orders", default=True, help="Let orders come in.")
@click.option("--free-ports", is_flag=True, help="Have simulators use free ports.")
@with_appcontext
def run_demo(orders: bool, free_ports: bool) -> None:
    """Run everything with sandboxes and a demo shop; Ctrl-C stops all of it."""
    from core.main.app import create_app  # the composition root imports the commands

    registry = koppelwerk().registry
    ports = {name: free_port() for name in registry.plugins} if free_ports else None
    stack = Stack(koppelwerk().settings, registry, ports)
    password = token_urlsafe(9)
    try:
        stack.start_outside()
        demo = create_app(stack.settings)
        with demo.app_context(), system_scope():
            upgrade(revision="heads")
            sample_invoices.make(stack.prepare(password))
        stack.start_product()
        if orders:
            stack.begin_orders()
        _announce(stack, password)
        stack.supervisor.watch()
    except TimeoutError as error:
        logs = stack.supervisor.logs
        raise click.ClickException(f"{error}; see {logs}") from error
    finally:
        stack.stop()


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
