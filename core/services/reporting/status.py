"""The facts of a connection, for its dot. What follows from them: `rules.standing`."""

from core.models import Connection
from core.models.connection import FACT_WARNING
from core.rules.standing import SideFacts
from core.services.connections import connections


def facts_of(connection: Connection) -> SideFacts:
    """Return the facts of a connection."""
    return SideFacts(
        state=connection.state,
        enabled=connection.enabled,
        reason=connection.reason,
        last_run_error=connection.last_run_error,
        next_run_at=connection.next_run_at,
        not_before=connection.not_before,
        warning=str(connection.facts.get(FACT_WARNING, "")),
        rests=connections.rests(connection),
        was_read=connection.last_run_at is not None or connection.next_run_at is None,
    )
