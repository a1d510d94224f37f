"""Making the closing count: the shop's list, our rows and the package's own books.

At night for the last weeks of each coupling, and of a month when somebody asks. In few
calls: the shop's orders by pages, the package by its `reconcile`.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import and_, func, select

from core.domain.clock import local_date, utcnow
from core.domain.errors import (
    AuthenticationLost,
    KoppelwerkError,
    LeaseLost,
    WaitUntil,
)
from core.domain.orders import OrderState, Reading
from core.models import (
    ConnectionState,
    Coupling,
    OrderRefund,
    ShopOrder,
    Tally,
    TallyDay,
    Tenant,
    Transfer,
    TransferState,
    Treatment,
)
from core.plugin.capabilities import Orders, Shop
from core.plugin.engine import DueRows, Lease, leased
from core.plugin.engine.rounds import Part as Round
from core.plugin.engine.rounds import begin
from core.rules import tally
from core.rules.tally import REFERENCE, Document, Known, Listed, Part, Sides
from core.runtime import jobs
from core.runtime.database import insert_for, session, shared_now, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from core.services.reporting import tallies
from core.services.reporting.overview import midnight
from core.services.transfer import orders, reconciliation, refunds

HOUR = 4
"""Local hour of the nightly count: after the night's own look at the shop."""
WINDOW = timedelta(days=35)
"""So that the first nights of a month still count the whole one before it."""
MARGIN = timedelta(days=31)
"""So much earlier the package is read: a document's date may have been changed."""
JUST_SOLD = timedelta(hours=2)
"""What is that new in the shop may be on its way here."""
NIGHTLY_CALLS = 60
"""A package that takes more is asked by hand only: 5,000 calls a month must do."""
RETRY = timedelta(hours=1)
LACKING = timedelta(minutes=10)
"""So often all couplings are looked at: the first count is not before the night."""
CHUNK = 500

logger = structlog.get_logger(__name__)

COUNTS = DueRows(
    Tally,
    lambda now: (Tally.due_at <= now,),
    order_by=(Tally.due_at,),
    term=timedelta(minutes=10),
    fair=True,
)
DUE = leased("tally", "bulk", COUNTS)


def _add_missing(now: datetime) -> None:
    """Give every coupling of a shop that is configured its count."""
    with transaction() as current:
        if begin("closing counts", LACKING, now) is None:
            return
        lacking = current.scalars(
            select(Coupling)
            .outerjoin(Tally, Tally.coupling_id == Coupling.id)
            .where(
                Coupling.source_id.is_not(None),
                Coupling.configured_at.is_not(None),
                Tally.id.is_(None),
            )
            .limit(200)
        ).all()
        for coupling in lacking:
            zone = _zone(coupling.tenant_id)
            _make_row(coupling, next_night(now, zone))


PART = Round("closing counts", _add_missing)


def next_night(now: datetime, timezone: str) -> datetime:
    """Return the next local HOUR after a moment, in UTC."""
    local = now.astimezone(ZoneInfo(timezone))
    days = 0 if local.hour < HOUR else 1
    on = local.date() + timedelta(days=days)
    return datetime.combine(on, time(HOUR), ZoneInfo(timezone)).astimezone(now.tzinfo)


def _zone(tenant_id: int) -> str:
    return session().get_one(Tenant, tenant_id).timezone


def _make_row(coupling: Coupling, due_at: datetime) -> None:
    insert = insert_for(Tally).values(
        tenant_id=coupling.tenant_id, coupling_id=coupling.id, due_at=due_at
    )
    session().execute(insert.on_conflict_do_nothing())


def ask_now(coupling: Coupling, first: date, last: date) -> None:
    """Let a period be counted as soon as a worker is free (*Nu controleren*), in the
    caller's transaction."""
    now = shared_now()
    _make_row(coupling, now)
    row = session().scalars(
        select(Tally).where(Tally.coupling_id == coupling.id)
    ).one()  # fmt: skip
    row.asked_from, row.asked_to, row.due_at = first, last, now
    jobs.wake_after_commit("tally", row.id, queue="bulk")


def cost(coupling: Coupling, first: date, last: date) -> tuple[int, int]:
    """Tell beforehand how many calls a count takes of the shop and of the package."""
    zone = _zone(coupling.tenant_id)
    sold = session().scalar(
        select(func.count())
        .select_from(ShopOrder)
        .where(*_within(coupling, ShopOrder.ordered_at, first, last, zone))
    )
    shop = koppelwerk().registry.brought(Shop).get(coupling.source.plugin)
    pages = 0
    if shop is not None and shop.history is not None:
        pages = max(1, -(-(sold or 0) // shop.history_page))
    package = koppelwerk().registry.get(coupling.target.plugin).find(Orders)
    if package is None or package.reconcile is None:
        return pages, 0

    def count(since: date | None = None) -> int:
        start = midnight(since, zone) if since else datetime.min.replace(tzinfo=UTC)
        found = session().scalar(
            select(func.count())
            .select_from(Transfer)
            .where(
                Transfer.tenant_id == coupling.tenant_id,
                Transfer.target_id == coupling.target_id,
                Transfer.booked_at >= start,
            )
        )
        return found or 0

    return pages, package.reconcile_calls(coupling, count, first - MARGIN)


def take_turn(_tally_id: int) -> None:
    """Make the count whose turn it is, whichever was woken (task)."""
    lease = COUNTS.take_next()
    if lease is None:
        return
    with suppress(LeaseLost):
        _make(lease)


def _make(lease: Lease[Tally]) -> None:
    row = lease.row
    coupling = session().get_one(Coupling, row.coupling_id)
    zone, now = _zone(row.tenant_id), utcnow()
    is_asked = row.asked_from is not None
    first, last = row.asked_from, row.asked_to
    if first is None or last is None:
        last = local_date(now, zone) - timedelta(days=1)
        first = max(coupling.starts_on or date.min, last - WINDOW)
    coupling_id, asked = coupling.id, (row.asked_from, row.asked_to)
    due_at = next_night(now, zone)
    values: dict[str, Any] = {"due_at": due_at, "asked_from": None, "asked_to": None}
    if first > last:
        with lease.work(release=True):
            lease.write(**values)
        return
    try:
        days, values["shop_calls"], values["package_calls"] = _counted(
            coupling_id, first, last, zone, is_asked=is_asked
        )
    except KoppelwerkError as error:
        session().rollback()
        _failed(lease, coupling_id, error, asked)
        return
    with lease.work(release=True):
        tenant_id = lease.read().tenant_id
        for each in days:
            _store(tenant_id, coupling_id, each, now)
        lease.write(**values, made_at=now, code="")


def _failed(
    lease: Lease[Tally],
    coupling_id: int,
    error: KoppelwerkError,
    asked: tuple[date | None, date | None],
) -> None:
    logger.warning("closing count not made", coupling=coupling_id, error=str(error))
    pause = RETRY
    if isinstance(error, WaitUntil):
        pause = max(pause, timedelta(seconds=error.seconds))
    with lease.work(release=True):
        if isinstance(error, AuthenticationLost):
            target_id = session().get_one(Coupling, coupling_id).target_id
            connections.pause(target_id, error.code)
        lease.write(
            code=error.code,
            due_at=shared_now() + pause,
            asked_from=asked[0],
            asked_to=asked[1],
        )


def _store(tenant_id: int, coupling_id: int, day: tally.Day, now: datetime) -> None:
    values = {"made_at": now, **tallies.to_data(day)}
    insert = insert_for(TallyDay).values(
        tenant_id=tenant_id, coupling_id=coupling_id, on_day=day.on, **values
    )
    session().execute(
        insert.on_conflict_do_update(
            index_elements=["coupling_id", "on_day"], set_=values
        )
    )


def _counted(
    coupling_id: int, first: date, last: date, zone: str, *, is_asked: bool
) -> tuple[list[tally.Day], int, int]:
    """Ask both sides and count; nothing is held open meanwhile."""
    coupling = session().get_one(Coupling, coupling_id)
    calls = cost(coupling, first, last)[1]
    listed, unreadable, pages = _listed(coupling_id, first, last, zone)
    began = utcnow() - reconciliation.MOMENT
    documents = None
    if is_asked or calls <= NIGHTLY_CALLS:
        documents = _documents(coupling_id, first)
    coupling = session().get_one(Coupling, coupling_id, populate_existing=True)
    known = [
        *_sales(coupling, first, last, zone, began),
        *_credits(coupling, first, last, zone, began),
    ]
    if listed is not None:
        here = {one.key for one in known}
        fresh = utcnow() - JUST_SOLD
        listed = [(at, one) for at, one in listed if one.key in here or at < fresh]
    if documents is not None:
        documents = _without_others(coupling, known, documents)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    sides = Sides(
        days,
        known,
        None if listed is None else [one for _at, one in listed],
        documents,
        unreadable,
        coupling.starts_on,
    )
    return tally.count(sides), pages, 0 if documents is None else calls


def _listed(
    coupling_id: int, first: date, last: date, zone: str
) -> tuple[list[tuple[datetime, Listed]] | None, list[str], int]:
    """Return what the shop lists with its moments, what of it cannot be read, and how
    many calls that took; None where a shop cannot be asked (it sends by itself)."""
    coupling = session().get_one(Coupling, coupling_id)
    shop = koppelwerk().registry.brought(Shop).get(coupling.source.plugin)
    if shop is None or shop.history is None:
        return None, [], 0
    since = midnight(first, zone)
    until = midnight(last + timedelta(days=1), zone)
    found: list[tuple[datetime, Listed]] = []
    unreadable: list[str] = []
    source_id, cursor, calls = coupling.source_id or 0, dict[str, Any](), 0
    session().rollback()
    while True:
        page = shop.history(source_id, since, until, cursor)
        if page is None:
            raise WaitUntil("tally_shop_waits", seconds=int(RETRY.total_seconds()))
        calls += 1
        unreadable += page.unreadable
        for reading in page.readings:
            one = _as_listed(reading, zone)
            if first <= one.on <= last:
                found.append((reading.order.ordered_at, one))
        if page.is_end:
            return found, unreadable, calls
        cursor = page.cursor


def _as_listed(reading: Reading, zone: str) -> Listed:
    order = reading.order
    return Listed(
        order.source_id,
        order.number,
        local_date(order.ordered_at, zone),
        order.total_incl_vat,
        order.vat_amount,
        reading.state == OrderState.CANCELLED,
    )


def _documents(coupling_id: int, first: date) -> list[Document] | None:
    coupling = session().get_one(Coupling, coupling_id)
    target = coupling.target
    package = koppelwerk().registry.get(target.plugin).find(Orders)
    if package is None or package.reconcile is None:
        return None
    waits = target.not_before is not None and target.not_before > utcnow()
    if target.state != ConnectionState.CONNECTED or not target.enabled or waits:
        raise WaitUntil("tally_package_waits", seconds=int(RETRY.total_seconds()))
    return [
        Document(each["external_id"], each["reference"], each["total"], each["vat"])
        for each in package.reconcile(coupling, first - MARGIN)
    ]


def _within(
    coupling: Coupling, moment: Any, first: date, last: date, zone: str
) -> tuple[Any, ...]:
    return (
        ShopOrder.connection_id == coupling.source_id,
        moment >= midnight(first, zone),
        moment < midnight(last + timedelta(days=1), zone),
    )


def _sales(
    coupling: Coupling, first: date, last: date, zone: str, began: datetime
) -> Iterator[Known]:
    own = and_(
        Transfer.coupling_id == coupling.id,
        Transfer.subject == orders.SUBJECT,
        Transfer.subject_id == ShopOrder.id,
    )
    rows = session().execute(
        select(ShopOrder, Transfer)
        .outerjoin(Transfer, own)
        .where(*_within(coupling, ShopOrder.ordered_at, first, last, zone))
        .order_by(ShopOrder.id)
    )
    for order, transfer in rows:
        on = local_date(order.ordered_at, zone)
        made = Known(
            order.source_id,
            order.number,
            on,
            order.total_incl_vat,
            reconciliation.vat_per_rate(order),
            Part.WAITING,
        )
        if transfer is not None:
            yield _placed(made, transfer, _part_of_sale(order, transfer), began)
        elif order.state == OrderState.CANCELLED:
            yield replace(made, part=Part.CANCELLED)
        elif coupling.starts_on is not None and on < coupling.starts_on:
            yield replace(made, part=Part.ASIDE, reason="tally_before_start")
        else:
            yield replace(made, is_followed=False)


_PARTS = {
    TransferState.DONE: Part.BOOKED,
    TransferState.HELD: Part.BOOKED,
    TransferState.FAILED: Part.FAULTY,
    TransferState.SKIPPED: Part.ASIDE,
}


def _part_of_sale(order: ShopOrder, transfer: Transfer) -> Part:
    part = _PARTS.get(transfer.state, Part.WAITING)
    is_over = order.state == OrderState.CANCELLED and part != Part.BOOKED
    return Part.CANCELLED if is_over else part


def _placed(one: Known, transfer: Transfer, part: Part, began: datetime) -> Known:
    is_new = transfer.state in (TransferState.QUEUED, TransferState.SENDING)
    if part in tally.IN_PACKAGE:
        is_new = transfer.booked_at is not None and transfer.booked_at >= began
    return replace(
        one,
        part=part,
        reason=transfer.code if part not in tally.IN_PACKAGE else "",
        transfer_id=transfer.id,
        external_id=transfer.external_id,
        is_new=is_new,
    )


def _credits(
    coupling: Coupling, first: date, last: date, zone: str, began: datetime
) -> Iterator[Known]:
    """Yield refunds of booked sales; what takes back a payment only is no turnover."""
    credit = and_(
        Transfer.coupling_id == coupling.id,
        Transfer.subject == refunds.SUBJECT,
        Transfer.subject_id == OrderRefund.id,
    )
    rows = session().execute(
        select(OrderRefund, Transfer)
        .join(ShopOrder, ShopOrder.id == OrderRefund.order_id)
        .outerjoin(Transfer, credit)
        .where(*_within(coupling, OrderRefund.refunded_at, first, last, zone))
        .order_by(OrderRefund.id)
    )
    for refund, transfer in rows:
        if refund.payload and not refund.payload["lines"]:
            continue
        part = _part_of_credit(refund, transfer)
        if part is None:
            continue
        total = refund.total_incl_vat or -refund.amount
        vat = reconciliation.vat_per_rate(refund) if refund.payload else {}
        on = local_date(refund.refunded_at, zone)
        made = Known(f"refund {refund.id}", refund.number, on, total, vat, part)
        if transfer is not None:
            made = _placed(made, transfer, part, began)
        if part == Part.CREDIT_ASIDE and refund.treatment:
            made = replace(made, reason=f"tally_{refund.treatment}")
        yield made


def _part_of_credit(refund: OrderRefund, credit: Transfer | None) -> Part | None:
    if refund.treatment in (Treatment.BY_HAND, Treatment.COMPENSATION):
        return Part.CREDIT_ASIDE
    if credit is None:
        return None  # of a sale that was not booked, or booked as it was refunded
    if credit.state == TransferState.DONE:
        return Part.CREDITED
    is_ended = credit.state == TransferState.SKIPPED
    return Part.CREDIT_ASIDE if is_ended else Part.CREDIT_OPEN


def _without_others(
    coupling: Coupling, known: list[Known], documents: list[Document]
) -> list[Document]:
    """Leave out what stands there for another coupling or another period of ours, and
    what is being sent right now."""
    moving = reconciliation.on_its_way(coupling)
    ours = {one.external_id for one in known if one.part in tally.IN_PACKAGE}
    names = {part for one in known for part in (one.number, one.number[:REFERENCE])}
    left = [
        each
        for each in documents
        if each.external_id not in ours and each.reference in names
    ]
    keys = [each.external_id for each in left]
    others = {
        found
        for at in range(0, len(keys), CHUNK)
        for found in session().scalars(
            select(Transfer.external_id).where(
                Transfer.target_id == coupling.target_id,
                Transfer.external_id.in_(keys[at : at + CHUNK]),
            )
        )
    }
    others |= {one.external_id for one in left if one.reference in moving}
    return [
        *(each for each in documents if each.external_id in ours),
        *(each for each in left if each.external_id not in others),
    ]
