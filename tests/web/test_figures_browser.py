"""Figures in a real browser: phone width, no barriers, entries that open."""

import pytest
from playwright.sync_api import Page

from core.domain.declarations import TaxPeriod
from core.models import TenantPlugin
from plugins.belastingdienst.models import PeriodFigures
from plugins.belastingdienst.watching import changes
from tests.browsing import check
from tests.integration.belastingdienst import figure_samples as samples
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_browser import sample
from tests.web.test_figures import DE

__all__ = ["sample"]  # a fixture


@pytest.fixture
def base(site: Site, sample: Sample) -> str:
    """An administration with a quarter that was filed and one that was not."""
    with site.data() as session:
        session.add_all(
            TenantPlugin(tenant_id=sample.tenant.id, plugin=name)
            for name in ("accountview", "belastingdienst")
        )
        made = samples.administration(sample.tenant)
        before = samples.period(made, TaxPeriod.quarter(2026, 2))
        samples.entry(before, "1a", "1550", "310")
        before.read_at = samples.MOMENT
        samples.filed(before, turnover="1050", vat="210")
        changes.look(made)
        row = samples.period(made)
        samples.entry(row, "1a", "12500.55", "2625.12", description="Bakkerij " * 9)
        samples.entry(row, "3b", "8200.90", icp_kind="goods", **DE)
        samples.entry(row, "5b", vat="20.50", origin="manual", description="Bruna")
        row.read_at = samples.MOMENT
        row.doubts = [{"code": "invoice_vat_foreign", "entry_id": "1", "count": 1,
                       "params": {"number": "F1", "vat_code": "BE21"}}]  # fmt: skip
        return f"/aangifte/cijfers/{made.id}"


def test_the_pages_fit_a_phone_and_have_no_serious_barriers(
    page: Page, base: str
) -> None:
    for rest in ("", "/2026-Q3", "/2026-Q2", "/2026-Q3/achter/5g",
                 "/2026-Q3/achter/goods-DE-136695976",
                 "/2026-Q3/invullen"):  # fmt: skip
        page.goto(f"{base}{rest}")
        check(page, rest)
    for path in ("/aangifte", "/aangifte/aangiften"):
        page.goto(base[: base.index("/aangifte")] + path)
        check(page, path)


def test_a_figure_opens_and_closes_on_the_page(page: Page, base: str) -> None:
    page.goto(f"{base}/2026-Q3")
    place = page.locator("#achter-1a")
    assert not place.is_visible()
    page.click("a[hx-target='#achter-1a']")
    place.locator("text=Bakkerij").first.wait_for()
    assert page.url.endswith("/2026-Q3")
    check(page)
    place.locator("summary").click()
    assert not place.locator("table").is_visible()


def test_the_page_follows_a_reading(page: Page, base: str, site: Site) -> None:
    with site.data() as session:
        for row in session.query(PeriodFigures):
            row.reading = True
    page.goto(f"{base}/2026-Q3")
    assert page.locator("button:has-text('Opnieuw lezen')").is_disabled()
    with site.data() as session:
        for row in session.query(PeriodFigures):
            row.reading = False
    page.wait_for_selector("button:has-text('Opnieuw lezen'):enabled")
