"""The outbox: mails are rows, written with what they are about and sent later.

A row is added in the caller's transaction, so that a mail goes out when the change it
tells of was committed, and only then. A worker sends it (task `mail`); a mail server
that is down costs nobody but the mail. What a mail says is encrypted until it is sent
and wiped afterwards, its files with it: it may hold a password, a link or an invoice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from hashlib import sha256
from typing import Any, cast

import structlog
from flask import current_app
from flask_babel import force_locale
from jinja2 import BaseLoader
from sqlalchemy import ColumnElement, delete, select, update

from core.domain import jsontext
from core.domain.clock import utcnow
from core.models import Mail, MailAttachment, MailState, Role, Tenant, User
from core.models.base import place_of
from core.plugin.mail import Attachment, BadAddress
from core.rules.mail_addresses import ascii_form
from core.runtime import jobs
from core.runtime.database import insert_for, session, shared_now, transaction
from core.runtime.extensions import koppelwerk, settings
from core.runtime.languages import LANGUAGES
from core.services.mailing import allowance

logger = structlog.get_logger(__name__)

LONGEST_KEY = 200
SUBJECT = "Subject: "
KEEP = timedelta(days=365)
"""How long it is kept that a mail was sent; an address is personal data."""
KEEP_FAILED = timedelta(days=30)
"""How long the content of a mail that was refused can be sent again."""


@dataclass(frozen=True)
class Letter:
    """What a mail says, who it seems to come from, and where answers go."""

    subject: str
    text: str
    reply_to: str = ""
    """Empty: answers come to us."""
    sender: str = ""
    """A name to stand beside our address; empty: our own."""
    copies: Sequence[str] = ()
    """Who else gets it, in cc."""


def queue(
    recipient: str,
    kind: str,
    *,
    language: str,
    tenant_id: int | None,
    dedup_key: str | None = None,
    attachments: Sequence[Attachment] = (),
    reply_to: str = "",
    sender: str = "",
    to_stranger: bool | None = None,
    copies: Sequence[str] = (),
    happened_at: datetime | None = None,
    **values: Any,
) -> None:
    """Add a mail in the caller's transaction; BadAddress when it cannot be sent.

    One in a tenant's own words, which is each that bears its name as `sender` and each
    with `to_stranger` given, counts for what it may send a day, and so does each of its
    `copies` (in cc): TooOften when that was reached (`allowance`).

    `kind` names the template `mail/<kind>.txt`, or a plugin's: `<plugin>_<name>` is
    `<plugin>/mail/<name>.txt`. Its first line is the subject; it is rendered now, in
    `language`, with `values` and `link(endpoint, ...)`. A second mail with the same
    `dedup_key` is not made, whoever comes first. Files go with it as they are now;
    answers go to `reply_to`, where the tenant writes to its customer.
    `happened_at`: when what it tells of happened, where it is not now; after a restore
    a mail that may have gone before is held by it.
    """
    now = utcnow()
    reply_to = plain_address(reply_to) if reply_to else ""
    mail_id = session().scalar(
        insert_for(Mail)
        .values(
            tenant_id=tenant_id,
            recipient=plain_address(recipient),
            kind=kind,
            dedup_key=_short(dedup_key) if dedup_key else None,
            state=MailState.QUEUED,
            due_at=now,
            failures=0,
            created_at=happened_at or now,
        )
        .on_conflict_do_nothing(index_elements=[Mail.dedup_key])
        .returning(Mail.id)
    )
    if mail_id is None:
        return
    if tenant_id is not None and (sender or to_stranger is not None):
        for _each in (recipient, *copies):
            allowance.use(tenant_id, is_stranger=bool(to_stranger))
    also = [plain_address(each) for each in copies]
    letter = Letter(*render(kind, language, values), reply_to, sender, also)
    _store(mail_id, letter, attachments)
    jobs.wake_after_commit("mail", queue="bulk")


def _store(mail_id: int, letter: Letter, attachments: Sequence[Attachment]) -> None:
    plain = jsontext.dumps(
        [letter.subject, letter.text, letter.reply_to, letter.sender, letter.copies]
    )
    seal = koppelwerk().vault.seal
    session().execute(
        update(Mail)
        .where(Mail.id == mail_id)
        .values(content=seal(plain, context=place_of(Mail.content, id=mail_id)))
        .execution_options(synchronize_session=False)
    )
    for place, file in enumerate(attachments):
        sealed = seal(file.content, context=_place(mail_id, file.filename, place))
        session().add(
            MailAttachment(
                mail_id=mail_id,
                filename=file.filename,
                media_type=file.media_type,
                content=sealed,
            )
        )
    session().flush()


def _place(mail_id: int, filename: str, place: int) -> str:
    """Bind a file to its mail, so that it opens nowhere else."""
    return place_of(
        MailAttachment.content, mail_id=mail_id, place=place, filename=filename
    )


def to_tenant(
    tenant_id: int, kind: str, *, dedup_key: str | None = None, **values: Any
) -> None:
    """Queue a mail to a tenant's owners and its extra address, each in its language."""
    tenant = session().get_one(Tenant, tenant_id)
    owners = session().scalars(
        select(User)
        .where(User.tenant_id == tenant_id, User.role == Role.OWNER)
        .order_by(User.id)
    )
    languages = {owner.email: owner.language for owner in owners}
    if tenant.extra_email:
        languages.setdefault(tenant.extra_email, tenant.language)
    for recipient, language in languages.items():
        key = f"{dedup_key}:{recipient}" if dedup_key else None
        try:
            queue(
                recipient,
                kind,
                language=language,
                tenant_id=tenant_id,
                dedup_key=key,
                **values,
            )
        except BadAddress:  # the others still get theirs
            logger.warning("no mail to an address that is none", tenant=tenant_id)


def plain_address(recipient: str) -> str:
    """Return the address as it goes to a mail server, its domain in ASCII.

    BadAddress unless it is one address and nothing else, in ASCII before the @.
    """
    try:
        plain = ascii_form(recipient)
        address = Address(addr_spec=plain)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress(recipient) from error
    if not address.username or not address.domain or address.addr_spec != plain:
        raise BadAddress(recipient)
    return plain


def link(endpoint: str, **values: Any) -> str:
    """Return the full address of one of our pages, also outside a request."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return settings().public_url.rstrip("/") + path


def content_of(mail: Mail) -> tuple[str, str]:
    """Return subject and text of a mail that was not sent yet."""
    letter = letter_of(mail)
    return letter.subject, letter.text


def letter_of(mail: Mail) -> Letter:
    """Return what a mail says that was not sent yet."""
    if mail.content is None:
        raise ValueError("the content of this mail was wiped")
    opened = koppelwerk().vault.open(
        mail.content, context=place_of(Mail.content, id=mail.id)
    )
    return Letter(*jsontext.loads(opened))


def attachments_of(mail: Mail) -> list[Attachment]:
    """Return the files of a mail that was not sent yet."""
    rows = session().scalars(
        select(MailAttachment)
        .where(MailAttachment.mail_id == mail.id)
        .order_by(MailAttachment.id)
    )
    found = []
    for place, row in enumerate(rows):
        context = _place(mail.id, row.filename, place)
        content = koppelwerk().vault.open(row.content, context=context)
        found.append(Attachment(row.filename, row.media_type, content))
        session().expunge(row)  # it may be large, and is not looked at again
    return found


def state_of(dedup_key: str) -> MailState | None:
    """Return where the newest mail with a key, or one that goes on from it, stands.

    `invoice:7:x` goes on from `invoice:7`. None when there is none (any more).
    """
    key = _short(dedup_key)
    is_one = Mail.dedup_key == key
    goes_on = Mail.dedup_key.startswith(f"{key}:", autoescape=True)
    return session().scalar(
        select(Mail.state).where(is_one | goes_on).order_by(Mail.id.desc()).limit(1)
    )


def retry(mail_id: int) -> bool:
    """Queue a failed mail again in the caller's transaction; False if it cannot be."""
    changed = session().scalar(
        update(Mail)
        .where(
            Mail.id == mail_id,
            Mail.state == MailState.FAILED,
            Mail.content.is_not(None),
        )
        .values(state=MailState.QUEUED, failures=0, due_at=shared_now())
        .returning(Mail.id)
        .execution_options(synchronize_session=False)
    )
    jobs.wake_after_commit("mail", queue="bulk")
    return changed is not None


def forget(now: datetime) -> None:
    """Wipe what failed long ago, and drop what was sent or wiped long ago."""
    old = select(Mail.id).where(
        Mail.state == MailState.FAILED, Mail.due_at < now - KEEP_FAILED
    )
    with transaction() as current:
        wipe_files(MailAttachment.mail_id.in_(old))
        current.execute(
            update(Mail)
            .where(Mail.id.in_(old))
            .where(Mail.content.is_not(None))
            .values(content=None)
            .execution_options(synchronize_session=False)
        )
        current.execute(
            delete(Mail)
            .where(Mail.state.in_((MailState.SENT, MailState.FAILED)))
            .where(Mail.due_at < now - KEEP)
            .execution_options(synchronize_session=False)
        )


def wipe_files(which: ColumnElement[bool]) -> None:
    """Delete files of mails in the caller's transaction."""
    session().execute(
        delete(MailAttachment).where(which).execution_options(synchronize_session=False)
    )


def _short(key: str) -> str:
    """Return a key that fits; a longer one ends in its hash."""
    if len(key) <= LONGEST_KEY:
        return key
    digest = sha256(key.encode()).hexdigest()
    return f"{key[: LONGEST_KEY - len(digest)]}{digest}"


def render(kind: str, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Return subject and text; the subject is one line whatever the values hold."""
    environment = current_app.jinja_env.overlay(autoescape=False)
    loader = cast(BaseLoader, environment.loader)
    plugin, _, rest = kind.partition("_")
    names = [f"mail/{kind}.txt", f"{plugin}/mail/{rest}.txt"]
    name = str(environment.select_template(names).name)
    source = loader.get_source(environment, name)[0]
    first, _, rest = source.partition("\n")
    if not first.startswith(SUBJECT):
        raise ValueError(f"{name} does not begin with its subject")
    given = {"link": link, "support_email": settings().support_email, **values}
    with force_locale(language if language in LANGUAGES else LANGUAGES[0]):
        subject = environment.from_string(first.removeprefix(SUBJECT)).render(given)
        text = environment.from_string(rest).render(given)
    return " ".join(subject.split()), text.strip("\n") + "\n"
