"""The pages of accounts in a real browser: nothing blocked, too wide or unreachable."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_browser import address, browser, page, sample  # noqa: F401
from tests.web.test_profile import _invoice, _licence

PATHS = ["/profiel", "/wachtwoord", "/tweestaps", "/bevestig", "/profiel/privacy",
         "/profiel/privacy/wissen", "/profiel/licenties/1/beeindigen"]  # fmt: skip
PUBLIC = ["/login", "/wachtwoord/vergeten"]


@pytest.fixture
def filled(site: Site, sample: Sample) -> Sample:  # noqa: F811
    """A tenant with a licence and an invoice."""
    _licence(site, sample)
    _invoice(site, sample)
    return sample


def _is_well_made(page: Page, path: str) -> None:  # noqa: F811
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, path
    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], [node["html"] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == [], path


def test_pages_of_accounts(page: Page, filled: Sample) -> None:  # noqa: F811
    for path in PATHS:
        page.goto(path)
        _is_well_made(page, path)
    page.goto("/tweestaps")
    page.click("main .blue")
    page.wait_for_selector(".qr")
    _is_well_made(page, "QR")
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 150


def test_public_pages_of_accounts(page: Page) -> None:  # noqa: F811
    page.click(".quit button")
    for path in PUBLIC:
        page.goto(path)
        _is_well_made(page, path)
