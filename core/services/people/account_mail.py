"""Mails about accounts, each queued in the caller's transaction."""

from contextlib import suppress
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from core.models import LinkKind, Tenant, User
from core.plugin.mail import BadAddress
from core.runtime.database import session
from core.services.mailing import mail
from core.services.people import links

PASSWORD_LIFETIME = timedelta(hours=1)
INVITE_LIFETIME = timedelta(days=7)
EMAIL_LIFETIME = timedelta(days=2)


def password_link(user: User) -> None:
    """Send the link that lets somebody choose a new password."""
    token = links.make(LinkKind.PASSWORD, user, PASSWORD_LIFETIME)
    _send(user, "password", token=token)


def as_if(address: str, language: str) -> None:
    """Do the work of a link for an address that nobody has, and take it back: how long
    it takes tells nobody who logs in here. Ends the caller's transaction."""
    with suppress(BadAddress):
        mail.queue(
            address, "password", language=language, tenant_id=None,
            token=token_urlsafe(32),
        )  # fmt: skip
    session().rollback()


def invite(user: User, tenant: Tenant, inviter: str) -> None:
    """Send a new colleague the link that lets them choose a password; TooOften."""
    token = links.make(LinkKind.INVITE, user, INVITE_LIFETIME)
    words = {"token": token, "tenant": tenant.name, "inviter": inviter}
    _send(user, "invite", to_stranger=True, **words)


def confirm(user: User, kind: LinkKind, address: str) -> None:
    """Send a link to an address that is yet to be confirmed; older ones are void.

    Raises TooOften.
    """
    links.revoke(user.id, kind)
    token = links.make(kind, user, EMAIL_LIFETIME, value=address)
    mail.queue(
        address,
        "email_confirm",
        language=user.language,
        tenant_id=user.tenant_id,
        to_stranger=True,
        token=token,
        kind_of=kind,
        name=user.name or user.email,
    )


def changed(user: User, code: str, recipient: str = "", **values: Any) -> None:
    """Tell somebody that something about their account changed, in case it was not
    they who did it; `code` is the log's.
    """
    mail.queue(
        recipient or user.email,
        "account_changed",
        language=user.language,
        tenant_id=user.tenant_id,
        code=code,
        name=user.email,
        **values,
    )


def _send(user: User, kind: str, **values: Any) -> None:
    mail.queue(
        user.email, kind, language=user.language, tenant_id=user.tenant_id, **values
    )
