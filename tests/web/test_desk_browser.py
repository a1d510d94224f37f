"""The support pages in a real browser at phone and desk width, checked with axe."""

import os
import shutil
from collections.abc import Iterator
from threading import Thread

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from core.models import Mail, MailState, ProblemReport, StepState, TransferState
from core.services import mail
from tests.web import samples
from tests.web.accounts import OPERATOR, operator, with_two_factor
from tests.web.conftest import Site
from tests.web.samples import PASSWORD

CHROMIUM = shutil.which("chromium")
OWNER_PATHS = ["/bestelling/1/meld", "/meld", "/meldingen", "/diensten"]
DESK_PATHS = ["/beheer/", "/beheer/klanten", "/beheer/klanten/1", "/beheer/meldingen",
              "/beheer/meldingen/1", "/beheer/aanvragen", "/beheer/mails"]  # fmt: skip
WIDTHS = [320, 1200]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        message = "Chromium is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    _fill(site)
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


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
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page; what the console complains of fails the test."""
    context = browser.new_context(base_url=address, locale="nl-NL")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def _log_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_load_state()


def _check(page: Page, path: str) -> None:
    """Open a page at every width: nothing too wide, nothing serious for axe."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (path, wide)
        found = Axe().run(page).response["violations"]
        grave = [
            (one["id"], [node["html"][:120] for node in one["nodes"]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert grave == [], path


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
    page.wait_for_url("**/meldingen")
    assert "toegevoegd aan uw melding 1" in page.inner_text("main")
