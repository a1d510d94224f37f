"""Signing up and installing in a real browser: nothing blocked, nothing too wide."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from core.clock import utcnow
from core.models import Coupling, Licence, Tenant
from core.services import licences
from tests.web.conftest import Site
from tests.web.test_browser import address, browser, sample  # noqa: F401  fixtures
from tests.web.test_install import NEW_PASSWORD, outside, sign_up  # noqa: F401
from tests.web.test_public import PATH

NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


@pytest.fixture(params=["narrow", "wide"])
def visitor(
    request: pytest.FixtureRequest,
    browser: Browser,  # noqa: F811
    address: str,  # noqa: F811
) -> Iterator[Page]:
    """A page of nobody yet; what the console complains of fails."""
    size = NARROW if request.param == "narrow" else WIDE
    context = browser.new_context(viewport=size, base_url=address, locale="nl-NL")
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type in ("error", "warning")
            else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def check(page: Page) -> None:
    """Nothing wider than the window, and nothing that axe finds serious."""
    assert (
        page.evaluate("document.documentElement.scrollWidth")
        <= (page.viewport_size["width"])
    ), page.url
    found = Axe().run(page).response["violations"]
    serious = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    assert [rule["id"] for rule in serious] == [], page.url


def test_from_the_public_page_to_the_steps(site: Site, visitor: Page) -> None:
    visitor.goto("/welkom")
    check(visitor)
    visitor.click("text=Proefperiode beginnen")
    assert visitor.url.endswith(PATH)
    check(visitor)
    visitor.goto("/voorwaarden")
    check(visitor)
    begun = sign_up(site)
    visitor.goto(f"/installeren/{begun.token}")
    check(visitor)
    visitor.fill("[name=password]", begun.password)
    visitor.keyboard.press("Enter")
    visitor.fill("[name=password]", NEW_PASSWORD)
    visitor.fill("[name=again]", NEW_PASSWORD)
    visitor.keyboard.press("Enter")
    visitor.wait_for_selector("#steps")
    check(visitor)
    visitor.focus("#connect-target")
    with site.data() as session:
        session.scalars(select(Tenant)).one().terms_accepted_at = None
    visitor.wait_for_selector("#accept-terms", timeout=8000)
    assert visitor.evaluate("document.activeElement.id") == "connect-target"
    visitor.click("#accept-terms")
    visitor.wait_for_selector("#accept-terms", state="detached")


def test_the_finished_installation_and_the_licence(
    site: Site,
    visitor: Page,
    sample,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with site.data() as session:
        tenant = session.get(Tenant, sample.tenant.id)
        tenant.terms_accepted_at = utcnow()
        licence = licences.begin(tenant, "kmoshops", "eaccounting")
        licences.attach(licence, session.get(Coupling, sample.coupling.id))
    target = site.app.extensions["koppelwerk"].registry.get("eaccounting").order_target
    monkeypatch.setattr(type(target), "__setattr__", object.__setattr__)
    monkeypatch.setattr(target, "problems", lambda _coupling: [])
    visitor.goto(f"/login?next=/installatie/{licence.id}")
    visitor.fill("[name=email]", sample.owner)
    visitor.fill("[name=password]", "een lang wachtwoord")
    visitor.keyboard.press("Enter")
    visitor.wait_for_selector("text=geïnstalleerd")
    check(visitor)
    visitor.goto(f"/licentie/{licence.id}")
    check(visitor)
    visitor.click("text=Een jaar bestellen")
    check(visitor)
    for name, value in (("street", "Straat 1"), ("postal_code", "1000"), ("city", "X")):
        visitor.fill(f"[name={name}]", value)
    visitor.click("text=Verder")
    visitor.wait_for_selector("text=Controleer uw bestelling")
    check(visitor)
    visitor.click("text=Bestellen met betalingsverplichting")
    visitor.wait_for_selector("text=wacht op betaling")
    check(visitor)
    assert re.search(r"KW\d{4}-0001", visitor.content())
    with site.data() as session:
        assert session.get(Licence, licence.id).state == "trial"
