"""Drafts that go by themselves once the customer's VAT number is confirmed.

Whoever changes such a draft takes it back: what goes is what was agreed to.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from core.domain.clock import utcnow
from core.models import SalesInvoice, WaitingInvoice, WaitingState
from core.plugin.engine import restored
from core.runtime import jobs
from core.runtime.database import session, shared_now

TASK, QUEUE = "waiting_invoices", "bulk"


def add(
    row: SalesInvoice,
    sent_as: str,
    *,
    letter: Mapping[str, str] | None = None,
    attachment_id: int | None = None,
    number: str = "",
    user_id: int | None = None,
) -> None:
    """Let a draft go once its VAT number is confirmed, in the caller's transaction."""
    take_back(row.id)
    session().add(
        WaitingInvoice(
            invoice_id=row.id,
            tenant_id=row.tenant_id,
            sent_as=sent_as,
            letter=dict(letter or {}),
            attachment_id=attachment_id,
            number=number,
            user_id=user_id,
            due_at=shared_now(),
            created_at=utcnow(),
        )
    )
    session().flush()
    jobs.wake_after_commit(TASK, row.id, queue=QUEUE)


def of(row: SalesInvoice) -> WaitingInvoice | None:
    """Return how a draft waits, or why it was refused; None when it does neither."""
    return session().get(WaitingInvoice, row.id)


def take_back(invoice_id: int) -> None:
    """Let a draft wait no more, in the caller's transaction."""
    session().execute(
        delete(WaitingInvoice).where(WaitingInvoice.invoice_id == invoice_id)
    )


def is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a draft one to be tried; after a restore it may have gone."""
    return (
        WaitingInvoice.state == WaitingState.WAITING,
        WaitingInvoice.due_at <= now,
        restored.may_be_told(WaitingInvoice.created_at, now),
    )


def of_all(ids: Sequence[int]) -> dict[int, WaitingInvoice]:
    """Return how drafts wait, or why they were refused, by the id of the invoice."""
    rows = session().scalars(
        select(WaitingInvoice).where(WaitingInvoice.invoice_id.in_(ids))
    )
    return {row.invoice_id: row for row in rows}
