"""The scheduled reading of a package's reference data, and how it ends."""

from collections.abc import Callable

import structlog

from core.domain.errors import KoppelwerkError
from core.models import Connection, ConnectionState
from core.plugin import connections
from core.plugin.database import session, transaction

LOAD_REFERENCE = "load_reference"
"""Name of the RQ task."""
RETRY_SECONDS = 600
logger = structlog.get_logger(__name__)


def read(connection_id: int, load: Callable[[Connection], None]) -> None:
    """Read a live connection's reference data and note how it went.

    A lost login pauses the connection; any other refusal is tried again later.
    """
    connection = session().get_one(Connection, connection_id)
    if connection.state != ConnectionState.CONNECTED or not connection.enabled:
        session().rollback()
        return
    try:
        load(connection)
        with transaction():
            connections.run_finished(connection_id)
    except KoppelwerkError as error:
        session().rollback()
        logger.warning("reference not read", connection=connection_id, error=str(error))
        with transaction():
            connections.run_failed(connection_id, error, retry_seconds=RETRY_SECONDS)
