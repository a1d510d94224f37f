"""People who log in: making them, checking passwords, ending their sessions."""

import hmac
from datetime import datetime, timedelta
from functools import cache
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.clock import utcnow
from core.models import Role, Tenant, User
from core.services.database import session

# OWASP Password Storage Cheat Sheet: argon2id, at least 19 MiB, 2 passes, 1 lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
FREE_FAILURES = 4
LONGEST_BLOCK = timedelta(seconds=60)
"""Short, so that nobody can keep another one out by failing on purpose."""
LONGEST_PASSWORD = 256


def create_tenant_with_owner(
    *, name: str, email: str, password: str, language: str = "nl"
) -> Tenant:
    """Add a tenant and its first user in the caller's transaction."""
    tenant = Tenant(name=name, language=language)
    session().add(tenant)
    session().flush()
    create_user(tenant, email=email, password=password, role=Role.OWNER)
    return tenant


def create_user(
    tenant: Tenant, *, email: str, password: str, role: Role, name: str = ""
) -> User:
    """Add a user of a tenant in the caller's transaction."""
    user = User(
        tenant_id=tenant.id,
        email=normal_email(email),
        name=name,
        password_hash=_hasher.hash(password),
        role=role,
        language=tenant.language,
        session_key=token_urlsafe(32),
    )
    session().add(user)
    session().flush()
    return user


def normal_email(email: str) -> str:
    """Return an address as it is compared: without case or spaces around it."""
    return email.strip().lower()


def set_password(user: User, password: str) -> None:
    """Replace a password; every session of the user ends."""
    user.password_hash = _hasher.hash(password)
    user.failed_logins = 0
    user.blocked_until = None
    end_sessions(user)


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


def authenticate(email: str, password: str) -> User | None:
    """Return the user, or None: unknown, wrong or too often, which look the same.

    Failures are counted on the user's row, each one over `FREE_FAILURES` doubling the
    pause. Changes the row in the caller's transaction, which must be committed in
    both cases.
    """
    user = session().scalar(select(User).where(User.email == normal_email(email)))
    known = user.password_hash if user else _nobody()
    right = _matches(known, password[:LONGEST_PASSWORD])
    if user is None:
        return None
    now = utcnow()
    if user.blocked_until is not None and user.blocked_until > now:
        return None
    if not right:
        _count_failure(user, now)
        return None
    user.failed_logins = 0
    user.blocked_until = None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


def _count_failure(user: User, now: datetime) -> None:
    user.failed_logins += 1
    over = user.failed_logins - FREE_FAILURES
    if over > 0:
        pause = timedelta(seconds=2 ** min(over, 10))
        user.blocked_until = now + min(pause, LONGEST_BLOCK)


def _matches(known: str, password: str) -> bool:
    try:
        return _hasher.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """Return a hash to spend the same time on when the user is unknown."""
    return _hasher.hash(token_urlsafe(32))
