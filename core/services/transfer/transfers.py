"""Transfers as the user and the shop see them: made, queued, retried, held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, exists, select, update

from core.domain.clock import utcnow
from core.domain.events import OrderReady
from core.domain.money import ZERO
from core.domain.orders import (
    UNPAID,
    Order,
    OrderState,
    Payment,
    payments_from_data,
)
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    LogLevel,
    ShopOrder,
    Step,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import Orders
from core.plugin.setups import clearing_accounts, payment_lines, seller_of
from core.plugin.work import URGENT
from core.rules.booked_content import is_as_booked, is_paid_alike
from core.runtime import jobs, log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.leaps import in_words
from core.services.connections.administrations import NOT_CONFIGURED
from core.services.transfer import inbox, making
from core.services.transfer.steps import may_be_there
from core.services.transfer.subjects import SUBJECTS

REFRESHING = "refreshing"
PAID_OTHERWISE = "paid_otherwise_after_booking"
CHANGED = ("changed_after_booking", "changed_while_booking", PAID_OTHERWISE)
"""Codes of sales that are not in the package as the shop has them."""
BOOKED = (TransferState.DONE, TransferState.HELD)
_UNSENT = (TransferState.WAITING, TransferState.QUEUED, TransferState.FAILED)
_UNDONE = (*_UNSENT, TransferState.SENDING)


@dataclass(frozen=True)
class Read:
    """A new reading of an order, beside what stands in its row."""

    order: Order
    before: dict[str, Any] | None
    """The payload of the reading before; None for a new order."""
    reason: str
    is_changed: bool
    refunded: Decimal = ZERO
    """What refunds tell that went back, in euros."""


@dataclass(frozen=True)
class Followed:
    """What became of an order's transfers."""

    is_any: bool
    """One from before a coupling's first date has none, unless a migration run made
    it."""
    waits_for: frozenset[int]
    """The connections that one waits to go to."""


def follow_order(
    order: ShopOrder, couplings: Sequence[Coupling], read: Read
) -> Followed:
    """Make an order's transfers, or bring them in line with the new reading.

    Never rebooks: a change after sending is held for the user.
    """
    existing = _of_order(order.id) if read.before is not None else []
    known = {transfer.coupling_id for transfer in existing}
    new = [coupling for coupling in couplings if coupling.id not in known]
    for coupling in new:
        _make(order, coupling, read.reason)
    for transfer in existing:
        _follow(transfer, order, read)
    waiting = [
        transfer.target_id
        for transfer in existing
        if transfer.state == TransferState.WAITING
    ]
    return Followed(
        is_any=bool(couplings or existing),
        waits_for=frozenset(waiting + [coupling.target_id for coupling in new]),
    )


def _of_order(order_id: int) -> list[Transfer]:
    return list(
        session().scalars(
            select(Transfer).where(
                Transfer.subject == "order", Transfer.subject_id == order_id
            )
        )
    )


def _make(order: ShopOrder, coupling: Coupling, reason: str) -> None:
    is_over = order.state == OrderState.CANCELLED
    making.make(
        coupling,
        "order",
        order.id,
        number=order.number,
        amount=order.total_incl_vat,
        state=TransferState.SKIPPED if is_over else TransferState.WAITING,
        code=reason or NOT_CONFIGURED,
    )


def _follow(transfer: Transfer, order: ShopOrder, read: Read) -> None:
    if transfer.state in BOOKED:
        _hold_if_changed(transfer, order, read)
        return
    transfer.number = order.number
    transfer.amount = order.total_incl_vat
    if transfer.state in _UNDONE and order.state != OrderState.READY:
        # A worker may be about to write: it looks at the row again before it does.
        session().flush()
        session().refresh(transfer, with_for_update=True)
        if transfer.state in _UNDONE and not _has_open_step(transfer):
            is_over = order.state == OrderState.CANCELLED
            state = TransferState.SKIPPED if is_over else TransferState.WAITING
            _set(transfer, state, read.reason)
    elif transfer.state == TransferState.FAILED and read.is_changed:
        _set(transfer, TransferState.WAITING, REFRESHING)
    elif read.is_changed and _is_back(transfer, order):
        _set(transfer, TransferState.WAITING, read.reason or NOT_CONFIGURED)


def _is_back(transfer: Transfer, order: ShopOrder) -> bool:
    """Tell whether a sale that was not to go (cancelled, zero) may go now."""
    return (
        transfer.state == TransferState.SKIPPED
        and transfer.set_aside_at is None
        and order.state != OrderState.CANCELLED
    )


def _hold_if_changed(transfer: Transfer, order: ShopOrder, read: Read) -> None:
    seller = seller_of(session().get_one(Tenant, transfer.tenant_id))
    if not is_as_booked(read.order, transfer.booked_hash, read.before, seller):
        code = "changed_after_booking"
    elif order.state == OrderState.CANCELLED and read.refunded < transfer.amount:
        code = "cancelled_after_booking"
    elif _is_paid_otherwise(transfer, read):
        _hold(transfer, PAID_OTHERWISE, _payments_in_words(read))
        return
    else:
        transfer.booked_hash = order.content_hash
        return
    if transfer.code in (code, f"seen_{code}") and code != "changed_after_booking":
        return
    booked, now = str(transfer.amount), str(order.total_incl_vat)
    _hold(transfer, code, {"booked": booked, "now": now})


def _is_paid_otherwise(transfer: Transfer, read: Read) -> bool:
    """Tell whether payments that are booked with a sale are others than before.

    Where there are none any more the shop may just not say (a status of its own): they
    are gone only when it calls the order unpaid. A sale that is held for another reason
    is looked at anyway.
    """
    before, now = _payments(read)
    is_silent = not now and read.reason != UNPAID
    if before == now or is_silent or transfer.state == TransferState.HELD:
        return False
    coupling = session().get_one(Coupling, transfer.coupling_id)
    plugin = session().get_one(Connection, transfer.target_id).plugin
    package = koppelwerk().registry.brought(Orders)[plugin]
    if transfer.document not in package.settles:
        return False
    lines = payment_lines(package.payment_mapping, coupling)
    return not is_paid_alike(before, now, clearing_accounts(coupling, lines))


def _payments(read: Read) -> tuple[tuple[Payment, ...], tuple[Payment, ...]]:
    """Return what was paid by the reading before, and by this one."""
    if read.before is None or "payments" not in read.before:  # not read at the time
        return read.order.payments, read.order.payments
    return payments_from_data(read.before["payments"]), read.order.payments


def _payments_in_words(read: Read) -> dict[str, str]:
    before, now = (
        ", ".join(f"{each.amount} {each.method}" for each in some) or "-"
        for some in _payments(read)
    )
    return {"before": before, "now": now}


def _hold(transfer: Transfer, code: str, params: dict[str, str]) -> None:
    """Hold a booked sale for the user, and say so once."""
    was = (TransferState.HELD, code, params)
    if (transfer.state, transfer.code, transfer.params) == was:
        return
    _set(transfer, TransferState.HELD, code)
    transfer.params = params
    log.write(
        transfer.tenant_id,
        code,
        level=LogLevel.WARNING,
        transfer_id=transfer.id,
        connection_id=transfer.target_id,
        params={"number": transfer.number, **params},
    )


def _has_open_step(transfer: Transfer) -> bool:
    open_step = select(Step.id).where(Step.transfer_id == transfer.id, may_be_there())
    return session().execute(open_step).first() is not None


def _set(transfer: Transfer, state: TransferState, code: str) -> None:
    transfer.state = state
    transfer.code = code
    transfer.params = {}
    transfer.changed_at = utcnow()


def queue_ready(event: OrderReady, plugin: str) -> None:
    """Queue an order's transfers to a plugin's connections (`on_order_ready`).

    Only waiting ones: whatever was sent, is being sent or failed stays as it is.
    """
    session().flush()
    session().execute(
        _QUEUE_READY,
        {
            "of_order": event.order_id,
            "of_shop": event.connection_id,
            "of_plugin": plugin,
            "due_now": utcnow(),
        },
    )
    jobs.wake_after_commit("drain", queue="default")


_QUEUE_READY = (
    update(Transfer)
    .where(
        Transfer.subject == "order",
        Transfer.subject_id == bindparam("of_order"),
        Transfer.state == TransferState.WAITING,
        exists().where(
            Coupling.id == Transfer.coupling_id,
            Coupling.configured_at.is_not(None),
            Coupling.source_id == bindparam("of_shop"),
        ),
        exists().where(
            Connection.id == Transfer.target_id,
            Connection.plugin == bindparam("of_plugin"),
        ),
    )
    .values(state=TransferState.QUEUED, code="", params={}, due_at=bindparam("due_now"))
    .execution_options(synchronize_session="fetch")
)
"""Built once: it runs for every order that is read."""


def queue_configured(coupling: Coupling) -> None:
    """Queue what waited for the configuration to be complete."""
    session().execute(
        update(Transfer)
        .where(
            Transfer.coupling_id == coupling.id,
            Transfer.state == TransferState.WAITING,
            Transfer.code == NOT_CONFIGURED,
            exists().where(
                ShopOrder.id == Transfer.subject_id,
                ShopOrder.state == OrderState.READY,
            ),
        )
        .values(state=TransferState.QUEUED, code="", due_at=utcnow())
        .execution_options(synchronize_session="fetch")
    )
    jobs.wake_after_commit("drain", queue="default")


def retry(transfer: Transfer, *, user_id: int | None = None) -> None:
    """*Verwerk*: look again with priority; *Gezien* of a held one.

    An order is read again from the shop first, so that what was mended there counts;
    an invoice goes unless something is still not configured. A held document is not
    booked again: pressing says that it was seen. One that was set aside stays so.
    """
    session().refresh(transfer, with_for_update=True)
    if transfer.state == TransferState.HELD:
        if SUBJECTS[transfer.subject].seen(transfer):
            _note(transfer, "held_seen", user_id)
        return
    if transfer.state not in _UNSENT or transfer.set_aside_at is not None:
        return
    transfer.priority = URGENT
    transfer.failures = 0
    transfer.due_at = utcnow()
    SUBJECTS[transfer.subject].again(transfer)
    _note(transfer, "retry_pressed", user_id)


def sale_seen(transfer: Transfer) -> bool:
    """*Gezien* of a sale: what the shop says now counts as what is in the package."""
    order = session().get_one(ShopOrder, transfer.subject_id)
    _set(transfer, TransferState.DONE, f"seen_{transfer.code}")
    transfer.booked_hash = order.content_hash
    transfer.number, transfer.amount = order.number, order.total_incl_vat
    return True


def _note(transfer: Transfer, code: str, user_id: int | None) -> None:
    log.write(
        transfer.tenant_id,
        code,
        transfer_id=transfer.id,
        user_id=user_id,
        number=transfer.number,
    )


def order_again(transfer: Transfer) -> None:
    """Read an order again from its shop before it goes, where the shop can be asked."""
    if _refresh(transfer):
        _set(transfer, TransferState.WAITING, REFRESHING)
    else:
        _set(transfer, TransferState.QUEUED, "")
        jobs.wake_after_commit("drain_urgent", queue="urgent")


def _refresh(transfer: Transfer) -> bool:
    """Ask for a new reading of the order; False when the shop cannot be asked."""
    if transfer.subject != "order" or _has_open_step(transfer):
        return False
    order = session().get_one(ShopOrder, transfer.subject_id)
    source = session().get_one(Connection, order.connection_id)
    if source.state != ConnectionState.CONNECTED or not source.enabled:
        return False
    inbox.accept(
        source,
        event_id=f"refresh-{uuid4()}",
        kind="order.refresh",
        source_id=order.source_id,
        priority=URGENT,
    )
    jobs.wake_after_commit("inbox", source.id, queue="urgent")
    return True


def heal_refreshing(older_than: timedelta = timedelta(minutes=10)) -> None:
    """Queue what waits too long for a new reading: the check decides on the old one.

    The message guard still keeps a write back while a message about it is unread.
    """
    session().execute(
        update(Transfer)
        .where(
            Transfer.state == TransferState.WAITING,
            Transfer.code == in_words(REFRESHING),
            Transfer.changed_at < utcnow() - older_than,
            ~exists().where(
                InboxEvent.source_id == ShopOrder.source_id,
                InboxEvent.connection_id == ShopOrder.connection_id,
                ShopOrder.id == Transfer.subject_id,
                InboxEvent.state == "new",
            ),
        )
        .values(state=TransferState.QUEUED, code="", due_at=utcnow())
        .execution_options(synchronize_session=False)
    )
