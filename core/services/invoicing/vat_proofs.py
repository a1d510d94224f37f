"""Proof that a customer's VAT number is valid, before an invoice without VAT is made.

Whose VAT is reverse charged, or who gets goods from another member state without VAT,
stands on the invoice with the number under which it accounts for the VAT (2006/112/EC
article 226(4)); at an intra-community supply that number is a condition for 0 %
(article 138(1)(b)). The register is VIES: it answers for numbers of the own country as
well, though Regulation (EU) 904/2010 article 31 promises that only for trade between
member states. No answer proves nothing, so that the invoice waits (`waiting_invoices`).

A credit follows its invoice, whatever became of the number since.
"""

from datetime import datetime, timedelta

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import SalesInvoice, Tenant
from core.plugin.capabilities import VatCheck, VatRegister
from core.rules.invoice_rules import invoice_address
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.crm import relations
from core.services.invoicing import vat_codes

VALID_FOR = timedelta(hours=24)
"""How old an answer may be when the number of the invoice is drawn."""


def is_needed(row: SalesInvoice) -> bool:
    """Tell whether lines have no VAT because of the customer's VAT number."""
    kinds = {line.vat_code.kind for line in row.lines}
    return row.credits_id is None and bool(
        kinds.intersection(vat_codes.NEED_VAT_NUMBER)
    )


def is_lacking(row: SalesInvoice) -> bool:
    """Tell whether a draft needs proof and has none of the number as it is now."""
    return is_needed(row) and not _stands(row)


def _stands(row: SalesInvoice) -> bool:
    known = row.vat_proof or {}
    if not known or known["asked"] != relations.on_invoice(row.relation).vat_number:
        return False
    return datetime.fromisoformat(known["checked_at"]) > utcnow() - VALID_FOR


def ask(row: SalesInvoice) -> None:
    """Ask the register about the customer's number where that is needed, and keep the
    answer; commits by itself, so never call it in a transaction.

    Nothing changes while the register does not answer. Raises AskUser
    `invoice_vat_number_invalid` or, where there is nothing to ask,
    `invoice_vat_number_malformed`.
    """
    if not is_lacking(row):
        return
    invoice_id = row.id
    customer = relations.on_invoice(row.relation)
    tenant = session().get_one(Tenant, row.tenant_id)
    country = invoice_address(customer).country or tenant.home_country
    answer = _answer(tenant, customer.vat_number, country)
    if answer is None or answer.is_valid is None:
        return
    if not answer.is_valid:
        known = "invalid" if answer.is_asked else "malformed"
        raise AskUser(
            f"invoice_vat_number_{known}",
            number=customer.vat_number,
            name=customer.full_name,
        )
    with transaction() as current:
        kept = current.get_one(SalesInvoice, invoice_id)
        kept.vat_proof = _proof(customer.vat_number, answer)


def _answer(tenant: Tenant, number: str, country: str) -> VatCheck | None:
    for register in koppelwerk().registry.brought(VatRegister).values():
        return register.check(tenant.id, number, country, tenant.vat_number)
    return None


def _proof(asked: str, answer: VatCheck) -> dict[str, str]:
    return {
        "asked": asked,
        "number": answer.number,
        "checked_at": (answer.checked_at or utcnow()).isoformat(),
        "proof": answer.proof,
        "name": answer.name,
    }
