"""Invoices for tests: a tenant that may send them, a relation, drafts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData
from core.models import InvoiceSettings, Relation, SalesInvoice, Tenant, WaitingInvoice
from core.runtime.database import session
from core.services.crm import relations
from core.services.invoicing import sales_invoices, vat_codes
from core.services.invoicing.sales_invoices import Draft, DraftLine

DAY = date(2026, 3, 2)
CUSTOMER = RelationData(
    False,
    "Bakkerij De Korrel",
    email="admin@korrel.example",
    debtor_number="10001",
    vat_number="NL001234567B01",
    invoice_address=PostalAddress("Kerkstraat", "12", "a", "3511 LX", "Utrecht", "NL"),
)


def complete(tenant: Tenant) -> None:
    """Fill in what the law wants on the tenant's invoices."""
    tenant.vat_number = "NL123456782B90"
    tenant.address = {
        "street": "Dorpsstraat 1",
        "postal_code": "1234 AB",
        "city": "Ons Dorp",
    }
    session().add(
        InvoiceSettings(
            tenant_id=tenant.id, chamber_number="12345678", iban="NL91ABNA0417164300",
            bic="ABNANL2A", email="info@fiets.example", phone="",
        )
    )  # fmt: skip
    session().flush()


def customer(data: RelationData = CUSTOMER, **values) -> Relation:
    """Save a relation of the tenant in scope."""
    return relations.save(replace(data, **values), None)


def code_id(tenant: Tenant, code: str = "NL21") -> int:
    """Return the id of a VAT code."""
    return {row.code: row.id for row in vat_codes.all_of(tenant.id)}[code]


def line(tenant: Tenant, quantity="2", price="10.00", code="NL21") -> DraftLine:
    """Return a line."""
    return DraftLine("Zadel", Decimal(quantity), Decimal(price), code_id(tenant, code))


def proven(row: SalesInvoice) -> None:
    """Let VIES have confirmed the customer's VAT number a moment ago."""
    number = relations.data_of(row.relation).vat_number
    row.vat_proof = {
        "asked": number, "number": number, "checked_at": utcnow().isoformat(),
        "proof": "WAPI-1", "name": "",
    }  # fmt: skip


def draft(tenant: Tenant, relation: Relation, *lines, **values) -> SalesInvoice:
    """Store a draft; two saddles of ten euros when no lines are given."""
    given = {
        "relation_id": relation.id, "issued_on": DAY, "due_on": date(2026, 3, 16),
        "lines": lines or (line(tenant),), **values,
    }  # fmt: skip
    return sales_invoices.save_draft(tenant.id, Draft(**given))


def waiting(tenant_id: int) -> int:
    """Store a draft that waits to go by itself and is due; commits."""
    relation = Relation(
        tenant_id=tenant_id, kind="organisation", relation_type="client", name="X",
        sort_name="x",
    )  # fmt: skip
    row = SalesInvoice(
        tenant_id=tenant_id, relation=relation, issued_on=DAY, due_on=DAY
    )
    session().add(row)
    session().flush()
    earlier = utcnow() - timedelta(minutes=1)
    session().add(
        WaitingInvoice(
            invoice_id=row.id, tenant_id=tenant_id, sent_as="other", due_at=earlier
        )
    )
    session().commit()
    return row.id
