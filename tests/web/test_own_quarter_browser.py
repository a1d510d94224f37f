"""A quarter of a shop without a package, filed by clicking at phone width.

From orders, refunds and invoices to an accepted VAT return and ICP declaration, and the
paper of the one stop shop. What the tax office got is reckoned here, by hand.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.domain.declarations import DeclarationKind
from core.runtime.database import session
from core.runtime.settings import Settings
from plugins.belastingdienst.models import Filing, OssRegister, PeriodFigures
from plugins.belastingdienst.setup.taxpayer_setup import ASKED
from plugins.belastingdienst.tasks import read_figures, read_oss
from plugins.belastingdienst.xbrl.declared import Declared, read_back
from tests.browsing import check, log_in, watched
from tests.component.test_invoices import read as read_pdf
from tests.contract.belastingdienst.conftest import World
from tests.integration.belastingdienst import invoice_samples
from tests.integration.belastingdienst.shop_samples import (
    line,
    order,
    record,
    refund,
    shop,
)
from tests.integration.filing_world import PASSWORD, Files
from tests.web.conftest import Site
from tests.web.filing_site import FilingSite, filing_site
from tests.web.test_filings import tax_office
from tests.web.test_icp import vies

__all__ = ["tax_office", "vies"]  # fixtures
NUMBER, QUARTER = "001000044B37", "3e kwartaal 2026"
BOXES = {"1a": (550, 115), "1b": (50, 4), "3a": (80, 0), "3b": (1000, 0), "5b": (0, 21)}
"""1a: 100 and 200 of orders (60.50 of one came back) and 250 of an invoice, VAT 63
and 52.50; 1b: 50; 3a: an order to America; 3b: 1,000.40; 5b: 20.10, rounded up."""


@pytest.fixture
def filer(settings: Settings, tax_office: World) -> Iterator[FilingSite]:
    with filing_site(settings, tax_office) as made:
        made.do(_sell)
        yield made


def _sell(files: Files) -> None:
    """Sell at home and abroad, to consumers and to a business in Germany."""
    dutch, second = line("242.00", "42.00", "21"), line("60.50", "10.50", "21")
    record(
        shop(files.tenant, "Fietsenshop"),
        order("1", "2026-07-05T10:00", "NL",
              [line("121.00", "21.00", "21"), line("54.50", "4.50", "9")]),
        order("2", "2026-08-10T10:00", "NL", [dutch, second],
              refunds=[refund("a", "2026-09-01T10:00", [second])]),
        order("3", "2026-08-12T10:00", "DE", [line("119.00", "19.00", "19")]),
        order("4", "2026-09-12T10:00", "BE", [line("60.50", "10.50", "21")]),
        order("5", "2026-09-15T10:00", "US", [line("80.00", "0.00", "0")]),
    )  # fmt: skip
    invoice = invoice_samples.maker(files.tenant)
    invoice("F1", ("H", "250.00"), vat="52.50", on=date(2026, 8, 20))
    german = invoice_samples.german()
    invoice("F2", ("ICD", "1000.40"), on=date(2026, 8, 10), customer=german)
    session().commit()


@pytest.fixture
def site(filer: FilingSite) -> Site:
    """The site that `address` serves."""
    return filer.site


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with watched(browser, address) as page:
        log_in(page, "owner@example.com", PASSWORD)
        page.set_default_timeout(15_000)
        yield page


def go(page: Page, where: str) -> None:
    with page.expect_navigation():
        page.locator("main").locator(where).first.click()


def set_up(page: Page) -> None:
    """Make the administration from an empty form, and answer what is asked once."""
    page.goto("/aangifte/administraties")
    own = page.locator("section", has=page.locator("#own"))
    own.locator("[name=code]").fill("WINKEL")
    own.locator("[name=description]").fill("Winkel")
    for which in ("De facturen die hier staan", "Fietsenshop"):
        own.get_by_label(which, exact=True).check()
    own.get_by_role("button", name="Toevoegen").click()
    page.wait_for_selector("text=Nodig voordat er iets kan worden verstuurd")
    page.select_option("[name=profile_id]", label="Eigen certificaat")
    page.fill("[name=tax_number]", NUMBER)
    page.fill("[name=contact_initials]", "A")
    page.fill("[name=contact_surname]", "Jansen")
    page.fill("[name=contact_phone]", "020-1234567")
    go(page, "button:has-text('Opslaan')")
    page.wait_for_selector("text=Voor deze administratie kan aangifte worden gedaan")
    go(page, "a:has-text('Belastingplichtige')")
    page.get_by_label("Hier", exact=True).check()
    for question in ASKED:
        page.select_option(f"[name={question}]", label="Nooit")
    go(page, "button:has-text('Opslaan')")


def register(page: Page, filer: FilingSite) -> None:
    """Register for the one stop shop, so that its sales have somewhere to go."""
    page.goto("/aangifte/oss")
    check(page, "aanmelding")
    page.fill("[name=oss_from]", "2026-01-01")
    page.select_option("[name=since]", "2026-07-01")
    expect(page.get_by_label("Fietsenshop", exact=True)).to_be_checked()
    go(page, "button:has-text('Opslaan')")

    def read(_files: Files) -> None:
        read_oss(session().query(OssRegister).one().id)

    filer.do(read)


def figures(page: Page, filer: FilingSite) -> None:
    """Have the figures read, and fill in input VAT."""
    page.goto("/aangifte/aangiften")
    go(page, "a:has-text('Eerst de cijfers lezen')")
    go(page, "button:has-text('Cijfers lezen')")

    def read(_files: Files) -> None:
        read_figures(session().query(PeriodFigures).filter_by(reading=True).one().id)

    filer.do(read)
    page.wait_for_selector("text=Gelezen op")
    go(page, "a:has-text('Bedrag invullen')")
    page.select_option("[name=rubric]", "5b")
    page.fill("[name=description]", "Inkoop onderdelen")
    page.fill("[name=vat]", "20,10")
    go(page, "button:has-text('Opslaan')")


def file(page: Page, filer: FilingSite, kind: str) -> None:
    """Prepare and approve from the period's page, and follow it until accepted."""
    page.goto("/aangifte")
    go(page, f"a:text-is('{QUARTER}')")
    go(page, f"button:has-text('{kind} klaarmaken')")
    page.check("#seen")
    go(page, "button:has-text('Goedkeuren en indienen')")
    page.wait_for_selector("text=De aangifte wordt nu verstuurd")

    def newest(_files: Files) -> int:
        return session().query(Filing).order_by(Filing.id.desc()).first().id

    filer.work(filer.do(newest), rounds=3)
    page.wait_for_selector("text=Aangenomen door de Belastingdienst", timeout=15_000)
    go(page, "a:has-text('Bewijs bekijken')")
    page.wait_for_selector("text=de keten klopt")


def arrived(filer: FilingSite, name: str, kind: DeclarationKind) -> Declared:
    (row,) = [
        row for row in filer.sandbox.ledger("delivery") if row["berichtsoort"] == name
    ]
    return read_back(row["inhoud"].encode(), kind)


def declared_abroad(page: Page) -> None:
    """Take the paper, type it over in the portal, and say so."""
    page.goto("/aangifte/oss")
    check(page, "oss")
    go(page, f"a:has-text('{QUARTER}')")
    check(page, "kwartaal")
    with page.expect_download() as paper:
        page.click("text=Op papier (PDF)")
    pages = read_pdf(Path(paper.value.path()).read_bytes())
    text = "\n".join(pages).replace("\u00a0", " ")
    for words in ("België (BE), uit Nederland", "€ 10,50", "€ 19,00", "€ 29,50"):
        assert words in text, text
    page.fill("[name=reference]", "NL-2026-77")
    go(page, "button:has-text('Ik heb dit ingediend')")
    page.wait_for_selector("text=Bewaard als ingediend")
    go(page, f"a:has-text('{QUARTER}')")
    check(page, "ingediend")
    expect(page.locator("main")).to_contain_text("NL-2026-77")
    assert page.locator("button:has-text('Ik heb dit ingediend')").count() == 0


def test_from_orders_to_returns_and_the_paper_of_the_one_stop_shop(
    page: Page, filer: FilingSite
) -> None:
    set_up(page)
    register(page, filer)
    figures(page, filer)
    for kind in ("Btw-aangifte", "ICP-opgaaf"):
        file(page, filer, kind)
    done = arrived(filer, "Omzetbelasting", DeclarationKind.VAT_RETURN)
    found = {
        str(name): (box.turnover, box.vat)
        for name, box in done.boxes.items()
        if box.turnover or box.vat
    }
    assert found == BOXES
    assert done.totals == {"5a": 119, "5g": 98}
    (row,) = arrived(filer, "ICP", DeclarationKind.ICP).rows
    assert (row.kind, row.customer.vat_number, row.amount) == (
        "services", "136695976", Decimal(1000),
    )  # fmt: skip
    declared_abroad(page)
