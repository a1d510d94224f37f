"""Credentials at rest, and refreshing tokens in single flight.

The lock is a row in the database (Nango's lesson: not in Redis). New tokens are
stored before they are used. After a lost answer the pair that is still stored is tried
once more; a refusal then asks the user to reconnect. No older pair is kept: a server
that rotates takes a spent refresh token for a stolen one, and may revoke the grant.
"""

import time
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import (
    AuthenticationLost,
    ClientRefused,
    OutcomeUnknown,
    RetryLater,
)
from core.models import Connection, Credential
from core.models.base import place_of
from core.net.oauth import OAuthProvider, Tokens, refresh
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections.registrations import Registration

EARLY = timedelta(seconds=120)
"""Tokens are renewed this long before they expire."""
REFRESH_LEASE = timedelta(seconds=45)
"""Longer than the deadline of one call."""


def _context(connection_id: int, tenant_id: int) -> str:
    return place_of(Credential.secret, tenant_id=tenant_id, connection_id=connection_id)


def store(connection: Connection, tokens: Tokens) -> None:
    """Encrypt and store tokens in the caller's transaction."""
    sealed = koppelwerk().vault.seal(
        tokens.to_json(), context=_context(connection.id, connection.tenant_id)
    )
    row = session().get(Credential, connection.id)
    if row is None:
        row = Credential(
            connection_id=connection.id, tenant_id=connection.tenant_id, secret=sealed
        )
        session().add(row)
    row.secret = sealed
    row.version = (row.version or 0) + 1
    row.expires_at = tokens.expires_at
    row.refresh_until = None


def values_of(connection: Connection) -> dict[str, str]:
    """Return what was filled in; AuthenticationLost when there is nothing."""
    return {name: str(value) for name, value in load(connection).extra.items()}


def load(connection: Connection) -> Tokens:
    """Return a connection's tokens; AuthenticationLost when it has none."""
    row = session().get(Credential, connection.id, populate_existing=True)
    if row is None:
        raise AuthenticationLost("not_connected", service=connection.plugin)
    return _open(row)


def _open(row: Credential) -> Tokens:
    plain = koppelwerk().vault.open(
        row.secret, context=_context(row.connection_id, row.tenant_id)
    )
    return Tokens.from_json(plain.decode())


def _is_free(row: Credential, now: datetime) -> bool:
    """Tell whether nobody is refreshing it: the guard of the single flight."""
    return row.refresh_until is None or row.refresh_until < now


class StoredTokens:
    """The token source that a client gets: reads, renews, stores."""

    def __init__(self, connection: Connection, provider: OAuthProvider) -> None:
        self._connection_id = connection.id
        self._tenant_id = connection.tenant_id
        self._provider = provider
        self._registration = Registration(connection.plugin, provider, connection.id)
        self._tokens = load(connection)
        session().rollback()

    def access_token(self) -> str:
        """Return a token that is good for a while; refresh when it is about to end."""
        expires_at = self._tokens.expires_at
        if expires_at is not None and expires_at - EARLY <= utcnow():
            return self.renew(self._tokens.access_token)
        return self._tokens.access_token

    def renew(self, rejected: str) -> str:
        """Return another token than `rejected`, refreshed by whoever is first.

        Raises AuthenticationLost when the grant is gone, ClientRefused when it is our
        registration (then nobody asks until it is time), WaitUntil `rate_limited`, and
        RetryLater when the identity server is out of reach.
        """
        if self._tokens.refresh_token is None:
            raise AuthenticationLost("authentication_lost", service="oauth")
        owner = token_hex(16)
        give_up = time.monotonic() + REFRESH_LEASE.total_seconds()
        while time.monotonic() < give_up:
            version = self._try_lock(owner, rejected)
            if self._tokens.access_token != rejected:
                return self._tokens.access_token
            if version is not None:
                return self._refresh(owner, version)
            time.sleep(0.05)
        raise RetryLater("refresh_busy")

    def refresh_now(self) -> None:
        """Renew what is stored, however long it is good."""
        self.renew(self._tokens.access_token)

    def _try_lock(self, owner: str, rejected: str) -> int | None:
        """Take the refresh lock if the stored tokens are still the rejected ones.

        Returns the version of what is to be refreshed; None: another one is at it, or
        was.
        """
        with transaction() as current:
            now = shared_now()
            row = self._row(for_update=True)
            self._tokens = _open(row)
            if self._tokens.access_token != rejected or not _is_free(row, now):
                return None
            row.refresh_until = now + REFRESH_LEASE
            row.refresh_owner = owner
            current.flush()
            return row.version

    def _row(self, *, for_update: bool = False) -> Credential:
        query = select(Credential).where(
            Credential.connection_id == self._connection_id
        )
        if for_update:
            query = query.with_for_update()
        query = query.execution_options(populate_existing=True)
        row = session().execute(query).scalar_one_or_none()
        if row is None:
            raise AuthenticationLost("not_connected", service="oauth")
        return row

    def _refresh(self, owner: str, version: int) -> str:
        spent = self._tokens
        try:
            fresh = self._granted(spent)
        except OutcomeUnknown as error:
            # The old refresh token may still be good (reusable, or never received):
            # try it once more later; a refusal then ends in AuthenticationLost.
            self._unlock(owner)
            raise RetryLater("refresh_unknown") from error
        except AuthenticationLost:
            self._unlock(owner)
            if self._as_stored().access_token == spent.access_token:
                raise
            # Refused because another one, whose lock ran out, was first after all.
            return self._tokens.access_token
        except Exception:
            self._unlock(owner)
            raise
        self._save(fresh, version)
        self._registration.granted()
        return self._as_stored().access_token

    def _granted(self, spent: Tokens) -> Tokens:
        self._registration.begin()
        try:
            return refresh(self._provider, spent, utcnow())
        except ClientRefused as error:
            raise self._registration.refused(error) from error
        except AuthenticationLost:
            self._registration.granted()  # who refuses the grant knows the client
            raise

    def _as_stored(self) -> Tokens:
        with transaction():
            self._tokens = _open(self._row())
        return self._tokens

    def _save(self, fresh: Tokens, version: int) -> None:
        """Store new tokens unless others were stored meanwhile.

        Also when the lock ran out while we slept: of a server that rotates they are
        the only ones that are good.
        """
        sealed = koppelwerk().vault.seal(
            fresh.to_json(), context=_context(self._connection_id, self._tenant_id)
        )
        with transaction() as current:
            current.execute(
                update(Credential)
                .where(
                    Credential.connection_id == self._connection_id,
                    Credential.version == version,
                )
                .values(
                    secret=sealed,
                    version=version + 1,
                    expires_at=fresh.expires_at,
                    refresh_until=None,
                )
                .execution_options(synchronize_session=False)
            )

    def _unlock(self, owner: str) -> None:
        with transaction() as current:
            current.execute(
                update(Credential)
                .where(
                    Credential.connection_id == self._connection_id,
                    Credential.refresh_owner == owner,
                )
                .values(refresh_until=None)
                .execution_options(synchronize_session=False)
            )


def stored_tokens(connection: Connection, provider: OAuthProvider) -> StoredTokens:
    """Return the token source of a connection; AuthenticationLost without tokens."""
    return StoredTokens(connection, provider)
