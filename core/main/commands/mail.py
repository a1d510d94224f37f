"""`flask mail-catcher`: a mail server for this machine that shows what it gets."""

import click
from flask.cli import with_appcontext

from core.kit.mailcatcher import PAGE_PORT, SMTP_PORT, run
from core.runtime.extensions import settings


@click.command("mail-catcher")
@click.option("--port", type=int, default=SMTP_PORT, help="Loopback port for SMTP.")
@click.option("--page-port", type=int, default=PAGE_PORT, help="That of the page.")
@with_appcontext
def mail_catcher(port: int, page_port: int) -> None:
    """Catch all mail on this machine and show it, until interrupted."""
    run(settings().mails, port, page_port)
