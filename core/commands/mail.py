"""`flask mail-catcher`: a mail server for this machine that shows what it gets."""

import click
from flask.cli import with_appcontext

from core.extensions import settings
from core.mailcatcher import PAGE_PORT, SMTP_PORT
from core.sandbox import serve


@click.command("mail-catcher")
@click.option("--port", type=int, default=SMTP_PORT, help="Loopback port for SMTP.")
@click.option("--page-port", type=int, default=PAGE_PORT, help="That of the page.")
@with_appcontext
def mail_catcher(port: int, page_port: int) -> None:
    """Catch all mail on this machine and show it, until interrupted."""
    from core.mailcatcher.app import create_page
    from core.mailcatcher.server import listen
    from core.mailcatcher.store import Store

    store = Store(settings().var / "mails")
    controller = listen(store, port)
    try:
        serve(create_page(store), page_port)
    finally:
        controller.stop()
