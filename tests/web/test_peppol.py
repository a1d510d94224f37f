"""The e-invoice on the page of an invoice: said, refused with words, downloaded."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import select

from core.domain.relations import PostalAddress
from core.models import InvoiceState, LogEntry, SalesInvoice, Tenant
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.invoicing import sales_invoices, vat_codes
from plugins.peppol import document, rule_packs
from plugins.peppol.models import PeppolRules
from plugins.peppol.wire import Finding
from tests.invoices import complete, customer, draft, line
from tests.web.conftest import Site
from tests.web.samples import Sample

BUTTON = "Download e-factuur (UBL)"
BELGIAN = {
    "vat_number": "BE0428759497",
    "invoice_address": PostalAddress("Laan", "1", "", "1000", "Brussel", "BE"),
}
NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


@pytest.fixture
def sample(site: Site) -> Sample:
    """A tenant with its owner."""
    return site.sample()


def _sent(site: Site, sample: Sample, *, credited: bool = False, **values: Any) -> int:
    """Send an invoice to a customer, or credit it whole; the plugin is on."""
    reference = values.pop("reference", "Inkoop 7")
    with site.data() as session, tenant_scope(sample.tenant.id):
        tenant = session.get_one(Tenant, sample.tenant.id)
        complete(tenant)
        vat_codes.make_defaults(tenant)
        connections.switch_plugin(tenant.id, "peppol", enabled=True)
        relation = customer(**{**BELGIAN, **values})
        lines = line(tenant), line(tenant, "3", "0.3333", "NL9")
        row = draft(tenant, relation, *lines, reference=reference)
        sales_invoices.send(row, "other")
        if credited:
            row = sales_invoices.credit(row, date(2026, 9, 2))
            sales_invoices.send(row, "other")
        return row.id


def _page(client: FlaskClient, key: int) -> str:
    return client.get(f"/facturen/{key}").get_data(as_text=True)


def _tried(monkeypatch: pytest.MonkeyPatch, *found: Finding) -> None:
    monkeypatch.setattr(document, "findings", lambda *_given: [found])


def test_an_e_invoice_is_downloaded_with_the_amounts_that_were_sent(
    site: Site, sample: Sample
) -> None:
    key = _sent(site, sample)
    client = site.client(sample.owner)
    page = _page(client, key)
    assert BUTTON in page
    assert "Niet verplicht" in page
    answer = client.post(f"/peppol/facturen/{key}", data={"bestelnummer": "PO 1"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "application/xml"
    root = etree.fromstring(answer.data)

    def said(path: str) -> str:
        return root.xpath(f"string({path})", namespaces=NAMES)

    with site.data() as session:
        row = session.get_one(SalesInvoice, key)
        (entry,) = session.scalars(
            select(LogEntry).where(LogEntry.code == "peppol_downloaded")
        )
        assert said("/*/cbc:ID") == row.number
        assert answer.headers["Content-Disposition"].endswith(f"{row.number}.xml")
        due = said("/*/cac:LegalMonetaryTotal/cbc:PayableAmount")
        assert Decimal(due) == row.amount_incl_vat
        assert Decimal(said("/*/cac:TaxTotal/cbc:TaxAmount")) == row.vat_amount
        assert entry.invoice_id == key
        assert sha256(answer.data).hexdigest() in str(vars(entry))
    assert said("/*/cbc:BuyerReference") == "Inkoop 7"
    assert said("/*/cac:OrderReference/cbc:ID") == "PO 1"
    assert said("//cbc:EmbeddedDocumentBinaryObject/@mimeCode") == "application/pdf"


def test_a_credit_invoice_becomes_a_credit_note(site: Site, sample: Sample) -> None:
    key = _sent(site, sample, credited=True)
    answer = site.client(sample.owner).post(f"/peppol/facturen/{key}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    root = etree.fromstring(answer.data)
    assert etree.QName(root).localname == "CreditNote"
    with site.data() as session:
        row = session.get_one(SalesInvoice, key)
        due = root.xpath("string(//cbc:PayableAmount)", namespaces=NAMES)
        assert Decimal(due) == -row.amount_incl_vat


def test_what_breaks_a_rule_is_not_handed_out(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tried(
        monkeypatch,
        Finding("NL-R-007", "fatal", "x", ""),
        Finding("UBL-CR-001", "warning", "y", ""),
    )
    key = _sent(site, sample)
    answer = site.client(sample.owner).post(f"/peppol/facturen/{key}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "De IBAN van uw bedrijf ontbreekt of klopt niet." in page
    with site.data() as session:
        codes = set(session.scalars(select(LogEntry.code)))
    assert "peppol_refused" in codes
    assert "peppol_downloaded" not in codes


def test_a_warning_stops_nothing(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tried(monkeypatch, Finding("UBL-CR-001", "warning", "y", ""))
    key = _sent(site, sample)
    assert site.client(sample.owner).post(f"/peppol/facturen/{key}").status_code == 200


def test_without_an_answer_of_the_rules_there_is_no_document(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        document, "LIMITS", document.LIMITS.__class__(memory_bytes=100_000_000)
    )
    key = _sent(site, sample)
    answer = site.client(sample.owner).post(f"/peppol/facturen/{key}")
    assert answer.status_code == 422
    assert "kon nu niet worden gecontroleerd" in answer.get_data(as_text=True)


def test_a_reference_is_asked_where_the_invoice_has_none(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tried(monkeypatch)
    key = _sent(site, sample, reference="")
    client = site.client(sample.owner)
    assert 'name="kenmerk"' in _page(client, key)
    answer = client.post(f"/peppol/facturen/{key}", data={"kenmerk": " "})
    assert answer.status_code == 422
    assert "geen kenmerk of bestelnummer" in answer.get_data(as_text=True)
    answer = client.post(f"/peppol/facturen/{key}", data={"kenmerk": "Jan"})
    assert b"<cbc:BuyerReference>Jan</cbc:BuyerReference>" in answer.data


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"is_person": True, "vat_number": ""}, "particulier"),
        ({"vat_number": "SE556036079301"}, "elektronische adres van uw klant"),
    ],
)
def test_what_gets_none_has_no_button(
    site: Site, sample: Sample, values: dict[str, Any], said: str
) -> None:
    key = _sent(site, sample, **values)
    client = site.client(sample.owner)
    page = _page(client, key)
    assert said in page
    assert BUTTON not in page
    assert client.post(f"/peppol/facturen/{key}").status_code == 422


def test_it_is_there_for_who_has_it_on_and_for_nobody_else(
    site: Site, sample: Sample
) -> None:
    other = site.sample("Ander", 2)
    key = _sent(site, sample)
    with site.data(), tenant_scope(other.tenant.id):
        connections.switch_plugin(other.tenant.id, "peppol", enabled=True)
    assert site.client(other.owner).post(f"/peppol/facturen/{key}").status_code == 404
    assert site.client().post(f"/peppol/facturen/{key}").status_code == 303
    with site.data(), tenant_scope(sample.tenant.id):
        connections.switch_plugin(sample.tenant.id, "peppol", enabled=False)
    client = site.client(sample.owner)
    assert "e-factuur" not in _page(client, key)
    assert client.post(f"/peppol/facturen/{key}").status_code == 404


def test_a_draft_has_none(site: Site, sample: Sample) -> None:
    key = _sent(site, sample)
    with site.data() as session:
        session.get_one(SalesInvoice, key).state = InvoiceState.DRAFT
    client = site.client(sample.owner)
    assert BUTTON not in _page(client, key)
    assert client.post(f"/peppol/facturen/{key}").status_code == 404


# --- the operator's rules -------------------------------------------------------------


def _add(site: Site, path: Any, **options: str) -> Any:
    given = {"--layer": "peppol", "--from": "2026-08-24", **options}
    words = [word for pair in given.items() for word in pair]
    runner = site.app.test_cli_runner()
    return runner.invoke(args=["peppol", "rules", "add", str(path), *words])


def test_newer_rules_are_installed_and_hold_from_their_first_day(
    site: Site, tmp_path: Any
) -> None:
    content = rule_packs.shipped("peppol").content + b"<!-- newer -->"
    path = tmp_path / "PEPPOL-EN16931-UBL.xslt"
    path.write_bytes(content)
    digest = sha256(content).hexdigest()
    assert "SHA-256" in _add(site, path, **{"--sha256": "0" * 64}).output
    done = _add(site, path, **{"--sha256": digest.upper()})
    assert done.exit_code == 0, done.output
    assert _add(site, path, **{"--sha256": digest}).exit_code == 1
    with site.data() as session:
        before = rule_packs.in_force(date(2026, 8, 23))
        after = rule_packs.in_force(date(2026, 8, 24))
        assert before[1] == rule_packs.shipped("peppol")
        assert after[1].content == content
        assert after[0] == before[0] == rule_packs.shipped("en16931")
        session.scalars(select(PeppolRules)).one().content += b" "
        session.flush()
        with pytest.raises(ValueError, match="changed since"):
            _ = after[1].content
        session.rollback()


@pytest.mark.parametrize("content", [b"<schema/>", b"no XML PEPPOL-EN16931-R003"])
def test_what_is_no_style_sheet_is_refused(
    site: Site, tmp_path: Any, content: bytes
) -> None:
    path = tmp_path / "PEPPOL-EN16931-UBL.sch"
    path.write_bytes(content)
    done = _add(site, path, **{"--sha256": sha256(content).hexdigest()})
    assert done.exit_code == 1
    assert "XSLT" in done.output


@pytest.mark.parametrize(("day", "code"), [(2, 0), (300, 1)])
def test_old_rules_are_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, day: int, code: int
) -> None:
    from plugins.peppol import views

    new = {
        layer: rule_packs.RuleSet(layer, "x", date(2026, 1, 1), "")
        for layer in rule_packs.LAYERS
    }
    monkeypatch.setattr(rule_packs, "shipped", new.__getitem__)
    today = date.fromordinal(date(2026, 1, 1).toordinal() + day)
    monkeypatch.setattr(views, "local_date", lambda *_given: today)
    done = site.app.test_cli_runner().invoke(args=["peppol", "rules", "list"])
    assert done.exit_code == code, done.output
    assert ("OLD" in done.output) == bool(code)
