"""The pages of declarations in a real browser, at phone width."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from core.runtime.settings import Settings
from tests.browsing import check, log_in, watched
from tests.contract.belastingdienst.conftest import World
from tests.integration.filing_world import NUMBERS, PASSWORD, Files
from tests.integration.test_filing import lost
from tests.web.conftest import Site
from tests.web.filing_site import FilingSite, filing_site
from tests.web.test_filings import LIST, accepted, tax_office

__all__ = ["tax_office"]  # a fixture


@pytest.fixture
def filer(settings: Settings, tax_office: World) -> Iterator[FilingSite]:
    with filing_site(settings, tax_office) as made:
        yield made


@pytest.fixture
def site(filer: FilingSite) -> Site:
    """The site that `address` serves."""
    return filer.site


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page at phone width, logged in; what the console complains of fails."""
    with watched(browser, address) as page:
        log_in(page, "owner@example.com", PASSWORD)
        yield page


def test_pages_fit_a_phone_and_have_no_serious_barriers(
    page: Page, filer: FilingSite
) -> None:
    done = accepted(filer)
    stuck = filer.do(lambda files: lost(files, number=NUMBERS[2]))
    waiting = filer.do(_beside)
    paths = [LIST, *(f"{LIST}/{one}" for one in (done, stuck, waiting)),
             f"{LIST}/{done}/bewijs", "/aangifte",
             "/aangifte/cijfers/1/2026-Q3"]  # fmt: skip
    for path in paths:
        page.goto(path)
        check(page, path)


def _beside(files: Files) -> int:
    """Another taxpayer's, which waits for approval."""
    administration = files.administration(number=NUMBERS[1])
    files.figures(administration, turnover="87654.32")
    return files.prepare(administration).id
