"""ICP on the pages: a quarter that passes 50,000, VIES, corrections, stock, walls."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.domain.declarations import IcpKind, PeriodKind, Rubric, TaxPeriod
from core.plugin.capabilities import VatCheck, VatRegister
from core.runtime.database import session
from core.runtime.settings import Settings
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.icp import owed, vat_numbers
from plugins.belastingdienst.models import (
    Administration,
    CallOffStock,
    Entry,
    Filing,
    IcpCorrection,
    Taxpayer,
)
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.xbrl.declared import read_back
from tests.contract.belastingdienst.conftest import World
from tests.integration.filing_world import ICP, Files, running_sandbox
from tests.web.filing_site import FilingSite, filing_site
from tests.web.test_filings import LIST, hash_of

Q3 = TaxPeriod.quarter(2026, 3)
DE, BE = "DE136695976", "BE0403019261"
ASKED = datetime(2026, 10, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def tax_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_sandbox(tmp_path_factory.mktemp("tax") / "sandbox.db") as sandbox:
        yield sandbox


@pytest.fixture
def filer(settings: Settings, tax_office: World) -> Iterator[FilingSite]:
    with filing_site(settings, tax_office) as made:
        yield made


@pytest.fixture(autouse=True)
def vies(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool | None]:
    """A register that calls every number valid, unless a test says otherwise."""
    said: dict[str, bool | None] = {}

    def check(_tenant: int, number: str, _country: str, _own: str) -> VatCheck:
        is_valid = said.get(number, True)
        at = None if is_valid is None else ASKED
        return VatCheck(number, is_valid, "WAPI7", "Kunde GmbH", at)

    register = {"vies": VatRegister(check)}
    monkeypatch.setattr(vat_numbers, "brought", lambda _kind: register)
    return said


def sold(
    files: Files, of: Administration, month: int, amount: str, customer: str = DE
) -> None:
    """Fill in a supply of goods, in the quarter's figures as read in October."""
    row = period_figures.of(of, Q3)
    row.read_at = ASKED
    session().add(
        Entry(
            tenant_id=of.tenant_id, period_id=row.id, origin=EntryOrigin.MANUAL,
            booked_on=date(2026, month, 15), rubric=Rubric.R3B,
            turnover=Decimal(amount), icp_kind=IcpKind.GOODS,
            customer_country=customer[:2], customer_number=customer[2:],
        )
    )  # fmt: skip
    session().commit()


def shop(filer: FilingSite, *sales: tuple[int, str, str]) -> int:
    def act(files: Files) -> int:
        one = files.administration()
        for month, amount, customer in sales:
            sold(files, one, month, amount, customer)
        return one.id

    return filer.do(act)


def prepare(
    client: FlaskClient, administration_id: int, period: str, **more: str
) -> str:
    """Prepare an ICP declaration; return where it is."""
    form = {"administratie": str(administration_id), "tijdvak": period, "soort": "icp"}
    answer = client.post(LIST, data={**form, **more})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def approve(filer: FilingSite, client: FlaskClient, place: str) -> None:
    form = {"content_hash": hash_of(client.get(place).text), "seen": "y"}
    assert client.post(f"{place}/goedkeuren", data=form).status_code == 303
    filer.work(int(place.rsplit("/", 1)[1]))


def plain(page: str) -> str:
    return page.replace("\u00a0", " ")


def test_two_months_and_one_prepared_approved_accepted(filer: FilingSite) -> None:
    """By hand: 20,000.50 + 39,999.75 in two months is over 50,000; 5,000.99 after."""
    administration_id = shop(
        filer,
        (7, "20000.50", DE), (8, "39999.75", BE), (9, "5000.99", DE),
    )  # fmt: skip
    client = filer.client()
    figures = f"/aangifte/cijfers/{administration_id}/2026-Q3"
    page = plain(client.get(figures).text)
    assert "In augustus 2026 kwamen uw leveringen van goederen" in page
    assert "juli en augustus 2026" in page
    assert "€ 59.999" in page
    todo = plain(client.get(LIST).text)
    assert "30 sep" in todo
    assert "31 okt" in todo
    for period, total in (("2026-07_08", 59_999), ("2026-09", 5_000)):
        place = prepare(client, administration_id, period)
        approve(filer, client, place)
        assert "Geaccepteerd" in client.get(place).text

        def declared(files: Files, place: str = place) -> tuple[str, int, str]:
            row = files.row(int(place.rsplit("/", 1)[1]))
            read = read_back(row.content, ICP)
            return read.period.code, int(read.payable), row.vat_checks[0]["proof"]

        assert filer.do(declared) == (period, total, "WAPI7")
    todo = todo_of(client)
    assert "augustus" not in todo
    assert "september" not in todo
    assert "oktober 2026" in todo  # monthly by now, and nobody read October yet
    twice = client.post(
        LIST,
        data={"administratie": administration_id, "tijdvak": "2026-Q3", "soort": "icp"},
        follow_redirects=True,
    )
    assert "niet" in twice.text
    assert filer.do(lambda files: files.count(Filing)) == 2


def todo_of(client: FlaskClient) -> str:
    page = client.get(LIST).text
    return page[page.index("Nog te doen") : page.index("Alle aangiften</h2>")]


def test_a_quarter_is_no_month(filer: FilingSite) -> None:
    administration_id = shop(filer, (7, "100.90", DE))
    client = filer.client()
    form = {"administratie": administration_id, "tijdvak": "2026-07", "soort": "icp"}
    answer = client.post(LIST, data=form, follow_redirects=True)
    assert "hoeft u geen ICP-opgaaf" in answer.text
    place = prepare(client, administration_id, "2026-Q3")
    assert "Wat VIES over de BTW-nummers zei" in client.get(place).text


def test_a_correction_is_owed_until_it_is_ticked_off(filer: FilingSite) -> None:
    administration_id = shop(filer, (8, "1000.00", DE))
    client = filer.client()
    approve(filer, client, prepare(client, administration_id, "2026-Q3"))

    def late(files: Files) -> None:
        one = files.made[0]
        sold(files, one, 9, "250.80", BE)
        owed.notice(one, Q3)
        session().commit()

    filer.do(late)
    page = plain(client.get(LIST).text)
    assert "nog te verbeteren" in page
    assert "€ 250" in page
    figures = f"/aangifte/cijfers/{administration_id}/2026-Q3"
    assert "nog te verbeteren" in client.get(figures).text
    paper = client.get(f"/aangifte/icp/{administration_id}/2026-Q3/verbetering.pdf")
    assert paper.data.startswith(b"%PDF")
    seen = re.search(r'name="gezien" value="([^"]+)"', page)
    assert seen is not None
    form = {"tijdvak": "2026-Q3", "gezien": seen[1]}
    there = f"/aangifte/icp/{administration_id}/verbeterd"
    other = client.post(there, data={**form, "gezien": "1:7"}, follow_redirects=True)
    assert "intussen anders" in other.text
    done = client.post(there, data=form, follow_redirects=True)
    assert "Vastgelegd" in done.text
    assert "nog te verbeteren" not in done.text

    def kept(files: Files) -> tuple[int, bool]:
        (row,) = session().scalars(select(IcpCorrection)).all()
        return int(row.amount), row.done_by_id == files.user.id

    assert filer.do(kept) == (250, True)


def test_a_number_that_vies_does_not_know_asks(
    filer: FilingSite, vies: dict[str, bool | None]
) -> None:
    administration_id = shop(filer, (8, "1000.00", DE), (8, "10.00", BE))
    vies |= {DE: False, BE: None}
    client = filer.client()
    form = {"administratie": administration_id, "tijdvak": "2026-Q3", "soort": "icp"}
    answer = client.post(LIST, data=form)
    assert answer.status_code == 422
    assert f"{DE} is volgens VIES nu niet geldig" in answer.text
    assert f"geen antwoord over BTW-nummer {BE}" in answer.text
    assert "Toch klaarmaken?" in answer.text
    assert filer.do(lambda files: files.count(Filing)) == 0
    shown = re.search(r'name="nummers" value="([^"]+)"', answer.text)
    assert shown is not None
    assert client.post(LIST, data={**form, "nummers": shown[1]}).status_code == 422
    half = {**form, "nummers": DE, "nagekeken": "y"}
    assert client.post(LIST, data=half).status_code == 422
    place = prepare(
        client, administration_id, "2026-Q3", nummers=shown[1], nagekeken="y"
    )
    page = client.get(place).text
    assert "door u bevestigd" in page
    approve(filer, client, place)
    assert "Geaccepteerd" in client.get(place).text


def test_who_was_not_asked_yet_is_not_called_unanswered(
    filer: FilingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    administration_id = shop(filer, (8, "1000.00", DE), (8, "10.00", BE))
    monkeypatch.setattr(vat_numbers, "SECONDS", -1)
    form = {"administratie": administration_id, "tijdvak": "2026-Q3", "soort": "icp"}
    answer = filer.client().post(LIST, data=form)
    assert answer.status_code == 422
    assert "Van 2 klanten is het BTW-nummer nog niet nagevraagd" in answer.text
    assert "gaf geen antwoord" not in answer.text
    assert "Toch klaarmaken?" not in answer.text


def test_once_a_year_is_doubted_where_it_does_not_fit(filer: FilingSite) -> None:
    administration_id = shop(filer, (8, "15000.00", DE))
    client = filer.client()
    there = f"/aangifte/icp/{administration_id}"
    doubt = "Bij wat hier staat past dat niet"
    assert doubt not in client.get(there).text
    client.post(there, data={"rhythm": "year", "division": ""})
    assert doubt in client.get(there).text

    def act(files: Files) -> None:
        row = session().get_one(Administration, administration_id)
        row.period_kind = PeriodKind.YEAR
        year = period_figures.of(row, TaxPeriod.whole_year(2026))
        year.read_at = ASKED
        for entry in session().scalars(select(Entry)):
            entry.period_id = year.id
        session().commit()

    filer.do(act)
    assert doubt not in client.get(there).text

    def more(files: Files) -> None:
        entry = session().scalars(select(Entry)).one()
        entry.turnover = Decimal("15000.01")
        session().commit()

    filer.do(more)
    assert doubt in client.get(there).text


def test_settings_and_a_part_of_a_fiscal_unity(filer: FilingSite) -> None:
    administration_id = shop(filer, (8, "1000.00", DE))
    client = filer.client()
    there = f"/aangifte/icp/{administration_id}"
    assert "Per kwartaal" not in client.get(there).text
    bad = client.post(there, data={"rhythm": "month", "division": "NL12"})
    assert bad.status_code == 422
    assert "negen cijfers" in bad.text
    good = {"rhythm": "month", "division": "NL 123456782B90"}
    assert client.post(there, data=good).status_code == 303

    def kept(files: Files) -> tuple[str, str]:
        row = session().scalars(select(Taxpayer)).one()
        return row.icp_rhythm, session().get_one(Administration, 1).division

    assert filer.do(kept) == ("month", "123456782B90")
    place = prepare(client, administration_id, "2026-08")
    page = client.get(place).text
    assert "onderdeel 123456782B90" in page

    def message(files: Files) -> bytes:
        return session().scalars(select(Filing.content)).one()

    element = b"VATIdentificationNumberNLFiscalEntityDivision"
    assert element + b' contextRef="Msg">123456782B90<' in filer.do(message)
    approve(filer, client, place)
    assert "Geaccepteerd" in client.get(place).text


def test_stock_at_a_customer_is_a_paper(filer: FilingSite) -> None:
    administration_id = shop(filer)
    client = filer.client()
    there = f"/aangifte/icp/{administration_id}/voorraad"
    form = {
        "description": "Fietsen", "customer_country": "DE", "amount": "1.250,50",
        "customer_number": DE, "arrived_on": "2026-08-02",
    }  # fmt: skip
    assert client.post(there, data={**form, "amount": "0"}).status_code == 422
    assert client.post(there, data=form).status_code == 303
    page = plain(client.get(f"/aangifte/icp/{administration_id}").text)
    assert "€ 1.250,50" in page
    paper = client.get(f"/aangifte/icp/{administration_id}/2026-Q3/voorraad.pdf")
    assert paper.data.startswith(b"%PDF")
    stock_id = filer.do(lambda _files: session().scalars(select(CallOffStock.id)).one())
    change = f"/aangifte/icp/voorraad/{stock_id}"
    assert "Fietsen" in client.get(change).text
    both = {**form, "called_off_on": "2026-08-01"}
    assert client.post(change, data=both).status_code == 422
    taken = {**form, "called_off_on": "2026-09-01"}
    assert client.post(change, data=taken).status_code == 303
    assert client.post(f"{change}/verwijderen").status_code == 303
    assert filer.do(lambda files: files.count(CallOffStock)) == 0


def test_a_colleague_ticks_nothing_off(filer: FilingSite) -> None:
    administration_id = shop(filer, (8, "1000.00", DE))
    client = filer.client("colleague@example.com")
    there = f"/aangifte/icp/{administration_id}/verbeterd"
    assert client.post(there, data={"tijdvak": "2026-Q3"}).status_code == 403
    assert (
        client.get(f"/aangifte/cijfers/{administration_id}/2026-07_08").status_code
        == 404
    )
