"""What is still to be paid of sent invoices, in euros incl VAT.

By the package where it told so (`open_items`), else the whole; of several packages the
one that has most of it open. What is credited goes off, unless the package has settled
the credit already, because then it told less for the invoice itself. Never below zero:
what a customer gets back is no open amount. A credit invoice has none of its own.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, type_coerce
from sqlalchemy.orm import aliased

from core.domain.money import ZERO
from core.models import InvoiceState, OpenItem, SalesInvoice
from core.models.base import Money
from core.runtime.database import session

STATES = (InvoiceState.SENT, InvoiceState.BOOKED)
"""An invoice that is paid, or a draft, has nothing open."""
_NOTHING = literal(ZERO, Money())


def _left(row: Any) -> ColumnElement[Decimal]:
    """Return what an invoice has open by itself: a credit's is negative."""
    told = select(func.max(OpenItem.open_amount)).where(OpenItem.invoice_id == row.id)
    whole = row.amount_excl_vat + row.vat_amount
    return case(
        (row.state == InvoiceState.PAID, _NOTHING),
        else_=func.coalesce(told.scalar_subquery(), whole),
    )


def amount() -> ColumnElement[Decimal]:
    """Return what is open of the invoice of a query; at most zero: nothing."""
    credit = aliased(SalesInvoice)
    credited = select(func.coalesce(func.sum(_left(credit)), 0)).where(
        credit.credits_id == SalesInvoice.id, credit.state != InvoiceState.DRAFT
    )
    left = _left(SalesInvoice) + credited.scalar_subquery()
    return type_coerce(left, Money())


def is_open() -> tuple[ColumnElement[bool], ...]:
    """Return what makes an invoice one that something is open of."""
    return (
        SalesInvoice.state.in_(STATES),
        SalesInvoice.credits_id.is_(None),
        amount() > _NOTHING,
    )


def is_overdue(on: date) -> tuple[ColumnElement[bool], ...]:
    """Return what makes an open invoice overdue on a local day."""
    return (SalesInvoice.due_on < on, *is_open())


def of(ids: Sequence[int]) -> dict[int, Decimal]:
    """Return what is open, by the id of the invoice; what has nothing open is left out.

    One query, however many they are.
    """
    query = select(SalesInvoice.id, amount()).where(SalesInvoice.id.in_(ids))
    return dict(session().execute(query.where(*is_open())).all())


def days_overdue(row: SalesInvoice, left: Decimal, on: date) -> int:
    """Return for how many days an invoice should have been paid; 0: it is not late."""
    return max((on - row.due_on).days, 0) if left > ZERO else 0
