"""A package with 200 customers of its own under our numbers, as a new user meets it."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, Page

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData
from core.models import User
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.crm import relations
from core.services.people import accounts
from core.services.syncing import relation_sync
from tests.browsing import check, log_in, served, watched
from tests.contract.eaccounting.conftest import Coupled

HOW_MANY = 200
PASSWORD = "een lang wachtwoord"
WIDTH = {"width": 390, "height": 844}
PLACE = PostalAddress("Kerkstraat", "1", "", "1000AA", "Amsterdam", "NL")


@pytest.fixture
def owner(coupled: Coupled) -> str:
    """Theirs and ours under the same numbers, and three of ours beside them."""
    theirs = [
        {"CustomerNumber": str(10_001 + i), "Name": f"Slagerij {i}",
         "InvoiceAddress1": f"Vleesweg {i + 1}", "InvoicePostalCode": "6711AA",
         "InvoiceCity": "Ede", "InvoiceCountryCode": "NL"}
        for i in range(HOW_MANY)
    ]  # fmt: skip
    coupled.package.control("customers", {"customers": theirs})
    coupled.package.control("settings", {"calls_per_minute": 0})
    coupled.change(checked_at=utcnow())
    tenant_id = coupled.connection.tenant_id
    with tenant_scope(tenant_id), transaction():
        for i in range(HOW_MANY + 3):
            data = RelationData(
                False, f"Bakkerij {i}", "client", debtor_number=str(10_001 + i),
                email=f"bakker{i}@example.com", postal_address=PLACE,
            )  # fmt: skip
            relations.save(data, None)
    with transaction():
        found = session().query(User).filter_by(tenant_id=tenant_id).first()
        assert found is not None
        accounts.set_password(found, PASSWORD)
        return found.email


@pytest.fixture
def worker(coupled: Coupled) -> Iterator[None]:
    """Go on with runs, as a worker does beside the site."""
    done = Event()

    def work() -> None:
        while not done.wait(0.1):
            with coupled.app.app_context(), system_scope():
                relation_sync.advance(coupled.package_id)

    thread = Thread(target=work)
    thread.start()
    yield
    done.set()
    thread.join(30)


def customers(coupled: Coupled) -> dict[str, tuple[str, str, str]]:
    """What stands in the package, by number."""
    found = coupled.package.control("objects/customers:demo", verb="GET")
    return {
        one["CustomerNumber"]: (
            one["Name"],
            one["InvoiceAddress1"],
            one["EmailAddress"],
        )
        for one in (each.get("body", each) for each in found)
    }


@pytest.mark.usefixtures("unjudged", "worker")
def test_nothing_of_theirs_changes_without_a_persons_word(
    coupled: Coupled, owner: str, browser: Browser
) -> None:
    before = customers(coupled)
    assert len(before) >= HOW_MANY
    with (
        served(coupled.app) as address,
        watched(browser, address, WIDTH) as page,
    ):
        log_in(page, owner, PASSWORD)
        _switch_on(page)
        _see(page)
        assert customers(coupled) == before
        page.click("text=Niet nu")
        assert customers(coupled) == before
        page.click("text=Voorbeeld bekijken")
        page.click("button:has-text('Uitvoeren')")
        page.wait_for_selector("text=Klaar")
        assert len(customers(coupled)) == len(before) + 3
        _undo(page)
        assert customers(coupled) == before


def _switch_on(page: Page) -> None:
    page.goto("/koppelingen/eaccounting/instellingen")
    section = page.locator("#relations")
    section.locator("button:has-text('Opslaan')").click()
    page.click("text=Voorbeeld bekijken")


def _see(page: Page) -> None:
    page.wait_for_selector("text=Er is nog niets geschreven")
    said = page.locator(".chips").inner_text()
    assert "Nieuw in het pakket 3" in said
    assert str(HOW_MANY) in said.replace("Nieuw in het pakket 3", "")
    check(page)


def _undo(page: Page) -> None:
    page.click("button:has-text('Ongedaan maken')")
    page.wait_for_selector("text=Dit wordt teruggezet")
    check(page)
    page.click("button:has-text('Ongedaan maken')")
    page.wait_for_selector("text=Klaar")
    check(page)
