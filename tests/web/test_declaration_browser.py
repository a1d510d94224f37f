"""The pages of declarations in a real browser, at phone width."""

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from plugins.belastingdienst.demo import SANDBOX
from tests.browsing import NARROW, check
from tests.web.conftest import Site
from tests.web.declarations import (
    ADMIN,
    BASE,
    LICENCE,
    WIZARD,
    Outside,
    connected,
    own,
    owner,
    running,
    sample,
    sandbox,
    settings,
    undertaking,
    walk,
)
from tests.web.samples import Sample

__all__ = ["owner", "running", "sample", "sandbox",
           "settings"]  # fmt: skip
PATHS = ("", "/activeren/welkom", "/activeren/licentie", "/activeren/communicatie",
         "/activeren/beheerder", "/activeren/gateway", "/activeren/autorisatie",
         "/administraties", "/administraties/1", "/ondernemingen",
         "/ondernemingen/rapport", "/profielen", "/profielen/1", "/gebruikers",
         "/gebruikers/1", "/certificaat")  # fmt: skip


@pytest.fixture
def filled(site: Site, sample: Sample, owner: FlaskClient, running: Outside) -> None:
    """Something on every page, faults of the gateway too."""
    connected(site, sample, running)
    assert SANDBOX.seed is not None
    with site.data():
        SANDBOX.seed(running.url, sample.tenant.id)
    undertaking(owner, "FIETS", "Fietsen Handel")
    own(owner)
    walk(owner, running, until="gateway")
    running.control("services", {"gateway_running": False, "gateway_local_only": True})
    owner.post(f"{WIZARD}/gateway", data={"email": ADMIN, "password": "fout"})
    user = {"name": "Ada Beheer", "email": "ada@example.com", "undertakings": [1]}
    owner.post(f"{BASE}/gebruikers", data=user)


def test_pages_fit_a_phone_and_have_no_serious_barriers(
    page: Page, filled: None
) -> None:
    page.set_viewport_size(NARROW)
    for path in PATHS:
        page.goto(BASE + path)
        check(page, path)


def test_a_new_user_walks_the_wizard(page: Page, running: Outside) -> None:
    page.goto(BASE)
    page.click("text=Visma-diensten activeren >> nth=0")
    page.click("button:has-text('Volgende')")
    page.fill("[name=text]", LICENCE)
    page.check("[name=terms]")
    page.click("button:has-text('Activeren')")
    page.fill("[name=server]", "localhost")
    page.click("button:has-text('Controleren')")
    page.fill("[name=email]", ADMIN)
    page.fill("[name=first_name]", "Ada")
    page.fill("[name=last_name]", "Beheer")
    page.click("button:has-text('Aanmaken')")
    here = page.url
    page.goto(f"{running.url}/")  # the administrator follows his mail
    page.click("text=Stappen in de e-mail uitvoeren")
    page.goto(here)
    page.click("button:has-text('Controleren')")
    page.fill("[name=password]", "demo")
    page.click("button:has-text('Controleren')")
    page.fill("[name=password]", "demo")
    page.click("button:has-text('Autoriseren')")
    page.wait_for_selector("a.button:has-text('Voltooien')")
