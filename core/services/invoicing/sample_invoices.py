"""What the demo shows of the CRM side: a few relations, VAT codes and invoices."""

from datetime import timedelta
from decimal import Decimal

from core.domain.clock import local_date, utcnow
from core.domain.relations import PostalAddress, RelationData
from core.models import InvoiceSettings, Relation, SalesInvoice, Tenant
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import invoice_sending, sales_invoices, vat_codes
from core.services.invoicing.sales_invoices import Draft, DraftLine

TERM = timedelta(days=14)
_RELATIONS = (
    RelationData(
        False, "Bakkerij De Korrel", "client", debtor_number="10001",
        email="administratie@korrel.example", phone="030-1234567",
        postal_address=PostalAddress("Kerkstraat", "12", "a", "3511 LX", "Utrecht",
                                      "NL"),
    ),
    RelationData(
        False, "Radhaus GmbH", "client", debtor_number="10002",
        email="rechnung@radhaus.example", vat_number="DE136695976",
        postal_address=PostalAddress("Hauptstraße", "7", "", "10115", "Berlin", "DE"),
    ),
    RelationData(
        True, "Fischer", "private_client", first_name="Sophie",
        debtor_number="10003", email="sophie@fischer.example",
        home_address=PostalAddress("Stationsplein", "3", "", "1012 AB", "Amsterdam",
                                   "NL"),
    ),
)  # fmt: skip
_SALES = (
    (0, (("Stadsfiets", "2", "499.50", "NL21"), ("Reparatie", "1.5", "40", "NL9"))),
    (1, (("Stadsfiets", "4", "449", "NLICL"),)),
    (2, (("Fietshelm", "1", "57.81", "NL21"),)),
)
"""For which relation, and its lines; the last one stays a draft."""


def make(tenant: Tenant) -> None:
    """Make the samples of a tenant that has no relations yet; commits by itself."""
    with tenant_scope(tenant.id):
        if relations.page(relations.Filter(), None, 1).rows:
            return
        with transaction():
            _own_data(tenant)
            made = [relations.save(data, None) for data in _RELATIONS]
            codes = {row.code: row.id for row in vat_codes.all_of(tenant.id)}
            drafts = [_draft(tenant, made[at], lines, codes) for at, lines in _SALES]
        for row in drafts[:-1]:
            _send(row)


def _own_data(tenant: Tenant) -> None:
    vat_codes.make_defaults(tenant)
    tenant.vat_number = tenant.vat_number or "NL123456782B90"
    tenant.address = tenant.address or {
        "street": "Dorpsstraat 1", "postal_code": "1234 AB", "city": "Ons Dorp",
    }  # fmt: skip
    session().merge(
        InvoiceSettings(
            tenant_id=tenant.id, chamber_number="12345678", phone="", bic="ABNANL2A",
            iban="NL91ABNA0417164300", email="facturen@koppelwerk.example",
        )
    )  # fmt: skip


def _draft(
    tenant: Tenant,
    relation: Relation,
    lines: tuple[tuple[str, str, str, str], ...],
    codes: dict[str, int],
) -> SalesInvoice:
    today = local_date(utcnow(), tenant.timezone)
    drafted = [
        DraftLine(text, Decimal(quantity), Decimal(price), codes[code])
        for text, quantity, price, code in lines
    ]
    draft = Draft(relation.id, today, today + TERM, drafted)
    return sales_invoices.save_draft(tenant.id, draft)


def _send(row: SalesInvoice) -> None:
    """Send a draft as the page does: without an answer of VIES it waits."""
    invoice_sending.check_vat_number(row)
    with transaction():
        invoice_sending.otherwise(row, None, user_id=None)
