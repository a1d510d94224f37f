"""Orders that a shop gave and nobody could read: under Fouten until one can.

What was never read has a row of its own without lines or amount, so that the user sees
it and may report it. What was read before keeps its last reading, which is not booked
any more: what changed since is not known.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, delete, exists, select, update

from core.domain.clock import local_date, utcnow
from core.domain.money import ZERO
from core.domain.orders import Order, OrderState, Reading, order_to_dict
from core.models import (
    Connection,
    Coupling,
    ShopOrder,
    Step,
    StepState,
    Tenant,
    Transfer,
    TransferState,
)
from core.runtime.database import session
from core.services.transfer import making, order_words

UNREADABLE = "order_unreadable"
LONGEST_NUMBER = 64
_SUBJECT = "order"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_UNSENT = (TransferState.WAITING, TransferState.QUEUED, TransferState.FAILED)
_NEVER_READ = ""
"""Content hash of an order that was never read."""


def record_unreadable(
    connection: Connection,
    source_id: str,
    field: str,
    *,
    number: str = "",
    ordered_at: datetime | None = None,
) -> None:
    """Show under Fouten that an order cannot be read, in the caller's transaction.

    `field` is what could not be read. `number` is what the user knows the order by,
    where that is not `source_id`; a long one is cut. `ordered_at` (UTC) is the order's
    moment, if that much could be read: nothing is shown for a coupling that begins
    later. A transfer that was booked is held: the order has changed, and how is not
    known. Safe to repeat.
    """
    row = session().scalar(
        select(ShopOrder).where(
            ShopOrder.connection_id == connection.id, ShopOrder.source_id == source_id
        )
    )
    if row is None:
        shown = (number or source_id)[:LONGEST_NUMBER]
        row = _never_read(connection, source_id, shown, ordered_at)
    row.state = OrderState.WAITING
    session().flush()
    said = {"number": row.number, "field": field}
    for coupling in _couplings(connection, ordered_at or row.ordered_at):
        _show(row, coupling, said)
    _change(row, _unsent(), TransferState.FAILED, said)
    is_booked = and_(
        Transfer.state == TransferState.DONE, Transfer.code != f"seen_{UNREADABLE}"
    )
    _change(row, is_booked, TransferState.HELD, said)


def readable_again(connection: Connection, readings: Iterable[Reading]) -> None:
    """Let go what can be read after all, in the caller's transaction before `record`.

    A held one is as it was: `record` compares it with what was booked. An order that
    turns out to be from before a coupling's first date goes nowhere.
    """
    by_number = {reading.order.source_id: reading.order for reading in readings}
    rows = session().execute(
        select(Transfer, ShopOrder.source_id, Coupling.starts_on)
        .join(ShopOrder, ShopOrder.id == Transfer.subject_id)
        .join(Coupling, Coupling.id == Transfer.coupling_id)
        .where(
            Transfer.subject == _SUBJECT,
            Transfer.code == UNREADABLE,
            ShopOrder.connection_id == connection.id,
            ShopOrder.source_id.in_(by_number),
        )
    )
    timezone = session().get_one(Tenant, connection.tenant_id).timezone
    for transfer, source_id, starts_on in rows.all():
        ordered_on = local_date(by_number[source_id].ordered_at, timezone)
        if transfer.state == TransferState.HELD:
            transfer.state, transfer.code = TransferState.DONE, ""
            transfer.params, transfer.changed_at = {}, utcnow()
        elif starts_on is not None and ordered_on < starts_on:
            _forget(transfer)
    session().flush()


def _never_read(
    connection: Connection, source_id: str, number: str, ordered_at: datetime | None
) -> ShopOrder:
    moment = ordered_at or utcnow()
    order = Order(source_id, number, moment, _LONG_AGO, "", ZERO, ZERO, ())
    row = ShopOrder(
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        source_id=source_id,
        number=number,
        ordered_at=moment,
        updated_at=_LONG_AGO,
        total_incl_vat=ZERO,
        vat_amount=ZERO,
        content_hash=_NEVER_READ,
        payload=order_to_dict(order),
        state=OrderState.WAITING,
    )
    session().add(row)
    session().flush()
    order_words.keep(row, None)
    return row


def _couplings(connection: Connection, ordered_at: datetime) -> list[Coupling]:
    timezone = session().get_one(Tenant, connection.tenant_id).timezone
    ordered_on = local_date(ordered_at, timezone)
    found = session().scalars(
        select(Coupling).where(Coupling.source_id == connection.id, Coupling.enabled)
    )
    return [
        coupling
        for coupling in found
        if coupling.starts_on is None or ordered_on >= coupling.starts_on
    ]


def _show(row: ShopOrder, coupling: Coupling, said: dict[str, str]) -> None:
    making.make(
        coupling,
        _SUBJECT,
        row.id,
        number=row.number,
        amount=row.total_incl_vat,
        state=TransferState.FAILED,
        code=UNREADABLE,
        params=said,
    )


def _unsent() -> ColumnElement[bool]:
    """Return what makes a transfer one of which nothing is under way."""
    has_open_step = exists().where(
        Step.transfer_id == Transfer.id,
        Step.state.in_((StepState.PREPARED, StepState.UNKNOWN)),
    )
    return and_(Transfer.state.in_(_UNSENT), ~has_open_step)


def _change(
    row: ShopOrder,
    which: ColumnElement[bool],
    to: TransferState,
    said: dict[str, str],
) -> None:
    session().execute(
        update(Transfer)
        .where(
            Transfer.subject == _SUBJECT,
            Transfer.subject_id == row.id,
            which,
            ~and_(Transfer.state == to, Transfer.code == UNREADABLE),
        )
        .values(state=to, code=UNREADABLE, params=said, changed_at=utcnow())
        .execution_options(synchronize_session="fetch")
    )


def _forget(transfer: Transfer) -> None:
    """Take away a transfer that only showed that its order was unreadable."""
    has_step = exists().where(Step.transfer_id == transfer.id)
    session().execute(
        delete(Transfer).where(Transfer.id == transfer.id, ~has_step),
        execution_options={"synchronize_session": "fetch"},
    )
