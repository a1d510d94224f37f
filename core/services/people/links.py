"""One-time links from mails: random, stored as a hash, short-lived, good once.

Whoever opens one is not logged in, so they are looked up across tenants.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, delete, select, true, update

from core.domain.clock import utcnow
from core.models import LinkKind, OneTimeLink, User
from core.runtime.database import session
from core.runtime.tenancy import system_scope


def make(
    kind: LinkKind,
    user: User,
    lifetime: timedelta,
    *,
    licence_id: int | None = None,
    value: str = "",
) -> str:
    """Add a link in the caller's transaction; return its token, which is not kept.

    Raises ValueError for somebody without a tenant: operators get no links.
    """
    if user.tenant_id is None:
        raise ValueError("operators get no one-time links")
    token = token_urlsafe(32)
    now = utcnow()
    with system_scope():
        session().add(
            OneTimeLink(
                token_hash=_hash(token),
                tenant_id=user.tenant_id,
                kind=kind,
                user_id=user.id,
                licence_id=licence_id,
                value=value,
                expires_at=now + lifetime,
                created_at=now,
            )
        )
        session().flush()
    return token


def peek(token: str, kind: LinkKind) -> OneTimeLink | None:
    """Return a link that is still good, without using it; None for any other."""
    with system_scope():
        return session().scalar(select(OneTimeLink).where(*_good(token, kind)))


def use(token: str, kind: LinkKind) -> OneTimeLink | None:
    """Use a link up in the caller's transaction; None when it is not good (any more).

    One statement, so that two requests cannot share a link.
    """
    with system_scope():
        return session().scalar(
            update(OneTimeLink)
            .where(*_good(token, kind))
            .values(used_at=utcnow())
            .returning(OneTimeLink)
            .execution_options(synchronize_session=False, populate_existing=True)
        )


def revoke(user_id: int, kind: LinkKind | None = None) -> None:
    """Make a user's other links worthless, of a kind or all of them, in the caller's
    transaction.

    All: whoever had one made under an older password or address may be the one that
    the account was taken back from.
    """
    is_meant = OneTimeLink.kind == kind if kind else true()
    with system_scope():
        session().execute(
            delete(OneTimeLink).where(
                OneTimeLink.user_id == user_id, is_meant, OneTimeLink.used_at.is_(None)
            )
        )


def sweep(now: datetime) -> None:
    """Forget links that expired a month ago, in the caller's transaction."""
    with system_scope():
        session().execute(
            delete(OneTimeLink).where(OneTimeLink.expires_at < now - timedelta(days=30))
        )


def _good(token: str, kind: LinkKind) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.token_hash == _hash(token),
        OneTimeLink.kind == kind,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > utcnow(),
    )


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
