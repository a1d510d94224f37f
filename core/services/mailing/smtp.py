"""Bringing queued mails to the mail server (RQ task `mail`).

No transaction is open while the server is spoken to. When a worker dies between
the server's yes and our note of it, the mail goes out twice with the same Message-ID.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, parseaddr
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from sqlalchemy import ColumnElement, and_, case, or_, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser, KoppelwerkError, LeaseLost, RetryLater
from core.domain.redact import redact_cut
from core.kit.mailcatcher import HOST, SMTP_PORT
from core.models import Mail, MailAttachment, MailState
from core.plugin.engine import DueRows, Lease, Next, Turns, decide, leased, restored
from core.rules.mail_addresses import ascii_form
from core.runtime import jobs
from core.runtime.database import shared_now, transaction
from core.runtime.extensions import settings
from core.runtime.vault import VaultError
from core.services.mailing import mail

SECONDS = 10
"""Longest silence of the server that we wait for."""
RUN_SECONDS, SHARE_SECONDS = 20, 10
"""How long one wake-up begins new mails, and how long those of the same tenant."""
LONGEST_PAUSE = 3600.0
MOST_FAILURES = 125
"""With pauses of an hour: about five days, as RFC 5321 section 4.5.4.1 asks."""
PERMANENT = 500
REASON_LENGTH = 190
logger = structlog.get_logger(__name__)


class MailServerUnusable(KoppelwerkError):
    """The server cannot be reached, or does not want us: that is not the mail's."""


@dataclass(frozen=True)
class Server:
    """A mail server as SMTP_URL names it."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    """TLS from the first byte (smtps)."""
    starttls: bool


def server_of(url: str) -> Server:
    """Read `smtp://user:password@host:port?tls=1` or `smtps://…`.

    Empty: the local catcher. Raises MailServerUnusable when it cannot be read, or
    would send a password over an open line to another machine.
    """
    parts = urlsplit(url or f"smtp://{HOST}:{SMTP_PORT}")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == 0:
        raise MailServerUnusable("setting_invalid", name="SMTP_URL", value=parts.scheme)
    tls = parts.scheme == "smtps"
    starttls = not tls and parse_qs(parts.query).get("tls", ["0"])[-1] in ("1", "true")
    usual = 465 if tls else 587 if starttls else 25
    server = Server(
        parts.hostname,
        port or usual,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        tls,
        starttls,
    )
    if server.user and not (tls or starttls or _is_here(server.host)):
        raise MailServerUnusable("setting_invalid", name="SMTP_URL", value="tls=0")
    return server


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Mail.state == MailState.QUEUED,
        Mail.due_at <= now,
        restored.may_be_told(Mail.created_at, now),
    )


def _pauses(failures: int) -> float | None:
    """Return growing pauses, up to an hour."""
    if failures >= MOST_FAILURES:
        return None
    return min(60.0 * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)


MAILS = DueRows(
    Mail,
    _due,
    order_by=(Mail.due_at, Mail.id),
    term=timedelta(minutes=5),
    fair=True,
)
DUE = leased("mail", "bulk", MAILS, each=False)


def deliver() -> None:
    """Send what is due for a while, over one line to the server; wakes itself up for
    what is left."""
    turns = Turns(MAILS, seconds=RUN_SECONDS, share=SHARE_SECONDS)
    first = taken = turns.next()
    if first is None:
        return
    try:
        with _connected(server_of(settings().smtp_url)) as line:
            while taken is not None and _deliver_one(line, taken):
                taken = turns.next()
    except MailServerUnusable as error:
        logger.warning("the mail server cannot be used", error=str(error))
        with suppress(LeaseLost):
            _postpone_all(first, error)
    if turns.has_more:
        jobs.wake("bulk", "mail")


def try_out() -> None:
    """Log in at the mail server, and send nothing; MailServerUnusable if we cannot."""
    with _connected(server_of(settings().smtp_url)):
        pass


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    """Give a line to the server; MailServerUnusable when there is none."""
    context = ssl.create_default_context() if server.tls or server.starttls else None
    try:
        line = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
            if server.tls
            else smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        )
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerUnusable("mail_server", error=_reason(error)) from error
    try:
        _greet(line, server, context)
        yield line
    finally:
        with suppress(OSError, smtplib.SMTPException):
            line.quit()
        line.close()


def _greet(line: smtplib.SMTP, server: Server, context: ssl.SSLContext | None) -> None:
    try:
        if server.starttls:
            line.starttls(context=context)
        if server.user:
            line.login(server.user, server.password)
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerUnusable("mail_server", error=_reason(error)) from error


def _deliver_one(line: smtplib.SMTP, taken: Lease[Mail]) -> bool:
    """Send one mail; False when the line went down over it."""
    try:
        _send(line, taken)
    except LeaseLost:
        logger.warning("another worker has this mail", mail=taken.key)
    return line.sock is not None


def _send(line: smtplib.SMTP, taken: Lease[Mail]) -> None:
    try:
        message = message_of(taken.row)
        taken.make_sure()
        refused = line.send_message(
            message,
            _own().addr_spec,
            [_recipient(taken.row), *_copies(message)],
        )
    except (OSError, smtplib.SMTPException, VaultError, ValueError) as error:
        logger.warning("a mail was not taken", mail=taken.key, error=_reason(error))
        _note_failure(taken, error)
    else:
        if refused:
            logger.warning("a copy was not taken", mail=taken.key, count=len(refused))
        _finish(taken, MailState.SENT, content=None, sent_at=utcnow(), reason="")


def _copies(message: EmailMessage) -> list[str]:
    return [address for _name, address in getaddresses(message.get_all("Cc", []))]


def message_of(row: Mail) -> EmailMessage:
    """Return a mail as it goes over the line; the policy refuses forged headers."""
    letter = mail.letter_of(row)
    message = EmailMessage(policy=SMTP)
    message["From"] = _from(letter.sender)
    message["To"] = _recipient(row)
    if letter.copies:
        message["Cc"] = ", ".join(map(mail.plain_address, letter.copies))
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(utcnow())
    message["Message-ID"] = message_id(row)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    with transaction():  # over before the server is spoken to
        files = mail.attachments_of(row)
    for file in files:
        main, _, sub = file.media_type.partition("/")
        name = " ".join(file.filename.split())  # no line breaks in a header
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=name)
    return message


def message_id(row: Mail) -> str:
    """Return the id that a mail has outside."""
    domain = _own().domain or "localhost"
    made = int(row.created_at.timestamp() * 1_000_000)
    return f"<{row.id}.{made}@{domain}>"


def _from(sender: str) -> str:
    """Return our address, with the name of whom the mail is from where it has one."""
    own = _own()
    if not sender:
        return str(own)
    return str(Address(" ".join(sender.split()), own.username, own.domain))


def _own() -> Address:
    """Return the address that mail comes from, with our name."""
    name, address = parseaddr(settings().mail_from)
    user, _, domain = ascii_form(address).rpartition("@")
    return Address(name, user, domain)


def _recipient(row: Mail) -> str:
    """Return whom a mail goes to; an old row may still have its own script."""
    return mail.plain_address(row.recipient)


def is_permanent(error: Exception) -> bool:
    """Tell whether trying again can never help."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= PERMANENT
    of_server = isinstance(error, (smtplib.SMTPServerDisconnected, OSError))
    return isinstance(error, smtplib.SMTPNotSupportedError) or not of_server


def _note_failure(taken: Lease[Mail], error: Exception) -> None:
    kind = AskUser if is_permanent(error) else RetryLater
    decision = decide(
        kind("mail_refused"),
        subject=taken.key,
        failures=taken.row.failures,
        pauses=_pauses,
    )
    again = decision.next is Next.RETRY
    _finish(
        taken,
        MailState.QUEUED if again else MailState.FAILED,
        failures=taken.row.failures + 1,
        due_at=shared_now() + timedelta(seconds=decision.seconds),
        reason=_reason(error),
    )


def _finish(taken: Lease[Mail], state: MailState, **values: Any) -> None:
    with taken.work(release=True):
        if state == MailState.SENT:
            mail.wipe_files(MailAttachment.mail_id == taken.key)
        taken.write(state=state, **values)


def _postpone_all(first: Lease[Mail], error: MailServerUnusable) -> None:
    """Let every mail that is due wait for the server, longer each time."""
    now = shared_now()
    failures = Mail.failures + 1
    pause = _pauses(first.row.failures + 1) or LONGEST_PAUSE
    with first.work(release=True) as current:
        current.execute(
            update(Mail)
            .where(or_(Mail.id == first.key, and_(*MAILS.is_due(now))))
            .values(
                failures=failures,
                due_at=now + timedelta(seconds=pause),
                reason=str(error.params.get("error", error)),
                state=case(
                    (failures >= MOST_FAILURES, MailState.FAILED),
                    else_=MailState.QUEUED,
                ),
            )
            .execution_options(synchronize_session=False)
        )


def _reason(error: Exception) -> str:
    """Return what went wrong, for ourselves: without addresses and secrets."""
    text = f"{type(error).__name__}: {error}"
    return redact_cut(text, REASON_LENGTH)
