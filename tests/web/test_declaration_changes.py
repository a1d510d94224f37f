"""A filed period that changed, on the pages: what, what to do, until when, and gone."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from core.domain.declarations import TaxPeriod
from core.runtime.database import transaction
from core.runtime.settings import Settings
from plugins.belastingdienst.models import FiledChange
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.watching import changes
from tests.component.test_invoices import read as read_pdf
from tests.contract.belastingdienst.conftest import World
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.conftest import tax_office
from tests.integration.filing_world import Files
from tests.web.filing_site import FilingSite, filing_site
from tests.web.test_filings import hash_of

__all__ = ["tax_office"]  # a fixture
QUARTERS = [TaxPeriod.quarter(2025, number) for number in (1, 2, 3, 4)]
Q2 = QUARTERS[1]
PERIOD = "/aangifte/cijfers/1/2025-Q2"
PERIODS = "/aangifte/cijfers/1"
LIST = "/aangifte/aangiften"
START = "/aangifte"
SUPPLETIE = "Suppletie klaarmaken"


@pytest.fixture
def filer(settings: Settings, tax_office: World) -> Iterator[FilingSite]:
    with filing_site(settings, tax_office) as made:
        yield made


def changed(filer: FilingSite, vat: str, *, is_whole_year: bool = True) -> None:
    """File the quarters of 2025, and book VAT in the second after that."""

    def act(files: Files) -> None:
        made = files.administration()
        for period in QUARTERS if is_whole_year else [Q2]:
            row = samples.period(made, period)
            row.read_at = samples.MOMENT
            samples.entry(row, "1a", "1000", "210", origin=EntryOrigin.MANUAL)
            samples.filed(row, turnover="1000", vat="210")
        late = samples.period(made, Q2)
        if Decimal(vat):
            samples.entry(late, "1a", "0", vat, origin=EntryOrigin.MANUAL)
        changes.look(made)

    filer.do(lambda files: _committed(files, act))


def _committed(files: Files, act: object) -> None:
    with transaction():
        act(files)  # type: ignore[operator]


def plain(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_it_stands_on_top_everywhere(filer: FilingSite) -> None:
    changed(filer, "500")
    client = filer.client()
    for path in (START, LIST, PERIODS, PERIOD):
        text = plain(client, path)
        assert "€ 500 btw bij te betalen" in text, path
        assert "mag dit mee in de volgende aangifte (3e kwartaal 2026)" in text, path
    assert "2e kwartaal 2025 van De Fietsenmaker is veranderd" in plain(client, START)
    text = plain(client, PERIOD)
    assert text.index("Correcties") < text.index("Prestaties binnenland")
    assert "aangegeven: € 210" in plain(client, PERIODS)


def test_put_in_it_is_gone_and_taken_back_it_is_there(filer: FilingSite) -> None:
    changed(filer, "500")
    client = filer.client()
    answer = client.post(f"{PERIOD}/correctie")
    assert "/2026-Q3" in answer.location
    for path in (START, LIST, PERIODS):
        assert "btw bij te betalen" not in plain(client, path), path
    text = plain(client, PERIOD)
    assert "gaat mee in de aangifte 3e kwartaal 2026" in text
    assert SUPPLETIE not in text
    client.post("/aangifte/cijfers/1/2026-Q3/correctie/terug", data={"van": "2025-Q2"})
    assert "€ 500 btw bij te betalen" in plain(client, START)


def test_a_large_one_asks_a_suppletie_and_one_that_waits_is_shown(
    filer: FilingSite,
) -> None:
    changed(filer, "2500")
    client = filer.client()
    text = plain(client, PERIOD)
    assert "in beide gevallen goed" not in text  # by period and by year alike
    assert "Hiervoor is een suppletie nodig, uiterlijk" in text
    assert "acht weken nadat het bekend werd" in text
    assert "In de volgende aangifte opnemen" not in text
    form = {"administratie": "1", "tijdvak": "2025-Q2", "soort": "suppletie"}
    answer = client.post(LIST, data=form)
    assert answer.status_code == 303
    for path in (PERIOD, PERIODS, LIST):
        text = plain(client, path)
        assert "Bekijk de suppletie die klaarstaat" in text, path
        assert SUPPLETIE not in text, path
    shown = plain(client, answer.location)
    assert "€ 2.500" in shown
    assert "Zoals eerder aangegeven" in shown


def test_one_over_a_whole_year_is_offered_where_all_was_filed(
    filer: FilingSite,
) -> None:
    changed(filer, "2500")
    client = filer.client()
    assert "Suppletie over heel 2025 klaarmaken" in plain(client, PERIODS)
    form = {"administratie": "1", "tijdvak": "2025", "soort": "suppletie"}
    made = client.post(LIST, data=form).location
    shown = plain(client, made)
    assert "Suppletie 2025" in shown
    paper = "\n".join(read_pdf(client.get(f"{made}/aangifte.pdf").data)).replace(
        "\xa0", " "
    )
    assert "Suppletie 2025" in paper
    assert (
        "Nieuw totaal\n€ 3.340\nEerder aangegeven\n€ 840\nBij te betalen\n€ 2.500"
        in paper
    )
    assert "Stand: Concept" in paper
    assert "1e kwartaal 2025" in shown
    assert "€ 3.340" in shown  # 4 x 210 and 2,500


def test_a_quarter_that_one_over_the_year_mended_is_as_declared(
    filer: FilingSite,
) -> None:
    """What stands beside its figures is what that said of it, not its first return."""
    changed(filer, "2500")
    client = filer.client()
    assert "aangegeven:<br>€ 210<" in plain(client, PERIOD)
    form = {"administratie": "1", "tijdvak": "2025", "soort": "suppletie"}
    made = client.post(LIST, data=form).location
    approved = {"content_hash": hash_of(client.get(made).text), "seen": "y"}
    assert client.post(f"{made}/goedkeuren", data=approved).status_code == 303
    filer.work(int(made.rsplit("/", 1)[1]))
    assert "Geaccepteerd" in plain(client, made)
    shown = plain(client, PERIOD)
    assert "€ 2.710" in shown
    assert "aangegeven:" not in shown


def test_where_period_and_year_tell_differently_it_is_said(filer: FilingSite) -> None:
    changed(filer, "600")

    def act(files: Files) -> None:
        row = samples.period(files.made[0], QUARTERS[2])
        samples.entry(row, "1a", "0", "600", origin=EntryOrigin.MANUAL)

    filer.do(lambda files: _committed(files, act))
    client = filer.client()
    for path in (START, LIST, PERIODS, PERIOD):
        assert "in beide gevallen goed" in plain(client, path), path


def test_not_every_period_filed_is_no_whole_year(filer: FilingSite) -> None:
    changed(filer, "2500", is_whole_year=False)
    client = filer.client()
    assert "Suppletie over heel" not in plain(client, PERIODS)
    form = {"administratie": "1", "tijdvak": "2025", "soort": "suppletie"}
    assert client.post(LIST, data=form).status_code == 303
    assert "Niet over heel 2025 is aangifte geaccepteerd" in plain(client, LIST)


def test_nothing_changed_nothing_shown(filer: FilingSite) -> None:
    changed(filer, "0")
    client = filer.client()
    for path in (START, LIST, PERIODS, PERIOD):
        text = plain(client, path)
        assert SUPPLETIE not in text, path
        assert "veranderd nadat" not in text, path


def test_what_is_filled_in_over_a_filed_period_is_noticed_at_once(
    filer: FilingSite,
) -> None:
    changed(filer, "0")
    client = filer.client()
    form = {
        "rubric": "5b", "booked_on": "2025-05-05", "description": "Bon",
        "turnover": "", "vat": "30",
    }  # fmt: skip
    assert client.post(f"{PERIOD}/invullen", data=form).status_code == 303
    assert "€ 30 btw terug te vragen" in plain(client, START)

    def count(files: Files) -> int:
        return files.count(FiledChange)

    assert filer.do(count) == 1


def test_a_colleague_sees_and_changes_nothing(filer: FilingSite) -> None:
    changed(filer, "2500")
    client = filer.client("colleague@example.com")
    text = plain(client, LIST)
    assert "€ 2.500 btw bij te betalen" in text
    assert SUPPLETIE not in text


def test_a_reading_that_failed_says_when_it_goes_on(filer: FilingSite) -> None:
    changed(filer, "0")

    def fail(files: Files) -> None:
        from core.domain.errors import RetryLater
        from plugins.belastingdienst.figures import reading

        (made,) = files.made
        row = samples.period(made, Q2)
        reading.failed(row, RetryLater("remote_nonsense", service="X", detail="1"))

    filer.do(lambda files: _committed(files, fail))
    text = plain(filer.client(), PERIOD)
    assert "Wij lezen vanzelf opnieuw op" in text
    assert "Lezen lukte niet." in plain(filer.client(), PERIODS)
    for _again in range(9):
        filer.do(lambda files: _committed(files, fail))
    text = plain(filer.client(), PERIOD)
    assert "wij proberen het niet meer vanzelf" in text
    assert "vanzelf opnieuw" not in text
