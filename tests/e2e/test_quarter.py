"""A whole quarter in a real browser: from invoices to an accepted BTW and ICP return.

By clicking, as an owner who never did it: company details and VAT codes, relations,
invoices and a credit invoice, setting up the declarations (with the wizard, although
Digipoort would do without), input VAT by hand, preparing, approving. A real worker
sends and asks until it is accepted. What arrived at the sandbox is compared to the
euro with the invoices, by a sum that is made here.
"""

import re
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from sqlalchemy import update

from core.domain.clock import utcnow
from core.main.app import create_app
from core.main.stack import Stack
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope
from core.services.people import accounts
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.models.filing import FilingStage
from tests.browsing import WIDE, check_width, log_in, watched
from tests.e2e.quarter import (
    BAKERY,
    CUSTOMERS,
    GERMAN,
    INPUT_VAT,
    INVOICES,
    SCHOOL,
    TAX_NUMBER,
    Customer,
    Invoice,
    arrived,
    check_icp,
    check_return,
    last_quarter,
)
from tests.e2e.test_journey import SHOTS, control, eventually
from tests.migrating import migrate
from tests.product import outside

EMAIL, PASSWORD = "eigenaar@winkel.example", "vier losse woorden samen"
ADMINISTRATOR, VISMA_PASSWORD = "beheer@winkel.example", "demo"
ACCEPTED_SECONDS = 90


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """The product with its sandboxes, and an owner who has done nothing yet.

    The sandbox's own certificate is there, as the demo gives it: what a real one is
    pinned to cannot be had by clicking.
    """
    with outside(
        tmp_path / "var",
        only=["accountview", "belastingdienst", "vies"],
        dispatch_seconds=1,
    ) as made:
        with create_app(made.settings).app_context(), system_scope():
            migrate()
            with transaction():
                tenant = accounts.create_tenant_with_owner(
                    name="De Fietsenmaker", email=EMAIL, password=PASSWORD
                )
                tenant_id = tenant.id
            seed = made.sandboxes["belastingdienst"][1].seed
            assert seed is not None
            seed(made.addresses["belastingdienst"], tenant_id)
        control(made, "belastingdienst", "options", {"pace": 0.5})
        made.start_product()
        yield made


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A browser that is logged in; what its console says of our pages fails."""
    ours = stack.settings.public_url

    def is_ours(page: Page, message: ConsoleMessage) -> bool:
        return message.type == "error" and page.url.startswith(ours)

    with watched(browser, ours, WIDE, counts=is_ours) as page:
        page.set_default_timeout(30_000)
        log_in(page, EMAIL, PASSWORD)
        yield page


def seen(page: Page, name: str) -> None:
    """Nothing is cut off; each page is looked at more closely by its own test."""
    check_width(page, name)
    assert (
        page.eval_on_selector("#menu", "one => one.scrollWidth - one.clientWidth") == 0
    )
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/kwartaal-{name}.png", full_page=True)


def button(page: Page, name: str) -> Any:
    return page.locator("main").get_by_role("button", name=name, exact=True)


def link(page: Page, name: str) -> Any:
    return page.locator("main").get_by_role("link", name=name, exact=True).first


def go(page: Page, where: Any) -> None:
    """Click, and wait until the next page is there."""
    with page.expect_navigation():
        where.click()


def tab(page: Page, name: str) -> None:
    """Choose from the main menu."""
    go(page, page.get_by_label("Hoofdmenu").get_by_role("link", name=name))


def chip(page: Page, name: str) -> None:
    """Choose from the declarations' own menu."""
    go(page, page.locator("nav.chips").get_by_role("link", name=name))


def company(page: Page) -> None:
    """From the invoices to what they must say of the company, and the VAT codes."""
    tab(page, "Facturen")
    seen(page, "facturen-leeg")
    link(page, "Factuurinstellingen").click()
    expect(page.locator("main")).to_contain_text("nog niet compleet")
    seen(page, "factuurinstellingen")
    link(page, "Wijzigen bij Profiel").click()
    form = page.locator("#bedrijf")
    form.locator("[name=company-street]").fill("Dorpsstraat 1")
    form.locator("[name=company-postal_code]").fill("1234 AB")
    form.locator("[name=company-city]").fill("Ons Dorp")
    form.locator("[name=company-vat_number]").fill("NL123456782B90")
    go(page, form.get_by_role("button", name="Bewaren"))
    tab(page, "Facturen")
    link(page, "Factuurinstellingen").click()
    page.fill("[name=iban]", "NL91 ABNA 0417 1643 00")
    go(page, button(page, "Opslaan"))
    expect(page.locator("main")).not_to_contain_text("nog niet compleet")
    go(page, link(page, "Naar BTW-codes"))
    make = button(page, "Maak de gebruikelijke codes")
    if make.count():
        make.click()
    page.wait_for_selector("text=NLICD")
    seen(page, "btw-codes")


def relation(page: Page, customer: Customer) -> None:
    tab(page, "Relaties")
    link(page, "Nieuwe relatie").click()
    page.get_by_label("Organisatie").check()
    page.select_option("[name=relation_type]", label="Klant")
    page.fill("[name=name]", customer.name)
    page.fill("[name=email]", customer.email)
    page.fill("[name=vat_number]", customer.vat_number)
    address = {"street": "Markt", "house_number": "7", "city": customer.city,
               "postal_code": customer.postal_code}  # fmt: skip
    for part, text in address.items():
        page.fill(f"[name=visiting_address-{part}]", text)
    page.select_option("[name=visiting_address-country]", customer.country)
    if customer is GERMAN:
        seen(page, "relatie")
    button(page, "Opslaan").click()
    page.wait_for_selector(f"text={customer.name}")


def make_invoice(page: Page, invoice: Invoice, first: date) -> None:
    tab(page, "Facturen")
    link(page, "Nieuwe factuur").click()
    page.fill("[name=search]", invoice.customer.name.split()[0])
    button(page, "Zoek").click()
    page.locator(".choices button", has_text=invoice.customer.name).click()
    page.wait_for_selector(".chosen-relation")
    page.fill("[name=issued_on]", str(first + timedelta(invoice.day)))
    for number, (quantity, price, code) in enumerate(invoice.lines):
        if number:
            button(page, "Regel erbij").click()
        line = f"lines-{number}"
        page.fill(f"[name={line}-description]", f"Artikel {number + 1}")
        page.fill(f"[name={line}-quantity]", quantity)
        page.fill(f"[name={line}-unit_price]", price)
        option = page.locator(f"[name={line}-vat_code] option", has_text=f"{code} –")
        value = option.get_attribute("value")
        page.select_option(f"[name={line}-vat_code]", value)
    if invoice.customer is SCHOOL:
        page.keyboard.press("Tab")
        expect(page.locator("#totals")).to_contain_text("€ 160,49")
        seen(page, "factuur-maken")
    button(page, "Opslaan").click()
    page.wait_for_selector("text=Het concept is opgeslagen")


def send(page: Page, *, by_mail: bool) -> None:
    if by_mail:
        link(page, "Versturen per e-mail").click()
        button(page, "Verstuur").click()
    else:
        link(page, "Op andere wijze verstuurd").click()
        button(page, "Status op Verstuurd zetten").click()
    page.wait_for_selector("text=Download de factuur")


def credit(page: Page, day: date) -> None:
    """Credit what is shown; a credit invoice is a draft that gets its own day."""
    button(page, "Crediteren").click()
    page.wait_for_selector("h1:has-text('Creditfactuur')")
    seen(page, "creditfactuur")
    link(page, "Wijzigen").click()
    page.fill("[name=issued_on]", str(day))
    button(page, "Opslaan").click()
    send(page, by_mail=False)


def sell(page: Page, first: date) -> None:
    for invoice in INVOICES:
        make_invoice(page, invoice, first)
        if invoice.customer is GERMAN:
            seen(page, "factuur-concept")
        send(page, by_mail=invoice.by_mail)
        if invoice.credited_on is not None:
            credit(page, first + timedelta(invoice.credited_on))
    tab(page, "Facturen")
    seen(page, "facturen")


def activate(page: Page, stack: Stack) -> None:
    """Switch both plugins on, and walk the wizard with the sandbox's page beside it."""
    for name in ("AccountView", "Belastingdienst"):
        tab(page, "Koppelingen")
        go(page, link(page, name))
        go(page, page.get_by_role("switch"))
        go(page, button(page, "Ja, activeren"))
        seen(page, f"koppeling-{name.lower()}")
    go(page, link(page, "Naar Aangifte"))
    seen(page, "aangifte-leeg")
    go(page, link(page, "Visma-diensten activeren"))
    helper = page.context.new_page()
    helper.goto(stack.addresses["accountview"])
    licence = helper.locator("pre").inner_text()
    button(page, "Volgende").click()
    page.fill("[name=text]", licence)
    page.check("[name=terms]")
    seen(page, "wizard-licentie")
    button(page, "Activeren").click()
    page.fill("[name=server]", "localhost")
    button(page, "Controleren").click()
    page.fill("[name=email]", ADMINISTRATOR)
    page.fill("[name=first_name]", "Ada")
    page.fill("[name=last_name]", "Beheer")
    button(page, "Aanmaken").click()
    helper.reload()
    # The page stays: Chromium may never answer when one is closed on its way.
    go(helper, helper.locator("text=Stappen in de e-mail uitvoeren"))
    button(page, "Controleren").click()
    for name in ("Controleren", "Autoriseren"):
        page.fill("[name=password]", VISMA_PASSWORD)
        button(page, name).click()
    page.wait_for_selector("a.button:has-text('Voltooien')")
    seen(page, "wizard-klaar")


def set_up(page: Page) -> None:
    """Make an onderneming and release it; make the administration, and tell all."""
    link(page, "Voltooien").click()
    page.fill("[name=code]", "FIETS")
    page.fill("[name=description]", "De Fietsenmaker")
    go(page, button(page, "Aanmaken"))
    seen(page, "ondernemingen")
    go(page, page.get_by_role("button", name="Vrijgeven"))
    expect(page.locator("table .pill").last).to_have_text("Vrij")
    chip(page, "Naar de aangiften")
    chip(page, "Administraties")
    seen(page, "administraties")
    own = page.locator("section", has=page.locator("#own"))
    own.locator("[name=code]").fill("FIETS")
    own.locator("[name=description]").fill("De Fietsenmaker")
    own.get_by_role("button", name="Toevoegen").click()
    page.wait_for_selector("text=Nodig voordat er iets kan worden verstuurd")
    expect(page.locator("main")).to_contain_text("omzetbelastingnummer ontbreekt")
    seen(page, "administratie-nieuw")
    page.select_option("[name=undertaking_id]", label="FIETS – De Fietsenmaker")
    page.select_option("[name=profile_id]", label="Digipoort (sandbox)")
    page.fill("[name=tax_number]", f"NL{TAX_NUMBER}")
    page.select_option("[name=period_kind]", "quarter")
    page.fill("[name=contact_initials]", "A")
    page.fill("[name=contact_surname]", "Jansen")
    page.fill("[name=contact_phone]", "020-1234567")
    button(page, "Opslaan").click()
    page.wait_for_selector("text=Voor deze administratie kan aangifte worden gedaan")
    seen(page, "administratie")


def figures(page: Page, period: str) -> None:
    """Read the figures, fill in input VAT, and look behind a figure and at the PDF."""
    chip(page, "Overzicht")
    seen(page, "aangifte")
    page.locator("table").get_by_role("link", name=period).first.click()
    expect(page.locator("#indienen + p")).to_contain_text("Lees eerst de cijfers.")
    seen(page, "cijfers-leeg")
    button(page, "Cijfers lezen").click()
    page.wait_for_selector("text=Gelezen op")
    page.wait_for_selector("text=De cijfers worden gelezen", state="detached")
    link(page, "Bedrag invullen").click()
    page.select_option("[name=rubric]", "5b")
    page.fill("[name=description]", "Inkoop onderdelen")
    page.fill("[name=vat]", str(INPUT_VAT).replace(".", ","))
    seen(page, "bedrag")
    button(page, "Opslaan").click()
    page.wait_for_selector("text=Inkoop onderdelen")
    page.get_by_role("link", name="achter 1a").click()
    behind = page.locator("[id='achter-1a']")
    expect(behind).to_contain_text("Bakkerij De Korrel")
    expect(behind).to_contain_text("-57,81")  # the credit invoice is behind it too
    seen(page, "cijfers")
    opens_as_pdf(page, link(page, "Aangifte als PDF"))


def opens_as_pdf(page: Page, paper: Any) -> None:
    with page.expect_download() as found:
        paper.click()
    content = Path(found.value.path()).read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"%%EOF" in content[-20:]


def file(page: Page, kind: str, period: str) -> None:
    """Prepare and approve a declaration, and leave it to the worker."""
    tab(page, "Aangifte")
    page.locator("table").get_by_role("link", name=period).first.click()
    button(page, f"{kind} klaarmaken").click()
    page.wait_for_selector("text=Goedkeuren en indienen")
    seen(page, f"klaargezet-{kind.lower()}")
    page.check("#seen")
    button(page, "Goedkeuren en indienen").click()
    page.wait_for_selector("text=De aangifte wordt nu verstuurd")


def wait_until_accepted(page: Page, stack: Stack, kind: str) -> None:
    """Watch the screen, which refreshes itself, and look at the proof."""
    tab(page, "Aangifte")
    chip(page, "Aangiften")
    page.locator("table").get_by_role("link", name=kind).last.click()
    accepted = page.locator("h1 .pill", has_text="Geaccepteerd")
    until = time.monotonic() + ACCEPTED_SECONDS
    while not accepted.is_visible() and time.monotonic() < until:
        ask_now(stack)
        page.wait_for_timeout(1000)
    accepted.wait_for(timeout=1000)
    seen(page, f"geaccepteerd-{kind.lower()}")
    link(page, "Bewijs bekijken en controleren").click()
    page.wait_for_selector("text=de keten klopt")
    seen(page, f"bewijs-{kind.lower()}")


def ask_now(stack: Stack) -> None:
    """Let the next question about a status be due: the first waits 20 seconds."""
    with create_app(stack.settings).app_context(), system_scope(), transaction():
        waiting = Filing.stage == FilingStage.DELIVERED
        session().execute(update(Filing).where(waiting).values(due_at=utcnow()))


def mailed(stack: Stack, customer: Customer) -> str:
    def look() -> Any:
        query = {"to": customer.email}
        return requests.get(
            f"{stack.mail_page}/mails.json", params=query, timeout=5
        ).json()

    return str(eventually(look)[-1])


@pytest.mark.timeout(600)
def test_a_quarter_from_invoices_to_accepted_returns(page: Page, stack: Stack) -> None:
    first, period = last_quarter()
    company(page)
    for customer in CUSTOMERS:
        relation(page, customer)
    sell(page, first)
    for customer in (BAKERY, GERMAN):
        assert re.search(r"\.pdf", mailed(stack, customer))
    activate(page, stack)
    set_up(page)
    figures(page, period)
    for kind in ("Btw-aangifte", "ICP-opgaaf"):
        file(page, kind, period)
    for kind in ("Btw-aangifte", "ICP-opgaaf"):
        wait_until_accepted(page, stack, kind)
    tab(page, "Aangifte")
    seen(page, "aangifte-klaar")
    declared = arrived(stack)
    check_return(declared["Omzetbelasting"])
    check_icp(declared["ICP"])
