"""Lists of sales invoices: searched, narrowed, paged by key, with totals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import lazyload, selectinload

from core.domain.money import ZERO
from core.models import (
    Connection,
    InvoiceState,
    LogEntry,
    OpenItem,
    Relation,
    SalesInvoice,
    Transfer,
)
from core.rules.search_words import amount
from core.runtime.database import session
from core.runtime.tenancy import current_scope
from core.services.crm import relation_words
from core.services.invoicing import open_amounts
from core.services.invoicing.invoice_bookings import SUBJECT
from core.services.reporting.overview import Page, own

PAGE = 50
ENTRIES = 50
EXPORTED = 500
"""Rows that an export reads at a time."""
CREDIT, OPEN, OVERDUE = "credit", "open", "overdue"
"""The choices of the list that are no state."""
STATES = (*(str(state) for state in InvoiceState), CREDIT, OPEN, OVERDUE)
BY_DUE = "due"
"""The order in which invoices are to be paid; else the newest goes first."""


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; empty: everything."""

    search: str = ""
    """The beginning of a number, or of words of the relation; or an amount incl VAT."""
    state: str = ""
    """One of `STATES`."""
    relation_id: int | None = None
    order: str = ""
    """`BY_DUE`; empty: newest first."""

    @property
    def is_set(self) -> bool:
        """Tell whether it leaves anything out."""
        return self != Filter()


@dataclass(frozen=True)
class Totals:
    """How many invoices a filter finds, and what they add up to in euros."""

    count: int
    excl_vat: Decimal
    vat: Decimal
    open: Decimal
    """What is still to be paid, incl VAT."""
    overdue: Decimal
    """The part of it that should have been paid."""

    @property
    def incl_vat(self) -> Decimal:
        """The sum with VAT."""
        return self.excl_vat + self.vat


@dataclass(frozen=True)
class Standing:
    """Where an invoice stands in one package."""

    transfer: Transfer
    plugin: str
    open_amount: Decimal | None
    """As the package last told; None: it did not."""


@dataclass(frozen=True)
class Row:
    """An invoice in a list."""

    invoice: SalesInvoice
    open: Decimal
    """Still to be paid, incl VAT."""
    days: int
    """For how long it should have been paid; 0: it is not late."""
    credited: bool
    """Something of it was credited."""
    packages: Sequence[Standing]


def page(wanted: Filter, on: date, after: int | None = None, size: int = PAGE) -> Page:
    """Return rows behind the invoice with the id `after`; `on` is today's local date.

    The number of queries is the same however many rows there are.
    """
    query = (
        select(SalesInvoice)
        .where(own(SalesInvoice), *_conditions(wanted, on))
        .options(selectinload(SalesInvoice.relation), lazyload(SalesInvoice.lines))
    )
    query = _ordered(query, wanted, after)
    found = list(session().scalars(query.limit(size + 1)))
    rows = _rows(found[:size], on)
    return Page(rows, found[size - 1].id if len(found) > size else None)


def _ordered(
    query: Select[SalesInvoice], wanted: Filter, after: int | None
) -> Select[SalesInvoice]:
    last = session().get(SalesInvoice, after) if after is not None else None
    if wanted.order == BY_DUE:
        if last is not None:
            place = tuple_(SalesInvoice.due_on, SalesInvoice.id)
            query = query.where(place > tuple_(last.due_on, last.id))
        return query.order_by(SalesInvoice.due_on, SalesInvoice.id)
    if after is not None:
        query = query.where(SalesInvoice.id < after)
    return query.order_by(SalesInvoice.id.desc())


def everything(wanted: Filter, on: date) -> Iterator[Row]:
    """Yield every row of a filter, a page at a time."""
    after: int | None = None
    while True:
        found = page(wanted, on, after, EXPORTED)
        yield from found.rows
        if found.after is None:
            return
        after = int(found.after)


def _rows(invoices: Sequence[SalesInvoice], on: date) -> list[Row]:
    ids = [row.id for row in invoices]
    open_amounts_of, standings = open_amounts.of(ids), _standings(ids)
    credited = _credited(ids)
    return [
        Row(
            invoice=row,
            open=(left := open_amounts_of.get(row.id, ZERO)),
            days=open_amounts.days_overdue(row, left, on),
            credited=row.id in credited,
            packages=standings.get(row.id, ()),
        )
        for row in invoices
    ]


def _credited(ids: Sequence[int]) -> frozenset[int | None]:
    """Return which invoices have a credit invoice that was sent."""
    found = select(SalesInvoice.credits_id).where(
        SalesInvoice.credits_id.in_(ids), SalesInvoice.state != InvoiceState.DRAFT
    )
    return frozenset(session().scalars(found))


def _standings(ids: Sequence[int]) -> dict[int, list[Standing]]:
    """Return where invoices stand in each package, by the id of the invoice."""
    rows = session().execute(
        select(Transfer, Connection.plugin, OpenItem.open_amount)
        .join(Connection, Connection.id == Transfer.target_id)
        .outerjoin(
            OpenItem,
            (OpenItem.invoice_id == Transfer.subject_id)
            & (OpenItem.connection_id == Transfer.target_id),
        )
        .where(Transfer.subject == SUBJECT, Transfer.subject_id.in_(ids))
        .order_by(Transfer.id)
    )
    found: dict[int, list[Standing]] = {}
    for transfer, plugin, left in rows:
        found.setdefault(transfer.subject_id, []).append(
            Standing(transfer, plugin, left)
        )
    return found


def totals(wanted: Filter, on: date) -> Totals:
    """Add up everything that a filter finds."""
    which = (own(SalesInvoice), *_conditions(wanted, on))
    count, excl_vat, vat = (
        session()
        .execute(
            select(
                func.count(),
                func.sum(SalesInvoice.amount_excl_vat),
                func.sum(SalesInvoice.vat_amount),
            ).where(*which)
        )
        .one()
    )
    left = (
        select(open_amounts.amount().label("left"), SalesInvoice.due_on)
        .where(*which, *open_amounts.is_open())
        .subquery()
    )
    late = func.sum(left.c.left).filter(left.c.due_on < on)
    whole, overdue = session().execute(select(func.sum(left.c.left), late)).one()
    return Totals(count, excl_vat or ZERO, vat or ZERO, whole or ZERO, overdue or ZERO)


def _conditions(wanted: Filter, on: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state == CREDIT:
        found.append(SalesInvoice.credits_id.is_not(None))
    elif wanted.state == OPEN:
        found.extend(open_amounts.is_open())
    elif wanted.state == OVERDUE:
        found.extend(open_amounts.is_overdue(on))
    elif wanted.state:
        found.append(SalesInvoice.state == wanted.state)
    if wanted.relation_id is not None:
        found.append(SalesInvoice.relation_id == wanted.relation_id)
    if wanted.search:
        found.append(_searched(wanted.search))
    return found


def _searched(search: str) -> ColumnElement[bool]:
    relations = select(Relation.id).where(
        own(Relation), *relation_words.found_by(current_scope() or 0, search)
    )
    found = [
        SalesInvoice.number.istartswith(search, autoescape=True),
        SalesInvoice.relation_id.in_(relations),
    ]
    wanted = amount(search)
    if wanted is not None:
        whole = SalesInvoice.amount_excl_vat + SalesInvoice.vat_amount
        found += [whole == wanted, whole == -wanted]
    return or_(*found)


def open_items(row: SalesInvoice) -> Sequence[OpenItem]:
    """Return what packages last said of an invoice's open item."""
    return (
        session()
        .scalars(
            select(OpenItem).where(OpenItem.invoice_id == row.id).order_by(OpenItem.id)
        )
        .all()
    )


def entries(row: SalesInvoice, transfers: Sequence[Any]) -> Sequence[LogEntry]:
    """Return the log of an invoice and of its bookings, newest first."""
    about = [LogEntry.invoice_id == row.id]
    if transfers:
        about.append(LogEntry.transfer_id.in_([one.id for one in transfers]))
    return (
        session()
        .scalars(
            select(LogEntry)
            .where(own(LogEntry), or_(*about))
            .order_by(LogEntry.id.desc())
            .limit(ENTRIES)
        )
        .all()
    )
