"""Trying a refused registration again: one connection asks, for all that wait."""

import structlog

from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost, ClientRefused, KoppelwerkError
from core.models import Connection
from core.plugin.capabilities import DueWork
from core.runtime.database import session, transaction
from core.services.connections import connections, registrations
from core.services.connections.credentials import StoredTokens
from core.services.connections.registrations import Registration

TASK, QUEUE = "registration", "bulk"
DUE = DueWork(TASK, QUEUE, registrations.due)

logger = structlog.get_logger(__name__)


def take_turn(connection_id: int) -> None:
    """Ask with what a waiting connection holds; all go on once the server knows us.

    Where it is the grant that is refused, this one asks its user to reconnect.
    """
    with transaction():
        connection = session().get(Connection, connection_id)
        if connection is None or not connection.waits_for_us:
            return
        connection.not_before = utcnow()  # the next turn is another one's
    provider = registrations.provider_of(connection.plugin)
    if provider is None:
        return
    registration = Registration(connection.plugin, provider, connection_id)
    try:
        StoredTokens(connection, provider).refresh_now()
    except ClientRefused:
        return
    except AuthenticationLost as error:
        with transaction():
            connections.pause(connection_id, error.code)
    except KoppelwerkError as error:
        logger.warning("registration not tried", code=error.code, params=error.params)
        return
    registration.works()
