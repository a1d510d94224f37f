"""*Status controleren* and *Testen*: ask the outside system who it is, now."""

from collections.abc import Sequence

from core.domain.clock import utcnow
from core.domain.errors import AskUser, AuthenticationLost
from core.domain.packages import Identity
from core.models import Connection, ConnectionState
from core.plugin.capabilities import FormConnector, OAuthConnector, ReferenceData
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections, credentials
from core.services.connections.credentials import StoredTokens

_LIVE = (ConnectionState.CONNECTED, ConnectionState.PAUSED)


def check(connection: Connection) -> Identity:
    """Ask with what is stored and note how it went; commits by itself.

    Raises AskUser `other_company` when another company answers, and the connector's
    errors. After an answer that says no it counts as unchecked.
    """
    try:
        identity = connections.recognise(connection, _ask(connection))
    except (AskUser, AuthenticationLost) as error:
        session().rollback()
        with transaction():
            connection.checked_at = None
            if isinstance(error, AuthenticationLost):
                connections.pause(connection.id, error.code)
        raise
    with transaction():
        connection.facts = {**connection.facts, **identity.facts}
    passed(connection)
    return identity


def passed(connection: Connection) -> None:
    """Note that a check went well; commits by itself."""
    with transaction():
        connection.checked_at = utcnow()
        connection.first_checked_at = connections.first_checked(connection)
        log.write(
            connection.tenant_id,
            "connection_checked",
            connection_id=connection.id,
            plugin=connection.plugin,
            name=connection.external_name,
        )


def shows_settings(connection: Connection) -> bool:
    """Tell whether what a plugin offers beyond orders shows: once it answered well.

    Also when it was connected anew or answers badly now: what is set goes on.
    """
    is_live = connection.state in _LIVE and connection.enabled
    return is_live and connections.first_checked(connection) is not None


def load_reference(connection: Connection) -> None:
    """Read all that a plugin keeps an index of, now; raises its client's errors."""
    found = koppelwerk().registry.brought(ReferenceData).get(connection.plugin)
    if found is not None:
        found.load(connection)


def _ask(connection: Connection) -> Sequence[Identity]:
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    connector = plugin.connector if plugin else None
    if isinstance(connector, FormConnector):
        values = credentials.values_of(connection)
        session().rollback()  # no transaction is held open while we wait
        return connector.check(values)
    if isinstance(connector, OAuthConnector):
        return _ask_by_tokens(connection, connector)
    raise AskUser("no_oauth", plugin=connection.plugin)


def _ask_by_tokens(
    connection: Connection, connector: OAuthConnector
) -> Sequence[Identity]:
    """Ask with the stored tokens; one refused before its time is renewed once."""
    source = StoredTokens(connection, connector.provider())
    token = source.access_token()
    try:
        return _identify(connection, connector)
    except AuthenticationLost:
        source.renew(token)
        return _identify(connection, connector)


def _identify(connection: Connection, connector: OAuthConnector) -> Sequence[Identity]:
    tokens = credentials.load(connection)
    session().rollback()
    return connector.identify(tokens)
