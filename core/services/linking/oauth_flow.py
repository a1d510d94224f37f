"""Connecting by OAuth: the state that is given out once and taken back once.

A state is random, lives ten minutes, is stored as a hash and is bound to the browser
session, the tenant, the connection and its plugin. Everything about it is checked
before the first call to a token address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

import structlog
from sqlalchemy import delete, update

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    ClientRefused,
    KoppelwerkError,
)
from core.models import Connection, OAuthState
from core.net.oauth import Tokens, authorize_address, exchange_code, revoke
from core.plugin.capabilities import Connector, OAuthConnector
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk, settings
from core.services.connections import connections, credentials, registrations
from core.services.linking import choosing

LIFETIME = timedelta(minutes=10)
CALLBACK = "/oauth/callback"

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Callback:
    """What the outside system's redirect brought back."""

    state: str
    code: str
    error: str


def redirect_uri() -> str:
    """Return the exact address that outside systems send browsers back to."""
    return settings().public_url.rstrip("/") + CALLBACK


def sweep(now: datetime) -> None:
    """Forget what nobody came back for, in the caller's transaction and scope."""
    session().execute(delete(OAuthState).where(OAuthState.expires_at < now))


def start(connection: Connection, session_id: str) -> str:
    """Store a new state in the caller's transaction; return where to go.

    Raises AskUser `no_oauth` when the plugin is not connected by OAuth.
    """
    connector = _connector(connection)
    state = token_urlsafe(32)
    now = utcnow()
    session().add(
        OAuthState(
            tenant_id=connection.tenant_id,
            state_hash=_hash(state),
            connection_id=connection.id,
            plugin=connection.plugin,
            session_hash=_hash(session_id),
            expires_at=now + LIFETIME,
        )
    )
    return authorize_address(connector.provider(), redirect_uri(), state)


def finish(
    callback: Callback,
    session_id: str,
    may_make: Callable[[str], bool] = lambda _plugin: True,
) -> Connection:
    """Turn a callback into a connected connection; commits by itself.

    When the login opens several administrations, it waits (`choosing.waits`).
    Raises AskUser `oauth_state_invalid` (unknown, used, late or another session's, or
    the right to it was taken meanwhile: `may_make` of the plugin), `oauth_denied`,
    those of the connector and of `choosing.settle`, and the
    errors of `core.net.oauth`. No outside call happens before the state was accepted.
    """
    with transaction():
        connection = _claim(callback.state, session_id)
    if not may_make(connection.plugin):
        raise AskUser("oauth_state_invalid")
    if callback.error or not callback.code:
        raise AskUser("oauth_denied", plugin=connection.plugin)
    connector = _connector(connection)
    tokens = _exchanged(connection, connector, callback.code)
    choosing.settle(connection, connector.identify(tokens), tokens)
    return connection


def _exchanged(connection: Connection, connector: OAuthConnector, code: str) -> Tokens:
    """Turn a code into tokens; when it is us who are refused, alarm the operator."""
    try:
        return exchange_code(connector.provider(), code, redirect_uri(), utcnow())
    except ClientRefused:
        with transaction():
            registrations.note(connection)
        raise


def disconnect(connection: Connection, code: str = "ended_by_user") -> None:
    """End a connection here first, then tell the outside system as far as it goes."""
    connector = _any_connector(connection)
    try:
        tokens = credentials.load(connection)
    except AuthenticationLost:
        tokens = None
    with transaction():
        connections.end(connection, code)
    if tokens is None:
        return
    try:
        connector.disconnect(tokens)
        if isinstance(connector, OAuthConnector):
            revoke(connector.provider(), tokens.refresh_token or tokens.access_token)
    except KoppelwerkError as error:
        logger.warning("not disconnected outside", code=error.code)


def _claim(state: str, session_id: str) -> Connection:
    """Use a state up, in one statement so that two callbacks cannot share it."""
    claimed = session().execute(
        update(OAuthState)
        .where(
            OAuthState.state_hash == _hash(state),
            OAuthState.session_hash == _hash(session_id),
            OAuthState.expires_at > utcnow(),
            OAuthState.used_at.is_(None),
        )
        .values(used_at=utcnow())
        .returning(OAuthState.connection_id, OAuthState.plugin)
        .execution_options(synchronize_session=False)
    )
    row = claimed.first()
    connection = session().get(Connection, row.connection_id) if row else None
    if row is None or connection is None or connection.plugin != row.plugin:
        raise AskUser("oauth_state_invalid")
    return connection


def _any_connector(connection: Connection) -> Connector:
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    if plugin is None or plugin.connector is None:
        raise AskUser("no_oauth", plugin=connection.plugin)
    return plugin.connector


def _connector(connection: Connection) -> OAuthConnector:
    connector = _any_connector(connection)
    if not isinstance(connector, OAuthConnector):
        raise AskUser("no_oauth", plugin=connection.plugin)
    return connector


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
