"""Facturen boeken: switched on, configured, and shown in every tab."""

from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Page

from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.models import (
    Connection,
    Coupling,
    InvoiceVatMapping,
    Role,
    TenantVatCode,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import Choice, Choices
from core.runtime import log
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import invoice_bookings, invoice_couplings, sales_invoices
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.people import rights
from tests.browsing import NARROW, WIDE, check
from tests.web.conftest import Site
from tests.web.samples import Sample

CHOICES = Choices(
    vat_codes=[Choice("c-21", "VH – hoog", "21 NL"), Choice("c-9", "VL", "9 NL"),
               Choice("c-icp", "ICP", "icp"), Choice("c-exp", "EXP", "international")],
    revenue_accounts=[Choice("8000", "8000 Omzet", "21 9 NL international"),
                      Choice("8030", "8030 Omzet EU", "icp")],
    receivables_accounts=[Choice("1300", "1300 Debiteuren")],
    payment_terms=[Choice("t-30", "30 dagen")],
)  # fmt: skip
SETTINGS = {"receivables_account": "1300", "payment_terms": "t-30"}
CODES = (("HOOG", "standard", "21"), ("LAAG", "reduced", "9"),
         ("ICL", "intra_community", "0"), ("EXP", "export", "0"))  # fmt: skip


@pytest.fixture
def sample(site: Site, monkeypatch: pytest.MonkeyPatch) -> Sample:
    """A tenant whose package was checked well, with a relation and VAT codes."""
    made = site.sample()
    monkeypatch.setattr(invoice_couplings, "choices_of", lambda _: CHOICES)
    with site.data() as session, tenant_scope(made.tenant.id):
        session.get(Connection, made.package.id).checked_at = utcnow()
        relations.save(RelationData(False, "De Hoop", debtor_number="10001"), None)
        for code, kind, rate in CODES:
            session.add(
                TenantVatCode(
                    tenant_id=made.tenant.id, code=code, label=f"Verkoop {code}",
                    kind=kind, country="NL", rate=Decimal(rate),
                )
            )  # fmt: skip
        session.add(
            TenantVatCode(
                tenant_id=made.tenant.id, code="BE21", label="Belgisch",
                kind="standard", country="BE", rate=Decimal(21),
            )
        )  # fmt: skip
    return made


def where(sample: Sample, part: str = "") -> str:
    return f"/connections/{sample.package.id}/facturen{part}"


def send(site: Site, sample: Sample, *codes: str) -> int:
    """Send an invoice of 100 euro for each VAT code."""
    with site.data() as session, tenant_scope(sample.tenant.id):
        ids = {row.code: row.id for row in session.query(TenantVatCode).all()}
        lines = [
            DraftLine(f"Regel {code}", Decimal(1), Decimal(100), ids[code])
            for code in codes or ("HOOG",)
        ]
        day = date(2026, 11, 16)
        draft = Draft(1, day, day, lines)
        row = sales_invoices.save_draft(sample.tenant.id, draft)
        return sales_invoices.send(row, "other").id


def configure(site: Site, sample: Sample) -> None:
    """Switch it on and fill everything in."""
    client = site.client(sample.owner)
    client.post(where(sample), data={"enabled": "1", "starts_on": "2026-01-01"})
    client.post(where(sample, "/instellingen"), data=SETTINGS)
    ids = codes_of(site)
    data = {f"vat_code-{ids['HOOG']}": "c-21", f"account-{ids['HOOG']}": "8000"}
    client.post(where(sample, "/btw"), data=data)


def codes_of(site: Site) -> dict[str, int]:
    with site.data() as session:
        return {row.code: row.id for row in session.query(TenantVatCode).all()}


def booking(site: Site, invoice_id: int) -> tuple[str, str]:
    with site.data():
        [row] = invoice_bookings.of_invoice(invoice_id)
        return str(row.state), row.code


def end(site: Site, invoice_id: int, state: TransferState, code: str = "") -> int:
    """Let a worker have ended the booking."""
    with site.data():
        [row] = invoice_bookings.of_invoice(invoice_id)
        row.state, row.code = state, code
        row.document = "sales_entry"
        if state == TransferState.DONE:
            row.booked_at = utcnow()
            row.external_number, row.external_id = "202600001", "x"
            row.external_url = "https://package.example/202600001"
            log.write(
                row.tenant_id, "invoice_booked", transfer_id=row.id,
                number=row.number, url=row.external_url,
            )  # fmt: skip
        return row.id


# --- the page ----------------------------------------------------------------------


def test_what_belongs_to_it_appears_when_it_is_switched_on(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    text = client.get(where(sample)).text
    assert "Eerste factuurdatum" in text
    assert 'id="openstaand"' not in text
    assert "BTW-codes en grootboekrekeningen" not in text
    answer = client.post(
        where(sample), data={"enabled": "1", "starts_on": "2026-02-01"}
    )
    assert answer.status_code == 303
    text = client.get(where(sample)).text
    assert 'id="openstaand"' in text
    assert 'value="2026-02-01"' in text
    assert "Dit ontbreekt nog" in text
    client.post(where(sample), data={"starts_on": "2026-02-01"})
    assert 'id="openstaand"' not in client.get(where(sample)).text


def test_the_plugins_page_leads_there_once_it_was_checked(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    assert where(sample) in client.get("/koppelingen/eaccounting/instellingen").text
    with site.data() as session:
        session.get(Connection, sample.package.id).checked_at = None
    assert where(sample) not in client.get("/koppelingen/eaccounting/instellingen").text
    answer = client.get(where(sample))
    assert answer.headers["Location"] == "/koppelingen/eaccounting/instellingen"
    assert client.post(where(sample), data={}).status_code == 404


def test_codes_of_the_own_country_are_offered_with_suggestions(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    client.post(where(sample), data={"enabled": "1", "starts_on": "2026-01-01"})
    text = client.get(where(sample)).text
    assert "Verkoop HOOG" in text
    assert "Belgisch" not in text
    for chosen in ("c-21", "c-9", "c-icp", "c-exp", "8000", "8030"):
        assert f'<option value="{chosen}" selected>' in text
    with site.data() as session:
        assert session.query(InvoiceVatMapping).count() == 0


def test_what_is_filled_in_wrong_is_said_and_not_stored(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    client.post(where(sample), data={"enabled": "1", "starts_on": "2026-01-01"})
    key = codes_of(site)["HOOG"]
    for posted, said in (
        ({f"vat_code-{key}": "c-21"}, "kies BTW-code én omzetrekening"),
        (
            {f"vat_code-{key}": "c-0", f"account-{key}": "8000"},
            "die keuze bestaat niet",
        ),
    ):
        answer = client.post(where(sample, "/btw"), data=posted)
        assert answer.status_code == 200
        assert said in answer.text
    assert (
        "Kies de debiteurenrekening"
        in client.post(where(sample, "/instellingen"), data={}).text
    )
    assert "Vul een datum in" in client.post(where(sample), data={"enabled": "1"}).text
    with site.data() as session:
        assert session.query(InvoiceVatMapping).count() == 0


def test_open_items_are_switched_on_and_off(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    assert client.post(where(sample, "/openstaand"), data={}).status_code == 404
    configure(site, sample)
    for data, wanted in (({"wanted": "1"}, True), ({}, False)):
        client.post(where(sample, "/openstaand"), data=data)
        with site.data() as session:
            coupling = session.query(Coupling).filter_by(source_id=None).one()
            assert coupling.reads_open_items is wanted


def test_an_invoice_from_before_is_offered_and_booked_on_request(
    site: Site, sample: Sample
) -> None:
    key = send(site, sample)
    configure(site, sample)
    client = site.client(sample.owner)
    assert "202600001" in client.get(where(sample)).text
    client.post(where(sample, "/boeken"), data={})
    with site.data():
        assert invoice_bookings.of_invoice(key) == []
    client.post(where(sample, "/boeken"), data={"id": [key, "x", 99]})
    assert booking(site, key) == ("queued", "")
    assert "202600001" not in client.get(where(sample)).text


# --- who may -----------------------------------------------------------------------

POSTS = ("", "/instellingen", "/btw", "/openstaand", "/boeken", "/ophalen")


def test_a_colleague_may_look_and_not_change(site: Site, sample: Sample) -> None:
    configure(site, sample)
    client = site.client(sample.colleague)
    text = client.get(where(sample)).text
    assert "Eerste factuurdatum" in text
    assert "niet het recht" in text
    for part in POSTS:
        assert client.post(where(sample, part), data={}).status_code == 403


def test_without_the_right_it_is_not_there(site: Site, sample: Sample) -> None:
    with site.data(), tenant_scope(sample.tenant.id):
        rights.give(
            sample.tenant.id, Role.COLLEAGUE, "eaccounting", allowed=False, user_id=1
        )
    client = site.client(sample.colleague)
    assert client.get(where(sample)).status_code == 404
    for part in POSTS:
        assert client.post(where(sample, part), data={}).status_code == 404


def test_a_strangers_connection_is_not_found(site: Site, sample: Sample) -> None:
    stranger = site.sample("Ander", 2)
    client = site.client(stranger.owner)
    assert client.get(where(sample)).status_code == 404
    for part in POSTS:
        assert client.post(where(sample, part), data={}).status_code == 404


# --- the tabs ----------------------------------------------------------------------


def test_a_waiting_invoice_leads_to_its_own_configuration(
    site: Site, sample: Sample
) -> None:
    configure(site, sample)
    key = send(site, sample, "HOOG", "LAAG")
    assert booking(site, key) == ("waiting", "invoice_vat_unmapped")
    client = site.client(sample.owner)
    text = client.get("/open").text
    assert "Voor BTW-code LAAG" in text
    assert f"{where(sample)}#vat" in text
    assert "vannacht" not in text
    with site.data():
        row = invoice_bookings.of_invoice(key)[0].id
    client.post(f"/bestelling/{row}/verwerk")
    assert booking(site, key) == ("waiting", "invoice_vat_unmapped")
    ids = codes_of(site)
    data = {
        f"{name}-{ids[code]}": value
        for code in ("HOOG", "LAAG")
        for name, value in (("vat_code", "c-21"), ("account", "8000"))
    }
    client.post(where(sample, "/btw"), data=data)
    assert booking(site, key) == ("queued", "")


def test_a_booked_invoice_stands_in_the_report_and_the_log_with_its_link(
    site: Site, sample: Sample
) -> None:
    configure(site, sample)
    key = end(site, send(site, sample), TransferState.DONE)
    client = site.client(sample.owner)
    link = "https://package.example/202600001"
    report = client.get("/rapportage").text
    assert link in report
    assert "Verkoopboeking" in report
    text = client.get("/log").text
    assert "Factuur 202600001 is geboekt." in text
    assert link in text
    detail = client.get(f"/bestelling/{key}").text
    assert "Factuur 202600001" in detail
    assert "De factuur zoals die is verstuurd" in detail
    assert "121,00" in client.get("/rapportage.csv").text
    assert client.get("/").status_code == 200


def test_a_refused_invoice_is_explained_and_reported(
    site: Site, sample: Sample
) -> None:
    configure(site, sample)
    key = end(site, send(site, sample), TransferState.FAILED, "debtor_number_missing")
    client = site.client(sample.owner)
    text = client.get("/fouten").text
    assert "nog geen debiteurnummer" in text
    assert '/relaties/1"' in text
    report = client.get(f"/bestelling/{key}/meld").text
    assert "receivables_account" in report
    assert "De Hoop" not in report
    client.post(f"/bestelling/{key}/verwerk")
    with site.data() as session:
        assert session.get(Transfer, key).state == TransferState.QUEUED


def test_the_report_names_a_package_that_only_takes_invoices(
    site: Site, sample: Sample
) -> None:
    configure(site, sample)
    end(site, send(site, sample), TransferState.DONE)
    with site.data() as session:
        session.delete(session.get(Coupling, sample.coupling.id))
    text = site.client(sample.owner).get("/rapportage.csv").text
    assert "Visma eAccounting" in text


# --- in a browser ------------------------------------------------------------------


@pytest.fixture
def filled(site: Site, sample: Sample) -> None:
    """Everything switched on, and an invoice in every place."""
    send(site, sample)
    configure(site, sample)
    end(site, send(site, sample), TransferState.DONE)
    end(site, send(site, sample), TransferState.FAILED, "debtor_number_missing")
    send(site, sample, "LAAG")


def test_the_pages_fit_a_phone_and_have_no_serious_barriers(
    page: Page, sample: Sample, filled: None
) -> None:
    for path in (where(sample), "/open", "/fouten", "/rapportage", "/bestelling/1"):
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)
            page.goto(path)
            check(page, path)
