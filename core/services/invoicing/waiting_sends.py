"""Sending the drafts that waited for their VAT number (RQ task `waiting_invoices`)."""

from contextlib import suppress
from datetime import timedelta

import structlog

from core.domain.errors import AskUser, LeaseLost, TooOften
from core.models import LogLevel, SalesInvoice, WaitingInvoice, WaitingState
from core.plugin.engine import DueRows, Lease, leased
from core.runtime.database import session, shared_now
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import (
    invoice_sending,
    sales_invoices,
    vat_proofs,
    waiting_invoices,
)
from core.services.invoicing.invoice_sending import Letter

AGAIN = timedelta(minutes=30)
"""Until a register that gave no answer is asked once more."""

logger = structlog.get_logger(__name__)
WAITING = DueRows(
    WaitingInvoice,
    waiting_invoices.is_due,
    order_by=(WaitingInvoice.due_at, WaitingInvoice.invoice_id),
    term=timedelta(minutes=5),
    fair=True,
)
DUE = leased(waiting_invoices.TASK, waiting_invoices.QUEUE, WAITING)


def take_turn(_invoice_id: int) -> None:
    """Try the draft whose tenant's turn it is, whichever was woken (task)."""
    _serve(WAITING.take_next())


def _serve(lease: Lease[WaitingInvoice] | None) -> None:
    if lease is None:
        return
    with tenant_scope(lease.row.tenant_id), suppress(LeaseLost):
        try:
            _try(lease)
        except TooOften as error:
            session().rollback()
            with lease.work(release=True):
                lease.write(due_at=shared_now() + timedelta(seconds=error.seconds))
        except AskUser as error:
            session().rollback()
            _refuse(lease, error)


def _try(lease: Lease[WaitingInvoice]) -> None:
    """Ask the register; send the draft, or let it wait on when it did not answer."""
    row = session().get_one(SalesInvoice, lease.row.invoice_id)
    invoice_sending.check_vat_number(row)
    lease.make_sure()
    with lease.work(release=True):
        row = session().get_one(SalesInvoice, lease.key)
        if vat_proofs.is_lacking(row):
            lease.write(due_at=shared_now() + AGAIN)
        else:
            _send(row, lease.read())


def _send(row: SalesInvoice, wish: WaitingInvoice) -> None:
    if wish.sent_as == "mail":
        letter = Letter(**wish.letter)
        invoice_sending.by_mail(row, letter, number=wish.number, user_id=wish.user_id)
    else:
        invoice_sending.otherwise(
            row,
            wish.attachment_id,
            sent_as=wish.sent_as,
            number=wish.number,
            user_id=wish.user_id,
        )


def _refuse(lease: Lease[WaitingInvoice], error: AskUser) -> None:
    """Note why it cannot go as it is; its page and the log say so."""
    logger.info("a waiting invoice was refused", invoice=lease.key, code=error.code)
    with lease.work(release=True):
        lease.write(
            state=WaitingState.REFUSED, code=error.code, params=dict(error.params)
        )
        row = session().get_one(SalesInvoice, lease.key)
        sales_invoices.note(row, "invoice_not_sent_by_itself", level=LogLevel.WARNING)
