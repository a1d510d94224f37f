"""A run's rehearsal: the shop's orders of the period, each with a verdict.

Reads only: what it stores is our own record of the orders.
"""

from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.domain.clock import local_date
from core.domain.errors import AskUser
from core.models import (
    Backfill,
    BackfillItem,
    BackfillState,
    Coupling,
    ShopOrder,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import HistoryPage, Rehearsal, Shop
from core.runtime.database import insert_for, session, transaction
from core.runtime.extensions import koppelwerk
from core.services.backfill import backfill_judge, backfills
from core.services.backfill.backfill_judge import Standing
from core.services.backfill.backfills import UNJUDGED, Moved, locked
from core.services.reporting.overview import midnight
from core.services.transfer import orders

BATCH = 200
_BOOKED = (TransferState.DONE, TransferState.HELD)


def read(run: Backfill, _until: float) -> bool:
    """Record the next page of the shop's past orders."""
    coupling = session().get_one(Coupling, run.coupling_id)
    tenant = session().get_one(Tenant, run.tenant_id)
    shop = koppelwerk().registry.brought(Shop).get(coupling.source.plugin)
    history = shop.history if shop else None
    if history is None:
        raise AskUser("backfill_without_history", plugin=coupling.source.plugin)
    since = midnight(run.first_on, tenant.timezone)
    end = midnight(run.last_on + timedelta(days=1), tenant.timezone)
    before, run_id, source_id = dict(run.cursor), run.id, coupling.source.id
    session().rollback()
    page = history(source_id, since, end, dict(before.get("place", {})))
    if page is None:
        return False
    for attempt in (1, 2):
        try:
            with transaction():
                _record(run_id, before, page)
            break
        except IntegrityError:  # a poll recorded the same order meanwhile
            if attempt == 2:
                raise
    return True


def _record(run_id: int, before: dict[str, Any], page: HistoryPage) -> None:
    run = locked(run_id)
    if run.state != BackfillState.REHEARSING or run.cursor != before:
        raise Moved
    coupling = session().get_one(Coupling, run.coupling_id)
    orders.record(coupling.source, page.readings)
    _add_items(run, coupling, page)
    unreadable = [*run.facts.get("unreadable", ()), *page.unreadable]
    run.facts = {**run.facts, "found": page.found, "unreadable": unreadable}
    run.cursor = (
        {"phase": "judge"}
        if page.is_end
        else {"phase": "read", "place": dict(page.cursor)}
    )
    run.reason = ""


def _add_items(run: Backfill, coupling: Coupling, page: HistoryPage) -> None:
    """Add a page's orders, newest first as the pages are; booking begins at the end."""
    timezone = session().get_one(Tenant, run.tenant_id).timezone
    reasons = {
        reading.order.source_id: reading.reason
        for reading in page.readings
        if run.first_on <= local_date(reading.order.ordered_at, timezone) <= run.last_on
    }
    rows = session().scalars(
        select(ShopOrder)
        .where(
            ShopOrder.connection_id == coupling.source_id,
            ShopOrder.source_id.in_(reasons),
        )
        .order_by(ShopOrder.ordered_at.desc(), ShopOrder.id.desc())
    )
    values = [
        {
            "tenant_id": run.tenant_id,
            "backfill_id": run.id,
            "order_id": row.id,
            "verdict": UNJUDGED,
            "code": reasons[row.source_id],
            "amount": row.total_incl_vat,
        }
        for row in rows
    ]
    if values:
        insert = insert_for(BackfillItem).values(values)
        session().execute(insert.on_conflict_do_nothing())


def judge(run: Backfill, until: float) -> bool:
    """Give every order its verdict; ends the rehearsal with its figures."""
    run_id, coupling_id = run.id, run.coupling_id
    standing = backfill_judge.standing(coupling_id)
    rehearsal = backfill_judge.rehearsal(session().get_one(Coupling, coupling_id))
    session().rollback()
    while _give_verdicts(run_id, standing, rehearsal):
        if monotonic() > until:
            return True
    facts = backfill_judge.facts(run_id, rehearsal)
    with transaction():
        run = _rehearsing(run_id)
        run.facts = {**run.facts, **facts, "counts": backfills.counted(run)}
        run.cursor, run.reason = {}, ""
        run.state = BackfillState.REHEARSED
        backfills.note(run, "backfill_rehearsed", count=facts["orders"])
    return False


def _rehearsing(run_id: int) -> Backfill:
    run = locked(run_id)
    if run.state != BackfillState.REHEARSING:
        raise Moved
    return run


def _give_verdicts(
    run_id: int, standing: Mapping[str, Standing], rehearsal: Rehearsal
) -> bool:
    """Judge the next orders; False when none are left."""
    with transaction() as current:
        run = _rehearsing(run_id)
        rows = current.execute(
            select(BackfillItem, ShopOrder)
            .join(ShopOrder, ShopOrder.id == BackfillItem.order_id)
            .where(BackfillItem.backfill_id == run_id, BackfillItem.verdict == UNJUDGED)
            .order_by(BackfillItem.id)
            .limit(BATCH)
        ).all()
        known = _known(run, [order.id for _, order in rows])
        for item, order in rows:
            item.amount = order.total_incl_vat
            item.verdict, item.code = backfill_judge.judge(
                order, item.code, known.get(order.id), standing, rehearsal
            )
        run.reason = ""
    return bool(rows)


def _known(run: Backfill, order_ids: list[int]) -> dict[int, bool]:
    """Return which orders have a transfer to this package, and whether it booked."""
    target = select(Coupling.target_id).where(Coupling.id == run.coupling_id)
    rows = session().execute(
        select(Transfer.subject_id, Transfer.state).where(
            Transfer.subject == orders.SUBJECT,
            Transfer.subject_id.in_(order_ids),
            Transfer.target_id == target.scalar_subquery(),
        )
    )
    return {order_id: state in _BOOKED for order_id, state in rows}
