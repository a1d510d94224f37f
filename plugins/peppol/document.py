"""The e-invoice of a sent invoice: made, held against the rules, handed out.

Nothing is handed out that breaks a rule, and nothing whose rules could not be tried.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from hashlib import sha256

import structlog

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser, RetryLater
from core.domain.structured_invoices import Identifier, StructuredInvoice
from core.plugin import files, invoices, log
from core.plugin.database import session, transaction
from core.plugin.tables import SalesInvoice, Tenant
from plugins.peppol import rule_packs
from plugins.peppol.channel import participant
from plugins.peppol.checks import (
    Duty,
    endpoint_of,
    is_participant_of,
    problems,
    verdict_of,
)
from plugins.peppol.mapping import kind_of, ubl_of
from plugins.peppol.refusals import errors_of
from plugins.peppol.rule_packs import RuleSet
from plugins.peppol.validation import LIMITS, findings
from plugins.peppol.wire import Finding

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Document:
    """An e-invoice, or why there is none."""

    number: str
    content: bytes = b""
    """Empty where it would be invalid."""
    errors: Sequence[AskUser] = ()
    kind: str = ""
    """Of `channel.DocumentKind`."""
    receiver: str = ""
    """Where it goes, as `0208:0428759497`."""

    @property
    def filename(self) -> str:
        """What the file is called."""
        return f"{self.number}.xml".replace("/", "-")


def completed(
    invoice: StructuredInvoice, reference: str = "", order_number: str = ""
) -> StructuredInvoice:
    """Return an invoice with what its buyer wants to find it by.

    What stands on the invoice itself counts before what is given now.
    """
    return replace(
        invoice,
        buyer_reference=invoice.buyer_reference.strip() or reference.strip(),
        order_number=invoice.order_number.strip() or order_number.strip(),
    )


def make(invoice_id: int, reference: str = "", order_number: str = "") -> Document:
    """Return the e-invoice of a sent invoice of the tenant in scope; commits.

    Raises AskUser `peppol_no_duty` for a consumer's, `peppol_not_checked` when the
    rules could not be tried, and what `core.plugin.files.reading` raises.
    """
    invoice = completed(invoices.of_invoice(invoice_id), reference, order_number)
    tenant_id = session().get_one(SalesInvoice, invoice_id).tenant_id
    reading = files.reading(tenant_id, _size(invoice))
    made, broken, rules = _checked(invoice, tenant_id, None, reading)
    if made.content or broken:
        with transaction():
            _note(tenant_id, invoice_id, made, broken, rules)
    return made


def for_sending(
    invoice_id: int, reference: str, order_number: str, sender: Identifier
) -> Document:
    """Return the e-invoice of a sent invoice as it goes out; ends the transaction.

    Raises as `make` does, and AskUser `peppol_sender_differs` when the seller is not
    the one that is connected.
    """
    invoice = completed(invoices.of_invoice(invoice_id), reference, order_number)
    if not is_participant_of(sender, invoice.seller):
        raise AskUser("peppol_sender_differs", number=participant(sender))
    tenant_id = session().get_one(SalesInvoice, invoice_id).tenant_id
    made, _broken, _rules = _checked(invoice, tenant_id, sender, nullcontext())
    return made


def _size(invoice: StructuredInvoice) -> int:
    return sum(len(file.content) for file in invoice.files)


def _checked(
    invoice: StructuredInvoice,
    tenant_id: int,
    sender: Identifier | None,
    reading: AbstractContextManager[None],
) -> tuple[Document, Sequence[Finding], Sequence[RuleSet]]:
    """Make the document and hold it against the rules that are in force."""
    if verdict_of(invoice).duty is Duty.NOT:
        raise AskUser("peppol_no_duty")
    if found := problems(invoice):
        return Document(invoice.number, errors=found), (), ()
    tenant = session().get_one(Tenant, tenant_id)
    rules = rule_packs.in_force(local_date(utcnow(), tenant.timezone))
    contents = [each.content for each in rules]
    content = ubl_of(invoice, sender)
    session().rollback()
    with reading:
        broken = _tried(content, contents)
    errors = errors_of(broken)
    receiver = endpoint_of(invoice.buyer)
    made = Document(
        invoice.number,
        b"" if errors else content,
        errors,
        kind_of(invoice),
        participant(receiver) if receiver else "",
    )
    return made, broken, rules


def _tried(content: bytes, rules: Sequence[bytes]) -> tuple[Finding, ...]:
    try:
        (found,) = findings([content], rules, LIMITS)
    except (AskUser, RetryLater) as error:
        logger.warning("an e-invoice could not be validated", code=error.code)
        raise AskUser("peppol_not_checked") from error
    return found


def _note(
    tenant_id: int,
    invoice_id: int,
    made: Document,
    broken: Sequence[Finding],
    rules: Sequence[RuleSet],
) -> None:
    """Write in the log what became of it, and by which rules."""
    fatal = sorted({one.rule for one in broken if one.is_fatal})
    if fatal:
        values = {"rules": ", ".join(fatal)}
    else:
        values = {
            "rules": ", ".join(f"{each.name} ({each.first_day})" for each in rules),
            "sha256": sha256(made.content).hexdigest(),
        }
    code = "peppol_refused" if fatal else "peppol_downloaded"
    values["number"] = made.number
    log.write(tenant_id, code, invoice_id=invoice_id, params=values)
