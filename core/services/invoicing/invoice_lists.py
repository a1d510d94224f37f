"""Lists of sales invoices: searched, narrowed, paged by key, with totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import selectinload

from core.domain.money import ZERO
from core.models import (
    InvoiceState,
    LogEntry,
    OpenItem,
    Relation,
    SalesInvoice,
)
from core.runtime.database import session
from core.runtime.tenancy import current_scope
from core.services.crm import relation_words
from core.services.reporting.overview import Page, own

PAGE = 50
ENTRIES = 50
CREDIT = "credit"
"""The one choice of the list that is no state."""
STATES = (*(str(state) for state in InvoiceState), CREDIT)


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; empty: everything."""

    search: str = ""
    """The beginning of a number, or of words of the relation."""
    state: str = ""
    """A value of `InvoiceState`, or `credit`."""
    relation_id: int | None = None

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

    @property
    def incl_vat(self) -> Decimal:
        """The sum with VAT."""
        return self.excl_vat + self.vat


def page(wanted: Filter, before: int | None = None, size: int = PAGE) -> Page:
    """Return invoices, newest first, behind the one with the id `before`."""
    query = (
        select(SalesInvoice)
        .where(own(SalesInvoice), *_conditions(wanted))
        .options(selectinload(SalesInvoice.relation))
        .order_by(SalesInvoice.id.desc())
    )
    if before is not None:
        query = query.where(SalesInvoice.id < before)
    rows = list(session().scalars(query.limit(size + 1)))
    return Page(rows[:size], rows[size - 1].id if len(rows) > size else None)


def totals(wanted: Filter) -> Totals:
    """Add up everything that a filter finds."""
    count, excl_vat, vat = (
        session()
        .execute(
            select(
                func.count(),
                func.sum(SalesInvoice.amount_excl_vat),
                func.sum(SalesInvoice.vat_amount),
            ).where(own(SalesInvoice), *_conditions(wanted))
        )
        .one()
    )
    return Totals(count, excl_vat or ZERO, vat or ZERO)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state == CREDIT:
        found.append(SalesInvoice.credits_id.is_not(None))
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
    return or_(
        SalesInvoice.number.istartswith(search, autoescape=True),
        SalesInvoice.relation_id.in_(relations),
    )


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
