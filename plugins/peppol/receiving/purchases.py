"""A document that came in, as an invoice that a package can enter; once, when asked.

Only what adds up, is in euros and is of a relation. Which package, and whether at all,
a person says.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flask import url_for
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.money import total
from core.domain.purchases import PurchaseInvoice, PurchaseShare
from core.domain.structured_invoices import VatCategory
from core.plugin import purchases
from core.plugin.database import session
from core.plugin.purchases import PurchaseEntry, PurchasePackage
from core.plugin.tables import Relation
from plugins.peppol.models import PeppolReceived, ReceivedState

CREDIT = "CreditNote"


@dataclass(frozen=True)
class Offer:
    """What the page of a document says of entering it in a package."""

    entry: PurchaseEntry | None
    """Where it stands, once it was asked."""
    refusal: AskUser | None
    """Why it cannot be entered as it is."""
    packages: tuple[PurchasePackage, ...]
    suggested: str
    """The cost account that was chosen for the relation's last one."""


def offer(row: PeppolReceived) -> Offer | None:
    """Return what is offered; None: it was not read, or no package takes it."""
    entry = purchases.entry_of(row.id)
    packages = tuple(purchases.packages())
    if row.state != ReceivedState.READ or not (entry or packages):
        return None
    refusal = None
    try:
        _refuse_double(row)
        invoice_of(row)
    except AskUser as error:
        refusal = error
    return Offer(entry, refusal, packages, _last_account(row))


def enter(
    row: PeppolReceived, connection_id: int, cost_account: str, *, user_id: int
) -> None:
    """Let a package enter a document, once, in the caller's transaction.

    Raises AskUser `peppol_double_entered`, those of `invoice_of`, and those of
    `core.plugin.purchases.enter`.
    """
    _refuse_double(row)
    row.cost_account = cost_account
    invoice_of(row)
    session().flush()
    purchases.enter(row.id, connection_id, user_id=user_id)


def _refuse_double(row: PeppolReceived) -> None:
    """Refuse the second of one sender and number, once the other was entered."""
    others = session().scalars(
        select(PeppolReceived.id).where(
            PeppolReceived.tenant_id == row.tenant_id,
            PeppolReceived.id != row.id,
            PeppolReceived.number == row.number,
            PeppolReceived.relation_id == row.relation_id,
            PeppolReceived.relation_id.is_not(None),
        )
    )
    if purchases.entered_among([*others]):
        raise AskUser("peppol_double_entered", number=row.number)


def _last_account(row: PeppolReceived) -> str:
    if row.relation_id is None:
        return ""
    found = session().scalar(
        select(PeppolReceived.cost_account)
        .where(
            PeppolReceived.tenant_id == row.tenant_id,
            PeppolReceived.relation_id == row.relation_id,
            PeppolReceived.cost_account != "",
        )
        .order_by(PeppolReceived.id.desc())
        .limit(1)
    )
    return found or ""


# --- for the core (`PurchaseSource`) --------------------------------------------------


def load(document_ids: Collection[int]) -> Mapping[int, PurchaseInvoice]:
    """Return the documents that can be entered as they are, of the tenant in scope."""
    rows = session().scalars(
        select(PeppolReceived).where(PeppolReceived.id.in_(document_ids))
    )
    found = {}
    for row in rows:
        try:
            found[row.id] = invoice_of(row)
        except AskUser:
            continue
    return found


def entered(document_id: int) -> None:
    """Note that a document stands in a package: nobody has to deal with it any more."""
    row = session().get(PeppolReceived, document_id)
    if row is not None and row.handled_at is None:
        row.handled_at = utcnow()


def address(document_id: int) -> str:
    """Return the address of a document's page."""
    return url_for("peppol.received_document", received_id=document_id)


def invoice_of(row: PeppolReceived) -> PurchaseInvoice:
    """Return a document as an invoice of a supplier.

    Raises AskUser `peppol_no_relation`, `peppol_not_euros`, `peppol_no_sum` and
    `peppol_no_date`.
    """
    relation = session().get(Relation, row.relation_id) if row.relation_id else None
    if relation is None or relation.blocked_at is not None:
        raise AskUser("peppol_no_relation", seller=row.seller or row.sender)
    if row.currency != "EUR":
        raise AskUser("peppol_not_euros", currency=row.currency or "-")
    if row.issued_on is None or not row.number:
        raise AskUser("peppol_no_date")
    shares = _shares(row)
    if not shares or row.details["differences"]:
        raise AskUser("peppol_no_sum")
    return PurchaseInvoice(
        number=row.number,
        issued_on=row.issued_on,
        due_on=max(row.due_on or row.issued_on, row.issued_on),
        shares=shares,
        relation_id=relation.id,
        payment_reference=str(row.details.get("payment_reference", "")),
        cost_account=row.cost_account,
    )


def _shares(row: PeppolReceived) -> tuple[PurchaseShare, ...]:
    """Return what falls under each category and rate; nothing, unless it adds up."""
    sign = Decimal(-1) if row.kind == CREDIT else Decimal(1)
    try:
        shares = tuple(
            PurchaseShare(
                VatCategory(one["category"]),
                Decimal(one["rate"] or 0),
                sign * Decimal(one["taxable"]),
                sign * Decimal(one["vat"]),
            )
            for one in row.details["shares"]
        )
        meant = sign * Decimal(row.details["including"])
        amounts = [
            amount for one in shares for amount in (one.amount_excl_vat, one.vat_amount)
        ]
        is_whole = all(amount == round(amount, 2) for amount in amounts)
    except (InvalidOperation, ValueError):
        return ()
    return shares if is_whole and total(amounts) == meant else ()
