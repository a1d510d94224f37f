"""Figures of a tax period: the pages, for owner, colleague and stranger."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.domain.declarations import IcpKind, Rubric, TaxPeriod
from core.models import TenantPlugin
from plugins.belastingdienst.figures import behind, period_figures
from plugins.belastingdienst.models import Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from tests.component.test_invoices import read as read_pdf
from tests.integration.belastingdienst import figure_samples as samples
from tests.web.conftest import Site

DE = {"customer_country": "DE", "customer_number": "136695976"}
Q2 = TaxPeriod.quarter(2026, 2)


@dataclass
class Books:
    """A tenant with an administration and some entries of a quarter."""

    site: Site
    owner: str
    colleague: str
    tenant_id: int
    administration_id: int
    period_id: int

    def path(self, rest: str = "", period: str = "/2026-Q3") -> str:
        return f"/aangifte/cijfers/{self.administration_id}{period}{rest}"

    def client(self) -> FlaskClient:
        return self.site.client(self.owner)


def books(site: Site, number: int, **values: Any) -> Books:
    sample = site.sample(f"Handel {number}", number)
    with site.data() as session:
        session.add_all(
            TenantPlugin(tenant_id=sample.tenant.id, plugin=name)
            for name in ("accountview", "belastingdienst")
        )
        made = samples.administration(sample.tenant, **{"code": f"A{number}", **values})
        row = samples.period(made)
        samples.entry(row, "1a", "12500.55", "2625.12", description="Bakkerij")
        samples.entry(row, "1a", "0.60", "0.13")
        samples.entry(row, "3b", "8200.90", icp_kind=IcpKind.GOODS, **DE)
        samples.entry(row, "3b", "0.40", icp_kind=IcpKind.ABC, **DE)
        samples.entry(row, "5b", vat="420.10")
        row.read_at = samples.MOMENT
        return Books(
            site, sample.owner, sample.colleague, sample.tenant.id, made.id, row.id
        )


@pytest.fixture
def own(site: Site) -> Books:
    return books(site, 1)


def entries(own: Books) -> list[tuple[str, Decimal, Decimal]]:
    with own.site.data() as session:
        rows = session.query(Entry).filter_by(origin=EntryOrigin.MANUAL)
        return [(row.rubric, row.turnover, row.vat) for row in rows]


def test_exact_and_rounded_stand_side_by_side(own: Books) -> None:
    text = own.client().get(own.path()).text
    for amount in (
        "12.501,15",
        "12.501",
        "2.625,25",
        "2.625",
        "420,10",
        "421",
        "2.204",
    ):
        assert amount in text, amount
    assert "Goederen" in text
    assert "ABC-leveringen" in text
    assert "vervalt (nul)" in text
    assert "door het afronden per klant" in text


def test_the_list_draws_what_was_to_pay_and_says_it_in_a_table(own: Books) -> None:
    assert 'role="img"' not in own.client().get(own.path(period="")).text  # one bar
    _filed_q2(own)
    text = own.client().get(own.path(period="")).text
    assert 'role="img"' in text
    assert "3e kwartaal 2026" in text
    assert text.count("2.204") > 1


def test_every_figure_opens_to_the_entries_behind_it(own: Books) -> None:
    client = own.client()
    text = client.get(own.path()).text
    opened = set(re.findall(rf"{own.path()}/achter/([\w-]+)", text))
    assert {"1a", "3b", "5a", "5b", "5c", "5g", "goods-DE-136695976",
            "abc-DE-136695976"} == opened  # fmt: skip
    for name in (*Rubric, *opened):
        page = client.get(own.path(f"/achter/{name}"))
        part = client.get(own.path(f"/achter/{name}"), headers={"HX-Request": "true"})
        assert page.status_code == part.status_code == 200
        assert "<html" in page.text
        assert "<html" not in part.text
    assert "Bakkerij" in client.get(own.path("/achter/1a")).text
    assert "8.200,90" in client.get(own.path("/achter/goods-DE-136695976")).text
    assert "8.200,90" not in client.get(own.path("/achter/abc-DE-136695976")).text


def test_many_entries_come_page_by_page(
    own: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "PAGE", 3)
    with own.site.data() as session:
        row = session.get(PeriodFigures, own.period_id)
        for number in range(7):
            day = date(2026, 7, 1 + number // 2)
            samples.entry(row, "1b", "1", description=f"nr {number}", booked_on=day)
    client, path, seen = own.client(), own.path("/achter/1b"), []
    while path:
        text = client.get(path).text
        seen += re.findall(r"nr (\d)", text)
        following = re.search(r'href="([^"]+na=[^"]+)"', text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == list("0123456")


@pytest.mark.parametrize(
    "rest", ["/achter/9z", "/achter/goods-DE-1", "/achter/1a?na=x", "/achter/1a?na=1_2"]
)
def test_what_is_no_figure_is_unknown(own: Books, rest: str) -> None:
    assert own.client().get(own.path(rest)).status_code == 404


def test_a_period_that_is_none_is_unknown(own: Books) -> None:
    assert own.client().get(own.path(period="/2026-Q5")).status_code == 404


def test_a_period_nobody_read_is_shown_and_not_made(own: Books) -> None:
    client = own.client()
    for rest in ("", "/achter/5g", "/stand", "/invullen"):
        assert client.get(own.path(rest, "/2025-Q1")).status_code == 200
    page = client.get(own.path(period="/2025-Q1")).text
    assert "nul zou niet waar zijn" in page
    assert "aangifte.pdf" not in page
    assert "€ 0" not in page
    paper = client.get(own.path("/aangifte.pdf", "/2025-Q1"))
    assert (paper.status_code, paper.mimetype) == (303, "text/html")
    with own.site.data() as session:
        assert session.query(PeriodFigures).count() == 1


def test_what_cannot_be_prepared_yet_has_no_blue_button(own: Books) -> None:
    client = own.client()
    prepare = re.compile(r'<button class="([^"]*)">Btw-aangifte klaarmaken')
    assert prepare.findall(client.get(own.path()).text) == ["blue"]
    with own.site.data() as session:
        held = session.get(PeriodFigures, own.period_id)
        held.doubts = [{"code": "invoice_vat_foreign", "entry_id": "1", "count": 1,
                        "params": {"number": "F7", "vat_code": "BE21"}}]  # fmt: skip
        running = samples.period(held.administration, TaxPeriod.quarter(2026, 4))
        running.read_at = samples.MOMENT
    page = client.get(own.path()).text
    assert prepare.findall(page) == ["outline blue"]
    assert "Hieronder staat wat eerst moet worden beantwoord" in page
    page = client.get(own.path(period="/2026-Q4")).text
    assert prepare.findall(page) == []
    assert "Dit tijdvak loopt nog tot en met 31 dec 2026." in page
    assert "Hier niet ingediend" not in page


def test_reading_is_asked_for_and_the_page_waits(own: Books) -> None:
    client = own.client()
    assert client.post(own.path("/lezen", "/2026-Q2")).status_code == 303
    with own.site.data() as session:
        row = session.query(PeriodFigures).filter_by(reading=True).one()
        assert period_figures.period(row) == Q2
    path = own.path("/stand", "/2026-Q2")
    assert "every 2s" in client.get(own.path(period="/2026-Q2")).text
    assert client.get(path).status_code == 200
    with own.site.data() as session:
        session.query(PeriodFigures).filter_by(reading=True).one().reading = False
    assert client.get(path).headers["HX-Refresh"] == "true"


def test_why_a_reading_failed_is_said(own: Books) -> None:
    with own.site.data() as session:
        session.get(PeriodFigures, own.period_id).code = "figures_not_connected"
    text = own.client().get(own.path()).text
    assert "geen werkende verbinding met uw boekhouding" in text


INPUT = {"rubric": "5b", "booked_on": "2026-09-30", "description": "Bruna",
         "turnover": "", "vat": "1.234,56"}  # fmt: skip


def test_an_entry_is_filled_in_changed_and_removed(own: Books) -> None:
    client = own.client()
    assert client.get(own.path("/invullen?rubriek=5b")).status_code == 200
    assert client.post(own.path("/invullen"), data=INPUT).status_code == 303
    assert entries(own) == [("5b", 0, Decimal("1234.56"))]
    text = client.get(own.path()).text
    assert "1.654,66" in text
    path = re.search(r"/aangifte/cijfers/invoer/\d+", text)[0]
    assert "1234,56" in client.get(path).text
    client.post(path, data={**INPUT, "rubric": "1d", "turnover": "10", "vat": "2,1"})
    assert entries(own) == [("1d", Decimal(10), Decimal("2.1"))]
    assert client.post(f"{path}/verwijderen").status_code == 303
    assert entries(own) == []
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"vat": "1,234"}, "geen bedrag"),
        ({"vat": ""}, "Vul een omzet of een btw-bedrag in"),
        ({"booked_on": "2026-10-01"}, "niet in dit tijdvak"),
        ({"turnover": "5"}, "staat omzet"),
        ({"rubric": "1e"}, "staat btw"),
        ({"rubric": ""}, "Kies een rubriek"),
        ({"rubric": "5a"}, "Not a valid choice"),
        ({"description": "  "}, "Vul in wat het is"),
        ({"rubric": "3b", "vat": "", "turnover": "5"}, "horen bij rubriek 3b"),
    ],
)
def test_what_cannot_be_so_is_shown_beside_its_field(
    own: Books, changes: dict[str, str], word: str
) -> None:
    answer = own.client().post(own.path("/invullen"), data={**INPUT, **changes})
    assert answer.status_code == 200
    assert 'class="error"' in answer.text
    if "valid choice" not in word:
        assert word in answer.text
    assert entries(own) == []


def test_a_row_of_3b_names_its_customer(own: Books) -> None:
    form = {**INPUT, "rubric": "3b", "vat": "", "turnover": "50", "icp_kind": "abc",
            "customer_country": "EL", "customer_number": "EL 094259216"}  # fmt: skip
    client = own.client()
    assert client.post(own.path("/invullen"), data=form).status_code == 303
    assert "EL 094259216" in client.get(own.path()).text


def test_what_was_read_cannot_be_changed_here(own: Books) -> None:
    with own.site.data() as session:
        read = session.query(Entry).filter_by(origin=EntryOrigin.LEDGER).first().id
    client = own.client()
    path = f"/aangifte/cijfers/invoer/{read}"
    assert client.post(path, data=INPUT).status_code == 404
    assert client.post(f"{path}/verwijderen").status_code == 404


def test_doubts_are_shown_with_what_solves_them(own: Books) -> None:
    with own.site.data() as session:
        session.get(PeriodFigures, own.period_id).doubts = [
            {"code": "invoice_vat_foreign", "entry_id": "1", "count": 1,
             "params": {"number": "F7", "vat_code": "BE21"}, "settled": False},
            {"code": "icp_customer_unknown", "entry_id": "2", "count": 3,
             "params": {"relation": "10007"}, "settled": False},
        ]  # fmt: skip
    client = own.client()
    text = client.get(own.path()).text
    assert "Factuur F7" in text
    assert "3 keer" in text
    assert text.count("Hoort er niet in</button>") == 1
    path = own.path("/twijfel")
    assert client.post(path, data={"twijfel": "1"}).status_code == 400
    assert client.post(path, data={"twijfel": "9"}).status_code == 404
    assert client.post(path, data={"twijfel": "x"}).status_code == 404
    assert client.post(path, data={"twijfel": "0"}).status_code == 303
    assert "Factuur F7" not in client.get(own.path()).text


def _filed_q2(own: Books, vat: str = "310") -> None:
    with own.site.data() as session:
        made = session.get(PeriodFigures, own.period_id).administration
        row = samples.period(made, Q2)
        row.read_at = samples.MOMENT
        samples.entry(row, "1a", str(Decimal(vat) * 5), vat)
        samples.filed(row, turnover="1050", vat="210")


def test_a_correction_is_proposed_accepted_and_taken_back(own: Books) -> None:
    _filed_q2(own)
    client = own.client()
    assert 'id="to-correct"' in client.get(own.path(period="")).text
    assert "btw bij te betalen" in client.get(own.path(period="/2026-Q2")).text
    accept = own.path("/correctie", "/2026-Q2")
    assert f'action="{accept}"' in client.get(own.path()).text
    answer = client.post(accept)
    assert own.path() in answer.location
    assert "Opgenomen: correctie van 2e kwartaal 2026" in client.get(own.path()).text
    client.post(accept)
    with own.site.data() as session:
        assert (
            session.query(Entry).filter_by(origin=EntryOrigin.CORRECTION).count() == 1
        )
    assert 'id="to-correct"' not in client.get(own.path(period="")).text
    client.post(own.path("/correctie/terug"), data={"van": "2026-Q2"})
    assert 'id="to-correct"' in client.get(own.path(period="")).text


def test_over_the_limit_only_a_suppletie_is_offered(own: Books) -> None:
    _filed_q2(own, "2210")
    client = own.client()
    text = client.get(own.path(period="/2026-Q2")).text
    assert 'value="suppletie"' in text
    assert "/correctie" not in text.replace("#correctie", "")
    client.post(own.path("/correctie", "/2026-Q2"))
    with own.site.data() as session:
        assert (
            session.query(Entry).filter_by(origin=EntryOrigin.CORRECTION).count() == 0
        )


def test_the_paper_is_a_pdf_of_what_went_out(own: Books) -> None:
    _filed_q2(own)
    client = own.client()
    draft = client.get(own.path("/aangifte.pdf"))
    assert draft.mimetype == "application/pdf"
    assert "btw-aangifte-A1-2026-Q3.pdf" in draft.headers["Content-Disposition"]
    assert "Stand: concept, nog niet ingediend" in read_pdf(draft.data)
    filed = read_pdf(client.get(own.path("/aangifte.pdf", "/2026-Q2")).data)
    assert "Stand: geaccepteerd" in filed
    assert "Ons kenmerk: KW00000001" in filed
    assert "€ 210" in filed
    assert "€ 310" not in filed
    assert "Te betalen voor of op: 31 juli 2026" in filed
    assert "Naar rekening: NL04 RABO 0200 1122 44 (Belastingdienst)" in filed
    assert "Betalingskenmerk: 9001 0000 4163 7240" in filed


def test_what_was_accepted_stands_beside_what_differs_now(own: Books) -> None:
    _filed_q2(own)
    client = own.client()
    page = client.get(own.path(period="/2026-Q2")).text
    assert "aangegeven:<br>€ 210" in page
    assert "aangegeven:<br>€ 1.050" in page
    assert "aangegeven: € 210" in client.get(own.path(period="")).text
    assert "aangegeven:" not in client.get(own.path()).text


def test_services_are_chosen_and_open_periods_read_again(site: Site) -> None:
    own = books(site, 1, source="accountview",
                eu_vat_codes=[{"code": "4", "name": "Leveringen"},
                              {"code": "5", "name": "Diensten"}])  # fmt: skip
    _filed_q2(own)
    client = own.client()
    assert "Kies de codes van diensten" in client.get(own.path()).text
    path = own.path("", "/diensten")
    assert "5 – Diensten" in client.get(path).text
    assert client.post(path, data={"codes": ["5"]}).status_code == 303
    with site.data() as session:
        rows = session.query(PeriodFigures).filter_by(reading=True)
        assert [row.id for row in rows] == [own.period_id]
        assert rows.one().administration.service_vat_codes == ["5"]
    assert "Kies de codes van diensten" not in client.get(own.path()).text
    assert b"checked" in client.get(path).data


def test_services_are_asked_of_accountview_only(own: Books) -> None:
    assert own.client().get(own.path("", "/diensten")).status_code == 404


_CHANGES = ("/lezen", "/invullen", "/twijfel", "/correctie", "/correctie/terug")


def test_a_colleague_looks_and_changes_nothing(own: Books) -> None:
    client = own.site.client(own.colleague)
    text = client.get(own.path()).text
    assert "12.501,15" in text
    assert 'method="post" action="/aangifte' not in text
    assert client.get(own.path("/achter/1a")).status_code == 200
    assert client.get(own.path("/aangifte.pdf")).status_code == 200
    assert client.get(own.path("/invullen")).status_code == 403
    for rest in _CHANGES:
        assert client.post(own.path(rest), data=INPUT).status_code == 403, rest
    assert entries(own) == []


def test_a_stranger_finds_nothing(own: Books) -> None:
    other = books(own.site, 2)
    client = other.client()
    with own.site.data() as session:
        row = session.get(PeriodFigures, own.period_id)
        mine = samples.entry(row, "5b", vat="1", origin=EntryOrigin.MANUAL).id
    paths = [own.path(period=""), *(own.path(rest) for rest in (
        "", "/stand", "/achter/1a", "/aangifte.pdf", "/invullen")),
        f"/aangifte/cijfers/invoer/{mine}"]  # fmt: skip
    for path in paths:
        assert client.get(path).status_code == 404, path
    for path in (*(own.path(rest) for rest in _CHANGES),
                 f"/aangifte/cijfers/invoer/{mine}",
                 f"/aangifte/cijfers/invoer/{mine}/verwijderen"):  # fmt: skip
        assert client.post(path, data={**INPUT, "twijfel": "0"}).status_code == 404, (
            path
        )
    assert len(entries(own)) == 1


def test_the_pages_ask_the_database_the_same_however_much_there_is(own: Books) -> None:
    client = own.client()

    def asked(path: str) -> int:
        with own.site.queries() as sent:
            client.get(path)
        return len(sent)

    def more(entries: int, quarters: range) -> None:
        with own.site.data() as session:
            row = session.get(PeriodFigures, own.period_id)
            for number in range(entries):
                samples.entry(row, "1a", "1", "0.21", origin=EntryOrigin.MANUAL,
                              description=str(number))  # fmt: skip
            for number in quarters:
                quarter = TaxPeriod.quarter(2025, number)
                late = samples.period(row.administration, quarter)
                late.read_at = samples.MOMENT
                samples.filed(late, turnover="1050", vat="210")

    paths = [own.path(), own.path(period=""), own.path("/achter/1a")]
    more(1, range(1, 2))  # of one there is, more is asked than of none
    before = [asked(path) for path in paths]
    more(30, range(2, 5))
    assert [asked(path) for path in paths] == before
