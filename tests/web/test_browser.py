"""The pages in a real browser: nothing blocked, nothing too wide, live parts live."""

import pytest
from playwright.sync_api import Page

from core.models import Transfer, TransferState
from tests.browsing import check
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

PATHS = ["/", "/rapportage", "/fouten", "/fouten/hoeft-niet", "/fouten/weggezet",
         "/fouten/wegzetten?soort=zelf&oorzaak=order_empty", "/open",
         "/configuratie/1", "/koppelingen", "/configuratie/1/btw-andere-landen", "/log",
         "/bestelling/1"]  # fmt: skip


@pytest.fixture
def sample(site: Site) -> Sample:
    made = site.sample()
    with site.data():
        for number in range(3):
            samples.transfer(made, f"E{number}", TransferState.FAILED, "order_empty")
        samples.transfer(made, "W", TransferState.WAITING, "order_unpaid")
        samples.transfer(
            made, "D", TransferState.DONE, booked_at=samples.utcnow(),
            external_number="20260001", document="sales_entry",
        )  # fmt: skip
    return made


def test_pages_fit_a_narrow_phone(page: Page) -> None:
    for path in PATHS:
        page.goto(path)
        check(page, path)


def test_meer_info_and_verwerk_work_without_leaving_the_page(
    page: Page, site: Site
) -> None:
    page.goto("/fouten")
    page.locator("summary", has_text="Meer info").first.click()
    page.wait_for_selector(".detail >> text=Sophie Fischer")
    item = page.locator("#item-2")
    item.locator("button", has_text="Verwerk").click()
    item.locator("text=wordt opnieuw uit de winkel gelezen").wait_for()
    with site.data() as session:
        row = session.get(Transfer, 2)
        row.state, row.code, row.external_number = TransferState.DONE, "", "77"
    item.locator("text=Doorgezet").wait_for(timeout=10_000)
    page.wait_for_selector("#count-failed >> text=2", timeout=10_000)


def test_everything_is_reached_by_keyboard(page: Page) -> None:
    page.goto("/fouten")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Uitloggen", "Verwerk gekozen", "Rapportage"} <= seen
    assert any(text.startswith("Meer info") for text in seen)
    assert any(text.startswith("Verwerk E") for text in seen)
