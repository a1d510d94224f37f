"""The inbox: what came in from outside, kept once, handled in batches."""

from sqlalchemy import bindparam, exists, select, update

from core.domain.clock import utcnow
from core.models import Connection, InboxEvent, InboxState
from core.runtime.database import insert_once, session

MAX_FAILURES = 20

MESSAGE_WAITS = exists().where(
    InboxEvent.connection_id == bindparam("guard_shop"),
    InboxEvent.source_id == bindparam("guard_source"),
    InboxEvent.state == InboxState.NEW,
)
"""Guards a write: the order may be about to change (see `statements.Guard`)."""


def accept(
    connection: Connection,
    *,
    event_id: str,
    kind: str,
    source_id: str,
    priority: int = 0,
) -> bool:
    """Keep a message in the caller's transaction; False when it is a repeat."""
    row = {
        "tenant_id": connection.tenant_id,
        "connection_id": connection.id,
        "event_id": event_id,
        "kind": kind,
        "source_id": source_id,
        "state": InboxState.NEW,
        "priority": priority,
        "failures": 0,
        "code": "",
        "received_at": utcnow(),
    }
    kept = session().execute(insert_once(InboxEvent, InboxEvent.id), [row])
    return kept.first() is not None


def pending(connection_id: int, limit: int) -> list[InboxEvent]:
    """Return messages that are to be handled, urgent ones first."""
    return list(
        session().scalars(
            select(InboxEvent)
            .where(
                InboxEvent.connection_id == connection_id,
                InboxEvent.state == InboxState.NEW,
            )
            .order_by(InboxEvent.priority.desc(), InboxEvent.id)
            .limit(limit)
        )
    )


def handled(event_ids: list[int], *, code: str = "") -> None:
    """Mark messages as handled in the caller's transaction."""
    session().execute(
        update(InboxEvent)
        .where(InboxEvent.id.in_(event_ids))
        .values(
            state=InboxState.FAILED if code else InboxState.DONE,
            code=code,
            done_at=utcnow(),
        )
        .execution_options(synchronize_session=False)
    )
