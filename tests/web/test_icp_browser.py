"""ICP in a real browser, at phone width: every page of it, and ticking off."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page

from core.runtime.database import session
from core.runtime.settings import Settings
from plugins.belastingdienst.icp import owed
from plugins.belastingdienst.models import Administration, CallOffStock
from tests.browsing import check, log_in, watched
from tests.contract.belastingdienst.conftest import World
from tests.integration.filing_world import PASSWORD, Files
from tests.web.conftest import Site
from tests.web.filing_site import FilingSite, filing_site
from tests.web.test_filings import LIST, tax_office
from tests.web.test_icp import BE, DE, Q3, approve, prepare, shop, sold, vies

__all__ = ["tax_office", "vies"]  # fixtures


@pytest.fixture
def filer(settings: Settings, tax_office: World) -> Iterator[FilingSite]:
    with filing_site(settings, tax_office) as made:
        yield made


@pytest.fixture
def site(filer: FilingSite) -> Site:
    """The site that `address` serves."""
    return filer.site


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page at phone width, logged in; what the console complains of fails."""
    with watched(browser, address) as page:
        log_in(page, "owner@example.com", PASSWORD)
        yield page


def _late(files: Files) -> None:
    """Find more of August, and keep goods in stock at a customer."""
    one = session().get_one(Administration, 1)
    sold(files, one, 8, "250.80", BE)
    owed.notice(one, Q3)
    session().add(
        CallOffStock(
            tenant_id=one.tenant_id, administration_id=one.id, description="Fietsen",
            customer_country=DE[:2], customer_number=DE[2:], amount=Decimal("1250.50"),
            arrived_on=date(2026, 8, 2),
        )
    )  # fmt: skip
    session().commit()


def test_pages_of_icp_fit_a_phone_and_what_is_owed_is_ticked_off(
    page: Page, filer: FilingSite
) -> None:
    administration_id = shop(
        filer, (7, "20000.50", DE), (8, "39999.75", BE), (9, "5000.99", DE)
    )
    client = filer.client()
    place = prepare(client, administration_id, "2026-07_08")
    approve(filer, client, place)
    filer.do(_late)
    paths = [
        LIST, place, f"/aangifte/cijfers/{administration_id}/2026-Q3",
        f"/aangifte/icp/{administration_id}", "/aangifte/icp/voorraad/1", "/aangifte",
    ]  # fmt: skip
    for path in paths:
        page.goto(path)
        check(page, path)
    page.goto(LIST)
    page.click("text=Ik heb dit op het portaal verbeterd")
    page.wait_for_selector("text=Vastgelegd")
    assert page.locator("text=nog te verbeteren").count() == 0
