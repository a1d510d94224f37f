"""The companies of AccountView, read again by the hour: new book years appear."""

import structlog

from core.domain.errors import AskUser, KoppelwerkError
from core.plugin import connections
from core.plugin.database import session, transaction
from core.plugin.tables import Connection, ConnectionState
from plugins.accountview import connector, wire

logger = structlog.get_logger(__name__)
RETRY_SECONDS = 600


def _years(connection: Connection, company: str) -> list[wire.Administration]:
    """Return the administrations that a company lists; none where it may not."""
    client = connector.opened(connection, company)
    with client.http:
        try:
            return client.administrations()
        except AskUser as error:
            logger.warning("no book years", company=company, error=str(error))
            return []


def read(connection_id: int) -> None:
    """Ask what AccountView has; a refused login pauses the connection."""
    connection = session().get_one(Connection, connection_id)
    if connection.state != ConnectionState.CONNECTED or not connection.enabled:
        session().rollback()
        return
    try:
        client = connector.opened(connection)
        with client.http:
            found = client.companies()
        found = connector.with_years(
            found,
            connector.companies(connection),
            lambda company: _years(connection, company),
        )
        with transaction():
            row = session().get_one(Connection, connection_id)
            row.facts = {**row.facts, **connector.facts_of(found)}
            connections.run_finished(connection_id)
    except KoppelwerkError as error:
        session().rollback()
        logger.warning("companies not read", connection=connection_id, error=str(error))
        with transaction():
            connections.run_failed(connection_id, error, retry_seconds=RETRY_SECONDS)
