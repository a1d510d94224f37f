"""Ending a coupling: its licence, and both of its connections."""

from sqlalchemy import or_, select

from core.domain.errors import AskUser
from core.models import Connection, ConnectionState, Coupling, Licence
from core.runtime.database import session, transaction
from core.services.connections import connections
from core.services.licensing import licences
from core.services.linking import oauth_flow


def end_licence(licence: Licence) -> None:
    """End what a licence is for: nothing is read or booked any more.

    Both sides are disconnected, but for one that another coupling needs. Commits by
    itself, since the outside systems are told too.
    """
    sides = [
        session().get(Connection, key)
        for key in (licence.source_id, licence.target_id)
        if key is not None
    ]
    with transaction():
        licences.cancel(licence, licences.ENDED_BY_USER)
    for connection in sides:
        if connection is not None and not _is_needed(connection, licence):
            disconnect(connection)


def disconnect(connection: Connection) -> None:
    """End a connection, here and as far as it goes outside; commits by itself."""
    if connection.state == ConnectionState.ENDED:
        return
    try:
        oauth_flow.disconnect(connection)
    except AskUser:  # its plugin is gone, or is not connected by OAuth
        with transaction():
            connections.end(connection, licences.ENDED_BY_USER)


def _is_needed(connection: Connection, ended: Licence) -> bool:
    another = select(Coupling.id).where(
        or_(Coupling.source_id == connection.id, Coupling.target_id == connection.id),
        Coupling.id.is_distinct_from(ended.coupling_id),
        Coupling.enabled,
        Coupling.licensed,
    )
    return session().scalar(another.limit(1)) is not None
