"""What the dashboard shows: a fixed number of queries, flat as history grows.

Everything here only reads, and only rows of the tenant in scope. Lists are paged by
key: the ids below the last one shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select, union_all

from core.domain.money import ZERO
from core.domain.relations import relation_from_dict
from core.models import (
    OrderRefund,
    SalesInvoice,
    ShopOrder,
    Step,
    Transfer,
    TransferState,
)
from core.rules.search_words import LAST
from core.runtime.database import session
from core.runtime.tenancy import current_scope

PAGE = 50
FAULTY = (TransferState.FAILED, TransferState.HELD)
OPEN = (TransferState.WAITING, TransferState.QUEUED, TransferState.SENDING)


@dataclass(frozen=True)
class Row:
    """A transfer as a line of a list; the order's facts where it is an order."""

    transfer: Transfer
    ordered_at: datetime | None = None
    country: str = ""
    payment_method: str = ""
    credits: str = ""
    """Of a credit: the number of the order that was refunded."""
    customer: str = ""
    """Who bought it, as the shop or the invoice says."""


@dataclass(frozen=True)
class Page:
    """A page of a list and the key of the next one, if there is more."""

    rows: Sequence[Any]
    after: int | str | None = None


@dataclass(frozen=True)
class Day:
    """One local date: how many orders or documents, and their turnover incl VAT."""

    on: date
    orders: int = 0
    turnover: Decimal = ZERO


def own(model: Any) -> ColumnElement[bool]:
    """Say in the query itself whose rows: the guard does not see aggregates."""
    condition: ColumnElement[bool] = model.tenant_id == current_scope()
    return condition


def begins(column: Any, text: str) -> ColumnElement[bool]:
    """Say how a text begins that is compared by bytes: a range of its index."""
    return and_(column >= text, column < text + LAST)


def counts() -> dict[str, int]:
    """Return how many documents stand under Fouten and under Open."""
    rows = session().execute(
        select(Transfer.state, func.count())
        .where(own(Transfer), Transfer.state.in_((*FAULTY, *OPEN)))
        .group_by(Transfer.state)
    )
    found = {TransferState(state): count for state, count in rows}
    return {
        "failed": sum(found.get(state, 0) for state in FAULTY),
        "open": sum(found.get(state, 0) for state in OPEN),
    }


def booked_since(moment: datetime) -> tuple[int, Decimal]:
    """Return how many sales were booked since a moment, and their amount."""
    row = session().execute(
        select(func.count(), func.sum(Transfer.amount)).where(
            own(Transfer), Transfer.booked_at >= moment, is_sale()
        )
    )
    number, amount = row.one()
    return number, amount or ZERO


def is_sale() -> ColumnElement[bool]:
    """Leave out what the tenant bought: it is no turnover."""
    return Transfer.subject != "purchase"


def by_ids(ids: Sequence[int]) -> list[Row]:
    """Return the lines of these documents, newest first; unknown ids are left out."""
    return rows_of(lines().where(Transfer.id.in_(ids))) if ids else []


def waiting(before: int | None) -> Page:
    """Return what stands under Open, newest first."""
    return newest_page(OPEN, before)


def midnight(day: date, timezone: str) -> datetime:
    """Return the UTC moment at which a local date begins."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def newest_page(
    states: Sequence[TransferState],
    before: int | None,
    *conditions: ColumnElement[bool],
) -> Page:
    """Return a page of documents in some states, newest first.

    It takes the newest of each state by the index, then the newest of those.
    """
    newest = []
    for state in states:
        ids = select(Transfer.id).where(
            own(Transfer), Transfer.state == state, *conditions
        )
        if before is not None:
            ids = ids.where(Transfer.id < before)
        part = ids.order_by(Transfer.id.desc()).limit(PAGE + 1).subquery()
        newest.append(select(part.c.id))
    chosen = union_all(*newest).subquery()
    return page_of(
        rows_of(lines().join(chosen, chosen.c.id == Transfer.id).limit(PAGE + 1))
    )


def page_of(rows: Sequence[Row]) -> Page:
    """Return a page of lines, of which one more than it holds was asked for."""
    after = rows[PAGE - 1].transfer.id if len(rows) > PAGE else None
    return Page(rows[:PAGE], after)


def lines(*order_by: Any) -> Any:
    """Select documents of the tenant in scope with the facts of their orders.

    Newest first, or in the order that is given.
    """
    is_refund = and_(
        Transfer.subject == "credit", OrderRefund.id == Transfer.subject_id
    )
    order_id = case(
        (Transfer.subject == "order", Transfer.subject_id), else_=OrderRefund.order_id
    )
    return (
        select(
            Transfer,
            func.coalesce(OrderRefund.refunded_at, ShopOrder.ordered_at),
            ShopOrder.country,
            ShopOrder.payment_method,
            case((OrderRefund.id.is_not(None), ShopOrder.number), else_=""),
            ShopOrder.customer,
            SalesInvoice.customer,
        )
        .outerjoin(OrderRefund, is_refund)
        .outerjoin(ShopOrder, ShopOrder.id == order_id)
        .outerjoin(
            SalesInvoice,
            and_(Transfer.subject == "invoice", SalesInvoice.id == Transfer.subject_id),
        )
        .where(own(Transfer))
        .order_by(*(order_by or (Transfer.id.desc(),)))
    )


def rows_of(statement: Any) -> list[Row]:
    """Run a statement made with `lines`."""
    return [
        Row(
            transfer,
            at,
            country or "",
            method or "",
            credited or "",
            customer or _name_on(invoice),
        )
        for transfer, at, country, method, credited, customer, invoice in (
            session().execute(statement)
        )
    ]


def _name_on(invoice: dict[str, Any] | None) -> str:
    return relation_from_dict(invoice).full_name if invoice else ""


def steps_of(transfer: Transfer) -> list[Step]:
    """Return a document's remote writes in the order they were begun."""
    steps = session().scalars(select(Step).where(Step.transfer_id == transfer.id))
    return sorted(steps, key=lambda step: step.id)


def per_day(timezone: str, today: date, days: int = 30) -> list[Day]:
    """Return orders and turnover per local day, up to today.

    When the newest order is older than the whole window, up to that order's date.
    """
    newest = session().scalar(
        select(ShopOrder.ordered_at)
        .where(_own_order())
        .order_by(ShopOrder.ordered_at.desc())
        .limit(1)
    )
    last = newest.astimezone(ZoneInfo(timezone)).date() if newest else today
    end = last if last <= today - timedelta(days=days) else today
    window = (end - timedelta(days=days - 1), end)
    amount = ShopOrder.total_incl_vat
    return by_day(ShopOrder.ordered_at, amount, [_own_order()], window, timezone)


def by_day(
    moment: Any,
    amount: Any,
    conditions: Sequence[ColumnElement[bool]],
    window: tuple[date, date],
    timezone: str,
) -> list[Day]:
    """Return number and sum per local day of a window, both dates included.

    The database adds up per UTC hour; hours are put into local days here.
    """
    first, end = window
    found: dict[date, Day] = {}
    hour = _hour(moment)
    statement = (
        select(hour, func.count(), func.sum(amount))
        .where(
            *conditions,
            moment >= midnight(first, timezone),
            moment < midnight(end + timedelta(days=1), timezone),
        )
        .group_by(hour)
    )
    for written, number, total in session().execute(statement):
        at = datetime.strptime(written, "%Y-%m-%d %H").replace(tzinfo=UTC)
        on = at.astimezone(ZoneInfo(timezone)).date()
        so_far = found.get(on, Day(on))
        found[on] = Day(on, so_far.orders + number, so_far.turnover + total)
    days = [first + timedelta(days=each) for each in range((end - first).days + 1)]
    return [found.get(day, Day(day)) for day in days]


def _own_order() -> ColumnElement[bool]:
    return and_(own(ShopOrder), ShopOrder.state != "cancelled")


def _hour(moment: Any) -> Any:
    if session().get_bind().dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d %H", moment)
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD HH24")
