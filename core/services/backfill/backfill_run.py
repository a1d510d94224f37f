"""The work of a migration run, in pieces that may be stopped or killed anywhere.

Rehearsal: the shop's orders of the period are recorded page by page, the package is
asked what stands there, and every order gets a verdict; nothing is written outside.
Run: a few transfers at a time below the live traffic, sent by the ordinary drain, so
that each goes through the same checks and is booked once like any other. How far it is
stands in the row; the dispatcher wakes it until it has ended.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import func, or_, select

from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost, KoppelwerkError, WaitUntil
from core.domain.orders import OrderState
from core.models import (
    Backfill,
    BackfillItem,
    BackfillState,
    ConnectionState,
    Coupling,
    ShopOrder,
    Tenant,
    Transfer,
    TransferState,
)
from core.runtime import jobs
from core.runtime.database import session, shared_now, transaction
from core.services.backfill import backfill_judge, backfill_read, backfills
from core.services.backfill.backfills import BOOK, KNOWN, REFUSED, STANDS, Moved, locked
from core.services.connections import connections
from core.services.mailing import mail
from core.services.transfer import making, orders
from core.services.transfer.drain import drain

logger = structlog.get_logger(__name__)

BUSY_SECONDS = 20
"""How long one wake-up goes on before others have a turn."""
AT_ONCE = 10
"""Documents of a run that are queued at the same time."""
RETRY_SECONDS = 60
NOTE_SECONDS = 5.0


def take_turn(backfill_id: int) -> None:
    """Do a piece of this run, or of one of a tenant whose turn it is (task)."""
    whose = backfills.whose_turn(backfill_id, utcnow())
    if whose is not None:
        advance(whose)


def advance(backfill_id: int) -> None:
    """Do a piece of a run."""
    until = monotonic() + BUSY_SECONDS
    with suppress(Moved):
        while _step(backfill_id, until):
            if monotonic() > until:
                jobs.wake("bulk", "backfill", backfill_id)
                break


def _step(backfill_id: int, until: float) -> bool:
    """Do the next bit; False when there is nothing (more) to do now."""
    run = session().get(Backfill, backfill_id, populate_existing=True)
    if run is None or not backfills.goes_on(run, utcnow()):
        session().rollback()
        return False
    phase = run.cursor.get("phase", "read")
    coupling_id = run.coupling_id
    try:
        return _PHASES[phase](run, until)
    except KoppelwerkError as error:
        session().rollback()
        _fault(backfill_id, coupling_id, error)
        return False


def _fault(backfill_id: int, coupling_id: int, error: KoppelwerkError) -> None:
    """Note why the package could not be asked, and wait; it goes on by itself."""
    logger.warning("migration run waits", backfill=backfill_id, error=str(error))
    seconds = error.seconds if isinstance(error, WaitUntil) else RETRY_SECONDS
    with transaction():
        if isinstance(error, AuthenticationLost):
            target_id = session().get_one(Coupling, coupling_id).target_id
            connections.pause(target_id, error.code)
        run = locked(backfill_id)
        moment = utcnow() + timedelta(seconds=seconds)
        run.cursor = {**run.cursor, "not_before": moment.isoformat()}
        run.reason = error.code


def _look(run: Backfill, _until: float) -> bool:
    """Leave out what was booked by hand since the rehearsal, then begin."""
    run_id, coupling_id = run.id, run.coupling_id
    standing = backfill_judge.standing(coupling_id)
    with transaction():
        run = _running(run_id)
        left = _left(run).with_only_columns(BackfillItem, ShopOrder.number)
        for item, number in session().execute(left):
            if number in standing:
                item.verdict, item.code = STANDS, ""
        kept = {"below": run.cursor["below"]} if "below" in run.cursor else {}
        run.cursor, run.reason = {**kept, "phase": "book"}, ""
    return True


def _running(run_id: int) -> Backfill:
    run = locked(run_id)
    if run.state != BackfillState.RUNNING:
        raise Moved
    return run


def _left(run: Backfill) -> Any:
    """Select what is still to be queued; the highest ids are the oldest orders."""
    statement = (
        select(BackfillItem, ShopOrder)
        .join(ShopOrder, ShopOrder.id == BackfillItem.order_id)
        .where(BackfillItem.backfill_id == run.id, BackfillItem.verdict == BOOK)
    )
    below = run.cursor.get("below")
    return statement if below is None else statement.where(BackfillItem.id < below)


def _book(run: Backfill, until: float) -> bool:
    """Queue a few, send what is due, and look whether the run has ended."""
    run_id = run.id
    noted = monotonic()
    session().rollback()
    while monotonic() < until:
        with transaction():
            is_served, left = _top_up(_running(run_id))
        handled = drain(seconds=until - monotonic()) if is_served else 0
        if not left and not _under_way(run_id):
            _finish(run_id)
            return False
        if not handled:
            break
        if monotonic() - noted > NOTE_SECONDS:
            _note_progress(run_id)
            noted = monotonic()
    _note_progress(run_id)
    return monotonic() >= until


def _top_up(run: Backfill) -> tuple[bool, bool]:
    """Queue the next few orders; tell whether anything can go, and if some are left.

    Nothing is added while live documents of the same package are due.
    """
    coupling = session().get_one(Coupling, run.coupling_id)
    now = shared_now()
    left = session().execute(_left(run).limit(1)).first() is not None
    if not _serves(coupling, now):
        return False, left
    if left and not _is_live_due(coupling.target_id, now):
        room = AT_ONCE - _queued(run, now)
        rows = session().execute(
            _left(run).order_by(BackfillItem.id.desc()).limit(max(room, 0))
        )
        for item, order in rows.all():
            _queue(coupling, item, order)
            run.cursor = {**run.cursor, "below": item.id}
        session().flush()
    return True, left


def _serves(coupling: Coupling, now: datetime) -> bool:
    """Tell whether the package takes documents of this coupling now."""
    target = coupling.target
    waits = target.not_before is not None and target.not_before > now
    is_on = target.state == ConnectionState.CONNECTED and target.enabled
    tenant = session().get_one(Tenant, coupling.tenant_id)
    may = coupling.enabled and coupling.licensed and tenant.active
    return bool(may and coupling.configured_at and is_on and not waits)


def _is_live_due(target_id: int, now: datetime) -> bool:
    due = select(Transfer.id).where(
        Transfer.target_id == target_id,
        Transfer.priority > backfills.PRIORITY,
        or_(
            Transfer.state == TransferState.SENDING,
            (Transfer.state == TransferState.QUEUED) & (Transfer.due_at <= now),
        ),
    )
    return session().execute(due.limit(1)).first() is not None


def _queued(run: Backfill, now: datetime) -> int:
    """Count this run's documents that could go now; what waits holds no place."""
    busy = or_(
        Transfer.state == TransferState.SENDING,
        (Transfer.state == TransferState.QUEUED) & (Transfer.due_at <= now),
    )
    return _number(run.id, busy)


def _under_way(run_id: int) -> int:
    states = (TransferState.SENDING, TransferState.QUEUED)
    number = _number(run_id, Transfer.state.in_(states))
    session().rollback()
    return number


def _number(run_id: int, condition: Any) -> int:
    statement = (
        select(func.count())
        .select_from(BackfillItem)
        .join(Transfer, Transfer.id == BackfillItem.transfer_id)
        .where(
            BackfillItem.backfill_id == run_id,
            Transfer.priority == backfills.PRIORITY,
            condition,
        )
    )
    return session().execute(statement).scalar_one()


def _queue(coupling: Coupling, item: BackfillItem, order: ShopOrder) -> None:
    """Make an order's transfer, unless it got one meanwhile or may no longer go."""
    if order.state != OrderState.READY:
        item.verdict, item.code = REFUSED, "backfill_order_changed"
        return
    item.transfer_id = making.make(
        coupling,
        orders.SUBJECT,
        order.id,
        number=order.number,
        amount=order.total_incl_vat,
        state=TransferState.QUEUED,
        priority=backfills.PRIORITY,
    )
    if item.transfer_id is None:
        item.verdict, item.code = KNOWN, ""


def _note_progress(run_id: int) -> None:
    """Keep the figures that the page shows in the row: it does not count itself."""
    with transaction():
        run = locked(run_id)
        run.facts = {**run.facts, "progress": backfills.progress(run)}


def _finish(run_id: int) -> None:
    """End the run: figures, log and one mail."""
    with transaction():
        run = _running(run_id)
        progress = backfills.progress(run)
        run.facts = {
            **run.facts,
            "progress": progress,
            "counts": backfills.counted(run),
        }
        run.cursor, run.reason = {}, ""
        run.state, run.ended_at = BackfillState.DONE, utcnow()
        backfills.note(run, "backfill_done", count=progress["booked"])
        mail.to_tenant(
            run.tenant_id,
            "backfill_done",
            dedup_key=f"backfill-{run.id}",
            run_id=run.id,
            first_on=run.first_on,
            last_on=run.last_on,
            booked=progress["booked"],
            failed=progress["failed"],
            amount=backfills.booked_amount(run),
        )


_PHASES: Mapping[str, Callable[[Backfill, float], bool]] = {
    "read": backfill_read.read,
    "judge": backfill_read.judge,
    "look": _look,
    "book": _book,
}
