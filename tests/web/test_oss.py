"""The pages of the one stop shop and of own sales: owner, colleague and stranger."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask.testing import FlaskClient

from core.models import Connection, Tenant, TenantPlugin, User
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.models import (
    Administration,
    OssQuarter,
    OssRegister,
    PeriodFigures,
    Taxpayer,
)
from plugins.belastingdienst.models.administration import INVOICES
from plugins.belastingdienst.tasks import read_figures, read_oss
from tests.component.test_invoices import read as read_pdf
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst.shop_samples import (
    line,
    order,
    record,
    refund,
)
from tests.web.conftest import Site

GERMAN = line("119.00", "19.00", "19")
DUTCH = line("121.00", "21.00", "21")


@dataclass
class Shop:
    """A tenant with a shop and an administration on its own sales."""

    site: Site
    owner: str
    colleague: str
    number: str
    administration_id: int
    shop_id: int

    def client(self) -> FlaskClient:
        return self.site.client(self.owner)

    def path(self, rest: str = "") -> str:
        return f"/aangifte/oss/{self.number}{rest}"

    @property
    def form(self) -> dict[str, object]:
        return {
            "oss_from": "2026-01-01",
            "since": "2026-07-01",
            "sales": [str(self.shop_id)],
            "invoice_kind": "",
        }

    def read(self) -> None:
        """Do what the worker does."""
        with self.site.app.app_context(), system_scope():
            for row in self.site.app.extensions["sqlalchemy"].session.query(
                OssRegister
            ):
                read_oss(row.id)

    def quarter(self) -> OssQuarter:
        with self.site.data() as session:
            found = session.query(OssQuarter).filter_by(starts_on=date(2026, 7, 1))
            row: OssQuarter = found.one()
            session.expunge_all()
            return row


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 10, 5, 9, tzinfo=UTC), tick=True) as at:
        yield at


def shop_of(site: Site, number: int) -> Shop:
    sample = site.sample(f"Winkel {number}", number)
    tax_number = f"00100004{number}B37"
    with site.data() as session:
        session.add(TenantPlugin(tenant_id=sample.tenant.id, plugin="belastingdienst"))
        made = samples.administration(
            sample.tenant, code=f"W{number}", source=INVOICES, tax_number=tax_number
        )
        connection = session.merge(sample.shop)
        back = refund("a", "2026-10-02T10:00", [line("59.50", "9.50", "19")])
        connection.created_at = datetime(2025, 1, 1, tzinfo=UTC)
        record(
            connection,
            order(f"{number}001", "2026-08-10T10:00", "DE", [GERMAN], refunds=[back]),
            order(f"{number}002", "2026-08-10T10:00", "NL", [DUTCH]),
        )
        return Shop(
            site, sample.owner, sample.colleague, tax_number, made.id, connection.id
        )


@pytest.fixture
def own(site: Site) -> Shop:
    return shop_of(site, 1)


@pytest.fixture
def registered(own: Shop) -> Shop:
    answer = own.client().post(own.path("/aanmelding"), data=own.form)
    assert answer.status_code == 303
    own.read()
    return own


def test_the_menu_leads_to_the_registration_first(own: Shop) -> None:
    client = own.client()
    assert "/aangifte/oss" in client.get("/aangifte").text
    answer = client.get("/aangifte/oss", follow_redirects=True)
    assert answer.request.path == own.path("/aanmelding")
    assert "Aangemeld voor OSS sinds" in answer.text


def test_what_the_vat_status_says_stands_in_it_before(own: Shop) -> None:
    with own.site.data() as session:
        one = session.get(Administration, own.administration_id)
        session.get(Tenant, one.tenant_id).vat_statuses = [
            {"starts_on": "2025-03-01", "distance_sales": "oss"}
        ]
    assert 'value="2025-03-01"' in own.client().get(own.path("/aanmelding")).text


def test_without_a_tax_number_is_said_what_to_do(own: Shop) -> None:
    with own.site.data() as session:
        session.get(Administration, own.administration_id).tax_number = ""
    text = own.client().get("/aangifte/oss").text
    assert "Eerst een administratie" in text


def test_several_taxpayers_are_chosen_from(own: Shop) -> None:
    with own.site.data() as session:
        one = session.get(Administration, own.administration_id)
        session.add(
            Administration(
                tenant_id=one.tenant_id, code="X", description="Tweede",
                source=INVOICES, tax_number="001000099B01",
            )
        )  # fmt: skip
    text = own.client().get("/aangifte/oss").text
    assert own.path() in text
    assert "/aangifte/oss/001000099B01" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"oss_from": "", "oss_until": "2026-09-30"}, "vóór het begin"),
        ({"oss_until": "2025-12-31"}, "vóór het begin"),
        ({"sales": []}, "Kies ten minste één soort verkopen"),
        ({"since": "2026-08-01"}, "since"),
    ],
)
def test_a_wrong_registration_is_refused(
    own: Shop, change: dict[str, object], words: str
) -> None:
    form = {**own.form, **change}
    answer = own.client().post(own.path("/aanmelding"), data=form)
    assert answer.status_code == 422
    assert words in answer.text
    with own.site.data() as session:
        assert session.query(OssRegister).count() == 0
        assert session.query(Taxpayer).count() == 0


def test_from_the_registration_to_what_was_filed(registered: Shop) -> None:
    own, client = registered, registered.client()
    text = client.get(own.path()).text
    assert "3e kwartaal 2026" in text
    assert "Nog in te dienen" in text
    assert "€\u00a09,50" in text
    page = client.get(own.path("/2026-Q3")).text
    for words in ("Duitsland", "19 %", "€\u00a050,00", "31 okt 2026", "30 okt 2026"):
        assert words in page, words
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', page)
    assert seen is not None
    form = {"seen": seen[1], "reference": "NL-2026-77"}
    answer = client.post(own.path("/2026-Q3/ingediend"), data=form)
    assert (answer.status_code, answer.location) == (303, own.path())
    row = own.quarter()
    assert row.filed_at is not None
    assert [one["vat"] for one in row.lines] == ["9.50"]
    page = client.get(own.path("/2026-Q3")).text
    assert "NL-2026-77" in page
    assert "tot en met 31 dec 2036" in page
    assert "Ik heb dit ingediend" not in page
    assert "In te vullen op het portaal" not in page
    assert "Toch niet ingediend" in page
    client.post(own.path("/2026-Q3/terug"))
    assert own.quarter().filed_at is None


def test_an_open_quarter_stands_on_the_other_pages_until_it_is_filed(
    registered: Shop, clock: time_machine.Traveller
) -> None:
    client, words = registered.client(), "De OSS-aangifte over het 3e kwartaal 2026"
    for path in ("/aangifte", "/aangifte/aangiften"):
        text = client.get(path).text
        assert f"{words} moet er uiterlijk 31 okt 2026 uit" in text
        assert registered.path("/2026-Q3") in text
    page = client.get(registered.path("/2026-Q3")).text
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert seen is not None
    client.post(registered.path("/2026-Q3/ingediend"), data={"seen": seen[1]})
    assert words not in client.get("/aangifte").text
    client.post(registered.path("/2026-Q3/terug"))
    clock.move_to(datetime(2026, 11, 1, 9, tzinfo=UTC))
    assert f"{words} is te laat" in registered.client().get("/aangifte").text


def test_not_all_is_filed_while_a_quarter_is_open(registered: Shop) -> None:
    with registered.site.data() as session:  # nothing else has to be filed
        session.get(Administration, registered.administration_id).enabled = False
    client, words = registered.client(), "is alles ingediend"
    assert words not in client.get("/aangifte/aangiften").text
    page = client.get(registered.path("/2026-Q3")).text
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert seen is not None
    client.post(registered.path("/2026-Q3/ingediend"), data={"seen": seen[1]})
    assert words in client.get("/aangifte/aangiften").text


def test_that_it_was_filed_is_said_by_an_owner_with_his_password(
    registered: Shop,
) -> None:
    client = registered.client()
    with client.session_transaction() as cookie:
        cookie["proved"] = 0
    for rest in ("/2026-Q3/ingediend", "/2026-Q3/terug"):
        answer = client.post(registered.path(rest), data={"seen": "0"})
        assert answer.location.startswith("/bevestig"), rest
    assert registered.quarter().filed_at is None


def test_what_was_not_shown_is_refused_in_words(registered: Shop) -> None:
    answer = registered.client().post(
        registered.path("/2026-Q3/ingediend"),
        data={"seen": "0"},
        follow_redirects=True,
    )
    assert "intussen veranderd" in answer.text
    assert registered.quarter().filed_at is None


def test_paper_and_file(registered: Shop) -> None:
    client = registered.client()
    paper = client.get(registered.path("/2026-Q3/aangifte.pdf"))
    assert paper.mimetype == "application/pdf"
    assert "Duitsland" in "\n".join(read_pdf(paper.data))
    sheet = client.get(registered.path("/2026-Q3/aangifte.csv"))
    assert sheet.mimetype == "text/csv"
    assert "Goederen;DE;NL;;Normaal tarief;19;50,00;9,50" in sheet.text
    assert "oss-aangifte-2026-Q3.csv" in sheet.headers["Content-Disposition"]


def test_a_quarter_with_sales_unknown_here_is_no_nil_return(registered: Shop) -> None:
    with registered.site.data() as session:
        session.get(Connection, registered.shop_id).created_at = datetime(
            2026, 10, 1, tzinfo=UTC
        )
        session.query(OssQuarter).update({"sales": []})
    client = registered.client()
    page = client.get(registered.path("/2026-Q3")).text
    assert "Voor zover hier bekend is er niets aan te geven." in page
    assert "nihilaangifte" not in page
    paper = client.get(registered.path("/2026-Q3/aangifte.pdf"))
    text = " ".join(read_pdf(paper.data))
    assert "Niet compleet: op de pagina van dit kwartaal" in text
    assert "nihilaangifte" not in text
    amounts = re.findall(
        r'data-label="Te betalen"><span>([^<]*)<', client.get(registered.path()).text
    )
    assert amounts[1] == "—"
    page = client.get(registered.path("/2026-Q4")).text
    assert "Over het 3e kwartaal 2026 is nog geen OSS-aangifte gedaan." in page


def test_reading_again_is_asked_for(registered: Shop) -> None:
    answer = registered.client().post(registered.path("/lezen"), follow_redirects=True)
    assert "De verkopen worden gelezen" in answer.text
    with registered.site.data() as session:
        assert session.query(OssRegister).one().reading


@pytest.mark.parametrize("rest", ["/2026-Q2", "/2026-07", "/x", "/2026-Q3/x"])
def test_other_quarters_are_not_there(registered: Shop, rest: str) -> None:
    assert registered.client().get(registered.path(rest)).status_code == 404


def test_english_is_english(registered: Shop) -> None:
    client = registered.client()
    with registered.site.data() as session:
        session.query(User).update({"language": "en"})
    text = client.get(registered.path("/2026-Q3")).text
    assert "Germany" in text
    assert "Standard rate" in text
    assert "Te betalen" not in text


LOOKS = ("", "/aanmelding", "/2026-Q3", "/2026-Q3/aangifte.pdf",
         "/2026-Q3/aangifte.csv")  # fmt: skip
CHANGES = ("/aanmelding", "/lezen", "/2026-Q3/ingediend", "/2026-Q3/terug")


def test_a_colleague_looks_and_changes_nothing(registered: Shop) -> None:
    client = registered.site.client(registered.colleague)
    for rest in LOOKS:
        assert client.get(registered.path(rest)).status_code == 200, rest
    assert "Ik heb dit ingediend" not in client.get(registered.path("/2026-Q3")).text
    for rest in CHANGES:
        assert client.post(registered.path(rest)).status_code == 403, rest
    path = f"/aangifte/administraties/{registered.administration_id}/verkopen"
    assert client.get(path).status_code == 200
    assert client.post(path, data={"sales": ["invoices"]}).status_code == 403


def test_a_stranger_finds_nothing(registered: Shop) -> None:
    client = shop_of(registered.site, 2).client()
    for rest in LOOKS:
        assert client.get(registered.path(rest)).status_code == 404, rest
    for rest in CHANGES:
        answer = client.post(registered.path(rest), data=registered.form)
        assert answer.status_code == 404, rest
    path = f"/aangifte/administraties/{registered.administration_id}/verkopen"
    assert client.get(path).status_code == 404
    assert client.post(path, data={"sales": ["invoices"]}).status_code == 404


# own sales


def test_which_sales_is_asked_and_then_read(own: Shop) -> None:
    client = own.client()
    path = f"/aangifte/administraties/{own.administration_id}/verkopen"
    assert "Nog niet gezegd" in client.get(path).text
    with own.site.data() as session:
        one = session.get(Administration, own.administration_id)
        row = samples.period(one)
        row.reading = True
        period_id = row.id
    with own.site.app.app_context(), system_scope():
        read_figures(period_id)
    figures = f"/aangifte/cijfers/{own.administration_id}/2026-Q3"
    text = client.get(figures).text
    assert "Horen de bestellingen van" in text
    assert f'<a href="{path}">Naar Eigen verkopen</a>' in text
    assert "Hoort er niet in" not in text
    assert client.post(path, data={}).status_code == 422
    answer = client.post(path, data={"sales": [str(own.shop_id), "invoices"]})
    assert answer.status_code == 303
    with own.site.app.app_context(), system_scope():
        read_figures(period_id)
    assert '<a href="/aangifte/oss">Naar OSS</a>' in client.get(figures).text
    own.client().post(own.path("/aanmelding"), data=own.form)
    with own.site.data() as session:
        session.get(PeriodFigures, period_id).reading = True
    with own.site.app.app_context(), system_scope():
        read_figures(period_id)
    text = client.get(figures).text
    assert "Wat er niet in staat" in text
    assert "ander EU-land: 1, samen €\u00a0119,00" in text
    with own.site.data() as session:
        row = session.get(PeriodFigures, period_id)
        assert row.doubts == []
    behind = client.get(f"{figures}/achter/1a").text
    assert "Bestelling" in behind
    assert "1002" in behind


def test_a_new_administration_asks_which_sales(own: Shop) -> None:
    client = own.client()
    form: dict[str, object] = {"code": "NIEUW", "description": "Nieuw"}
    answer = client.post("/aangifte/administraties/eigen", data=form)
    assert answer.status_code == 422
    form["sales"] = [str(own.shop_id)]
    answer = client.post("/aangifte/administraties/eigen", data=form)
    assert answer.status_code == 303
    with own.site.data() as session:
        made = session.query(Administration).filter_by(code="NIEUW").one()
        assert made.own_sales["invoices"] is False
        assert made.own_sales["shops"] == [own.shop_id]
