"""Open items (manual 000, D): booked invoices become Betaald once wholly written off.

Asked once per 24 hours per connection, when the user switched it on. Only what an
answer names counts: an error, an empty or a cut one never means paid. An invoice that
this package had settled and now has open again goes back to Geboekt.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal

import structlog
from sqlalchemy import ColumnElement, exists, or_, select

from core.domain.clock import local_date
from core.domain.errors import KoppelwerkError, LeaseLost
from core.domain.invoices import BookedInvoice, Settlements
from core.domain.money import ZERO
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InvoiceState,
    LogLevel,
    OpenItem,
    Relation,
    SalesInvoice,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.engine import DueRows, Lease, LeasedWork, Next, decide
from core.runtime import log
from core.runtime.database import session, shared_now
from core.services.connections import connections
from core.services.invoicing import invoice_couplings, sales_invoices
from core.services.invoicing.invoice_bookings import SUBJECT

PERIOD = timedelta(hours=24)
RETRY = timedelta(hours=1)
"""After an error it is asked again."""

logger = structlog.get_logger(__name__)


def _wanted(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Coupling.source_id.is_(None),
        Coupling.enabled.is_(True),
        Coupling.reads_open_items.is_(True),
        or_(Coupling.open_items_at.is_(None), Coupling.open_items_at <= now - PERIOD),
        exists().where(
            Connection.id == Coupling.target_id,
            Connection.state == ConnectionState.CONNECTED,
            Connection.enabled,
        ),
    )


READINGS = DueRows(
    Coupling,
    _wanted,
    order_by=(Coupling.open_items_at,),
    term=timedelta(minutes=10),
    fair=True,
)


def _due(now: datetime) -> Sequence[int]:
    """Return the connections whose open items are due."""
    return session().scalars(
        select(Coupling.target_id).where(*READINGS.is_due(now))
    ).all()  # fmt: skip


DUE = LeasedWork("open_items", "bulk", _due, READINGS)


def advance(connection_id: int) -> None:
    """Ask a package what is still open and store it; commits by itself.

    Does nothing when it was asked in the last 24 hours, or by another right now.
    """
    _serve(READINGS.take_next(Coupling.target_id == connection_id))


def take_turn(_connection_id: int) -> None:
    """Ask the package whose tenant's turn it is, whichever was woken (task)."""
    _serve(READINGS.take_next())


def _serve(lease: Lease[Coupling] | None) -> None:
    if lease is None:
        return
    with suppress(LeaseLost):
        _ask(lease, lease.row.target_id)


def _ask(lease: Lease[Coupling], connection_id: int) -> None:
    started = shared_now()
    connection = session().get_one(Connection, connection_id)
    offer = invoice_couplings.offer_of(connection)
    booked = _booked(connection_id)
    if offer is None or offer.settlements is None or not booked:
        with lease.work(release=True):
            _set_asked(lease, started)
        return
    try:
        answer = offer.settlements(connection, booked)
    except KoppelwerkError as error:
        session().rollback()
        _failed(lease, connection_id, started, error)
        return
    with lease.work(release=True):
        _store(connection_id, started, answer, {one.invoice_id for one in booked})
        _set_asked(lease, started)


def _booked(connection_id: int) -> list[BookedInvoice]:
    """Return the invoices that stand in a package, paid ones too."""
    rows = session().execute(
        select(
            SalesInvoice,
            Transfer.external_id,
            Transfer.booked_at,
            Relation.debtor_number,
            OpenItem.seen_open_at,
        )
        .join(Transfer, Transfer.subject_id == SalesInvoice.id)
        .join(Relation, Relation.id == SalesInvoice.relation_id)
        .outerjoin(
            OpenItem,
            (OpenItem.invoice_id == SalesInvoice.id)
            & (OpenItem.connection_id == connection_id),
        )
        .where(
            Transfer.target_id == connection_id,
            Transfer.subject == SUBJECT,
            Transfer.state == TransferState.DONE,
            SalesInvoice.state.in_((InvoiceState.BOOKED, InvoiceState.PAID)),
        )
        .order_by(SalesInvoice.id)
    )
    return [
        BookedInvoice(
            invoice_id=invoice.id,
            number=invoice.number or "",
            debtor_number=debtor_number or "",
            external_id=external_id,
            amount_incl_vat=invoice.amount_incl_vat,
            booked_at=booked_at,
            seen_open=seen_open_at is not None,
            is_paid=invoice.state == InvoiceState.PAID,
        )
        for invoice, external_id, booked_at, debtor_number, seen_open_at in rows
        if booked_at is not None
    ]


def _store(
    connection_id: int, started: datetime, answer: Settlements, asked: set[int]
) -> None:
    """Keep what an answer names, in the caller's transaction."""
    known = _items(connection_id)
    connection = session().get_one(Connection, connection_id)
    tenant = session().get_one(Tenant, connection.tenant_id)
    today = local_date(started, tenant.timezone)
    for invoice_id, left in _named(answer, asked).items():
        item = known.get(invoice_id) or _new_item(connection, invoice_id)
        was_settled = item.id is not None and item.open_amount == ZERO
        item.open_amount, item.looked_at = left, started
        invoice = session().get_one(SalesInvoice, invoice_id, with_for_update=True)
        if left:
            item.seen_open_at = started
            if was_settled:
                sales_invoices.reopened(invoice)
        else:
            sales_invoices.paid(invoice, _paid_on(answer, invoice_id, today))
    if answer.cursor:
        connection.cursor = {
            **connection.cursor,
            "open_items": dict(answer.cursor),
        }


def _named(answer: Settlements, asked: set[int]) -> Mapping[int, Decimal]:
    """Return what is left per invoice; one that is named as both counts as open."""
    settled = dict.fromkeys(answer.settled, ZERO)
    still_open = {key: left for key, left in answer.open.items() if left}
    named = {**settled, **still_open}
    return {key: left for key, left in sorted(named.items()) if key in asked}


def _paid_on(answer: Settlements, invoice_id: int, today: date) -> date:
    """Return the package's date; the day we saw it where it tells none."""
    return answer.settled.get(invoice_id) or today


def _items(connection_id: int) -> dict[int, OpenItem]:
    rows = session().scalars(
        select(OpenItem).where(OpenItem.connection_id == connection_id)
    )
    return {row.invoice_id: row for row in rows}


def _new_item(connection: Connection, invoice_id: int) -> OpenItem:
    item = OpenItem(
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        invoice_id=invoice_id,
    )
    session().add(item)
    return item


def _failed(
    lease: Lease[Coupling],
    connection_id: int,
    started: datetime,
    error: KoppelwerkError,
) -> None:
    """Ask again later; nothing is concluded from an error."""
    logger.warning("open items not read", connection=connection_id, error=str(error))
    decision = decide(
        error, subject=connection_id, pauses=lambda _failures: RETRY.total_seconds()
    )
    pause = timedelta(seconds=decision.seconds) or RETRY
    with lease.work(release=True):
        connection = session().get_one(Connection, connection_id)
        if decision.next is Next.PAUSE:
            connections.pause(connection_id, error.code)
        else:
            log.write(
                connection.tenant_id,
                "open_items_not_read",
                level=LogLevel.WARNING,
                connection_id=connection_id,
                plugin=connection.plugin,
            )
        _set_asked(lease, started - PERIOD + pause)


def _set_asked(lease: Lease[Coupling], moment: datetime) -> None:
    lease.write(open_items_at=moment)
