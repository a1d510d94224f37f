"""The e-invoice of a sent invoice: made, held against the rules, handed out.

Nothing is handed out that breaks a rule, and nothing whose rules could not be tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import structlog

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser, RetryLater
from core.domain.structured_invoices import StructuredInvoice
from core.plugin import files, invoices, log
from core.plugin.database import session, transaction
from core.plugin.tables import SalesInvoice, Tenant
from plugins.peppol import rule_packs
from plugins.peppol.checks import Duty, problems, verdict_of
from plugins.peppol.mapping import ubl_of
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
    if verdict_of(invoice).duty is Duty.NOT:
        raise AskUser("peppol_no_duty")
    if found := problems(invoice):
        return Document(invoice.number, errors=found)
    tenant = session().get_one(
        Tenant, session().get_one(SalesInvoice, invoice_id).tenant_id
    )
    tenant_id, today = tenant.id, local_date(utcnow(), tenant.timezone)
    rules = rule_packs.in_force(today)
    content = ubl_of(invoice)
    with files.reading(tenant_id, len(content)):
        broken = _tried(content, rules)
    errors = errors_of(broken)
    with transaction():
        _note(tenant_id, invoice_id, invoice.number, content, broken, rules)
    return Document(invoice.number, b"" if errors else content, errors)


def _tried(content: bytes, rules: Sequence[RuleSet]) -> tuple[Finding, ...]:
    try:
        (found,) = findings([content], [each.content for each in rules], LIMITS)
    except (AskUser, RetryLater) as error:
        logger.warning("an e-invoice could not be validated", code=error.code)
        raise AskUser("peppol_not_checked") from error
    return found


def _note(
    tenant_id: int,
    invoice_id: int,
    number: str,
    content: bytes,
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
            "sha256": sha256(content).hexdigest(),
        }
    code = "peppol_refused" if fatal else "peppol_downloaded"
    values["number"] = number
    log.write(tenant_id, code, invoice_id=invoice_id, params=values)
