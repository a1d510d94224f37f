"""Settings of sales invoices: own data, numbering, VAT codes; the owner's alone."""

from datetime import date

import pytest

from core.models import InvoiceSettings, TenantVatCode
from core.services.invoicing import vat_codes
from tests.invoices import code_id
from tests.web import test_invoice_pages as pages
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_invoice_pages import sample

__all__ = ["sample"]  # a fixture


def test_settings_are_the_owners(site: Site, sample: Sample) -> None:
    pages._draft(site, sample)
    colleague = site.client(sample.colleague)
    for path in ("/instellingen/facturen", "/instellingen/btw-codes"):
        assert colleague.get(path).status_code == 403
        assert colleague.post(path).status_code == 403
    assert "Factuurinstellingen" not in colleague.get("/facturen").text
    client = site.client(sample.owner)
    form = {"email": "x@fiets.example", "iban": "NL91 ABNA 0417 1643 00",
            "term_days": "30", "chamber_number": "1", "phone": "2",
            "bic": ""}  # fmt: skip
    assert client.post("/instellingen/facturen", data=form).status_code == 303
    with site.data() as session:
        row = session.get(InvoiceSettings, sample.tenant.id)
        assert (row.iban, row.term_days) == ("NL91ABNA0417164300", 30)
    for wrong in ({"iban": "NL00"}, {"term_days": "x"}, {"email": "geen adres"}):
        answer = client.post("/instellingen/facturen", data={**form, **wrong})
        assert (answer.status_code, answer.text.count('class="error"')) == (422, 1)
        assert all(value in answer.text for value in wrong.values())


def test_the_numbering_is_set_before_the_first_of_a_year(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2026, 3, 2)
    monkeypatch.setattr("core.web.views.invoice_settings.today", lambda: day)
    client = site.client(sample.owner)
    form = {"nr-prefix": "F", "nr-separator": "-", "nr-digits": "4",
            "nr-first_number": "12"}  # fmt: skip
    path = "/instellingen/facturen/nummering"
    for wrong in ({"nr-prefix": "F1"}, {"nr-prefix": "{x}"}, {"nr-digits": "99"},
                  {"nr-first_number": "0"}, {"nr-separator": "?"}):  # fmt: skip
        assert client.post(path, data={**form, **wrong}).status_code == 422
    assert client.post(path, data=form).status_code == 303
    assert "F2026-0012" in client.get("/instellingen/facturen").text
    key = pages._send(site, sample)
    assert pages._row(site, key).number == "F2026-0012"
    answer = client.post(path, data={**form, "nr-prefix": "G"})
    assert (answer.status_code, "ligt al vast" in answer.text) == (422, True)


def test_vat_codes_are_added_renamed_and_switched_off(
    site: Site, sample: Sample
) -> None:
    pages._draft(site, sample)
    client = site.client(sample.owner)
    path = "/instellingen/btw-codes"
    form = {"code": "NL21X", "label": "Ander", "kind": "standard", "rate": "21,5"}
    assert client.post(path, data=form).status_code == 303
    for wrong in ({"code": "NL21"}, {"code": "a b"}, {"label": ""}, {"rate": "x"},
                  {"kind": "export"}, {"kind": "onzin"}):  # fmt: skip
        answer = client.post(path, data={**form, "code": "N", **wrong})
        assert answer.status_code == 422, wrong
        assert 'class="error"' in answer.text
    with site.data():
        used, free = code_id(sample.tenant), code_id(sample.tenant, "NL21X")
    answer = client.post(f"{path}/{used}", data={**form, "code": "NL21"})
    assert (answer.status_code, "staat al op een factuur" in answer.text) == (422, True)
    new = {"code": "NL21", "label": "Hoog", "kind": "standard", "rate": "21"}
    assert client.post(f"{path}/{used}", data=new).status_code == 303
    for key in (used, free):
        assert client.post(f"{path}/{key}/verwijderen").status_code == 303
    assert client.post(f"{path}/{used}/aan-of-uit").status_code == 303
    with site.data() as session:
        row = session.get(TenantVatCode, used)
        assert (row.label, row.active) == ("Hoog", False)
        assert session.get(TenantVatCode, free) is None
    assert "NL21 –" not in client.get("/facturen/nieuw").text
    assert "NL21 –" in client.get("/facturen/1/wijzigen").text


def test_another_country_offers_its_codes_and_keeps_the_old(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    form = {"company-name": "x", "company-street": "s", "company-postal_code": "p",
            "company-city": "c", "company-home_country": "BE",
            "company-vat_number": ""}  # fmt: skip
    assert client.post("/profiel/bedrijf", data=form).status_code == 303
    page = client.get("/facturen/nieuw").text
    assert "BE6 –" in page
    assert "NL21 –" not in page
    page = client.get("/instellingen/btw-codes").text
    assert "Van eerdere landen" in page


def test_without_codes_the_usual_ones_are_made(site: Site, sample: Sample) -> None:
    with site.data() as session:
        session.query(TenantVatCode).delete()
    client = site.client(sample.owner)
    assert "nog geen BTW-codes" in client.get("/facturen/nieuw").text
    assert client.post("/instellingen/btw-codes/standaard").status_code == 303
    with site.data():
        assert len(vat_codes.all_of(sample.tenant.id)) == 8
