"""The pages of accounts in a real browser: nothing blocked, too wide or unreachable."""

import pytest
from playwright.sync_api import Page

from tests.browsing import check
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_browser import sample
from tests.web.test_profile import _invoice, _licence

__all__ = ["sample"]  # a fixture

PATHS = ["/profiel", "/wachtwoord", "/tweestaps", "/bevestig", "/profiel/privacy",
         "/profiel/privacy/wissen", "/profiel/licenties/1/beeindigen"]  # fmt: skip
PUBLIC = ["/login", "/wachtwoord/vergeten"]


@pytest.fixture
def filled(site: Site, sample: Sample) -> Sample:
    """A tenant with a licence and an invoice."""
    _licence(site, sample)
    _invoice(site, sample)
    return sample


def test_pages_of_accounts(page: Page, filled: Sample) -> None:
    for path in PATHS:
        page.goto(path)
        check(page, path)
    page.goto("/tweestaps")
    page.click("main .blue")
    page.wait_for_selector(".qr")
    check(page, "QR")
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 150


def test_public_pages_of_accounts(page: Page) -> None:
    page.click(".quit button")
    for path in PUBLIC:
        page.goto(path)
        check(page, path)
