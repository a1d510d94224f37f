"""Open items (manual 000, D): booked invoices become Betaald once wholly written off.

Asked once per 24 hours per connection, when the user switched it on, and by hand. Only
what an answer names counts: an error, an empty or a cut one never means paid. Of an
invoice that stands in several packages one decides whether it is paid (`deciders`);
where that one has it open again, it goes back to Geboekt.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, exists, literal, or_, select
from sqlalchemy.orm import aliased

from core.domain.clock import local_date, utcnow
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
from core.runtime import jobs as wakes
from core.runtime import log
from core.runtime.database import session, shared_now
from core.services.connections import connections
from core.services.invoicing import invoice_couplings, sales_invoices
from core.services.invoicing.invoice_bookings import SUBJECT

PERIOD = timedelta(hours=24)
RETRY = timedelta(hours=1)
"""After an error, or where there was nothing to ask, it is asked again."""
JUST_NOW = timedelta(minutes=5)
"""What is that new is not read again by hand: some packages count the calls."""

logger = structlog.get_logger(__name__)


def _wanted(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Coupling.source_id.is_(None),
        Coupling.purchases.is_(False),
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
    order_by=(Coupling.open_items_at, Coupling.id),
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


def ask_now(coupling: Coupling) -> bool:
    """Let a package be asked as soon as a worker is free (*Nu lezen*), in the caller's
    transaction; not when it answered in the last minutes."""
    read_at = coupling.open_items_read_at
    if read_at is not None and utcnow() - read_at < JUST_NOW:
        return False
    coupling.open_items_at = None
    wakes.wake_after_commit("open_items", coupling.target_id, queue="bulk")
    return True


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
        with lease.work(release=True):  # nothing was asked: soon again
            _set_asked(lease, started - PERIOD + RETRY)
            if offer is not None and offer.settlements is not None:
                lease.write(open_items_read_at=started)  # there is nothing to read
        return
    try:
        answer = offer.settlements(connection, booked)
    except KoppelwerkError as error:
        session().rollback()
        _failed(lease, connection_id, started, error)
        return
    with lease.work(release=True):
        amounts = {one.invoice_id: one.amount_incl_vat for one in booked}
        _store(connection_id, started, answer, amounts)
        decide_by(connection_id)
        lease.write(open_items_at=started, open_items_read_at=started)


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
            Transfer.administration == "",
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
    connection_id: int,
    started: datetime,
    answer: Settlements,
    asked: Mapping[int, Decimal],
) -> None:
    """Keep what an answer names, in the caller's transaction.

    `asked`: the invoices that were asked after, with what they were booked for.
    """
    known = _items(connection_id)
    connection = session().get_one(Connection, connection_id)
    tenant = session().get_one(Tenant, connection.tenant_id)
    today = local_date(started, tenant.timezone)
    for invoice_id, left in _named(answer, asked).items():
        item = known.get(invoice_id)
        before = asked[invoice_id] if item is None else item.open_amount
        item = item or _new_item(connection, invoice_id)
        if left != before:
            item.changed_at = started
        item.open_amount, item.looked_at, item.code = left, started, ""
        if left:
            item.seen_open_at, item.settled_on = started, None
        elif item.settled_on is None:
            item.settled_on = answer.settled.get(invoice_id) or today
    for invoice_id in sorted(answer.undecided.keys() & asked.keys()):
        item = known.get(invoice_id) or _new_item(connection, invoice_id)
        if item.id is None:
            item.open_amount = asked[invoice_id]
        item.looked_at, item.code = started, answer.undecided[invoice_id]
    if answer.cursor:
        connection.cursor = {
            **connection.cursor,
            "open_items": dict(answer.cursor),
        }
    session().flush()


def decide_by(connection_id: int) -> None:
    """Make invoices Betaald, or Geboekt again, by what a package last said of them.

    In the caller's transaction; only those that it decides about.
    """
    items = session().scalars(
        select(OpenItem)
        .where(OpenItem.connection_id == connection_id)
        .order_by(OpenItem.invoice_id)
    )
    decided = deciders(connection_id)
    for item in items:
        if decided.get(item.invoice_id) != connection_id:
            continue
        invoice = session().get_one(SalesInvoice, item.invoice_id, with_for_update=True)
        if item.open_amount:
            if not _is_unsettled_there(item, invoice):
                sales_invoices.reopened(invoice, connection_id=connection_id)
        elif item.settled_on is not None:
            sales_invoices.paid(invoice, item.settled_on, connection_id=connection_id)


def _is_unsettled_there(item: OpenItem, invoice: SalesInvoice) -> bool:
    """Tell whether a package has an invoice as it was booked, that was paid before:
    it does not know of the payment."""
    return bool(invoice.prepayments) and item.changed_at is None


def decider_of(invoice_id: int) -> int | None:
    """Return which connection decides about an invoice; None: none that is read."""
    return _first(select(literal(invoice_id))).get(invoice_id)


def deciders(connection_id: int) -> dict[int, int]:
    """Return which connection decides about each invoice that a package has booked.

    Of the packages that it is booked in and whose payments are read: the one that the
    user chose, else the one that was coupled first. One decides, so that two that see
    it differently do not take turns.
    """
    there = aliased(Transfer)
    here = select(there.subject_id).where(
        there.target_id == connection_id,
        there.subject == SUBJECT,
        there.state == TransferState.DONE,
    )
    return _first(here)


def _first(invoices: Select[Any]) -> dict[int, int]:
    rows = session().execute(
        select(Transfer.subject_id, Coupling.target_id)
        .join(Coupling, Coupling.target_id == Transfer.target_id)
        .where(
            Transfer.subject == SUBJECT,
            Transfer.state == TransferState.DONE,
            Transfer.subject_id.in_(invoices),
            Coupling.source_id.is_(None),
            Coupling.purchases.is_(False),
            Coupling.enabled,
            Coupling.reads_open_items,
        )
        .order_by(Coupling.decides_paid.desc(), Coupling.id)
    )
    found: dict[int, int] = {}
    for invoice_id, target_id in rows:
        found.setdefault(invoice_id, target_id)
    return found


def _named(answer: Settlements, asked: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
    """Return what is left per invoice; one that is named as both counts as open."""
    settled = dict.fromkeys(answer.settled, ZERO)
    still_open = {key: left for key, left in answer.open.items() if left}
    named = {**settled, **still_open}
    return {key: left for key, left in sorted(named.items()) if key in asked}


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
