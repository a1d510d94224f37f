"""What a relation still has to pay."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from core.domain.money import ZERO
from core.models import InvoiceState, OpenItem, SalesInvoice
from core.runtime.database import session


@dataclass(frozen=True)
class OpenAmount:
    """Euros with VAT; what was credited is taken off."""

    amount: Decimal
    overdue: Decimal
    """Of that, what should have been paid before today."""


def of_relation(relation_id: int, today: date) -> OpenAmount:
    """Add up a relation's invoices that are sent and not paid.

    What a package last said is still open of one counts instead of the whole; of
    several packages the one that has most open, for that one was not written off.
    """
    left = func.max(OpenItem.open_amount).label("left")
    rows = session().execute(
        select(
            SalesInvoice.amount_excl_vat,
            SalesInvoice.vat_amount,
            SalesInvoice.due_on,
            left,
        )
        .outerjoin(OpenItem, OpenItem.invoice_id == SalesInvoice.id)
        .where(
            SalesInvoice.relation_id == relation_id,
            SalesInvoice.state.in_((InvoiceState.SENT, InvoiceState.BOOKED)),
        )
        .group_by(
            SalesInvoice.id,
            SalesInvoice.amount_excl_vat,
            SalesInvoice.vat_amount,
            SalesInvoice.due_on,
        )
    )
    open_, overdue = ZERO, ZERO
    for excl_vat, vat, due_on, known in rows:
        amount = excl_vat + vat if known is None else known
        open_ += amount
        overdue += amount if due_on < today or amount < ZERO else ZERO
    return OpenAmount(open_, max(min(overdue, open_), ZERO))
