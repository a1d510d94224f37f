"""Bookings of sent sales invoices (manual 000, C): queued, loaded, noted when done.

A transfer of subject `invoice` per package, once (unique row). An invoice that was
sent before booking was switched on is offered, and never booked by itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, exists, select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.events import InvoiceSent
from core.domain.invoices import InvoiceBooking, InvoiceData, InvoiceVatRule
from core.domain.packages import Booked
from core.models import (
    Connection,
    Coupling,
    InvoiceAttachment,
    InvoiceState,
    RelationLink,
    RelationSync,
    SalesInvoice,
    Transfer,
    TransferState,
)
from core.rules.sync.settings import DEBTOR
from core.runtime import jobs as wakes
from core.runtime.database import session
from core.services.connections.administrations import NOT_CONFIGURED, SALE_ELSEWHERE
from core.services.crm import relations
from core.services.invoicing import (
    invoice_couplings,
    invoiced_orders,
    sales_invoices,
)
from core.services.syncing import relation_doubted
from core.services.transfer import making
from core.services.transfer.journal import Job
from core.services.transfer.statements import Guard

__all__ = ["InvoiceBooking", "InvoiceVatRule"]

SUBJECT = "invoice"
UNMAPPED = "invoice_vat_unmapped"
_STILL_SENT = exists().where(
    SalesInvoice.id == bindparam("guard_invoice"),
    SalesInvoice.state != InvoiceState.DRAFT,
)
_CONDITIONS = (_STILL_SENT,)
"""A sent invoice never changes: that it is there is all there is to guard."""


def queue(event: InvoiceSent, plugin: str) -> None:
    """Queue a sent invoice for a plugin's connections (`on_invoice_sent`).

    For each connection with booking on whose first issue date is reached; once, even
    when the event comes twice. It waits while something is not configured yet.
    """
    row = session().get_one(SalesInvoice, event.invoice_id)
    for coupling in invoice_couplings.enabled_of(event.tenant_id, plugin):
        if coupling.starts_on is None or row.issued_on >= coupling.starts_on:
            book(row, coupling)


def book(row: SalesInvoice, coupling: Coupling) -> None:
    """Make the transfer of a sent invoice in the caller's transaction, if not made."""
    if row.state == InvoiceState.DRAFT:
        raise ValueError("a draft is never booked")
    code, params = lacking(coupling, row)
    making.make(
        coupling,
        SUBJECT,
        row.id,
        number=row.number or "",
        amount=row.amount_incl_vat,
        state=TransferState.WAITING if code else TransferState.QUEUED,
        code=code,
        params=params,
    )
    wakes.wake_after_commit("drain", queue="default")


def lacking(coupling: Coupling, row: SalesInvoice) -> tuple[str, dict[str, str]]:
    """Return the code (with its values) of what an invoice waits for; empty: nothing.

    Before the first complete configuration that is all it waits for.
    """
    problems = invoice_couplings.problems_of(coupling)
    if problems:
        return (problems[0] if coupling.configured_at else NOT_CONFIGURED), {}
    if not invoice_couplings.target_of(coupling).maps_vat:
        return "", {}
    rules = invoice_couplings.rules_of([coupling.id])[coupling.id]
    for line in row.lines:
        if line.vat_code.code not in rules:
            return UNMAPPED, {"vat_code": line.vat_code.code}
    return "", {}


def reconsider(transfer: Transfer, *, queue: str = "default") -> None:
    """Queue a transfer that did not go, or say what it (still) waits for."""
    row = session().get_one(SalesInvoice, transfer.subject_id)
    coupling = session().get_one(Coupling, transfer.coupling_id)
    code, params = lacking(coupling, row)
    transfer.state = TransferState.WAITING if code else TransferState.QUEUED
    transfer.code, transfer.params = code, params
    transfer.due_at = transfer.changed_at = utcnow()
    task = "drain_urgent" if queue == "urgent" else "drain"
    wakes.wake_after_commit(task, queue=queue)


def reconsider_waiting(coupling: Coupling) -> None:
    """Look again at what waits for a coupling's configuration."""
    waiting = session().scalars(
        select(Transfer).where(
            Transfer.coupling_id == coupling.id,
            Transfer.subject == SUBJECT,
            Transfer.state == TransferState.WAITING,
        )
    )
    for transfer in waiting.all():
        reconsider(transfer)


def attach(jobs: Sequence[Job]) -> None:
    """Give invoice jobs their `InvoiceBooking`, and the guard of each write."""
    wanted = {job.subject_id for job in jobs}
    rows = {
        row.id: row
        for row in session().scalars(
            select(SalesInvoice).where(SalesInvoice.id.in_(wanted))
        )
    }
    settings, rules = _configured({job.coupling_id for job in jobs})
    documents = _documents(wanted)
    debtors = _debtors(jobs, rows.values())
    asked = _asked(jobs, rows.values())
    elsewhere = _credited_elsewhere(rows)
    accounts = invoiced_orders.accounts(
        {job.connection_id for job in jobs},
        {row.order_id for row in rows.values() if row.order_id and row.prepayments},
    )
    for job in jobs:
        if (job.connection_id, job.subject_id) in elsewhere:
            job.refusal = AskUser(SALE_ELSEWHERE, number=job.number)
        job.guard = Guard(_CONDITIONS, None, {"guard_invoice": job.subject_id})
        row = rows.get(job.subject_id)
        if row is None:
            continue
        name, media_type, document_id = documents.get(row.id, ("", "", None))
        debtor = debtors.get((job.coupling_id, row.relation_id), "")
        theirs = asked.get((job.connection_id, row.relation_id, debtor))
        if theirs is not None:
            job.withdrawn = _other_party(row, theirs)
        job.subject_row = InvoiceBooking(
            invoice=sales_invoices.data_of(row),
            relation=relations.on_invoice(row.relation),
            debtor_key=debtor,
            settings=settings[job.coupling_id],
            rules=rules[job.coupling_id],
            clearing_accounts=accounts.get((job.connection_id, row.order_id), {}),
            document_name=name,
            document_type=media_type,
            read_document=_reader(document_id),
        )


def _credited_elsewhere(invoice_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Return by connection which credit invoices are of one that stands in a former
    administration."""
    rows = session().execute(
        select(Transfer.target_id, SalesInvoice.id)
        .join(Transfer, Transfer.subject_id == SalesInvoice.credits_id)
        .where(
            SalesInvoice.id.in_(invoice_ids),
            Transfer.subject == SUBJECT,
            Transfer.administration != "",
        )
    )
    return {(connection_id, invoice_id) for connection_id, invoice_id in rows}


def _debtors(
    jobs: Sequence[Job], rows: Iterable[SalesInvoice]
) -> dict[tuple[int, int | None], str]:
    """Return the debtors that relations are linked with, by coupling and relation.

    A link of before another administration was coupled is of another's records, and
    one that a person left out says nothing: the plugin compares the two.
    """
    ids = {row.relation_id for row in rows}
    left_out = {
        (connection_id, relation_id, key)
        for connection_id in {job.connection_id for job in jobs}
        for relation_id, role, key in relation_doubted.left_out(connection_id, ids)
        if role == DEBTOR
    }
    found = session().execute(
        select(
            Coupling.id,
            Coupling.target_id,
            RelationLink.relation_id,
            RelationLink.external_id,
        )
        .join(RelationLink, RelationLink.connection_id == Coupling.target_id)
        .join(RelationSync, RelationSync.connection_id == Coupling.target_id)
        .join(Connection, Connection.id == Coupling.target_id)
        .where(
            Coupling.id.in_({job.coupling_id for job in jobs}),
            RelationLink.relation_id.in_(ids),
            RelationLink.role == DEBTOR,
            RelationSync.administration == Connection.external_id,
        )
    )
    return {
        (coupling, relation): key
        for coupling, connection, relation, key in found
        if (connection, relation, key) not in left_out
    }


def _asked(
    jobs: Sequence[Job], rows: Iterable[SalesInvoice]
) -> dict[tuple[int, int, str], str]:
    """Return whose debtors seem to be by now, by connection, relation and record."""
    ids = {row.relation_id for row in rows}
    return {
        (connection_id, relation_id, key): names
        for connection_id in {job.connection_id for job in jobs}
        for (relation_id, role, key), names in relation_doubted.asked(
            connection_id, ids
        ).items()
        if role == DEBTOR
    }


def _other_party(row: SalesInvoice, theirs: str) -> AskUser:
    """The link was made when the debtor was the relation's; now a person is asked."""
    relation = relations.on_invoice(row.relation)
    return AskUser(
        "debtor_other_party",
        number=relation.debtor_number,
        name=relation.full_name,
        record=theirs or relation.debtor_number,
    )


def _configured(
    coupling_ids: Iterable[int],
) -> tuple[dict[int, Mapping[str, Any]], dict[int, dict[str, InvoiceVatRule]]]:
    ids = set(coupling_ids)
    couplings = session().execute(
        select(Coupling.id, Coupling.settings).where(Coupling.id.in_(ids))
    )
    return dict(couplings.all()), invoice_couplings.rules_of(ids)


def _documents(invoice_ids: Iterable[int]) -> dict[int, tuple[str, str, int]]:
    """Return name, type and id of the file that is the invoice, by invoice."""
    rows = session().execute(
        select(
            InvoiceAttachment.invoice_id,
            InvoiceAttachment.filename,
            InvoiceAttachment.media_type,
            InvoiceAttachment.id,
        ).where(
            InvoiceAttachment.invoice_id.in_(invoice_ids), InvoiceAttachment.is_invoice
        )
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _reader(document_id: int | None) -> Callable[[], bytes | None]:
    def read() -> bytes | None:
        if document_id is None:
            return None
        return session().scalar(
            select(InvoiceAttachment.content).where(InvoiceAttachment.id == document_id)
        )

    return read


def done(job: Job, booked: Booked) -> dict[str, str]:
    """Make the invoice Geboekt in the transaction that ends its transfer.

    Returns what the log line says besides: the link into the package (manual 000, C).
    """
    row = session().get_one(SalesInvoice, job.subject_id)
    sales_invoices.booked(row)
    said = {"invoice_id": str(row.id)}
    return {**said, "url": booked.url} if booked.url else said


def invoice_of(transfer: Transfer) -> InvoiceData | None:
    """Return the invoice of a transfer as it was sent; None for other documents."""
    if transfer.subject != SUBJECT:
        return None
    return sales_invoices.data_of(session().get_one(SalesInvoice, transfer.subject_id))


def of_invoice(invoice_id: int) -> list[Transfer]:
    """Return the bookings of an invoice, oldest first: state, code and link of each."""
    return list(
        session().scalars(
            select(Transfer)
            .where(Transfer.subject == SUBJECT, Transfer.subject_id == invoice_id)
            .order_by(Transfer.id)
        )
    )
