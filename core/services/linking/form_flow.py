"""Connecting by form: what the user fills in is tried before it is stored."""

from collections.abc import Mapping, Sequence

from core.domain.errors import AskUser, AuthenticationLost
from core.domain.packages import Identity
from core.models import Connection
from core.plugin.capabilities import FormConnector
from core.plugin.connections import filled_in
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.connections import credentials
from core.services.linking import choosing


def connector_of(connection: Connection) -> FormConnector | None:
    """Return the connector of a plugin with auth `form`; None of any other."""
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    connector = plugin.connector if plugin else None
    return connector if isinstance(connector, FormConnector) else None


def known_values(connection: Connection) -> dict[str, str]:
    """Return what was stored before; empty when there is nothing (yet)."""
    try:
        return credentials.values_of(connection)
    except AuthenticationLost:
        return {}


def check(connection: Connection, values: Mapping[str, str]) -> Sequence[Identity]:
    """*Testen*: log in with these values and return what they open; stores nothing.

    Raises AskUser `no_oauth` for a plugin without a form, and the connector's errors.
    No transaction is held open meanwhile.
    """
    connector = connector_of(connection)
    if connector is None:
        raise AskUser("no_oauth", plugin=connection.plugin)
    session().rollback()
    return connector.check(values)


def connect(connection: Connection, values: Mapping[str, str]) -> None:
    """Try the values, then store them; commits by itself.

    When they open several administrations, the connection waits (`choosing.waits`).
    Raises what `check` and `choosing.settle` raise; then nothing is stored.
    """
    found = check(connection, values)
    choosing.settle(connection, found, filled_in(values))
