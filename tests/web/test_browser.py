"""The pages in a real browser: nothing blocked, nothing too wide, live parts live."""

import os
import shutil
from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from core.models import Transfer, TransferState
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import PASSWORD, Sample

CHROMIUM = shutil.which("chromium")
PATHS = ["/", "/rapportage", "/fouten", "/open", "/configuratie/1", "/koppelingen",
         "/configuratie/1?wijzigen=btw", "/log", "/bestelling/1"]  # fmt: skip
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        message = "Chromium is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


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


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str, sample: Sample) -> Iterator[Page]:
    """A page at phone width, logged in; what the console complains of fails."""
    context = browser.new_context(viewport=NARROW, base_url=address, locale="nl-NL")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/login")
    page.fill("[name=email]", sample.owner)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#overview")
    yield page
    context.close()
    assert complaints == []


def test_pages_fit_a_narrow_phone(page: Page) -> None:
    too_wide = []
    for path in PATHS:
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
            too_wide.append(path)
    assert too_wide == []


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
