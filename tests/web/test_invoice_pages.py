"""The pages of sales invoices: made, changed, sent, credited; and what fails."""

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.models import (
    InvoiceAttachment,
    InvoiceState,
    Mail,
    MailAttachment,
    MailState,
    SalesInvoice,
    Tenant,
)
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import sales_invoices
from tests.invoices import code_id, complete, customer, draft, line
from tests.web.conftest import Site
from tests.web.samples import Sample

PDF = b"%PDF-1.4 mine"


@pytest.fixture
def sample(site: Site) -> Sample:
    """A tenant that may send invoices, with one relation."""
    made = site.sample()
    with site.data() as session, tenant_scope(made.tenant.id):
        complete(session.get(Tenant, made.tenant.id))
        customer()
    return made


def _form(site: Site, sample: Sample, **values: Any) -> dict[str, Any]:
    with site.data():
        code = code_id(sample.tenant)
    return {
        "relation_id": "1", "issued_on": "2026-03-02", "term": "14", "language": "",
        "lines-0-description": "Zadel", "lines-0-quantity": "2",
        "lines-0-unit_price": "1.250,50", "lines-0-vat_code": str(code),
        "doe": "opslaan", **values,
    }  # fmt: skip


def _draft(site: Site, sample: Sample, *files: str, **values: Any) -> int:
    with site.data() as session, tenant_scope(sample.tenant.id):
        tenant = session.get(Tenant, sample.tenant.id)
        row = draft(tenant, session.get_one(sales_invoices.Relation, 1), **values)
        for name in files:
            sales_invoices.attach(row, name, "application/pdf", PDF)
        return row.id


def _send(site: Site, sample: Sample, **values: Any) -> int:
    key = _draft(site, sample, **values)
    with site.data() as session, tenant_scope(sample.tenant.id):
        sales_invoices.send(session.get(SalesInvoice, key), "other")
    return key


def _row(site: Site, key: int = 1) -> SalesInvoice:
    with site.data() as session:
        return session.get(SalesInvoice, key)


def _errors(page: str) -> list[str]:
    return re.findall(r'<p class="error" id="([\w-]+)-error">', page)


@pytest.mark.parametrize("who", ["owner", "colleague"])
def test_an_invoice_is_made_mailed_and_credited(
    site: Site, sample: Sample, who: str
) -> None:
    client = site.client(getattr(sample, who))
    answer = client.post("/facturen/nieuw", data=_form(site, sample))
    assert (answer.status_code, answer.location) == (303, "/facturen/1")
    page = client.get("/facturen/1").text
    assert "€ 2.501,00" in page.replace("\xa0", " ")
    assert "€ 3.026,21" in page.replace("\xa0", " ")
    mailing = client.get("/facturen/1/mailen").text
    assert 'value="admin@korrel.example"' in mailing
    assert "{number}" not in mailing
    assert "Factuur-202600001.pdf" in mailing
    letter = {"recipient": "b@korrel.example", "subject": "F 202600009", "text": "Hoi",
              "expected": "202600009"}  # fmt: skip
    assert client.post("/facturen/1/mailen", data=letter).status_code == 303
    row = _row(site)
    assert (row.state, row.sent_as, row.number) == ("sent", "mail", "202600001")
    with site.data() as session:
        assert session.scalars(select(Mail.recipient)).all() == ["b@korrel.example"]
    page = client.get("/facturen/1").text
    assert "gemaild aan b@korrel.example" in page
    file = client.get("/facturen/1/voorbeeld.pdf")
    assert file.data.startswith(b"%PDF-")
    answer = client.post("/facturen/1/crediteren")
    assert answer.location == "/facturen/2"
    assert _row(site, 2).credits_id == 1
    assert client.get("/facturen/2/wijzigen").status_code == 200
    assert "Crediteren</button>" in client.get("/facturen/1").text
    assert "De creditfactuur krijgt" in client.get("/facturen/2/verstuurd").text
    client.post("/facturen/2/verstuurd")
    assert "Crediteren</button>" not in client.get("/facturen/1").text


def test_a_sent_invoice_is_mailed_again_as_it_was(site: Site, sample: Sample) -> None:
    key = _send(site, sample)
    client = site.client(sample.owner)
    path = f"/facturen/{key}/opnieuw-mailen"
    assert path in client.get(f"/facturen/{key}").text
    page = client.get(path).text
    assert "Factuur 202600001 van" in page
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    letter = {"recipient": "c@korrel.example", "subject": "Weer {number}",
              "text": "Hoi", "once": once[1]}  # fmt: skip
    for _click in range(2):
        assert client.post(path, data=letter).status_code == 303
    wrong = client.post(path, data={**letter, "recipient": "niemand"})
    assert (wrong.status_code, _errors(wrong.text)) == (422, ["recipient"])
    client.post(path, data={**letter, "once": "another time"})
    with site.data() as session:
        mails = session.scalars(select(Mail).order_by(Mail.id)).all()
        assert [one.recipient for one in mails] == ["c@korrel.example"] * 2
        files = session.scalars(select(MailAttachment.filename)).all()
        mails[-1].state = MailState.FAILED
    assert files == ["Factuur-202600001.pdf"] * 2
    assert _row(site, key).state == InvoiceState.SENT
    page = client.get(f"/facturen/{key}").text
    assert page.count("gemaild aan c@korrel.example") == 2
    assert "heeft het bericht met deze factuur geweigerd" in page


def test_a_draft_is_not_mailed_again(site: Site, sample: Sample) -> None:
    key = _draft(site, sample)
    answer = site.client(sample.owner).get(f"/facturen/{key}/opnieuw-mailen")
    assert answer.location == f"/facturen/{key}/mailen"


def test_lines_and_relation_by_buttons_alone(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    form = _form(site, sample, relation_id="", search="korr", doe="zoek")
    page = client.post("/facturen/nieuw", data=form).text
    assert 'value="kies-1"' in page
    page = client.post("/facturen/nieuw", data={**form, "doe": "kies-1"}).text
    assert 'name="relation_id" type="hidden" value="1"' in page
    assert "Bakkerij De Korrel" in page
    page = client.post("/facturen/nieuw", data={**form, "doe": "regel-erbij"}).text
    assert 'name="lines-1-description"' in page
    assert 'value="1.250,50"' in page
    more = {"lines-1-description": "Bel", "lines-1-quantity": "x",
            "lines-1-unit_price": "1", "lines-1-vat_code": "1"}  # fmt: skip
    page = client.post(
        "/facturen/nieuw", data={**form, **more, "doe": "regel-weg-lines-0"}
    ).text
    assert "Zadel" not in page
    assert 'value="Bel"' in page
    page = client.post("/facturen/nieuw", data={**form, **more, "doe": "reken"}).text
    assert _errors(page) == ["lines-1-quantity"]
    with site.data() as session:
        assert session.scalars(select(SalesInvoice)).all() == []


WRONG: list[tuple[dict[str, str], str]] = [
    ({"relation_id": ""}, "search"),
    ({"relation_id": "99"}, "search"),
    ({"issued_on": "morgen"}, "issued_on"),
    ({"issued_on": "0026-01-01"}, "issued_on"),
    ({"issued_on": ""}, "issued_on"),
    ({"term": "-1"}, "term"),
    ({"term": "x"}, "term"),
    ({"term": ""}, "term"),
    ({"delivered_on": "2026-13-01"}, "delivered_on"),
    ({"reference": "x" * 101}, "reference"),
    ({"note": "x" * 2001}, "note"),
    ({"lines-0-quantity": "twee"}, "lines-0-quantity"),
    ({"lines-0-quantity": ""}, "lines-0-quantity"),
    ({"lines-0-unit_price": "1.250"}, "lines-0-unit_price"),
    ({"lines-0-unit_price": "0,00001"}, "lines-0-unit_price"),
    ({"lines-0-unit_price": "99999999"}, "lines-0-unit_price"),
    ({"lines-0-description": ""}, "lines-0-description"),
    ({"lines-0-description": "x" * 256}, "lines-0-description"),
]


def test_every_error_stands_at_its_field_and_nothing_is_lost(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    for values, field in WRONG:
        form = _form(site, sample, **values)
        answer = client.post("/facturen/nieuw", data=form)
        assert (answer.status_code, _errors(answer.text)) == (422, [field]), values
        for name, value in form.items():
            if value and name not in ("doe", "lines-0-vat_code", "relation_id"):
                assert value in answer.text, name
    assert _row(site) is None


def test_a_vat_code_of_nobody_is_not_stored(site: Site, sample: Sample) -> None:
    form = _form(site, sample, **{"lines-0-vat_code": "999"})
    site.client(sample.owner).post("/facturen/nieuw", data=form)
    assert _row(site).lines[0].vat_code.code == "NL21"


def test_a_draft_is_changed_and_deleted(site: Site, sample: Sample) -> None:
    key = _draft(site, sample)
    client = site.client(sample.owner)
    page = client.get(f"/facturen/{key}/wijzigen").text
    assert 'value="10,00"' in page
    form = _form(site, sample, **{"lines-0-quantity": "3", "term": "30"})
    assert client.post(f"/facturen/{key}/wijzigen", data=form).status_code == 303
    row = _row(site, key)
    assert (row.lines[0].quantity, row.due_on) == (3, date(2026, 4, 1))
    assert "nummer verloren" in client.get(f"/facturen/{key}/verwijderen").text
    assert client.post(f"/facturen/{key}/verwijderen").location == "/facturen"
    assert _row(site, key) is None


def test_prices_are_typed_as_the_reader_writes_them(site: Site, sample: Sample) -> None:
    key = _draft(site, sample)
    client = site.client(sample.owner)
    client.post("/taal", data={"language": "en"})
    page = client.get(f"/facturen/{key}/wijzigen").text
    assert 'value="10.00"' in page
    form = _form(site, sample, **{"lines-0-unit_price": "1,250.50"})
    assert client.post(f"/facturen/{key}/wijzigen", data=form).status_code == 303
    assert _row(site, key).lines[0].unit_price == Decimal("1250.50")


def test_a_sent_invoice_cannot_be_changed_by_any_page(
    site: Site, sample: Sample
) -> None:
    key = _send(site, sample)
    client = site.client(sample.owner)
    before = _row(site, key).due_on
    for path in ("wijzigen", "mailen", "verstuurd", "verwijderen"):
        for method in ("get", "post"):
            data = _form(site, sample) if method == "post" else None
            answer = getattr(client, method)(f"/facturen/{key}/{path}", data=data)
            assert answer.status_code == 303, path
    answer = _attach(client, key)
    assert answer.status_code == 422
    row = _row(site, key)
    assert (row.state, row.due_on, row.number) == ("sent", before, "202600001")


def _attach(client: FlaskClient, key: int, name: str = "a.pdf", body: bytes = PDF):
    return client.post(
        f"/facturen/{key}/bijlagen", data={"bestand": (io.BytesIO(body), name)}
    )


def test_files_come_in_and_go_out_safely(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("core.rules.invoice_rules", "core.web.views.invoice_files"):
        monkeypatch.setattr(f"{module}.LARGEST_FILE", 1000)
    key = _draft(site, sample)
    client = site.client(sample.owner)
    assert _attach(client, key, "../a b.PDF").status_code == 303
    for name, body, words in (
        ("a.html", b"<script>", "PDF, PNG"), ("a.pdf", b"MZ", "belooft"),
        ("a.pdf", b"", "leeg"), ("a.pdf", b"%PDF-" + b"x" * 1000, "4,5 MB"),
    ):  # fmt: skip
        answer = _attach(client, key, name, body)
        assert (answer.status_code, words in answer.text) == (422, True), name
        assert 'id="file-error"' in answer.text
    with site.data() as session:
        [file] = session.scalars(select(InvoiceAttachment)).all()
    assert file.filename == "a b.PDF"
    answer = client.get(f"/facturen/{key}/bijlagen/{file.id}")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    other = _draft(site, sample)
    assert client.get(f"/facturen/{other}/bijlagen/{file.id}").status_code == 404
    assert client.post(f"/facturen/{key}/bijlagen/{file.id}/weg").status_code == 303
    assert client.get(f"/facturen/{key}/bijlagen/{file.id}").status_code == 404


def test_with_several_files_the_screen_asks_which_is_the_invoice(
    site: Site, sample: Sample
) -> None:
    key = _draft(site, sample, "een.pdf", "twee.pdf")
    client = site.client(sample.owner)
    page = client.get(f"/facturen/{key}/verstuurd").text
    ids = re.findall(r'name="bijlage" value="(\d+)"', page)
    assert len(ids) == 2
    for chosen in ({}, {"bijlage": "999"}, {"bijlage": "x"}):
        answer = client.post(f"/facturen/{key}/verstuurd", data=chosen)
        assert (answer.status_code, "welke daarvan" in answer.text) == (422, True)
    assert _row(site, key).state == InvoiceState.DRAFT
    answer = client.post(f"/facturen/{key}/verstuurd", data={"bijlage": ids[1]})
    assert answer.status_code == 303
    with site.data() as session:
        files = session.scalars(
            select(InvoiceAttachment).order_by(InvoiceAttachment.id)
        ).all()
        assert [file.is_invoice for file in files] == [False, True]


def test_with_no_files_our_pdf_is_made(site: Site, sample: Sample) -> None:
    key = _draft(site, sample)
    client = site.client(sample.owner)
    assert client.post(f"/facturen/{key}/verstuurd").status_code == 303
    with site.data() as session:
        [file] = session.scalars(select(InvoiceAttachment)).all()
    assert (file.filename, file.is_invoice) == ("Factuur-202600001.pdf", True)
    answer = client.post(f"/facturen/{key}/bijlagen/{file.id}/weg")
    assert answer.status_code == 303
    assert "blijft bewaard" in client.get(f"/facturen/{key}").text


def test_a_mail_that_is_wrong_says_where(site: Site, sample: Sample) -> None:
    key = _draft(site, sample)
    client = site.client(sample.owner)
    good = {"recipient": "a@b.nl", "subject": "Onderwerp hier", "text": "Tekst hier"}
    for field, value in (
        ("recipient", "niemand"), ("recipient", ""), ("subject", ""), ("text", ""),
        ("subject", "x" * 201),
    ):  # fmt: skip
        form = {**good, field: value}
        answer = client.post(f"/facturen/{key}/mailen", data=form)
        assert (answer.status_code, _errors(answer.text)) == (422, [field])
        assert all(value in answer.text for value in form.values())
    assert _row(site, key).number is None


def test_what_the_law_wants_keeps_it_from_going(site: Site, sample: Sample) -> None:
    with site.data() as session:
        session.get(Tenant, sample.tenant.id).vat_number = ""
    key = _draft(site, sample)
    client = site.client(sample.owner)
    assert "Naar Profiel" in client.get(f"/facturen/{key}").text
    form = {"recipient": "a@b.nl", "subject": "s", "text": "t"}
    assert client.post(f"/facturen/{key}/mailen", data=form).status_code == 422
    assert client.post(f"/facturen/{key}/verstuurd").status_code == 422
    assert _row(site, key).state == InvoiceState.DRAFT


def test_the_list_is_searched_and_narrowed(site: Site, sample: Sample) -> None:
    sent = _send(site, sample)
    _draft(site, sample)
    client = site.client(sample.owner)
    client.post(f"/facturen/{sent}/crediteren")

    def found(query: str) -> list[str]:
        page = client.get(f"/facturen{query}").text
        return re.findall(r'"/facturen/(\d+)"', page)

    assert found("") == ["3", "2", "1"]
    assert found("?stand=sent") == ["1"]
    assert found("?stand=draft") == ["3", "2"]
    assert found("?stand=credit") == ["3"]
    assert found("?stand=onzin") == ["3", "2", "1"]
    assert found("?zoek=2026") == ["1"]
    assert found("?zoek=korrel") == ["3", "2", "1"]
    assert found("?zoek=%25") == []
    assert found("?na=2") == ["1"]
    assert "€ 24,20" in client.get("/facturen").text.replace("\xa0", " ")
    page = client.get("/relaties/1/facturen").text
    assert re.findall(r'"/facturen/(\d+)"', page) == ["3", "2", "1"]
    assert "/relaties/1/facturen" in client.get("/relaties/1").text


def test_the_list_costs_as_many_queries_however_long(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    counted = []
    for _turn in range(2):
        for _ in range(4):
            _draft(site, sample)
        with site.queries() as sent:
            assert client.get("/facturen").status_code == 200
        counted.append(len(sent))
    assert counted[0] == counted[1] < 17


def test_a_stranger_finds_nothing(site: Site, sample: Sample) -> None:
    key = _draft(site, sample, "a.pdf")
    site.sample("Een ander", 2)
    client = site.client("owner2@example.com")
    for path in ("", "/wijzigen", "/mailen", "/verstuurd", "/verwijderen",
                 "/voorbeeld.pdf", "/bijlagen/1"):  # fmt: skip
        assert client.get(f"/facturen/{key}{path}").status_code == 404
    for path in ("/wijzigen", "/mailen", "/verstuurd", "/verwijderen", "/bijlagen",
                 "/bijlagen/1/weg", "/crediteren"):  # fmt: skip
        assert client.post(f"/facturen/{key}{path}").status_code == 404
    assert client.get("/relaties/1/facturen").status_code == 404
    form = _form(site, sample)
    assert _errors(client.post("/facturen/nieuw", data=form).text) == ["search"]
    assert "Korrel" not in client.get("/facturen?zoek=korrel").text


def test_a_draft_says_that_it_waits_for_vies_and_can_be_taken_back(
    site: Site, sample: Sample
) -> None:
    with site.data() as session, tenant_scope(sample.tenant.id):
        tenant = session.get(Tenant, sample.tenant.id)
        foreign = customer(vat_number="DE136695976", debtor_number="2")
        row = draft(tenant, foreign, line(tenant, code="NLICL"))
        path = f"/facturen/{row.id}"
    client = site.client(sample.owner)
    answer = client.post(f"{path}/verstuurd")
    assert (answer.status_code, answer.location) == (303, path)
    assert "wacht op VIES" in client.get(path).text
    client.get(path)
    assert client.post(f"{path}/niet-wachten").location == path
    client.get(path)
    assert "wacht op VIES" not in client.get(path).text
    assert _row(site, int(path.rpartition("/")[2])).number is None


def test_the_list_is_downloaded_as_it_is_narrowed(site: Site, sample: Sample) -> None:
    _send(site, sample)
    _draft(site, sample)
    client = site.client(sample.owner)
    text = client.get("/facturen.csv?stand=overdue").text
    head, *rows = text.removeprefix("\ufeff").splitlines()
    assert head.startswith("Nummer;Relatie")
    assert [row.split(";")[0] for row in rows] == ["202600001"]
    assert ";24,20;" in rows[0]
    assert client.get("/facturen.xlsx").data.startswith(b"PK")
