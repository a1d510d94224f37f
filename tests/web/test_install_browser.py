"""Signing up and installing in a real browser: nothing blocked, nothing too wide."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Coupling, Licence, Tenant
from core.plugin.capabilities import Orders
from core.services.licensing import licences
from tests.browsing import NARROW, WIDE, check, watched
from tests.capabilities import bringing
from tests.web.conftest import Site
from tests.web.test_browser import sample
from tests.web.test_install import NEW_PASSWORD, sign_up
from tests.web.test_public import PATH

__all__ = ["sample"]  # a fixture


@pytest.fixture(params=["narrow", "wide"])
def visitor(
    request: pytest.FixtureRequest, browser: Browser, address: str
) -> Iterator[Page]:
    """A page of nobody yet; what the console complains of fails."""
    size = NARROW if request.param == "narrow" else WIDE
    with watched(browser, address, size) as page:
        yield page


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
    visitor.wait_for_selector("[name=again]")
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
    sample,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with site.data() as session:
        tenant = session.get(Tenant, sample.tenant.id)
        tenant.terms_accepted_at = utcnow()
        licence = licences.begin(tenant, "kmoshops", "eaccounting")
        licences.attach(licence, session.get(Coupling, sample.coupling.id))
    registry = site.app.extensions["koppelwerk"].registry
    plugin = registry.get("eaccounting")
    complete = replace(plugin.find(Orders), problems=lambda _coupling: [])
    monkeypatch.setitem(registry.plugins, "eaccounting", bringing(plugin, complete))
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
