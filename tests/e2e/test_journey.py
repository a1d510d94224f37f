"""A new webshop owner's first ten minutes, in a real browser, through the real thing.

From the public page to the first booked order, with no other help than the screens:
sign up, mail, install link, both Connects with their consent pages, configuration,
an order that comes in; then one that fails, is solved and goes with Verwerk; and a
problem that is reported. Nothing is blocked by the content security policy, and axe
finds nothing serious on the way. All of it on a phone; the pages fit a desktop too.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, ConsoleMessage, Page

from core.domain import jsontext
from core.main.app import create_app
from core.main.stack import Stack
from tests.browsing import WIDE, check, check_width, watched
from tests.migrating import migrate
from tests.product import outside

SIZES = {"desktop": WIDE, "phone": {"width": 390, "height": 844}}
EMAIL = "eigenaar@winkel.example"
PASSWORD = "vier losse woorden samen"
PATIENCE_MS = 30_000
SIDES = ("kmoshops", "eaccounting", "vies")
"""What the journey needs of the outside world."""
SHOTS = os.environ.get("SCREENSHOTS", "")
"""A folder: the pages are photographed on the way, for the README."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """The product with its sandboxes, and nobody in it yet."""
    with outside(tmp_path / "var", only=SIDES, dispatch_seconds=1) as made:
        with create_app(made.settings).app_context():
            migrate()
        made.start_product()
        for name, (_, sandbox) in made.sandboxes.items():
            if sandbox.bench.unlimited is not None:
                sandbox.bench.unlimited(made.addresses[name])
        yield made


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A phone that nobody used before; what its console says of us fails."""
    ours = stack.settings.public_url
    with watched(browser, ours, SIZES["phone"], counts=_is_ours) as page:
        page.set_default_timeout(PATIENCE_MS)
        yield page


def _is_ours(page: Page, message: ConsoleMessage) -> bool:
    """Errors of our own pages; a sandbox may do as it likes."""
    is_theirs = (
        "/oauth/" in page.url and "/api/" in page.url
    ) or "/connect/authorize" in page.url
    return message.type == "error" and not is_theirs


def looked_at(page: Page, name: str, *, whole: bool = False) -> None:
    """Hold the page to what users need, at every size; keep pictures when asked."""
    check(page, name)
    own = page.viewport_size
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        check_width(page, name)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{size}.png", full_page=whole)
    page.set_viewport_size(own)


def eventually(look: Callable[[], Any]) -> Any:
    """Return what is found once it is there."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not (found := look()):
        if time.monotonic() > until:
            raise AssertionError("it never came")
        time.sleep(0.3)
    return found


def mail_to(stack: Stack, address: str, about: str = "") -> str:
    """Return the text of the newest mail to an address in which something stands."""

    def look() -> Any:
        answer = requests.get(
            f"{stack.mail_page}/mails.json", params={"to": address}, timeout=5
        )
        return [mail for mail in answer.json() if about in mail["text"]]

    return str(eventually(look)[-1]["text"])


def control(stack: Stack, plugin: str, path: str, body: Any) -> Any:
    """Play the outside world through a sandbox's control address."""
    answer = requests.post(
        f"{stack.addresses[plugin]}/_control/{path}",
        data=jsontext.dumps(body),
        timeout=30,
    )
    answer.raise_for_status()
    return jsontext.loads(answer.content)


def sign_up(page: Page, stack: Stack) -> None:
    page.goto("/welkom")
    looked_at(page, "welkom")
    page.get_by_role("link", name="Proefperiode beginnen").first.click()
    page.fill("[name=name]", "Anna Jansen")
    page.fill("[name=company]", "De Fietsenmaker")
    page.fill("[name=email]", EMAIL)
    page.select_option("[name=country]", "NL")
    page.check("[name=terms]")
    looked_at(page, "aanmelden")
    page.click("main form button.blue")
    page.wait_for_selector("text=mailbox")
    text = mail_to(stack, EMAIL)
    link = re.search(r"http\S+/installeren/\S+", text)
    password = re.search(r"Wachtwoord:\s+(\S+)", text)
    assert link, text
    assert password, text
    page.goto(link[0])
    page.fill("[name=password]", password[1])
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=again]")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#steps")


def connect_both(page: Page) -> None:
    looked_at(page, "installatie")
    page.click("#connect-source")
    page.fill("[name=email]", "winkel@example.com")
    page.fill("[name=password]", "demo")
    page.click("button[value=allow]")
    page.wait_for_selector("#connect-target")
    page.click("#connect-target")
    page.fill("[name=email]", "demo@example.com")
    page.fill("[name=password]", "demo")
    page.click("button[value=login]")
    page.click("button[value=allow]")
    page.wait_for_selector("#steps")


def configure(page: Page) -> None:
    page.get_by_role("link", name="Naar Configuratie").click()
    page.get_by_role("link", name="Stap voor stap instellen").click()
    page.wait_for_selector("text=Wat bestellingen worden")
    looked_at(page, "configuratie")
    for _step in range(6):  # a subject a step; each proposal is right
        page.get_by_role("button", name="Akkoord").click()
    page.wait_for_selector("text=het wordt nooit verstuurd")
    page.get_by_role("button", name="Begin met doorzetten").click()
    page.wait_for_selector("text=De configuratie is compleet")


def set_up_shop(stack: Stack) -> None:
    """Tell the shop where its webhooks go, as the app's listing would."""
    url = f"{stack.settings.public_url}/webhooks/kmoshops"
    settings = {"url": url, "client_secret": "sandbox-secret"}
    control(stack, "kmoshops", "webhook", settings)


def place(
    stack: Stack, number: str, country: str, rate: str, email: str = "jan@example.com"
) -> None:
    """Somebody buys something in the shop."""
    line = {"sku": "BEL", "name": "Fietsbel", "quantity": 1, "price": "12.10",
            "vat_rate": rate}  # fmt: skip
    buyer = {"name": "Jan Klant", "street": "Kerkstraat 1", "postalCode": "1000AA",
             "city": "Plaats", "countryCode": country}  # fmt: skip
    order = {
        "id": number, "email": email, "lines": [line],
        "billing": buyer, "shipping_person": buyer,
    }  # fmt: skip
    control(stack, "kmoshops", "orders", [order])


def solve(page: Page) -> None:
    """Follow the error to the field that solves it, and press Verwerk."""
    page.get_by_text("Meer info").first.click()
    page.wait_for_selector(".info-body .detail")
    page.get_by_role("link", name="Naar het veld in Configuratie").first.click()
    page.get_by_role("button", name="Opslaan").click()  # it is filled in already
    page.get_by_role("button", name="Verwerk", exact=True).click()
    page.wait_for_selector("li:has-text('F1002') >> text=Doorgezet")
    page.goto("/rapportage")
    page.wait_for_selector("text=F1002")


def report(page: Page, stack: Stack) -> None:
    """What cannot be solved is reported; the preview is what support gets."""
    page.goto("/fouten")
    page.get_by_role("link", name="Meld probleem F1003").click()
    page.fill("[name=message]", "Deze klant heeft echt geen e-mailadres.")
    looked_at(page, "meld-probleem")
    page.locator("main form").get_by_role("button", name="Meld probleem").click()
    page.wait_for_selector("text=Nog geen antwoord.")
    page.get_by_role("link", name="Melding 1").first.click()
    page.wait_for_selector("text=Deze klant heeft echt geen e-mailadres.")
    text = mail_to(stack, stack.settings.support_email, about="F1003")
    assert "Deze klant heeft echt geen e-mailadres." in text
    looked_at(page, "meldingen")


def booked_numbers(stack: Stack) -> list[str]:
    """What stands in the package, by order number."""
    address = f"{stack.addresses['eaccounting']}/_control/ledger?kind=ledgeritem"
    entries = jsontext.loads(requests.get(address, timeout=30).content)
    return sorted(
        entry["body"]["document"]["PaymentReferenceNumber"] for entry in entries
    )


def test_from_the_public_page_to_daily_use(page: Page, stack: Stack) -> None:
    sign_up(page, stack)
    connect_both(page)
    looked_at(page, "installatie-verbonden")
    configure(page)
    set_up_shop(stack)

    place(stack, "F1001", "NL", "21")
    page.goto("/rapportage")
    page.wait_for_selector("text=F1001")
    looked_at(page, "rapportage")

    place(stack, "F1002", "DE", "19")
    page.wait_for_selector(".count.alarm:not(.none)")
    page.goto("/fouten")
    page.wait_for_selector("text=F1002")
    looked_at(page, "fouten")
    solve(page)

    place(stack, "F1003", "NL", "21", email="")
    page.wait_for_selector(".count.alarm:not(.none)")
    report(page, stack)
    assert booked_numbers(stack) == ["F1001", "F1002"]
