"""A second shop beside the demo's first: from the install address to a booked order.

Nothing but what the screens say, with few screens and fields. A screen is a page with
an address of its own; one that comes back after a save is no other screen.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Frame, Page

from core.main.app import ROOT
from tests.browsing import WIDE, watched
from tests.e2e import test_journey as journey
from tests.e2e.test_new_plugin import Running, run

EMAIL = "tweede@winkel.example"
PASSWORD = "vier losse woorden samen"
SHOP_LOGIN = ("nieuw@example.com", "demo")
"""As the login pages of the shop and of the package say."""
MOST_SCREENS, MOST_FIELDS = 12, 12


class Visitor:
    """Uses a page as a person does; counts the screens seen and the fields filled."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.screens: set[str] = set()
        self.fields = 0
        page.on("framenavigated", self._came)

    def _came(self, frame: Frame) -> None:
        if frame == self.page.main_frame:
            self.screens.add(re.split(r"[?#]", frame.url)[0])

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.fill(f"[name={name}]", value)
            self.fields += 1

    def log_in(self) -> None:
        email, password = SHOP_LOGIN
        self.page.wait_for_selector(f"text={email}")
        self.fill(email=email, password=password)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Running]:
    """What `make run` starts, its first shop connected; nobody buys by itself."""
    environ = {"PATH": os.environ["PATH"], "DISPATCH_SECONDS": "1"}
    environ["VAR_DIR"] = str(tmp_path / "v")
    with run(ROOT, environ, tmp_path / "output", "--no-orders") as running:
        webhook = {"url": f"{running.url}/webhooks/kmoshops"}
        address = f"{running.sandbox('kmoshops')}/_control/webhook"
        requests.post(address, json=webhook, timeout=9).raise_for_status()
        yield running


@pytest.fixture
def page(browser: Browser, demo: Running) -> Iterator[Page]:
    with watched(browser, demo.url, WIDE, counts=journey._is_ours) as page:
        page.set_default_timeout(journey.PATIENCE_MS)
        yield page


def sign_up(page: Page) -> None:
    page.goto("/aanmelden/kmoshops/eaccounting")
    page.fill("[name=name]", "Bo Pieters")
    page.fill("[name=company]", "Nieuwe Webwinkel")
    page.fill("[name=email]", EMAIL)
    page.check("[name=terms]")
    page.click("main form button.blue")


def mail(demo: Running) -> str:
    """Return the text of the mail with the install address."""
    address = f"{demo.address('mails:')}/mails.json"

    def look() -> Any:
        return requests.get(address, params={"to": EMAIL}, timeout=5).json()

    return str(journey.eventually(look)[-1]["text"])


def begin(visitor: Visitor, text: str) -> None:
    """The mail's address and password, then a password of one's own."""
    link = re.search(r"http\S+/installeren/\S+", text)
    password = re.search(r"(?:uur werkt|Wachtwoord):\s+(\S+)", text)
    assert link, text
    assert password, text
    visitor.page.goto(link[0])
    visitor.fill(password=password[1])
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_selector("[name=again]")
    visitor.fill(password=PASSWORD, again=PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_selector("#steps")


def connect(visitor: Visitor) -> None:
    """Both logins name what the second shop logs in with."""
    page = visitor.page
    page.click("#connect-source")
    visitor.log_in()
    page.click("button[value=allow]")
    page.click("#connect-target")
    visitor.log_in()
    page.click("button[value=login]")
    page.click("button[value=allow]")
    page.wait_for_selector("#steps")
    page.locator("#steps .dot.green").nth(1).wait_for()


def configure(visitor: Visitor) -> None:
    """As proposed, with a look at what an order becomes."""
    page = visitor.page
    page.click("#to-configuration")
    page.get_by_role("link", name="Stap voor stap instellen").click()
    page.get_by_role("button", name="Alles zoals voorgesteld").click()
    page.wait_for_selector("text=het wordt nooit verstuurd")
    page.get_by_role("button", name="Begin met doorzetten").click()
    page.wait_for_selector("text=De configuratie is compleet")


def order(visitor: Visitor) -> None:
    """By the tour on the first page: the demo shop's page, the second store."""
    page = visitor.page
    page.goto("/")
    shop = page.locator("#tour").get_by_role("link", name="Plaats een bestelling")
    page.goto(str(shop.get_attribute("href")))
    page.get_by_role("link", name="Nieuwe Webwinkel").click()
    page.wait_for_selector("h1:has-text('Nieuwe Webwinkel')")
    page.get_by_role("button", name="Plaats een testbestelling").click()
    number = page.locator("tbody td").first.inner_text()
    page.goto("/rapportage")
    page.wait_for_selector(f"text={number}")


def test_a_second_shop_books_its_first_order(page: Page, demo: Running) -> None:
    sign_up(page)
    text = mail(demo)
    visitor = Visitor(page)
    begin(visitor, text)
    connect(visitor)
    configure(visitor)
    order(visitor)
    assert len(visitor.screens) <= MOST_SCREENS, visitor.screens
    assert visitor.fields <= MOST_FIELDS
