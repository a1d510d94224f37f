"""A second shop beside the demo's first: from the install address to a booked order.

Nothing but what the screens say, with few screens and fields. A screen is a page with
an address of its own; one that comes back after a save is no other screen. Shown with
`--log-cli-level INFO`: what it takes by hand.
"""

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page

from core.main.app import ROOT
from tests.browsing import WIDE, watched
from tests.e2e import test_journey as journey
from tests.e2e.test_new_plugin import Running, run

logger = logging.getLogger(__name__)
EMAIL = "tweede@winkel.example"
PASSWORD = "vier losse woorden samen"
SHOP_LOGIN = ("nieuw@example.com", "demo")
"""As the login pages of the shop and of the package say."""
MOST_SCREENS, MOST_FIELDS, BY_HAND = 12, 12, 300


class Visitor:
    """Uses a page as a person does; counts what that takes of him.

    What a hand and an eye need is reckoned from it by the keystroke-level model (Card,
    Moran and Newell, 1980): a key 0.28 s, pointing and clicking 1.3 s, making up one's
    mind 1.35 s for each field and click. Words are read once, at 238 a minute
    (Brysbaert, 2019), of a screen at most 28 of a hundred (Nielsen, 2008).
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.words: dict[str, int] = {}
        self.fields = self.clicks = self.keys = 0

    @property
    def seconds(self) -> float:
        """What it takes by hand, without waiting for the machine."""
        acts = self.fields + self.clicks
        reading = 0.28 * sum(self.words.values()) / 238 * 60
        return reading + 0.28 * self.keys + (1.3 + 1.35) * acts

    def read(self) -> None:
        """Look at the screen as it is now; what was read there before costs nothing."""
        screen = re.split(r"[?#]", self.page.url)[0]
        main = self.page.locator("main, body").last
        count = len(main.inner_text().split())
        self.words[screen] = max(count, self.words.get(screen, 0))

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.fill(f"[name={name}]", value)
            self.fields += 1
            self.keys += len(value)

    def click(self, what: str | Locator) -> None:
        found = self.page.locator(what) if isinstance(what, str) else what
        found.wait_for()
        self.read()
        found.click()
        self.clicks += 1

    def enter(self) -> None:
        self.read()
        self.page.keyboard.press("Enter")
        self.keys += 1

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
    visitor.enter()
    visitor.page.wait_for_selector("[name=again]")
    visitor.fill(password=PASSWORD, again=PASSWORD)
    visitor.enter()
    visitor.page.wait_for_selector("#steps")


def connect(visitor: Visitor) -> None:
    """Both logins name what the second shop logs in with."""
    page = visitor.page
    visitor.click("#connect-source")
    visitor.log_in()
    visitor.click("button[value=allow]")
    visitor.click("#connect-target")
    visitor.log_in()
    visitor.click("button[value=login]")
    visitor.click("button[value=allow]")
    page.wait_for_selector("#steps")
    page.locator("#steps .dot.green").nth(1).wait_for()


def configure(visitor: Visitor) -> None:
    """As proposed, with a look at what an order becomes."""
    page = visitor.page
    visitor.click("#to-configuration")
    visitor.click(page.get_by_role("link", name="Stap voor stap instellen"))
    visitor.click(page.get_by_role("button", name="Alles zoals voorgesteld"))
    page.wait_for_selector("text=het wordt nooit verstuurd")
    visitor.click(page.get_by_role("button", name="Begin met doorzetten"))
    page.wait_for_selector("text=De configuratie is compleet")


def order(visitor: Visitor) -> None:
    """By the tour on the first page: the demo shop's page, the second store."""
    page = visitor.page
    page.goto("/")
    visitor.read()
    shop = page.locator("#tour").get_by_role("link", name="Plaats een bestelling")
    page.goto(str(shop.get_attribute("href")))
    visitor.click(page.get_by_role("link", name="Nieuwe Webwinkel"))
    page.wait_for_selector("h1:has-text('Nieuwe Webwinkel')")
    visitor.click(page.get_by_role("button", name="Plaats een testbestelling"))
    number = page.locator("tbody td").first.inner_text()
    page.goto("/rapportage")
    page.wait_for_selector(f"text={number}")
    visitor.read()


def test_a_second_shop_books_its_first_order(page: Page, demo: Running) -> None:
    sign_up(page)
    text = mail(demo)
    visitor = Visitor(page)
    begin(visitor, text)
    connect(visitor)
    configure(visitor)
    order(visitor)
    logger.info("%.0f s by hand, words %s", visitor.seconds, visitor.words)
    assert len(visitor.words) <= MOST_SCREENS, visitor.words
    assert visitor.fields <= MOST_FIELDS
    assert visitor.seconds <= BY_HAND
