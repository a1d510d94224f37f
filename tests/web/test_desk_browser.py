"""The support pages in a real browser at phone and desk width, checked with axe."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from core.models import Mail, MailState, ProblemReport, StepState, TransferState
from core.services.mailing import mail
from tests.browsing import NARROW, WIDE, check, served, watched
from tests.web import samples
from tests.web.accounts import OPERATOR, operator, with_two_factor
from tests.web.conftest import Site
from tests.web.samples import PASSWORD

OWNER_PATHS = ["/bestelling/1/meld", "/meld", "/meldingen", "/diensten"]
DESK_PATHS = ["/beheer/", "/beheer/klanten", "/beheer/klanten/1", "/beheer/meldingen",
              "/beheer/meldingen/1", "/beheer/aanvragen", "/beheer/mails"]  # fmt: skip


def _fill(site: Site) -> None:
    """Make something for every page to show."""
    sample = site.sample()
    with site.data():
        row = samples.transfer(sample, "1001", TransferState.FAILED, "order_empty")
        samples.step(row, StepState.REJECTED, "POST /v2/vouchers " + "x" * 300)
        samples.note(sample, "transfer_done", transfer_id=row.id, number="1001")
        for _ in range(2):
            mail.queue(
                "een.heel.lang.adres@een-lang-domein.example", "problem_answer",
                language="nl", tenant_id=sample.tenant.id, report="1", name="A",
                message="m", answer="a",
            )  # fmt: skip
    client = site.client(sample.owner)
    for path in ("/bestelling/1/meld", "/meld"):
        digest = client.get(path).text.split('name="digest" value="')[1].split('"')[0]
        client.post(path, data={"message": "Het lukt niet", "digest": digest})
    form = {"kind": "installation", "remark": "Graag", "agreed": "y"}
    client.post("/diensten", data=form)
    with site.data() as session:
        for one in session.scalars(select(Mail)):
            one.state, one.reason = MailState.FAILED, "550 5.1.1 unknown"
        assert session.get(ProblemReport, 1) is not None


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page; what the console complains of fails the test."""
    _fill(site)
    with served(site.app) as address, watched(browser, address) as page:
        yield page


def _log_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_load_state()


def _check(page: Page, path: str) -> None:
    """Open a page at both widths."""
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check(page, path)


def test_an_owner_can_use_the_support_pages(page: Page) -> None:
    _log_in(page, "owner1@example.com")
    for path in OWNER_PATHS:
        _check(page, path)


def test_an_operator_can_use_the_desk(page: Page, site: Site) -> None:
    operator(site)
    secret = with_two_factor(site, OPERATOR)
    _log_in(page, OPERATOR)
    page.fill("input[name=code]", pyotp.TOTP(secret).now())
    page.click("main button")
    page.wait_for_load_state()
    for path in DESK_PATHS:
        _check(page, path)


def test_a_problem_is_reported_with_keyboard_and_mouse(page: Page) -> None:
    _log_in(page, "owner1@example.com")
    page.goto("/bestelling/1/meld")
    page.get_by_label("Wat gaat er mis?").fill("Nog steeds fout")
    page.get_by_role("button", name="Meld probleem").press("Enter")
    page.wait_for_url("**/fouten")
    assert "toegevoegd aan uw melding 1" in page.inner_text("main")
