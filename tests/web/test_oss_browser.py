"""The one stop shop in a real browser: from orders to the paper and what was filed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.models import Connection, ShopOrder, TenantPlugin
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.models import OssRegister
from plugins.belastingdienst.tasks import read_oss
from tests.browsing import check
from tests.component.test_invoices import read as read_pdf
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst.shop_samples import (
    LONG_AGO,
    line,
    order,
    record,
    refund,
)
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_browser import sample

__all__ = ["sample"]  # a fixture
BASE = "/aangifte/oss"


@pytest.fixture
def shop(site: Site, sample: Sample) -> int:
    """Give the tenant an administration and orders abroad; return the shop's id."""
    with site.data() as session:
        session.add(TenantPlugin(tenant_id=sample.tenant.id, plugin="belastingdienst"))
        samples.administration(sample.tenant)
        shop = session.get(Connection, sample.shop.id)
        shop.created_at = LONG_AGO
        back = refund("a", "2026-10-02T10:00", [line("59.50", "9.50", "19")])
        record(
            shop,
            order("1", "2026-08-10T10:00", "DE", [line("119.00", "19.00", "19")],
                  refunds=[back]),
            order("2", "2026-08-11T10:00", "BE", [line("121.00", "21.00", "21")]),
            order("3", "2026-08-12T10:00", "DE", [line("106.00", "6.00", "6")]),
        )  # fmt: skip
        assert session.query(ShopOrder).count() >= 3
        return int(shop.id)


def test_from_orders_to_the_paper_and_what_was_filed(
    page: Page, site: Site, shop: int, tmp_path: Path
) -> None:
    page.goto(BASE)
    check(page, "aanmelding")
    page.fill("[name=oss_from]", "2026-01-01")
    page.select_option("[name=since]", "2026-07-01")
    page.check(f"[name=sales][value='{shop}']")
    page.click("button:has-text('Opslaan')")
    with site.app.app_context(), system_scope():
        register = site.app.extensions["sqlalchemy"].session.query(OssRegister).one()
        read_oss(register.id)
    page.goto(BASE)
    check(page, "overzicht")
    page.screenshot(path=tmp_path / "oss.png", full_page=True)
    page.click("a:has-text('3e kwartaal 2026')")
    check(page, "kwartaal")
    page.screenshot(path=tmp_path / "kwartaal.png", full_page=True)
    with page.expect_download() as paper:
        page.click("text=Op papier (PDF)")
    text = "\n".join(read_pdf(Path(paper.value.path()).read_bytes()))
    assert "België (BE), uit Nederland" in text
    page.fill("[name=reference]", "NL-2026-77")
    page.check("[name=in_spite]")
    page.click("button:has-text('Ik heb dit ingediend')")
    page.wait_for_selector("text=Bewaard als ingediend")
    page.click("a:has-text('3e kwartaal 2026')")
    check(page, "ingediend")
    assert page.locator("text=NL-2026-77").count() == 1
    page.goto(f"{BASE}/001000044B37/2026-Q3")
    assert page.locator("button:has-text('Ik heb dit ingediend')").count() == 0
