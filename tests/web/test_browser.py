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
    page.wait_for_selector(".bar .count-failed >> text=2", timeout=10_000)


def test_everything_is_reached_by_keyboard(page: Page) -> None:
    page.goto("/fouten")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Uitloggen", "☰ Menu", "Verwerk gekozen"} <= seen
    assert any(text.startswith("Meer info") for text in seen)
    assert any(text.startswith("Verwerk E") for text in seen)


def test_the_menu_of_a_phone_opens_and_closes_without_a_script(page: Page) -> None:
    no_script = {"content_type": "text/javascript", "body": ""}
    page.context.route("**/*.js*", lambda route: route.fulfill(**no_script))
    page.goto("/open")
    link = page.get_by_label("Hoofdmenu").get_by_role("link", name="Rapportage")
    assert page.locator(".bar .count-failed").inner_text() == "3"
    assert not link.is_visible()
    page.get_by_role("button", name="Menu").press("Enter")
    link.wait_for()
    here = page.get_by_label("Hoofdmenu").locator("[aria-current=page]")
    assert here.inner_text().split() == ["Open", "1"]
    check(page, "menu")
    page.keyboard.press("Escape")
    link.wait_for(state="hidden")
    page.get_by_role("button", name="Menu").click()
    link.click()
    page.wait_for_url("**/rapportage")


def test_the_menu_stands_beside_the_page_on_a_wide_screen(page: Page) -> None:
    page.set_viewport_size({"width": 1024, "height": 700})
    page.goto("/fouten")
    menu = page.get_by_label("Hoofdmenu")
    assert menu.get_by_role("link").count() == 10
    assert menu.is_visible()
    assert not page.locator(".bar").is_visible()
    for path in PATHS:
        page.goto(path)
        check(page, path)
