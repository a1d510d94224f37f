"""Shop orders: recorded as read, compared with what was booked, offered on."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, exists, not_, select

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser, KoppelwerkError, NotYet, Stop
from core.domain.events import OrderReady
from core.domain.money import total
from core.domain.orders import (
    REASONS,
    Order,
    OrderState,
    Reading,
    order_from_dict,
    order_to_dict,
)
from core.domain.strings import all_sendable
from core.models import (
    Connection,
    Coupling,
    OrderRefund,
    SalesInvoice,
    ShopOrder,
    Tenant,
)
from core.rules.booked_content import content_hash, is_same_reading
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from core.services.transfer import order_words, refund_offers, refunds, transfers
from core.services.transfer.inbox import MESSAGE_WAITS
from core.services.transfer.journal import Job
from core.services.transfer.statements import Guard

SUBJECT = "order"


def record(connection: Connection, readings: Iterable[Reading]) -> int:
    """Store readings and their transfers in the caller's transaction.

    The newest reading wins; one that is older than what we have is ignored. Returns
    how many orders were new or changed. Texts are stored as they can be sent.
    """
    readings = [all_sendable(reading) for reading in readings]
    latest = {reading.order.source_id: reading for reading in readings}
    known = {
        row.source_id: row
        for row in session().scalars(
            select(ShopOrder).where(
                ShopOrder.connection_id == connection.id,
                ShopOrder.source_id.in_(latest),
            )
        )
    }
    recording = _Recording(connection, known.values())
    changed = 0
    for source_id, reading in latest.items():
        row = known.get(source_id)
        if row is None or reading.order.updated_at >= row.updated_at:
            changed += recording.keep(row, reading)
    return changed


class _Recording:
    """What readings of one shop's orders have in common, read once for all of them."""

    def __init__(self, connection: Connection, known: Iterable[ShopOrder]) -> None:
        self._connection = connection
        self._couplings = _couplings(connection)
        self._packages = _packages(connection.tenant_id)
        self._enabled = connections.enabled_plugins(connection.tenant_id)
        self._timezone = session().get_one(Tenant, connection.tenant_id).timezone
        self._refunds = refunds.of_orders(row.id for row in known)

    def keep(self, row: ShopOrder | None, reading: Reading) -> bool:
        """Store one reading with what follows from it; tell whether it brought news."""
        is_new, before = row is None, dict(row.payload) if row else None
        row, is_changed = _store(self._connection, row, reading)
        if is_changed:
            order_words.keep(row, before)
        told = refunds.record(row, reading.order, self._refunds[row.id])
        followed = transfers.follow_order(
            row,
            self._wanted(row),
            transfers.Read(
                reading.order,
                before,
                reading.reason,
                is_changed=is_changed,
                refunded=total(refund.amount for refund in told),
            ),
        )
        if told and not is_new:
            refund_offers.offer(row, told)
        if reading.state == OrderState.READY and followed.is_any:
            self._tell(row, followed)
        return is_changed

    def _wanted(self, row: ShopOrder) -> list[Coupling]:
        ordered_on = local_date(row.ordered_at, self._timezone)
        return [
            coupling
            for coupling in self._couplings
            if coupling.starts_on is None or ordered_on >= coupling.starts_on
        ]

    def _tell(self, row: ShopOrder, followed: transfers.Followed) -> None:
        packages = frozenset(map(self._packages.__getitem__, followed.waits_for))
        event = OrderReady(row.tenant_id, row.id, row.connection_id, packages)
        koppelwerk().registry.dispatch("on_order_ready", self._enabled, event)


def _packages(tenant_id: int) -> dict[int, str]:
    """Return the plugins of a tenant's connections, by the connection's id."""
    wanted = select(Connection).where(Connection.tenant_id == tenant_id)
    return {row.id: row.plugin for row in session().scalars(wanted)}


def _couplings(connection: Connection) -> list[Coupling]:
    return list(
        session().scalars(
            select(Coupling).where(
                Coupling.source_id == connection.id, Coupling.enabled
            )
        )
    )


def _store(
    connection: Connection, row: ShopOrder | None, reading: Reading
) -> tuple[ShopOrder, bool]:
    order = reading.order
    if row is None:
        row = ShopOrder(
            tenant_id=connection.tenant_id,
            connection_id=connection.id,
            source_id=order.source_id,
        )
        session().add(row)
    payload = order_to_dict(order)
    is_changed = (
        row.payload is None
        or row.state != reading.state
        or not is_same_reading(row.payload, payload)
    )
    row.number = order.number
    row.ordered_at = order.ordered_at
    row.updated_at = order.updated_at
    row.total_incl_vat = order.total_incl_vat
    row.vat_amount = order.vat_amount
    row.country = order.country
    row.payment_method = order.payment_method
    row.state, row.reason = reading.state, reading.reason
    row.content_hash = content_hash(order)
    row.payload = payload
    row.seen_at = utcnow()
    session().flush()
    return row, is_changed


def load(row: ShopOrder | OrderRefund) -> Order:
    """Return the order as it was last read; of a refund its credit document."""
    return all_sendable(order_from_dict(row.payload))


def attach(jobs: Sequence[Job]) -> None:
    """Give order jobs their order and the conditions that guard each write.

    A write goes only while the order is what it was when loaded, may still go, and
    no message about it waits to be read.
    """
    by_order = {job.subject_id: job for job in jobs if job.subject == SUBJECT}
    if not by_order:
        return
    for row in session().scalars(select(ShopOrder).where(ShopOrder.id.in_(by_order))):
        job = by_order[row.id]
        job.subject_row = row
        job.content_hash = row.content_hash
        job.withdrawn = _withdrawn(row)
        job.guard = Guard(
            _CONDITIONS,
            _OUTDATED,
            {
                "guard_order": row.id,
                "guard_hash": row.content_hash,
                "guard_shop": row.connection_id,
                "guard_source": row.source_id,
            },
        )
    _refuse_invoiced(by_order)


def _withdrawn(row: ShopOrder) -> KoppelwerkError | None:
    """Return why the shop does not let an order go; None: it does.

    One whose booking may be there is not taken out of the queue when the shop says so:
    it ends once it is sure that it is not there.
    """
    if row.state == OrderState.READY:
        return None
    kind = Stop if row.state == OrderState.CANCELLED else NotYet
    return kind(row.reason or REASONS[row.state])


def _refuse_invoiced(by_order: Mapping[int, Job]) -> None:
    """Withdraw a business's order that is, or is to be, invoiced from here."""
    going = {
        key: job
        for key, job in by_order.items()
        if job.subject_row and job.withdrawn is None
    }
    if not going:
        return
    wanted = select(SalesInvoice.order_id).where(SalesInvoice.order_id.in_(going))
    invoiced = set(session().scalars(wanted))
    couplings = {job.coupling_id for job in going.values()}
    asking = set(
        session().scalars(
            select(Coupling.id).where(
                Coupling.id.in_(couplings), Coupling.invoices_businesses
            )
        )
    )
    for key, job in going.items():
        if key in invoiced:
            job.withdrawn = AskUser("order_was_invoiced", number=job.number)
        elif job.coupling_id in asking and load(job.subject_row).is_for_business:
            job.withdrawn = AskUser("order_to_invoice", number=job.number)


_UNCHANGED = exists().where(
    ShopOrder.id == bindparam("guard_order"),
    ShopOrder.content_hash == bindparam("guard_hash"),
    ShopOrder.state == OrderState.READY,
)
_CONDITIONS = (_UNCHANGED, not_(MESSAGE_WAITS))
_OUTDATED = not_(_UNCHANGED)


def waiting_source_ids(connection_id: int) -> list[str]:
    """Return the source ids of orders that are not ready, for the nightly look.

    What was read longest ago comes first: where there are more than one night can look
    at, each has its turn.
    """
    waiting = (
        select(ShopOrder.source_id)
        .where(
            ShopOrder.connection_id == connection_id,
            ShopOrder.state == OrderState.WAITING,
        )
        .order_by(ShopOrder.seen_at, ShopOrder.id)
    )
    return list(session().scalars(waiting))
