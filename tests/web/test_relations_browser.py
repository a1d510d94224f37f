"""The pages of relations, rights and Koppelingen in a real browser, at phone width."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread

import pytest
from playwright.sync_api import Page

from core.domain.relations import PostalAddress, RelationData
from core.models import Connection
from core.rules.contact_rules import ContactData
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.crm import contacts, relation_import, relations
from tests.browsing import check
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_browser import sample

__all__ = ["sample"]  # a fixture

PATHS = ["/relaties", "/relaties/nieuw", "/relaties/1", "/relaties/1/geschiedenis",
         "/relaties/1/wijzigen", "/relaties/1/contactpersonen/nieuw",
         "/relaties/1/contactpersonen/1", "/relaties/dubbelen",
         "/relaties/1/samenvoegen?zoek=tweede", "/relaties/1/samenvoegen/2",
         "/relaties/1/verwijderen", "/relaties/importeren", "/relaties/importeren/1",
         "/instellingen/rechten", "/koppelingen",
         "/koppelingen/eaccounting"]  # fmt: skip
FILE = "Debiteurnummer;Naam;E-mail\n1;Een hele lange naam;x\n2;B;b@x.nl\n"


@pytest.fixture
def filled(site: Site, sample: Sample) -> None:
    """A relation with a history, and a checked connection."""
    place = PostalAddress("Kerkstraat", "12", "a", "1234 AB", "Utrecht", "NL")
    long = "Vereniging-tot-behoud-van-heel-lange-namen-zonder-spaties-erin"
    with site.data() as session, tenant_scope(sample.tenant.id):
        data = RelationData(False, long, email="x@example.com", visiting_address=place)
        row = relations.save(data, None)
        relations.save(RelationData(False, long, email="y@example.com"), row)
        contacts.save(row, ContactData("Bakker", email="bakker@example.com"))
        relations.save(replace(data, name="Tweede", email="y@example.com"), None)
        session.get(Connection, sample.package.id).checked_at = relations.utcnow()


@pytest.fixture(autouse=True)
def worker(site: Site) -> Iterator[None]:
    """Go on with imports, as a worker does beside the site."""
    done = Event()

    def work() -> None:
        while not done.wait(0.2):
            with site.app.app_context(), system_scope():
                relation_import.advance(1)

    thread = Thread(target=work)
    thread.start()
    yield
    done.set()
    thread.join(30)


def _upload(page: Page) -> None:
    page.goto("/relaties/importeren")
    page.set_input_files(
        "[name=bestand]",
        {"name": "x.csv", "mimeType": "text/csv", "buffer": FILE.encode()},
    )
    page.click("button:has-text('Verder')")
    page.wait_for_selector("text=Welke kolom is wat?")


def test_pages_fit_a_phone_and_have_no_serious_barriers(
    page: Page, filled: None
) -> None:
    _upload(page)
    for path in PATHS:
        page.goto(path)
        check(page, path)


def test_a_file_is_imported_by_clicking(page: Page, filled: None) -> None:
    _upload(page)
    page.click("button:has-text('Voorbeeld bekijken')")
    page.wait_for_selector("text=Dit zou er gebeuren")
    check(page)
    page.click("button:has-text('Importeren')")
    page.wait_for_selector("text=Dit is er gebeurd")
    page.goto("/relaties?zoek=b@x.nl")
    page.click("#list a:has-text('B')")
    assert page.is_visible("text=Debiteurnummer")
    page.click("a:has-text('Wijzigen')")
    page.click("summary:has-text('Financieel')")
    assert page.input_value("[name=debtor_number]") == "2"


def test_fields_of_a_person_show_for_a_person_only(page: Page, filled: None) -> None:
    page.goto("/relaties/nieuw")
    assert not page.is_visible("[name=first_name]")
    page.check("[name=kind][value=person]")
    assert page.is_visible("[name=first_name]")
    assert page.is_visible("summary:has-text('Privéadres')")
    assert not page.is_visible("summary:has-text('Factuuradres')")


def test_a_form_is_short_on_a_phone_and_numbers_come_in_place(
    page: Page, filled: None
) -> None:
    page.goto("/relaties/1/wijzigen")
    assert page.evaluate("document.documentElement.scrollHeight") < 2200
    page.click("summary:has-text('Financieel')")
    page.fill("[name=iban]", "NL91ABNA0417164300")
    page.click("button:has-text('Nummer voorstellen') >> nth=0")
    page.wait_for_selector("[name=debtor_number][value='10001']")
    assert page.input_value("[name=iban]") == "NL91ABNA0417164300"


def test_a_block_is_turned_by_keyboard(page: Page, filled: None) -> None:
    page.goto("/instellingen/rechten")
    page.focus("#colleague-eaccounting .right")
    page.keyboard.press("Enter")
    page.wait_for_selector("#colleague-eaccounting [aria-pressed=true]")
