"""What goes over Peppol: one row for each invoice, whoever asks for it.

Pressing twice, or pressing while it goes by itself, makes one row: the invoice is
unique in the table. What has left is never taken back.
"""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.structured_invoices import StructuredInvoice
from core.plugin import invoices, log, wakeups
from core.plugin.database import insert_for, session
from core.plugin.tables import (
    Connection,
    ConnectionState,
    InvoiceState,
    SalesInvoice,
    TenantPlugin,
)
from core.rules.keeping import kept_until
from plugins.peppol.checks import Duty, problems, verdict_of
from plugins.peppol.forms import ASK, BY_ITSELF, PACKAGE
from plugins.peppol.models import NOT_CONNECTED, PeppolSending, SendingState

PLUGIN, TASK, QUEUE = "peppol", "peppol.send", "bulk"
BY_MAIL = "mail"
"""`SalesInvoice.sent_as` of one that our mail brought."""
_LIVE = (ConnectionState.CONNECTED, ConnectionState.PAUSED)


def connection_of(tenant_id: int) -> Connection | None:
    """Return what a tenant sends with; None: nothing is connected, or it is off."""
    return session().scalar(
        select(Connection)
        .join(TenantPlugin, TenantPlugin.tenant_id == Connection.tenant_id)
        .where(
            Connection.tenant_id == tenant_id,
            Connection.plugin == PLUGIN,
            Connection.enabled,
            Connection.state.in_(_LIVE),
            TenantPlugin.plugin == PLUGIN,
            TenantPlugin.enabled,
        )
        .order_by(Connection.id)
        .limit(1)
    )


def how(connection: Connection | None) -> str:
    """Return how a tenant wants to send: of `forms.SendingForm`."""
    if connection is None:
        return ASK
    chosen: str = connection.settings.get("sending", {}).get("how", ASK)
    return chosen


def of_invoice(invoice_id: int) -> PeppolSending | None:
    """Return the row of an invoice; None: it does not go over Peppol."""
    return session().scalar(
        select(PeppolSending).where(PeppolSending.invoice_id == invoice_id)
    )


def reference_of(row: SalesInvoice, turn: int) -> str:
    """Return our id of a document at the access point.

    Worked out, not drawn: after a restore it is the same, so that what was sent is
    found.
    """
    name = f"koppelwerk/{row.tenant_id}/{row.id}/{row.number}/{turn}"
    return str(uuid5(NAMESPACE_URL, name))


def may_send(invoice_id: int) -> bool:
    """Tell whether a draft may be sent this way: there is an access point, the package
    does not send itself, and the receiver is a business."""
    row = session().get_one(SalesInvoice, invoice_id)
    connection = connection_of(row.tenant_id)
    if connection is None or how(connection) == PACKAGE:
        return False
    return verdict_of(invoices.of_draft(invoice_id)).duty is not Duty.NOT


def offer(tenant_id: int, invoice_id: int) -> None:
    """Queue what goes by itself, in the transaction that sends the invoice.

    So does what the user sent this way from its draft. What our mail brings goes by
    mail; what lacks anything, and need not be an e-invoice, waits for the user to ask.
    """
    row = session().get_one(SalesInvoice, invoice_id)
    if row.sent_as == PLUGIN:
        _put(row, invoices.of_invoice(invoice_id, files=False), {})
        return
    if how(connection_of(tenant_id)) != BY_ITSELF or row.sent_as == BY_MAIL:
        return
    invoice = invoices.of_invoice(invoice_id, files=False)
    duty = verdict_of(invoice).duty
    if duty is Duty.MUST or (duty is Duty.MAY and not problems(invoice)):
        _put(row, invoice, {})


def add(
    row: SalesInvoice, given: Mapping[str, str], *, mailed_too: bool, user_id: int
) -> None:
    """Queue an invoice because the user asks, in the caller's transaction.

    Does nothing when it is on its way. Raises AskUser `peppol_not_connected`,
    `peppol_package_sends`, `peppol_mailed` when our mail brought it and the user did
    not say that the customer may have it twice, `peppol_no_duty`, `invoice_not_sent`.
    """
    connection = connection_of(row.tenant_id)
    if connection is None:
        raise AskUser(NOT_CONNECTED)
    if how(connection) == PACKAGE:
        raise AskUser("peppol_package_sends")
    if row.state == InvoiceState.DRAFT:
        raise AskUser("invoice_not_sent")
    invoice = invoices.of_invoice(row.id, files=False)
    if verdict_of(invoice).duty is Duty.NOT:
        raise AskUser("peppol_no_duty")
    if row.sent_as == BY_MAIL and not mailed_too:
        raise AskUser("peppol_mailed", number=row.number or "")
    known = of_invoice(row.id)
    if known is None:
        if _put(row, invoice, given):
            _note(row, "peppol_queued", user_id)
        return
    if _again(row, known, given):
        _note(row, "peppol_queued_again", user_id)


def _put(
    row: SalesInvoice, invoice: StructuredInvoice, given: Mapping[str, str]
) -> bool:
    """Insert the row unless there is one; tell whether it was made."""
    now = utcnow()
    countries = {invoice.seller.address.country, invoice.buyer.address.country}
    country = "BE" if "BE" in countries else invoice.seller.address.country
    values: dict[str, Any] = {
        "tenant_id": row.tenant_id, "invoice_id": row.id, "number": row.number or "",
        "reference": reference_of(row, 1), "state": SendingState.QUEUED, "turn": 1,
        "keep_until": kept_until(invoice.issued_on, country), "due_at": now,
        "buyer_reference": given.get("buyer_reference", ""),
        "order_number": given.get("order_number", ""),
        "created_at": now, "changed_at": now, **_EMPTY,
    }  # fmt: skip
    row_id = session().scalar(
        insert_for(PeppolSending)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(PeppolSending.id)
    )
    if row_id is not None:
        wakeups.wake_after_commit(TASK, row_id, queue=QUEUE)
    return row_id is not None


_EMPTY: Mapping[str, Any] = {
    "kind": "", "sender": "", "receiver": "", "content": b"", "sha256": "", "code": "",
    "params": {}, "errors": [], "status": "", "failures": 0, "sends": 0,
    "delivery_id": "", "lease_token": "", "attempt": 0,
}  # fmt: skip


def _again(row: SalesInvoice, known: PeppolSending, given: Mapping[str, str]) -> bool:
    """Let one go that stopped, was taken back or was rejected; tell whether it does.

    One that may have left keeps its bytes and id: it is looked up first. A rejected
    one is another document there, under another id, made anew.
    """
    states = (SendingState.STOPPED, SendingState.WITHDRAWN, SendingState.REJECTED)
    if known.state not in states:
        return False
    values: dict[str, Any] = {
        "state": SendingState.QUEUED, "due_at": utcnow(), "changed_at": utcnow(),
        "code": "", "params": {}, "errors": [], "failures": 0, "late_told_at": None,
        "created_at": utcnow(),
    }  # fmt: skip
    for name in ("buyer_reference", "order_number"):
        values[name] = given.get(name, "") or getattr(known, name)
    is_rejected = known.state == SendingState.REJECTED
    if is_rejected:
        values |= {
            "turn": known.turn + 1, "reference": reference_of(row, known.turn + 1),
            "sent_at": None, "delivery_id": "", "accepted_at": None, "ended_at": None,
            "status": "", "missed_at": None, "first_sent_at": None, "sends": 0,
            "not_before": None,
        }  # fmt: skip
    if is_rejected or (known.sent_at is None and not known.delivery_id):
        values |= {"content": b"", "sha256": ""}
    if known.delivery_id and not is_rejected:
        values["state"] = SendingState.SENT
    if not _change(known, known.state, values):
        return False
    wakeups.wake_after_commit(TASK, known.id, queue=QUEUE)
    return True


def withdraw(row: SalesInvoice, *, user_id: int) -> None:
    """Take back what has not left, in the caller's transaction.

    Raises AskUser `peppol_has_left`.
    """
    known = of_invoice(row.id)
    values: dict[str, Any] = {
        "state": SendingState.WITHDRAWN, "due_at": None, "changed_at": utcnow(),
        "code": "", "params": {}, "errors": [],
    }  # fmt: skip
    for state in (SendingState.QUEUED, SendingState.STOPPED):
        if known and _change(known, state, values, PeppolSending.sent_at.is_(None)):
            _note(row, "peppol_withdrawn", user_id)
            return
    raise AskUser("peppol_has_left", number=row.number or "")


def _change(
    known: PeppolSending, state: SendingState, values: Mapping[str, Any], *which: Any
) -> bool:
    """Change a row that still stands so; of two at once one does."""
    changed = session().execute(
        update(PeppolSending)
        .where(PeppolSending.id == known.id, PeppolSending.state == state, *which)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session().expire(known)
    return bool(changed.rowcount)  # type: ignore[attr-defined]  # of an update


def _note(row: SalesInvoice, code: str, user_id: int) -> None:
    log.write(
        row.tenant_id,
        code,
        invoice_id=row.id,
        user_id=user_id,
        number=row.number or "",
    )
