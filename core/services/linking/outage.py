"""After a standstill every shop is asked at once what was missed.

The dispatcher leaves a mark each minute. When its own mark is older than `STANDSTILL`,
nobody worked for so long (processes, database or Redis were away, or a backup was
restored): messages of shops may have been missed, and no schedule waits for them.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, func, nulls_last, select, update

from core.models import Connection, ConnectionState, Mark, Tenant
from core.plugin.capabilities import Shop
from core.plugin.engine import rounds
from core.plugin.engine.rounds import Part
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import koppelwerk

MARK = "dispatcher"
EVERY = timedelta(minutes=1)
STANDSTILL = timedelta(minutes=5)
SPREAD = timedelta(minutes=3)
"""Over so long the shops are asked, so that they and the workers are not run over."""
PAUSE = timedelta(minutes=5)
"""A late message has its shop asked at most so often."""
logger = structlog.get_logger(__name__)


def notice(now: datetime) -> None:
    """Leave a mark; after a standstill make every source of orders due."""
    with transaction() as current:
        before = current.scalar(select(Mark.read_at).where(Mark.name == MARK))
        if rounds.begin(MARK, EVERY, now) is None:
            return
        if before is None or now - before >= STANDSTILL:
            count = ask_all(now)
            logger.info("after a standstill all shops are asked", shops=count)


def ask_all(now: datetime) -> int:
    """Make every source due within `SPREAD`, in the caller's transaction.

    Each tenant's first one goes before anybody's second. Returns how many there are.
    """
    ids = list(session().scalars(_in_turn()))
    step = SPREAD / max(len(ids), 1)
    for place, connection_id in enumerate(ids):
        _due_at(connection_id, now + step * place)
    return len(ids)


def _in_turn() -> Select[int]:
    registry = koppelwerk().registry
    sources = [
        name
        for name, shop in registry.brought(Shop).items()
        if not shop.takes_api_orders
    ]
    turn = func.row_number().over(
        partition_by=Connection.tenant_id, order_by=Connection.id
    )
    return (
        select(Connection.id)
        .join(Tenant, Tenant.id == Connection.tenant_id)
        .where(
            Connection.plugin.in_(sources),
            Connection.state == ConnectionState.CONNECTED,
            Connection.enabled,
            Tenant.active,
        )
        .order_by(turn, nulls_last(Connection.last_run_at.asc()), Connection.id)
    )


def _due_at(connection_id: int, moment: datetime) -> None:
    """Bring a connection's next run forward; one that comes sooner stays."""
    session().execute(
        update(Connection)
        .where(Connection.id == connection_id, Connection.next_run_at > moment)
        .values(next_run_at=moment)
        .execution_options(synchronize_session=False)
    )


def ask_soon(connection: Connection) -> None:
    """Ask one shop now, because a message of it came late: others may be missing.

    In the caller's transaction; does nothing when it was asked a moment ago.
    """
    now, last = shared_now(), connection.last_run_at
    if last is None or last < now - PAUSE:
        _due_at(connection.id, now)


PART = Part("standstill", notice)
