"""E-invoices sent and received, on their pages: for whose they are, and nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.main.app import create_app
from core.models import Connection, ConnectionState, Mail, Tenant
from core.runtime import jobs
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.invoicing import sales_invoices, vat_codes
from core.services.linking import form_flow
from core.services.mailing import mail
from plugins.peppol import document, rule_packs, tasks
from plugins.peppol.models import PeppolReceived, PeppolSending
from plugins.peppol.receiving import arriving
from plugins.peppol.sandbox import create_app as create_sandbox
from tests.contract.peppol.test_receiving import ADDRESS, envelope
from tests.contract.peppol.world import BELGIAN, CODES, environ
from tests.database import empty_database
from tests.invoices import complete, customer, draft, line
from tests.sandboxes import Outside, serving
from tests.web.conftest import Site
from tests.web.samples import Sample

SEND, AGAIN = "Versturen via Peppol", "Opnieuw versturen"


@dataclass
class Shop:
    """A tenant with the plugin on, connected to the sandbox."""

    site: Site
    sample: Sample
    point: Outside
    invoice: int

    @property
    def owner(self) -> FlaskClient:
        return self.site.client(self.sample.owner)

    @property
    def place(self) -> str:
        return f"/peppol/facturen/{self.invoice}"

    def page(self, address: str = "") -> str:
        place = address or f"/facturen/{self.invoice}"
        answer = self.owner.get(place)
        assert answer.status_code == 200, place
        return answer.get_data(as_text=True)

    def work(self, times: int = 1) -> None:
        for _each in range(times):
            with self.site.data() as session:
                due = update(PeppolSending).where(PeppolSending.due_at.is_not(None))
                session.execute(due.values(due_at=utcnow()))
                session.commit()
                for key in session.scalars(select(PeppolSending.id)).all():
                    jobs.run_task("peppol.send", key)
                for key in session.scalars(select(PeppolReceived.id)).all():
                    jobs.run_task("peppol.read", key)

    def arrive(self, content: bytes) -> int:
        """Let a document come in, and be read; return its key."""
        client = self.site.app.test_client()
        assert client.post(ADDRESS, data=content).status_code == 200
        self.work()
        with self.site.data() as session:
            key: int = session.scalars(select(PeppolReceived.id)).all()[-1]
            return key


@pytest.fixture
def shop(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """A connected tenant with one sent invoice to a Belgian business."""
    monkeypatch.setattr(document, "findings", lambda *_given: [()])
    monkeypatch.setattr(arriving, "findings", lambda *_given: [()])
    with serving(create_sandbox(tmp_path / "sandbox.db")) as url:
        own = replace(settings, recheck_seconds=0)
        app = create_app(own.with_environ(environ(url)))
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            empty_database()
        site = Site(app)
        sample = site.sample()
        yield Shop(site, sample, Outside(url), _connected(site, sample))
        with app.app_context():
            db.engine.dispose()


def _connected(site: Site, sample: Sample) -> int:
    with site.data() as session, tenant_scope(sample.tenant.id):
        tenant = session.get_one(Tenant, sample.tenant.id)
        complete(tenant)
        vat_codes.make_defaults(tenant)
        connections.switch_plugin(tenant.id, "peppol", enabled=True)
        row = draft(tenant, customer(**BELGIAN), line(tenant), reference="Inkoop 7")
        sales_invoices.send(row, "other")
        connection = connections.create(tenant.id, "peppol")
        session.commit()
        form_flow.connect(connection, CODES)
        return row.id


def test_an_invoice_goes_from_its_page_to_delivered(shop: Shop) -> None:
    page = shop.page()
    assert SEND in page
    answer = shop.owner.post(f"{shop.place}/versturen", data={"bestelnummer": "PO 1"})
    assert answer.status_code == 303
    page = shop.page()
    assert "Gaat zo" in page
    assert SEND not in page
    assert "Niet via Peppol versturen" in page
    shop.work(2)
    page = shop.page()
    assert "Bezorgd" in page
    assert "0208:0428759497" in page
    assert "Ontvangstbewijs van het toegangspunt" in page
    assert AGAIN not in page
    listed = shop.page("/peppol")
    assert "Bezorgd" in listed
    assert "1 bezorgd" in shop.page("/koppelingen")
    (kept,) = shop.point.control("ledger?kind=document", verb="GET")
    assert kept["body"]["payable"] == "24.20"


def test_its_evidence_is_handed_out_whole(shop: Shop) -> None:
    assert shop.owner.get(f"{shop.place}/bewijs").status_code == 404
    shop.owner.post(f"{shop.place}/versturen")
    shop.work(2)
    answer = shop.owner.get(f"{shop.place}/bewijs")
    with ZipFile(BytesIO(answer.data)) as archive:
        names = archive.namelist()
        readme = archive.read("LEESMIJ.txt").decode()
    assert [name.split("-")[1] for name in names if name[0] == "0"] == [
        "document.xml", "receipt.json", "status.json",
    ]  # fmt: skip
    assert "zij klopt" in readme


def test_it_is_taken_back_and_sent_after_all(shop: Shop) -> None:
    shop.owner.post(f"{shop.place}/versturen")
    shop.owner.post(f"{shop.place}/terugtrekken")
    page = shop.page()
    assert "Teruggetrokken" in page
    assert SEND in page
    shop.owner.post(f"{shop.place}/versturen")
    shop.work(2)
    client = shop.owner
    client.post(f"{shop.place}/terugtrekken")
    told = client.get(f"/facturen/{shop.invoice}").get_data(as_text=True)
    assert "kan niet meer worden teruggetrokken" in told


def test_a_rejection_says_why_and_what_to_do(shop: Shop) -> None:
    shop.point.control("settings", {"end": "refuse"})
    shop.owner.post(f"{shop.place}/versturen")
    shop.work(2)
    page = shop.page()
    assert "Geweigerd" in page
    assert "SMP lookup failed" in page
    assert AGAIN in page
    assert "vragen u iets" in shop.page("/koppelingen")


def test_what_our_mail_brought_asks_first(shop: Shop) -> None:
    with shop.site.data() as session:
        row = session.get_one(sales_invoices.SalesInvoice, shop.invoice)
        row.sent_as = "mail"
    assert 'name="ook"' in shop.page()
    client = shop.owner
    client.post(f"{shop.place}/versturen")
    told = client.get(f"/facturen/{shop.invoice}").get_data(as_text=True)
    assert "al per e-mail verstuurd" in told
    client.post(f"{shop.place}/versturen", data={"ook": "ja"})
    assert "Gaat zo" in shop.page()


def test_without_a_connection_there_is_a_file_and_no_button(shop: Shop) -> None:
    with shop.site.data() as session:
        session.execute(
            update(Connection)
            .where(Connection.plugin == "peppol")
            .values(state=ConnectionState.ENDED)
        )
    page = shop.page()
    assert SEND not in page
    assert "Download e-factuur (UBL)" in page
    assert "geen toegangspunt" in page
    assert "geen toegangspunt" in shop.page("/peppol")


def test_where_the_package_sends_there_is_no_button(shop: Shop) -> None:
    with shop.site.data() as session:
        query = select(Connection).where(Connection.plugin == "peppol")
        connection = session.scalars(query).one()
        connection.first_checked_at = utcnow()
        key = connection.id
    page = shop.page("/koppelingen/peppol/instellingen")
    assert "Facturen versturen via Peppol" in page
    answer = shop.owner.post(
        f"/connections/{key}/onderdeel/sending", data={"how": "package"}
    )
    assert answer.status_code == 303
    page = shop.page()
    assert "boekhoudpakket verstuurt de e-facturen zelf" in page
    assert SEND not in page


# --- from a draft ---------------------------------------------------------------------


def _draft(shop: Shop, **values: Any) -> str:
    given = {"name": "Ander", "email": "a@example.com", "debtor_number": "", **values}
    with shop.site.data() as session, tenant_scope(shop.sample.tenant.id):
        tenant = session.get_one(Tenant, shop.sample.tenant.id)
        buyer = customer(**{**BELGIAN, **given})
        return f"/facturen/{draft(tenant, buyer, line(tenant), reference='PO').id}"


def test_a_draft_is_sent_this_way_though_nothing_goes_by_itself(shop: Shop) -> None:
    place = _draft(shop)
    way = f"{place}/verstuurd?langs=peppol"
    assert way in shop.page(place)
    assert "Daarna gaat zij vanzelf deze weg" in shop.page(way)
    assert shop.owner.post(way).status_code == 303
    assert "Gaat zo" in shop.page(place)
    shop.work(2)
    page = shop.page(place)
    assert "Bezorgd" in page
    assert "E-facturen (Peppol)" in page


def test_a_draft_to_a_consumer_or_by_no_plugin_is_not(shop: Shop) -> None:
    place = _draft(shop, is_person=True, vat_number="", name="Jansen")
    assert "langs=peppol" not in shop.page(place)
    for way in ("peppol", "niets"):
        address = f"{place}/verstuurd?langs={way}"
        assert shop.owner.get(address).status_code == 303
        assert shop.owner.post(address).status_code == 303
    assert "(concept)" in shop.page(place)


# --- received -------------------------------------------------------------------------


def test_what_came_in_is_shown_and_dealt_with(shop: Shop) -> None:
    key = shop.arrive(envelope())
    assert "Van onbekende afzenders" in shop.page("/peppol/ontvangen")
    place = f"/peppol/ontvangen/{key}"
    page = shop.page(place)
    assert "houdt zich aan de regels" in page
    assert "staat niet bij uw relaties" in page
    assert shop.owner.get(f"{place}/bestand").data == envelope()
    shop.owner.post(f"{place}/afgehandeld", data={"klaar": "ja"})
    assert "Toch niet afgehandeld" in shop.page(place)
    shop.owner.post(f"{place}/afgehandeld", data={"klaar": "nee"})
    assert "Toch niet afgehandeld" not in shop.page(place)


def test_a_file_inside_is_handed_out_and_never_shown(shop: Shop) -> None:
    content = document_with_file()
    key = shop.arrive(envelope(document=content))
    assert "bon.pdf" in shop.page(f"/peppol/ontvangen/{key}")
    answer = shop.owner.post(f"/peppol/ontvangen/{key}/bijlage/0")
    assert answer.data == b"%PDF-1.4 x"
    assert answer.mimetype == "application/octet-stream"
    assert "attachment" in answer.headers["Content-Disposition"]
    gone = shop.owner.post(f"/peppol/ontvangen/{key}/bijlage/7")
    assert gone.status_code == 404


def document_with_file() -> bytes:
    from core.domain.structured_invoices import EmbeddedFile
    from plugins.peppol.mapping import ubl_of
    from tests.contract.peppol.test_receiving import PLAIN

    file = EmbeddedFile("bon.pdf", "application/pdf", b"%PDF-1.4 x")
    return ubl_of(replace(PLAIN, files=(file,)))


def test_what_cannot_be_read_is_told_and_kept(shop: Shop) -> None:
    content = envelope(document=b"<?xml version='1.0'?><Order/>")
    key = shop.arrive(content)
    assert "niet te lezen" in shop.page(f"/peppol/ontvangen/{key}")
    assert shop.owner.get(f"/peppol/ontvangen/{key}/bestand").data == content


def test_texts_of_a_sender_are_only_text(shop: Shop) -> None:
    from plugins.peppol.mapping import ubl_of
    from tests.contract.peppol.test_receiving import PLAIN

    seller = replace(PLAIN.seller, name="<script>alert(1)</script>")
    content = ubl_of(replace(PLAIN, seller=seller))
    key = shop.arrive(envelope(document=content))
    for place in ("/peppol/ontvangen", f"/peppol/ontvangen/{key}"):
        assert "<script>alert(1)" not in shop.page(place)


# --- who ------------------------------------------------------------------------------


def _places(shop: Shop, received: int) -> list[tuple[str, str]]:
    one = f"/peppol/ontvangen/{received}"
    return [
        ("GET", "/peppol"), ("POST", shop.place), ("POST", f"{shop.place}/versturen"),
        ("POST", f"{shop.place}/terugtrekken"), ("GET", f"{shop.place}/bewijs"),
        ("GET", "/peppol/ontvangen"), ("GET", one), ("GET", f"{one}/bestand"),
        ("POST", f"{one}/bijlage/0"), ("POST", f"{one}/afgehandeld"),
        ("POST", f"{one}/inkoop"),
    ]  # fmt: skip


def test_each_page_is_for_its_tenant_alone(shop: Shop) -> None:
    received = shop.arrive(envelope(document=document_with_file()))
    shop.owner.post(f"{shop.place}/versturen")
    shop.work(2)
    other = shop.site.sample("Ander", 2)
    with shop.site.data(), tenant_scope(other.tenant.id):
        connections.switch_plugin(other.tenant.id, "peppol", enabled=True)
    stranger, nobody = shop.site.client(other.owner), shop.site.client()
    own = {"/peppol", "/peppol/ontvangen"}
    for verb, place in _places(shop, received):
        assert nobody.open(place, method=verb).status_code == 303, place
        found = stranger.open(place, method=verb).status_code
        assert found == (200 if place in own else 404), place
        assert shop.owner.open(place, method=verb).status_code in (200, 303), place
    with shop.site.data(), tenant_scope(shop.sample.tenant.id):
        connections.switch_plugin(shop.sample.tenant.id, "peppol", enabled=False)
    for verb, place in _places(shop, received):
        assert shop.owner.open(place, method=verb).status_code == 404, place


def test_a_colleague_sends_as_he_sends_invoices(shop: Shop) -> None:
    client = shop.site.client(shop.sample.colleague)
    assert SEND in client.get(f"/facturen/{shop.invoice}").get_data(as_text=True)
    client.post(f"{shop.place}/versturen")
    shop.work(2)
    assert "Bezorgd" in client.get("/peppol").get_data(as_text=True)


# --- the operator ---------------------------------------------------------------------


def test_old_rules_are_mailed_to_the_operator_once_a_month(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {
        layer: rule_packs.RuleSet(layer, "pakket 1", date(2020, 1, 1), "")
        for layer in rule_packs.LAYERS
    }
    monkeypatch.setattr(rule_packs, "shipped", old.__getitem__)
    with shop.site.data() as session:
        for _each in range(2):
            tasks.tidy(0)
            session.execute(update(tasks.rounds.Mark).values(read_at=date_of_old()))
            session.commit()
        found = select(Mail).where(Mail.kind == "peppol_rules")
        (row,) = session.scalars(found)
        assert "pakket 1" in mail.content_of(row)[1]


def date_of_old() -> Any:
    return utcnow().replace(year=2020)


def test_rules_that_are_new_are_not_mailed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = utcnow().date()
    new = {
        layer: rule_packs.RuleSet(layer, "x", today, "") for layer in rule_packs.LAYERS
    }
    monkeypatch.setattr(rule_packs, "shipped", new.__getitem__)
    with shop.site.data() as session:
        tasks.tidy(0)
        kinds = session.scalars(select(Mail.kind)).all()
        assert "peppol_rules" not in kinds


def test_the_dot_follows_whether_the_access_point_answers(shop: Shop) -> None:
    with shop.site.data() as session:
        query = select(Connection.id).where(Connection.plugin == "peppol")
        key = session.scalars(query).one()
        jobs.run_task("look", key)
        session.expire_all()
        assert session.get_one(Connection, key).last_run_at is not None
        shop.point.control("revoke")
        jobs.run_task("look", key)
        session.expire_all()
        assert session.get_one(Connection, key).state == ConnectionState.PAUSED
