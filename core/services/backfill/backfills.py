"""Migration runs as their owner sees them: asked for, rehearsed, started, stopped.

Past orders are those from before the coupling's first date; later ones go by
themselves. What a run does piece by piece stands in `backfill_run`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.models import (
    Backfill,
    BackfillItem,
    BackfillState,
    Coupling,
    ServiceKind,
    ServiceRequest,
    ShopOrder,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import DueWork, Shop
from core.plugin.engine.fairness import longest_waiting, owner_of, served
from core.runtime import jobs, log
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk, settings
from core.services.linking import couplings
from core.services.reporting import overview
from core.services.reporting.overview import Page, Row

PRIORITY = -10
"""Of a run's transfers: the lease takes everything live first."""
BOOK, STANDS, KNOWN, REFUSED, UNJUDGED = "book", "stands", "known", "refused", ""
ACTIVE = (BackfillState.REHEARSING, BackfillState.RUNNING, BackfillState.PAUSED)
WORKING = (BackfillState.REHEARSING, BackfillState.RUNNING)
PRICED = 1000
"""The price is for so many orders begun (manual 004)."""
CHUNK = 1000
_CHANGES = {
    "start": ((BackfillState.REHEARSED,), BackfillState.RUNNING, "backfill_started"),
    "pause": ((BackfillState.RUNNING,), BackfillState.PAUSED, "backfill_paused"),
    "resume": ((BackfillState.PAUSED,), BackfillState.RUNNING, "backfill_resumed"),
    "stop": (
        (*ACTIVE, BackfillState.REHEARSED), BackfillState.STOPPED, "backfill_stopped",
    ),
}  # fmt: skip
"""What an owner may do: from which states, to which, and its log code."""


class Moved(Exception):
    """Somebody paused or stopped the run, or another worker was first."""


@dataclass(frozen=True)
class Count:
    """How many orders of a run have a verdict, for one reason."""

    verdict: str
    code: str
    orders: int
    amount: Decimal
    """Euros incl VAT."""


@dataclass(frozen=True)
class Line:
    """One past order of a run."""

    item: BackfillItem
    order: ShopOrder
    transfer: Transfer | None


def price(orders: int) -> Decimal:
    """Return what passing on so many orders costs, excl VAT (manual 004: per 1,000)."""
    begun = -(-orders // PRICED)
    return settings().price_backfill * begun


def ask(
    coupling: Coupling, first_on: date, last_on: date, *, user_id: int | None = None
) -> Backfill:
    """Begin a run with its rehearsal, in the caller's transaction; dates are local.

    Raises AskUser `backfill_dates`, `backfill_not_past`, `backfill_without_history`,
    `backfill_not_configured` or `backfill_busy`.
    """
    if first_on > last_on:
        raise AskUser("backfill_dates")
    if coupling.starts_on is None or last_on >= coupling.starts_on:
        raise AskUser("backfill_not_past", starts_on=coupling.starts_on or "-")
    if not _has_history(coupling):
        raise AskUser("backfill_without_history", plugin=coupling.source.plugin)
    if coupling.configured_at is None:
        raise AskUser("backfill_not_configured")
    _refuse_second(coupling.id)
    run = Backfill(
        tenant_id=coupling.tenant_id,
        coupling_id=coupling.id,
        first_on=first_on,
        last_on=last_on,
        state=BackfillState.REHEARSING,
        cursor={},
        facts={},
        user_id=user_id,
    )
    session().add(run)
    session().flush()
    note(run, "backfill_asked", user_id=user_id)
    _wake(run)
    return run


def _refuse_second(coupling_id: int) -> None:
    """Let one run at a time work on a coupling; the coupling's row is the lock."""
    session().execute(
        select(Coupling.id).where(Coupling.id == coupling_id).with_for_update()
    )
    busy = select(Backfill.id).where(
        Backfill.coupling_id == coupling_id, Backfill.state.in_(ACTIVE)
    )
    if session().execute(busy).first() is not None:
        raise AskUser("backfill_busy")


def change(run: Backfill, action: str, *, user_id: int | None = None) -> None:
    """Start, pause, resume or stop a run in the caller's transaction.

    Raises AskUser `backfill_moved_on` when its state does not allow that (any more)
    and `backfill_busy` when another run of the coupling is under way. What was queued
    already still goes after a pause or stop: at most a handful.
    """
    run = locked(run.id)
    allowed, state, code = _CHANGES[action]
    if run.state not in allowed:
        raise AskUser("backfill_moved_on")
    if action == "start":
        _refuse_second(run.coupling_id)
        _request(run, user_id)
    if state == BackfillState.RUNNING:
        # The package is looked at again: somebody may have booked by hand meanwhile.
        run.cursor = {**run.cursor, "phase": "look"}
    run.state = state
    run.reason = ""
    run.ended_at = utcnow() if state == BackfillState.STOPPED else None
    note(run, code, user_id=user_id)
    _wake(run)


def _request(run: Backfill, user_id: int | None) -> None:
    """Tell the support desk what there is to be charged (manual 004, section 6)."""
    orders = int(run.facts.get("orders", 0))
    session().add(
        ServiceRequest(
            tenant_id=run.tenant_id,
            kind=ServiceKind.BACKFILL,
            user_id=user_id,
            remark=f"Migratie {run.id}: {orders} bestellingen",
            price_excl_vat=price(orders),
        )
    )


def note(
    run: Backfill, code: str, *, user_id: int | None = None, **values: Any
) -> None:
    """Write to the log what became of a run."""
    params = {"first": run.first_on, "last": run.last_on, **values}
    log.write(run.tenant_id, code, user_id=user_id, params=params)


def _wake(run: Backfill) -> None:
    if run.state in WORKING:
        jobs.wake_after_commit("backfill", run.id, queue="bulk")


def locked(backfill_id: int) -> Backfill:
    """Return a run's row, locked for this transaction and read afresh."""
    return session().get_one(
        Backfill, backfill_id, with_for_update=True, populate_existing=True
    )


def _due(_now: datetime) -> Sequence[int]:
    """Return every run that has something to do."""
    runs = select(Backfill.id).where(Backfill.state.in_(WORKING))
    return session().scalars(runs).all()


DUE = DueWork("backfill", "bulk", _due)


def goes_on(run: Backfill, now: datetime) -> bool:
    """Tell whether there is something to do for a run now."""
    moment = run.cursor.get("not_before")
    waits = moment is not None and datetime.fromisoformat(moment) > now
    return run.state in WORKING and not waits


def whose_turn(backfill_id: int, now: datetime) -> int | None:
    """Return the run to go on with: this one when its tenant was served longest ago,
    else one of who was; None: nothing to do. Commits by itself."""
    kind = Backfill.__tablename__
    query = select(Backfill).where(Backfill.state.in_(WORKING))
    query = longest_waiting(query, kind, owner_of(Backfill.tenant_id))
    with transaction() as current:
        runs = [
            run
            for run in current.scalars(query.order_by(Backfill.id))
            if goes_on(run, now)
        ]
        if not runs:
            return None
        owner = runs[0].tenant_id
        own = [run.id for run in runs if run.tenant_id == owner]
        served(kind, owner, now)
    return backfill_id if backfill_id in own else own[0]


def all_runs() -> list[Backfill]:
    """Return the runs in scope, newest first."""
    return list(session().scalars(select(Backfill).order_by(Backfill.id.desc())))


def couplings_with_history() -> list[Coupling]:
    """Return the couplings in scope whose shop can be asked for past orders."""
    return [each for each in couplings.all_couplings() if _has_history(each)]


def _has_history(coupling: Coupling) -> bool:
    shop = koppelwerk().registry.brought(Shop).get(coupling.source.plugin)
    return shop is not None and shop.history is not None


def count(run: Backfill) -> list[Count]:
    """Count a run's orders per verdict and reason, the most first."""
    rows = session().execute(
        select(
            BackfillItem.verdict,
            BackfillItem.code,
            func.count().label("orders"),
            func.sum(BackfillItem.amount),
        )
        .where(
            BackfillItem.backfill_id == run.id,
            BackfillItem.tenant_id == run.tenant_id,
        )
        .group_by(BackfillItem.verdict, BackfillItem.code)
        .order_by(func.count().desc(), BackfillItem.verdict, BackfillItem.code)
    )
    return [Count(*row) for row in rows]


def counted(run: Backfill) -> list[dict[str, Any]]:
    """Return the counts as plain data, to be kept: pages do not count again."""
    return [asdict(line) for line in count(run)]


def progress(run: Backfill) -> dict[str, int]:
    """Count what this run made: booked, failed, under way."""
    rows = session().execute(
        select(Transfer.state, func.count())
        .join(BackfillItem, BackfillItem.transfer_id == Transfer.id)
        .where(
            BackfillItem.backfill_id == run.id,
            BackfillItem.verdict == BOOK,
            BackfillItem.tenant_id == run.tenant_id,
        )
        .group_by(Transfer.state)
    )
    found = {TransferState(state): number for state, number in rows}
    booked = sum(found.pop(s, 0) for s in (TransferState.DONE, TransferState.HELD))
    failed = found.pop(TransferState.FAILED, 0)
    return {"booked": booked, "failed": failed, "under_way": sum(found.values())}


def booked_amount(run: Backfill) -> Decimal:
    """Return what this run booked, in euros incl VAT."""
    amount: Decimal | None = session().scalar(
        select(func.sum(Transfer.amount))
        .join(BackfillItem, BackfillItem.transfer_id == Transfer.id)
        .where(
            BackfillItem.backfill_id == run.id,
            BackfillItem.tenant_id == run.tenant_id,
            Transfer.booked_at.is_not(None),
        )
    )
    return amount or ZERO


def lines(run: Backfill, verdict: str, before: int | None) -> Page:
    """Return the orders of a run with one verdict, as the shop gave them."""
    statement = (
        select(BackfillItem, ShopOrder, Transfer)
        .join(ShopOrder, ShopOrder.id == BackfillItem.order_id)
        .outerjoin(Transfer, Transfer.id == BackfillItem.transfer_id)
        .where(BackfillItem.backfill_id == run.id, BackfillItem.verdict == verdict)
        .order_by(BackfillItem.id.desc())
        .limit(overview.PAGE + 1)
    )
    if before is not None:
        statement = statement.where(BackfillItem.id < before)
    rows = [Line(*row) for row in session().execute(statement)]
    more = len(rows) > overview.PAGE
    rows = rows[: overview.PAGE]
    return Page(rows, rows[-1].item.id if more else None)


def booked_by(run: Backfill) -> Iterator[Row]:
    """Yield everything that a run booked, in the order it was booked in."""
    run_id, after = run.id, 0
    while True:
        rows = _booked_after(run_id, after)
        session().expunge_all()
        session().rollback()
        yield from rows
        if len(rows) < CHUNK:
            return
        after = rows[-1].transfer.id


def _booked_after(backfill_id: int, transfer_id: int) -> Sequence[Row]:
    made: Any = and_(
        BackfillItem.transfer_id == Transfer.id,
        BackfillItem.backfill_id == backfill_id,
        BackfillItem.verdict == BOOK,
    )
    statement = overview.lines(Transfer.id).join(BackfillItem, made)
    statement = statement.where(
        Transfer.id > transfer_id, Transfer.booked_at.is_not(None)
    )
    return overview.rows_of(statement.limit(CHUNK))
