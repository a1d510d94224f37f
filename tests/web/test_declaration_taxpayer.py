"""The questions to a taxpayer: asked once per tax number, and what they do."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from plugins.belastingdienst.law.cash_scheme import Entitlement
from plugins.belastingdienst.models import Taxpayer
from plugins.belastingdienst.models.taxpayer import FilingPlace
from tests.component.test_invoices import read as read_pdf
from tests.web.conftest import Site
from tests.web.declarations import (
    BASE,
    SETTINGS,
    own,
    owner,
    rows,
    running,
    sample,
    sandbox,
    settings,
    switched_on,
    text,
)
from tests.web.samples import Sample

__all__ = ["owner", "running", "sample", "sandbox", "settings"]  # fixtures
SAID = {
    "filed_at": "here", "cash_scheme": "retail", "cash_scheme_since": "2026-01-01",
    "case_margin": "sometimes", "case_other_rates": "never",
}  # fmt: skip


@pytest.fixture
def path(owner: FlaskClient) -> str:
    """The questions of an administration with a tax number."""
    found = own(owner)
    assert owner.post(found, data=SETTINGS).status_code == 303
    return f"{found}/belastingplichtige"


def test_the_answers_hold_for_all_administrations_of_the_number(
    site: Site, owner: FlaskClient, path: str
) -> None:
    page = text(owner.get(path))
    assert "Deze vragen stellen wij één keer" in page
    assert "general knowledge" not in page
    assert owner.post(path, data=SAID).status_code == 303
    (made,) = rows(site, Taxpayer)
    assert (made.tax_number, made.filed_at) == ("001000044B37", FilingPlace.HERE)
    assert made.cash_scheme == Entitlement.RETAIL
    assert made.cash_scheme_since == date(2026, 1, 1)
    assert made.cases == {"case_margin": "sometimes", "case_other_rates": "never"}
    assert made.asked_at is not None
    second = own(owner, "TWEE")
    owner.post(second, data=SETTINGS)
    page = text(owner.get(f"{second}/belastingplichtige"))
    assert "De antwoorden gelden ook voor:" in page
    assert 'checked id="cash_scheme-1"' in page
    assert "Laatst beantwoord op" in page
    assert "belastingplichtige 001000044B37" in text(owner.get("/log"))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("filed_at", "", "Kies waar u aangifte doet."),
        ("cash_scheme_since", "", "Vul hieronder in sinds wanneer."),
        ("cash_scheme_since", "2026-02-02", "Kies de eerste dag van een aangifte"),
        ("cash_scheme", "", "Kies waarom u het"),
        ("union_scheme_until", "2026-06-30", "Vul ook in sinds wanneer."),
        ("union_scheme_since", "2024-12-31", "bestaat sinds 1 januari 2025"),
        ("case_margin", "misschien", 'class="error"'),
    ],
)
def test_answers_that_cannot_be_are_refused(
    site: Site, owner: FlaskClient, path: str, field: str, value: str, words: str
) -> None:
    answer = owner.post(path, data={**SAID, field: value})
    assert answer.status_code == 422
    assert words in text(answer)
    assert rows(site, Taxpayer) == []


def test_an_end_before_the_begin_is_refused(owner: FlaskClient, path: str) -> None:
    days = {"union_scheme_since": "2026-04-01", "union_scheme_until": "2026-03-31"}
    assert "ligt voor de eerste dag" in text(owner.post(path, data={**SAID, **days}))


def test_the_number_comes_first(site: Site, owner: FlaskClient) -> None:
    path = f"{own(owner)}/belastingplichtige"
    assert "Vul eerst het omzetbelastingnummer" in text(owner.get(path))
    assert owner.post(path, data=SAID).status_code == 303
    assert rows(site, Taxpayer) == []


def test_who_may_not_see_or_change(
    site: Site, sample: Sample, owner: FlaskClient, path: str
) -> None:
    colleague = site.client(sample.colleague)
    assert "disabled" in text(colleague.get(path))
    assert colleague.post(path, data=SAID).status_code == 403
    stranger = site.client(switched_on(site, "Ander", 2).owner)
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, data=SAID).status_code == 404
    assert rows(site, Taxpayer) == []


def test_the_kor_shows_how_it_stands_and_its_statements(
    site: Site, owner: FlaskClient, path: str
) -> None:
    assert "Stand van uw omzet" not in text(owner.get(path))
    page = text(owner.get(path))
    assert "U doet niet mee aan de KOR." in page
    assert 'href="/btw-situatie"' in page
    for day, kor in (("2024-01-01", "1"), ("2025-07-01", None), ("2026-01-01", "1")):
        given = {"starts_on": day, "distance_sales": "", "small_business": kor}
        assert owner.post("/btw-situatie", data=given).status_code == 303
    owner.post(path, data={**SAID, "union_scheme_since": "2026-07-01"})
    page = text(owner.get(path))
    assert "KOR van 1 jan 2024 tot en met 30 jun 2025." in page
    assert "KOR sinds 1 jan 2026." in page
    assert "31 dec 2026" in page  # closed for a year after it was left
    assert "nog € 20.000,00" in page.replace("\xa0", " ")
    assert "EU-KOR, hele EU" in page
    assert "op te geven voor of op 31 okt" in page
    paper = owner.get(f"{path}/opgaaf/2026-Q3")
    assert paper.mimetype == "application/pdf"
    words = read_pdf(paper.data)
    assert "Opgaaf kwartaalomzet 3e kwartaal 2026" in words
    assert "Griekenland" in words
    assert owner.get(f"{path}/opgaaf/2020-Q3").status_code == 404
    stranger = site.client(switched_on(site, "Ander", 2).owner)
    assert stranger.get(f"{path}/opgaaf/2026-Q3").status_code == 404


def test_what_is_filed_elsewhere_is_neither_asked_nor_prepared(
    site: Site, owner: FlaskClient, path: str
) -> None:
    assert "Nog niet begonnen" in text(owner.get(f"{BASE}/aangiften"))
    owner.post(path, data={**SAID, "filed_at": "elsewhere"})
    page = text(owner.get(f"{BASE}/aangiften"))
    assert "Nog niet begonnen" not in page
    assert "doet u ergens anders aangifte" in page
    start = text(owner.get(BASE))
    assert "wij vergelijken en bewaken alleen" in start
    assert "Nog niet klaar om te versturen" not in start
    form = {"administratie": 1, "tijdvak": "2026-10", "soort": "vat_return"}
    answer = owner.post(f"{BASE}/aangiften", data=form)
    assert answer.status_code == 422
    assert "doet u niet hier" in text(answer)
    assert "klaarmaken</button>" not in text(owner.get(f"{BASE}/cijfers/1/2026-10"))
