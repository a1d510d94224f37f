"""People who log in: making them, checking passwords, ending their sessions."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from secrets import token_urlsafe

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.domain.clock import utcnow
from core.models import LinkKind, LogLevel, OneTimeLink, Role, Tenant, User
from core.runtime import log, throttle
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope
from core.services.invoicing import vat_codes
from core.services.people import account_mail, links

# OWASP Password Storage Cheat Sheet: argon2id, at least 19 MiB, 2 passes, 1 lane.
hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
FREE_FAILURES = 4
LONGEST_BLOCK = timedelta(seconds=60)
"""Short: who has a new device must be able to come in between two guesses."""
LONGEST_PASSWORD = 256
NOTED_AGAIN = timedelta(minutes=15)
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what looks alike: l, i and 1, o and 0."""

logger = structlog.get_logger(__name__)


class EmailTaken(ValueError):
    """Somebody logs in with this address already."""


def create_tenant_with_owner(
    *, name: str, email: str, password: str, language: str = "nl"
) -> Tenant:
    """Add a tenant and its first user in the caller's transaction."""
    tenant = Tenant(name=name, language=language)
    session().add(tenant)
    session().flush()
    create_user(tenant, email=email, password=password, role=Role.OWNER)
    vat_codes.make_defaults(tenant)
    return tenant


def create_user(
    tenant: Tenant | None,
    *,
    email: str,
    password: str | None = None,
    role: Role,
    name: str = "",
    language: str | None = None,
) -> User:
    """Add a user in the caller's transaction; an operator has no tenant.

    Without a password nobody can log in until one is set. Raises EmailTaken.
    """
    if find_by_email(email) is not None:
        raise EmailTaken(normal_email(email))
    user = User(
        tenant_id=tenant.id if tenant else None,
        email=normal_email(email),
        name=name,
        password_hash=hasher.hash(password or token_urlsafe(32)),
        role=role,
        language=language or (tenant.language if tenant else "nl"),
        session_key=token_urlsafe(32),
    )
    session().add(user)
    session().flush()
    return user


def normal_email(email: str) -> str:
    """Return an address as it is compared: without case or spaces around it."""
    return email.strip().lower()


def find_by_email(email: str) -> User | None:
    """Return the user who logs in with an address, with the tenant."""
    return session().scalar(
        select(User)
        .where(User.email == normal_email(email))
        .options(joinedload(User.tenant))
    )


def set_password(user: User, password: str) -> None:
    """Replace a password; every session of the user ends, every link is void."""
    user.password_hash = hasher.hash(password)
    user.must_change_password = False
    user.password_until = None
    user.failed_logins = 0
    user.blocked_until = None
    links.revoke(user.id)
    end_sessions(user)


def give_first_password(user: User, lifetime: timedelta) -> str:
    """Give a random password that must be replaced, in the caller's transaction.

    Returns it, to be mailed or shown once; it is refused after `lifetime`.
    """
    groups = ("".join(map(secrets.choice, [_READABLE] * 5)) for _ in range(4))
    password = "-".join(groups)
    set_password(user, password)
    user.must_change_password = True
    user.password_until = utcnow() + lifetime
    return password


def end_sessions(user: User) -> None:
    """Make every cookie that was given out for this user worthless."""
    user.session_key = token_urlsafe(32)


def find(user_id: int, session_key: str) -> User | None:
    """Return a session's user with the tenant, if the session is still good."""
    user = session().scalar(
        select(User).where(User.id == user_id).options(joinedload(User.tenant))
    )
    if user is None or not hmac.compare_digest(user.session_key, session_key):
        return None
    return user


def authenticate(
    email: str, password: str, *, is_known_device: bool = False
) -> User | None:
    """Return the user, or None: unknown, wrong, too often or a first password that
    is too old, which all look the same.

    Failures are counted on the user's row, each one over `FREE_FAILURES` doubling the
    pause, over all addresses. Neither holds for a device that logged in before, or who
    has a link that was mailed: the caller limits their tries. Changes the row in the
    caller's transaction, which must be committed in both cases.
    """
    user = find_by_email(email)
    known = user.password_hash if user else _nobody()
    right = _matches(known, password[:LONGEST_PASSWORD])
    if user is None:
        return None
    now = utcnow()
    if _is_blocked(user, now) and not is_known_device:
        return None
    if not right or _is_over(user, now):
        if not is_known_device:
            _count_failure(user, now)
        return None
    user.failed_logins = 0
    user.blocked_until = None
    if hasher.check_needs_rehash(user.password_hash):
        user.password_hash = hasher.hash(password)
    return user


def confirm_email(link: OneTimeLink) -> None:
    """Take a confirmed address into use, in the caller's transaction.

    The extra address of the tenant, or what the user logs in with: then the other
    sessions end, links are void and the old address is told. Raises EmailTaken.
    """
    user = session().get_one(User, link.user_id)
    if link.kind == LinkKind.EMAIL:
        session().get_one(Tenant, link.tenant_id).extra_email = link.value
        note(user, "extra_email_confirmed", address=link.value)
        return
    if find_by_email(link.value) is not None:
        raise EmailTaken(link.value)
    old, user.email = user.email, link.value
    end_sessions(user)
    links.revoke(user.id)
    note(user, "email_changed", old=old)
    account_mail.changed(user, "email_changed", old, old=old)


def note(
    user: User,
    code: str,
    level: LogLevel = LogLevel.INFO,
    *,
    changes: Sequence[Sequence[str]] = (),
    **more: str,
) -> None:
    """Write something about an account in its tenant's log, or in ours (operators)."""
    if user.tenant_id is None:
        logger.info(code, user_id=user.id, **more)
        return
    with system_scope():
        log.write(
            user.tenant_id,
            code,
            level=level,
            user_id=user.id,
            name=user.email,
            changes=changes,
            params=more,
        )


def note_failures(user: User, code: str) -> None:
    """Write once in a while that somebody tries what another throttle ended; commits
    by itself."""
    if throttle.allow(f"{code}:{user.id}", 1, NOTED_AGAIN):
        with transaction():
            note(user, code, LogLevel.WARNING)


def is_password(user: User, password: str) -> bool:
    """Tell whether this is the user's password; counts nothing."""
    return _matches(user.password_hash, password[:LONGEST_PASSWORD])


def _is_blocked(user: User, now: datetime) -> bool:
    """Tell whether a pause runs; a longer one than there are began under a clock that
    was ahead."""
    until = user.blocked_until
    return until is not None and now < until <= now + LONGEST_BLOCK


def _is_over(user: User, now: datetime) -> bool:
    """Tell whether a mailed first password is too old."""
    return user.password_until is not None and user.password_until <= now


def _count_failure(user: User, now: datetime) -> None:
    user.failed_logins += 1
    over = user.failed_logins - FREE_FAILURES
    if over > 0:
        pause = timedelta(seconds=2 ** min(over, 10))
        user.blocked_until = now + min(pause, LONGEST_BLOCK)
    if over == 1:
        note(user, "login_failures", LogLevel.WARNING)


def _matches(known: str, password: str) -> bool:
    try:
        return hasher.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """Return a hash to spend the same time on when the user is unknown."""
    return hasher.hash(token_urlsafe(32))
