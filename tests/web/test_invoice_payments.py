"""What the packages need before sending, and what they say of payment, by name."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.domain.clock import utcnow
from core.domain.invoices import Settlements
from core.domain.relations import RelationData
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    LogLevel,
    Mail,
    Relation,
    SalesInvoice,
    TenantVatCode,
    Transfer,
    TransferState,
)
from core.runtime import log
from core.runtime.tenancy import tenant_scope
from core.services.connections.administrations import SALE_ELSEWHERE
from core.services.crm import relations
from core.services.invoicing import (
    invoice_bookings,
    invoice_setup,
    open_items,
    sales_invoices,
)
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.mailing import mail, notices
from core.services.transfer.journal import Job
from tests.web.conftest import Site
from tests.web.samples import Sample

DAY = date(2026, 11, 16)
PACKAGES = ("eboekhouden", "digitalefactuur")


@pytest.fixture
def sample(site: Site) -> Sample:
    """A tenant whose invoices go to two packages, with a relation without number."""
    made = site.sample()
    with site.data() as session, tenant_scope(made.tenant.id):
        relations.save(RelationData(False, "De Hoop"), None)
        for plugin in PACKAGES:
            connection = Connection(
                tenant_id=made.tenant.id, plugin=plugin, external_id=plugin,
                state=ConnectionState.CONNECTED, checked_at=utcnow(),
            )  # fmt: skip
            session.add(connection)
            session.flush()
            coupling = invoice_setup.switch_on(connection, DAY)
            invoice_setup.save_open_items(coupling, wanted=True)
    return made


def draft(site: Site, sample: Sample) -> int:
    with site.data() as session, tenant_scope(sample.tenant.id):
        code = session.query(TenantVatCode).filter_by(code="NL21").one().id
        lines = [DraftLine("Werk", Decimal(1), Decimal(100), code)]
        return sales_invoices.save_draft(sample.tenant.id, Draft(1, DAY, DAY, lines)).id


def booked(site: Site, sample: Sample) -> int:
    """Send an invoice that both packages book."""
    key = draft(site, sample)
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.get(SalesInvoice, key)
        sales_invoices.send(row, "other")
        for coupling in couplings(session):
            invoice_bookings.book(row, coupling)
        for transfer in invoice_bookings.of_invoice(key):
            transfer.state, transfer.booked_at = TransferState.DONE, utcnow()
            transfer.external_id = transfer.external_number = "B1"
        sales_invoices.booked(row)
    return key


def couplings(session) -> list[Coupling]:
    rows = session.query(Coupling).filter(Coupling.source_id.is_(None))
    return rows.order_by(Coupling.id).all()


def say(site: Site, sample: Sample, place: int, key: int, left: str) -> None:
    """Let a package (the first or the second coupled) say what is left."""
    amount = Decimal(left)
    answer = Settlements({key: amount}) if amount else Settlements({}, {key: DAY})
    with site.data() as session, tenant_scope(sample.tenant.id):
        target = couplings(session)[place].target_id
        open_items._store(target, utcnow(), answer, {key: Decimal(121)})
        open_items.decide_by(target)


def state(site: Site, key: int) -> str:
    with site.data() as session:
        return str(session.get(SalesInvoice, key).state)


# --- before sending ----------------------------------------------------------------


def test_a_missing_number_is_asked_once_for_all_packages(
    site: Site, sample: Sample
) -> None:
    key = draft(site, sample)
    client = site.client(sample.owner)
    for path in (f"/facturen/{key}", f"/facturen/{key}/verstuurd"):
        page = client.get(path).text
        assert page.count("nog geen debiteurnummer") == 1
        assert "e-Boekhouden.nl, DigitaleFactuur" in page
        assert "krijgt in DigitaleFactuur geen adres" in page
        assert "Geef nummer 10001" in page
    where = f"/facturen/{key}/debiteurnummer"
    client.post(where, data={"number": "10001"})
    client.post(where, data={"number": "10002"})
    with site.data() as session:
        assert session.get(Relation, 1).debtor_number == "10001"
    assert "nog geen debiteurnummer" not in client.get(f"/facturen/{key}").text


def test_one_mail_and_one_line_for_one_cause_in_two_packages(
    site: Site, sample: Sample
) -> None:
    key = booked(site, sample)
    with site.data() as session:
        for row in session.query(Transfer).filter_by(subject="invoice"):
            row.state, row.code = TransferState.FAILED, "debtor_number_missing"
            row.params = {"relation": "De Hoop"}
            log.write(
                sample.tenant.id, row.code, level=LogLevel.ERROR, transfer_id=row.id,
                connection_id=row.target_id, params=row.params,
            )  # fmt: skip
        number = session.get(SalesInvoice, key).number
    with site.data() as session:
        notices.tick(utcnow())
        notices.tick(utcnow() + timedelta(minutes=6))
        [found] = session.query(Mail).filter_by(kind="errors_today")
        subject, text = mail.content_of(found)
    assert subject == f"{number}: De Hoop heeft nog geen debiteurnummer."
    assert "DigitaleFactuur, e-Boekhouden.nl" in text
    page = site.client(sample.owner).get("/fouten").text
    assert page.count('class="card cause"') == 1
    assert '/relaties/1"' in page
    assert "Factuur · DigitaleFactuur" in page


# --- payment -----------------------------------------------------------------------


def test_one_package_decides_and_the_other_changes_nothing(
    site: Site, sample: Sample
) -> None:
    key = booked(site, sample)
    say(site, sample, 1, key, "0")
    assert state(site, key) == "booked"
    say(site, sample, 0, key, "21.00")
    say(site, sample, 1, key, "0")
    assert state(site, key) == "booked"
    client = site.client(sample.owner)
    page = client.get(f"/facturen/{key}").text
    for words in (
        "<strong>e-Boekhouden.nl</strong>", "<strong>DigitaleFactuur</strong>",
        "Nog open in e-Boekhouden.nl: €\xa021,00", "Deels betaald: €\xa0100,00",
        "Voor het laatst veranderd",
        "Telt niet mee: e-Boekhouden.nl bepaalt",
    ):  # fmt: skip
        assert words in page, words
    say(site, sample, 0, key, "0")
    assert state(site, key) == "paid"
    say(site, sample, 1, key, "121.00")
    assert state(site, key) == "paid"
    entries = client.get("/log").text
    assert "e-Boekhouden.nl" in entries


def test_what_is_undecided_is_said_and_shows_nothing_as_open(
    site: Site, sample: Sample
) -> None:
    key = booked(site, sample)
    code = "eboekhouden_open_item_written_off"
    with site.data() as session, tenant_scope(sample.tenant.id):
        target = couplings(session)[0].target_id
        answer = Settlements(undecided={key: code})
        open_items._store(target, utcnow(), answer, {key: Decimal(121)})
        open_items.decide_by(target)
    assert state(site, key) == "booked"
    page = site.client(sample.owner).get(f"/facturen/{key}").text
    assert "memoriaalboeking" in page
    assert "Nog open" not in page


def test_the_user_chooses_who_decides(site: Site, sample: Sample) -> None:
    key = booked(site, sample)
    say(site, sample, 0, key, "121.00")
    say(site, sample, 1, key, "0")
    with site.data() as session:
        second = couplings(session)[1].target_id
    client = site.client(sample.owner)
    where = f"/connections/{second}/facturen"
    page = client.get(where).text
    assert "Nu bepaalt:" in page
    assert "(het eerst gekoppeld)" in page
    client.post(f"{where}/openstaand/beslist")
    assert state(site, key) == "paid"
    assert "(het eerst gekoppeld)" not in client.get(where).text
    say(site, sample, 0, key, "121.00")
    assert state(site, key) == "paid"


def test_it_is_read_at_once_and_not_again_within_minutes(
    site: Site, sample: Sample
) -> None:
    with site.data() as session:
        first = couplings(session)[0]
        first.open_items_at = first.open_items_read_at = utcnow() - timedelta(hours=2)
        target = first.target_id
    client = site.client(sample.owner)
    where = f"/connections/{target}/facturen"
    assert "Laatst gelezen:" in client.get(where).text
    client.post(f"{where}/openstaand/lezen")
    with site.data() as session:
        assert couplings(session)[0].open_items_at is None
        couplings(session)[0].open_items_at = utcnow()
        couplings(session)[0].open_items_read_at = utcnow()
    client.post(f"{where}/openstaand/lezen")
    assert "zijn net gelezen" in client.get(where).text
    with site.data() as session:
        assert couplings(session)[0].open_items_at is not None


def test_what_was_credited_is_said(site: Site, sample: Sample) -> None:
    key = booked(site, sample)
    say(site, sample, 0, key, "121.00")
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = sales_invoices.credit(session.get(SalesInvoice, key), DAY)
        sales_invoices.send(row, "other")
    page = site.client(sample.owner).get(f"/facturen/{key}").text
    assert "helemaal gecrediteerd" in page
    assert "Nog open" not in page


def _job(row: SalesInvoice, target_id: int) -> Job:
    return Job(
        transfer_id=0, tenant_id=row.tenant_id, coupling_id=0,
        connection_id=target_id, connection_version=1, subject="invoice",
        subject_id=row.id, number=row.number or "", attempt=1, failures=0,
        lease_token="",
    )  # fmt: skip


def test_where_nothing_was_booked_yet_it_says_that_it_read(
    site: Site, sample: Sample
) -> None:
    with site.data() as session:
        target = couplings(session)[0].target_id
    where = f"/connections/{target}/facturen"
    client = site.client(sample.owner)
    assert "Nog niet gelezen." in client.get(where).text
    with site.data():
        open_items.advance(target)
    page = client.get(where).text
    assert "Nog niet gelezen." not in page
    assert "Laatst gelezen:" in page


def test_a_credit_of_what_stands_in_a_former_administration_is_refused(
    site: Site, sample: Sample
) -> None:
    """In the administration of now it would take back what was never sold."""
    key = booked(site, sample)
    with site.data() as session, tenant_scope(sample.tenant.id):
        sales = invoice_bookings.of_invoice(key)
        sales[0].administration = "eerst"
        there, here = sales[0].target_id, sales[1].target_id
        row = sales_invoices.credit(session.get(SalesInvoice, key), DAY)
        sales_invoices.send(row, "other")
        jobs = [_job(row, target_id) for target_id in (there, here)]
        for job, coupling in zip(jobs, couplings(session), strict=True):
            job.coupling_id = coupling.id
        invoice_bookings.attach(jobs)
        refusals = [job.refusal and job.refusal.code for job in jobs]
    assert refusals == [SALE_ELSEWHERE, None]


def test_a_package_without_vat_codes_asks_for_none(site: Site, sample: Sample) -> None:
    with site.data() as session:
        target = couplings(session)[1].target_id
    client = site.client(sample.owner)
    page = client.get(f"/connections/{target}/facturen").text
    assert 'id="vat"' not in page
    assert "nog geen BTW-codes" not in page
    assert "De configuratie is compleet" in page
    assert client.post(f"/connections/{target}/facturen/btw").status_code == 404
