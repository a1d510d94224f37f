"""Caught mails: a file each, as they came over the line."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from secrets import token_hex

from core.domain.clock import utcnow

KEPT = 500
"""The oldest ones beyond this number are thrown away."""
_ID = re.compile(r"\d{20}-[0-9a-f]{8}")
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
_TO = "X-Caught-To"
"""The addresses of the envelope, which need not stand in the mail itself."""


@dataclass(frozen=True)
class Caught:
    """One mail as it is read back."""

    id: str
    to: str
    sender: str
    subject: str
    date: str
    message_id: str
    text: str
    reply_to: str = ""
    attachments: tuple[str, ...] = ()
    """Their file names."""

    @property
    def links(self) -> list[str]:
        """Every web address in the text, in order."""
        return ADDRESS.findall(self.text)


class Store:
    """The folder of caught mails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def add(self, content: bytes, recipients: list[str]) -> None:
        """Keep a mail; a reader sees it whole or not at all."""
        header = f"{_TO}: {', '.join(recipients)}\r\n".encode()
        moment = utcnow().strftime("%Y%m%d%H%M%S%f")
        path = self.folder / f"{moment}-{token_hex(4)}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(header + content)
        part.rename(path)
        for old in self._paths()[KEPT:]:
            old.unlink(missing_ok=True)

    def all(self, recipient: str = "") -> Iterator[Caught]:
        """Return the mails, newest first, or those to one address."""
        for path in self._paths():
            mail = _read(path)
            if recipient in ("", *mail.to.split(", ")):
                yield mail

    def find(self, mail_id: str) -> Caught | None:
        """Return one mail."""
        path = self.folder / f"{mail_id}.eml"
        return _read(path) if _ID.fullmatch(mail_id) and path.exists() else None

    def forget(self, message_ids: Collection[str], naming: str = "") -> None:
        """Throw away these mails; with `naming` only those that hold that text."""
        for path in self._paths():
            mail = message_from_bytes(path.read_bytes(), policy=default)
            said = b"\n".join(_pieces(mail)).lower()
            if mail["Message-ID"] in message_ids and naming.lower().encode() in said:
                path.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"), reverse=True)


def _pieces(mail: Message) -> Iterator[bytes]:
    """Yield what a mail says: its headers, and the content of each part."""
    for part in mail.walk():
        yield from (str(value).encode() for value in part.values())
        if not part.is_multipart():
            yield bytes(part.get_payload(decode=True))


def _read(path: Path) -> Caught:
    message = message_from_bytes(path.read_bytes(), policy=default)
    body = message.get_body(("plain", "html"))
    return Caught(
        id=path.stem,
        to=str(message[_TO]),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        date=str(message["Date"] or ""),
        message_id=str(message["Message-ID"] or ""),
        text=str(body.get_content()).replace("\r\n", "\n") if body else "",
        reply_to=str(message["Reply-To"] or ""),
        attachments=tuple(
            part.get_filename() or "" for part in message.iter_attachments()
        ),
    )
