"""RQ tasks: what other shops ask their shop again is read from what was sent to us.

The shop sends every change itself, so that its last reading stands in our own tables.
"""

from collections.abc import Sequence
from time import monotonic

from sqlalchemy import select

from core.domain.orders import REASONS, Reading
from core.plugin import connections, orders, wakeups
from core.plugin.database import session, transaction
from core.plugin.tables import Connection, ShopOrder
from core.plugin.wakeups import TURN_SECONDS

PAGE = 100


def inbox(connection_id: int) -> None:
    """Offer again the orders for which *Verwerk* was pressed, in turns."""
    until = monotonic() + TURN_SECONDS
    while True:
        with transaction() as current:
            events = orders.pending(connection_id, PAGE)
            wanted = {event.source_id for event in events}
            rows = current.scalars(
                select(ShopOrder).where(
                    ShopOrder.connection_id == connection_id,
                    ShopOrder.source_id.in_(wanted),
                )
            )
            _offer(connection_id, rows.all())
            orders.handled([event.id for event in events])
        if len(events) < PAGE:
            return
        if monotonic() > until:
            wakeups.wake("urgent", "inbox", connection_id)
            return


def poll(connection_id: int) -> None:
    """Offer every order behind the cursor, which a new coupling puts at the start.

    A shop with many takes turns with the others.
    """
    until = monotonic() + TURN_SECONDS
    while True:
        with transaction() as current:
            connection = current.get_one(Connection, connection_id)
            after = int(connection.cursor.get("after", 0))
            rows = current.scalars(
                select(ShopOrder)
                .where(ShopOrder.connection_id == connection_id, ShopOrder.id > after)
                .order_by(ShopOrder.id)
                .limit(PAGE)
            ).all()
            _offer(connection_id, rows)
            if rows:
                connection.cursor = {"after": rows[-1].id}
            connections.hold_run(connection_id)
            if len(rows) < PAGE:
                connections.run_finished(connection_id)
                return
        if monotonic() > until:
            wakeups.wake("reading", "poll", connection_id)
            return


def _offer(connection_id: int, rows: Sequence[ShopOrder]) -> None:
    """Record orders as they stand, in the caller's transaction."""
    if not rows:
        return
    connection = session().get_one(Connection, connection_id)
    readings = [
        Reading(orders.load(row), row.state, REASONS.get(row.state, "")) for row in rows
    ]
    orders.record(connection, readings)
