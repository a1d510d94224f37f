"""A mail server that delivers nothing: it keeps mails and shows them on a page.

The default where no SMTP_URL is set. It listens on this machine only.
"""

from pathlib import Path

HOST = "127.0.0.1"
SMTP_PORT = 8025
PAGE_PORT = 8026


def run(folder: Path, port: int, page_port: int) -> None:
    """Catch mails into a folder and show them, until interrupted."""
    from core.kit.mailcatcher.app import create_page
    from core.kit.mailcatcher.server import listen
    from core.kit.mailcatcher.store import Store
    from core.kit.sandbox import serve

    store = Store(folder)
    controller = listen(store, HOST, port)
    try:
        serve(create_page(store), page_port)
    finally:
        controller.stop()
