"""Erasing and sales invoices: the tenant's go with it, a customer's must stay."""

from sqlalchemy import func, select

from core.models import (
    InvoiceAttachment,
    InvoiceState,
    Relation,
    SalesInvoice,
    TenantVatCode,
)
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import sales_invoices
from core.services.people import customers, privacy
from tests.invoices import CUSTOMER, customer, draft
from tests.web.conftest import Site


def _invoices(site: Site, sample) -> None:
    with site.data(), tenant_scope(sample.tenant.id):
        row = sales_invoices.send(draft(sample.tenant, customer()), "other")
        made = sales_invoices.credit(row, row.issued_on)
        sales_invoices.send(made, "other")


def test_a_tenant_is_erased_with_its_invoices_and_credits(site: Site) -> None:
    sample = site.sample()
    _invoices(site, sample)
    with site.data(), tenant_scope(sample.tenant.id):
        privacy.erase_tenant(sample.tenant.id)
    with site.data() as session:
        for model in (SalesInvoice, InvoiceAttachment, TenantVatCode, Relation):
            assert session.scalar(select(func.count()).select_from(model)) == 0


def test_a_customer_on_an_invoice_stays_and_is_exported(site: Site) -> None:
    sample = site.sample()
    _invoices(site, sample)
    with site.data(), tenant_scope(sample.tenant.id):
        relations.save(
            relations.RelationData(False, "Zonder factuur", email=CUSTOMER.email), None
        )
        assert len(customers.customer_data(CUSTOMER.email)["sales_invoice"]) == 2
        customers.erase(CUSTOMER.email)
    with site.data() as session:
        rows = session.scalars(select(SalesInvoice)).all()
        assert [row.state for row in rows] == [InvoiceState.SENT] * 2
        names = session.scalars(select(Relation.name)).all()
        assert list(names) == [CUSTOMER.name]
