"""Listening for mails."""

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.kit.mailcatcher.store import Store


class _Handler:
    """Takes every mail."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def handle_DATA(  # noqa: N802  the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail."""
        self.store.add(envelope.original_content or b"", list(envelope.rcpt_tos))
        return "250 caught"


def listen(store: Store, host: str, port: int) -> Controller:
    """Begin to listen in a thread; the caller stops it."""
    controller = Controller(_Handler(store), hostname=host, port=port)
    controller.start()
    return controller
