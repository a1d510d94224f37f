"""E-invoices as a Belgian user meets them: one goes out, one comes in, is entered."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.structured_invoices import (
    StructuredAddress,
    StructuredLine,
    StructuredParty,
    VatCategory,
    vat_shares,
)
from core.main.app import create_app
from core.models import Connection, Tenant, Transfer
from core.runtime import jobs
from core.runtime.extensions import db, koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.connections import connections
from core.services.invoicing import invoice_settings, vat_codes
from core.services.linking import form_flow
from core.services.people import accounts
from core.services.transfer import drain
from plugins.eaccounting.demo import SANDBOX as VISMA
from plugins.eaccounting.sandbox import create_app as create_visma
from plugins.peppol import document
from plugins.peppol.mapping import ubl_of
from plugins.peppol.models import PeppolReceived, PeppolSending
from plugins.peppol.receiving import arriving
from plugins.peppol.sandbox import create_app as create_point
from tests.browsing import check, log_in, served, watched
from tests.contract.peppol.test_receiving import ADDRESS, PLAIN, envelope
from tests.contract.peppol.world import BELGIAN, environ
from tests.database import empty_database
from tests.invoices import complete, customer, draft, line
from tests.sandboxes import Outside, serving
from tests.web.conftest import Site
from tests.web.samples import PASSWORD

OWN = "0403170701"
OWNER = "brouwer@example.com"
SUPPLIER = StructuredParty(
    "Papierhandel De Rol", StructuredAddress("Laan 1", "1000", "Brussel", "BE"),
    "BE0428759497", "0428759497", "rol@example.com",
)  # fmt: skip
LINE = StructuredLine(
    "Etiketten", Decimal(2), Decimal(50), Decimal(100), VatCategory.CHARGED, Decimal(21)
)


@dataclass
class Brewery:
    """A Belgian tenant with an access point and a package, and its browser."""

    site: Site
    page: Page
    visma: Outside

    def work(self, times: int = 1) -> None:
        """Do what is waiting."""
        for _each in range(times):
            with self.site.data() as session:
                due = update(PeppolSending).where(PeppolSending.due_at.is_not(None))
                session.execute(due.values(due_at=utcnow()))
                session.execute(update(Transfer).values(due_at=utcnow()))
                session.commit()
                for key in session.scalars(select(PeppolSending.id)).all():
                    jobs.run_task("peppol.send", key)
                for key in session.scalars(select(PeppolReceived.id)).all():
                    jobs.run_task("peppol.read", key)
                with system_scope():
                    drain.drain()

    def arrive(self) -> None:
        """A supplier's invoice comes in, and is read."""
        made = replace(
            PLAIN, number="2026/117", seller=SUPPLIER, lines=(LINE,), adjustments=(),
            shares=vat_shares((LINE,)), files=(),
        )  # fmt: skip
        content = envelope(receiver=f"0208:{OWN}", document=ubl_of(made))
        client = self.site.app.test_client()
        assert client.post(ADDRESS, data=content).status_code == 200
        self.work()

    def drafts(self) -> list[str]:
        """The totals of purchase invoices in the package."""
        found = self.visma.control("ledger?kind=supplier_draft", verb="GET")
        return [str(each["body"]["document"]["TotalAmount"]) for each in found]


@pytest.fixture
def brewery(
    settings: Settings,
    tmp_path: Path,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Brewery]:
    for module in (document, arriving):  # the rules have tests of their own
        monkeypatch.setattr(module, "findings", lambda *_given: [()])
    with (
        serving(create_point(tmp_path / "point.db")) as point,
        serving(create_visma(tmp_path / "visma.db")) as visma,
    ):
        own = replace(settings, recheck_seconds=0, drain_threads=1)
        given = {**environ(point), **VISMA.environ(visma)}
        app = create_app(own.with_environ(given))
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            empty_database()
        site = Site(app)
        _belgian(site, visma)
        with served(app) as address, watched(browser, address) as page:
            log_in(page, OWNER, PASSWORD)
            yield Brewery(site, page, Outside(visma))
        with app.app_context():
            db.engine.dispose()


def _belgian(site: Site, visma: str) -> None:
    with site.data() as session, system_scope():
        made = accounts.create_tenant_with_owner(
            name="Brouwerij", email=OWNER, password=PASSWORD
        )
        tenant = session.get_one(Tenant, made.id)
        tenant.home_country = "BE"
        complete(tenant)
        tenant.vat_number = f"BE{OWN}"
        tenant.address = {**tenant.address, "country": "BE", "postal_code": "2000"}
        invoice_settings.of(tenant.id).chamber_number = OWN
        vat_codes.make_defaults(tenant)
        for name in ("peppol", "eaccounting"):
            connections.switch_plugin(tenant.id, name, enabled=True)
        point = connections.create(tenant.id, "peppol")
        package = connections.create(tenant.id, "eaccounting")
        session.commit()
        codes = {"scheme": "0208", "number": OWN, "token": "sandbox-token"}
        form_flow.connect(point, codes)
        plugin = koppelwerk().registry.get("eaccounting")
        tokens = VISMA.grant(visma)
        (identity,) = plugin.connector.identify(tokens)  # type: ignore[union-attr]
        connections.complete(package, identity, tokens)
        package.first_checked_at = utcnow()
        session.commit()
        jobs.run_task("load_reference", package.id)
        with tenant_scope(tenant.id):
            cafe = {
                **BELGIAN, "chamber_number": "0428759497", "name": "Café De Kroon",
                "iban": "BE68539007547034",
            }  # fmt: skip
            buyer = customer(**{**cafe, "creditor_number": "20001"})
            draft(tenant, buyer, line(tenant, code="BE21"), reference="Inkoop 7")
        session.commit()


def test_one_goes_out_and_one_comes_in(brewery: Brewery) -> None:
    page = brewery.page
    page.goto("/facturen/1")
    page.click("text=Versturen: E-facturen (Peppol)")
    page.click("button:has-text('Versturen')")
    panel = page.locator("#e-factuur")
    expect(panel).to_contain_text("Verplicht")
    expect(panel).to_contain_text("Gaat zo")
    brewery.work(2)
    page.reload()
    expect(panel).to_contain_text("Bezorgd")
    check(page, "sent")

    brewery.arrive()
    page.goto("/peppol/ontvangen")
    page.click("text=Papierhandel De Rol")
    expect(page.locator("main")).to_contain_text("uw relatie Café De Kroon")
    expect(page.locator("#inkoop")).to_have_count(0)
    with brewery.site.data() as session, system_scope():
        query = select(Connection.id).where(Connection.plugin == "eaccounting")
        package = session.scalars(query).one()
    page.goto(f"/connections/{package}/inkoop")
    page.check("[name=enabled]")
    page.click("#boeken button")
    page.select_option("[name=payables_account]", "1600")
    page.click("#settings button")
    page.select_option(
        "[name='vat_code-S-21']", label="IH – Voorbelasting hoog tarief 21 %"
    )
    page.select_option("[name='account-S-21']", "4000")
    check(page, "set up")
    page.click("#vat form:last-of-type button")
    expect(page.locator("main")).to_contain_text("De configuratie is compleet.")

    page.goto("/peppol/ontvangen/1")
    page.click("text=Boek in Visma eAccounting")
    assert brewery.drafts() == []
    brewery.work()
    page.reload()
    expect(page.locator("#inkoop")).to_contain_text("Inkoopfactuur (concept)")
    expect(page.locator("h1")).to_contain_text("Afgehandeld")
    check(page, "received")
    assert brewery.drafts() == ["121.00"]
