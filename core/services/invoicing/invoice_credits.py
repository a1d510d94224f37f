"""Crediting a sent invoice: per VAT code never more than was invoiced under it."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.models import InvoiceState, SalesInvoice
from core.runtime.database import session


def refuse_too_much(row: SalesInvoice) -> None:
    """Refuse a credit invoice that is none, or credits more than is left.

    Holds the invoice it credits, so that two credits at the same moment take turns.
    Raises AskUser `credit_is_none` or `credit_exceeds`.
    """
    original = session().get_one(SalesInvoice, row.credits_id, with_for_update=True)
    left, mine = _left(original), _sums([row])
    if row.amount_excl_vat >= 0:
        raise AskUser("credit_is_none", number=original.number or "")
    for code, amount in mine.items():
        before = left.get(code, ZERO)
        lowest, highest = min(ZERO, before), max(ZERO, before)
        if not lowest <= before + amount <= highest:
            raise AskUser(
                "credit_exceeds",
                number=original.number or "",
                vat_code=code,
                left=f"{max(before, ZERO):.2f}".replace(".", ","),
            )


def credits_of(original: SalesInvoice) -> list[SalesInvoice]:
    """Return the credit invoices of an invoice, drafts too, oldest first."""
    rows = session().scalars(
        select(SalesInvoice)
        .where(SalesInvoice.credits_id == original.id)
        .order_by(SalesInvoice.id)
    )
    return list(rows)


def left_of(original: SalesInvoice) -> Decimal:
    """Return what can still be credited of an invoice, in euros excl VAT."""
    return sum(_left(original).values(), ZERO)


def _left(original: SalesInvoice) -> dict[str, Decimal]:
    sent = [row for row in credits_of(original) if row.state != InvoiceState.DRAFT]
    return _sums([original, *sent])


def _sums(rows: Iterable[SalesInvoice]) -> dict[str, Decimal]:
    """Return what stands on invoices per VAT code, in euros excl VAT."""
    found: dict[str, Decimal] = {}
    for row in rows:
        for line in row.lines:
            code = line.vat_code.code
            found[code] = found.get(code, ZERO) + line.amount_excl_vat
    return found
