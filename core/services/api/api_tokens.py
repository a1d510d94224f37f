"""Tokens of the REST API: made and revoked by owners, shown once, kept as a hash.

A token is 256 random bits, so that a plain hash of it can be looked up and guessing
one is no matter of speed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import select, update

from core.models import ApiToken, Tenant
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope

PREFIX = "kw_"
SCOPES = (
    "relations:read",
    "relations:write",
    "invoices:read",
    "invoices:write",
    "orders:read",
    "orders:write",
)
USED_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a token was last used."""


@dataclass(frozen=True)
class Holder:
    """Who asks: a token as a request knows it."""

    token_id: int
    tenant_id: int
    tenant_name: str
    home_country: str
    name: str
    scopes: frozenset[str]
    used_at: datetime | None

    def is_noted(self, now: datetime) -> bool:
        """Whether it is known well enough when the token was last used."""
        return self.used_at is not None and self.used_at > now - USED_EVERY


def make(tenant_id: int, name: str, scopes: Sequence[str], *, user_id: int) -> str:
    """Add a token in the caller's transaction and return it; it is not kept itself."""
    token = PREFIX + token_urlsafe(32)
    chosen = [scope for scope in SCOPES if scope in scopes]
    session().add(
        ApiToken(tenant_id=tenant_id, name=name, token_hash=_hash(token), scopes=chosen)
    )
    log.write(tenant_id, "api_token_made", user_id=user_id, name=name)
    return token


def revoke(row: ApiToken, now: datetime, *, user_id: int) -> None:
    """End a token in the caller's transaction; its next request is refused."""
    if row.ended_at is None:
        row.ended_at = now
        log.write(row.tenant_id, "api_token_revoked", user_id=user_id, name=row.name)


def listed() -> list[ApiToken]:
    """Return the tokens in scope that still work, newest first."""
    rows = session().scalars(
        select(ApiToken).where(ApiToken.ended_at.is_(None)).order_by(ApiToken.id.desc())
    )
    return list(rows)


def find(token: str) -> Holder | None:
    """Return whose token this is; None when it is nobody's, or of a tenant that left.

    The one question asked before it is known whose data may be seen.
    """
    with system_scope():
        found = session().execute(
            select(ApiToken, Tenant)
            .join(Tenant, Tenant.id == ApiToken.tenant_id)
            .where(
                ApiToken.token_hash == _hash(token),
                ApiToken.ended_at.is_(None),
                Tenant.active,
            )
        )
        row = found.first()
    if row is None:
        return None
    key, tenant = row
    return Holder(
        key.id,
        tenant.id,
        tenant.name,
        tenant.home_country,
        key.name,
        frozenset(key.scopes),
        key.used_at,
    )


def used(holder: Holder, now: datetime) -> None:
    """Note that a token was used; commits by itself."""
    with transaction() as current:
        current.execute(
            update(ApiToken)
            .where(ApiToken.id == holder.token_id)
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        )


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
