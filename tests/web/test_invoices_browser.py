"""The pages of sales invoices in a real browser: phone width, keyboard, live totals."""

import pytest
from playwright.sync_api import Page, expect

from core.models import SalesInvoice, Tenant
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import sales_invoices
from tests.browsing import check
from tests.invoices import complete, customer, draft, line
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_browser import sample

__all__ = ["sample"]  # a fixture

PATHS = ["/facturen", "/facturen/nieuw", "/facturen/1", "/facturen/2", "/facturen/3",
         "/facturen/1/wijzigen", "/facturen/1/mailen", "/facturen/2/opnieuw-mailen",
         "/facturen/1/verstuurd",
         "/facturen/1/verwijderen", "/relaties/1/facturen", "/relaties/1",
         "/instellingen/facturen", "/instellingen/btw-codes",
         "/instellingen/btw-codes/2"]  # fmt: skip


@pytest.fixture
def filled(site: Site, sample: Sample) -> None:
    """A draft with two files, a sent invoice and its credit."""
    with site.data() as session, tenant_scope(sample.tenant.id):
        tenant = session.get(Tenant, sample.tenant.id)
        complete(tenant)
        long = customer(
            name="Vereniging-tot-behoud-van-heel-lange-namen-zonder-spaties"
        )
        lines = [line(tenant), line(tenant, "1.5", "123456.0125", "NL9")]
        row = draft(tenant, long, *lines, note="Met dank.", reference="PO 12")
        for name in ("een-lange-naam-van-een-bijlage-zonder-spaties.pdf", "b.pdf"):
            sales_invoices.attach(row, name, "application/pdf", b"x")
        sent = sales_invoices.send(draft(tenant, long, *lines), "other")
        sales_invoices.credit(sent, sent.issued_on)


def test_pages_fit_a_phone_and_have_no_serious_barriers(
    page: Page, filled: None
) -> None:
    for path in PATHS:
        page.goto(path)
        check(page, path)


def test_an_invoice_is_made_with_live_totals(
    page: Page, filled: None, site: Site
) -> None:
    page.goto("/facturen/nieuw")
    page.fill("[name=search]", "vereni")
    page.click("#find")
    page.click("#choose-1")
    expect(page.locator(".chosen-relation")).to_contain_text("Vereniging")
    page.fill("[name=lines-0-description]", "Zadel")
    page.fill("[name=lines-0-unit_price]", "100,10")
    page.press("[name=lines-0-unit_price]", "Tab")
    expect(page.locator("#totals")).to_contain_text("121,12")
    page.click("#add-line")
    page.fill("[name=lines-1-description]", "Bel")
    page.fill("[name=lines-1-unit_price]", "9,90")
    page.press("[name=lines-1-unit_price]", "Enter")
    expect(page.locator("#totals")).to_contain_text("133,10")
    page.click("#remove-lines-0")
    expect(page.locator("#totals")).to_contain_text("11,98")
    page.click("text=Opslaan")
    page.wait_for_url("**/facturen/4")
    with site.data() as session:
        row = session.get(SalesInvoice, 4)
        assert [one.description for one in row.lines] == ["Bel"]
