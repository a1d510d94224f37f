"""Questions on a period's page: answered, reckoned and filled in; who may."""

import re
from datetime import date
from decimal import Decimal

import pytest

from core.models import Tenant
from plugins.belastingdienst.models import Administration, Answer, Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.setup import taxpayer_setup, taxpayers
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import invoice_samples
from tests.web.conftest import Site
from tests.web.test_figures import Books, books

Q4 = "/2025-Q4"


@pytest.fixture
def own(site: Site) -> Books:
    made = books(site, 1)
    with site.data() as session:
        row = taxpayers.of(session.get(Administration, made.administration_id))
        row.cases = dict.fromkeys(taxpayer_setup.ASKED, "sometimes")
    return made


def answers(own: Books) -> list[tuple[str, bool, bool]]:
    with own.site.data() as session:
        return [
            (row.code, row.applies, row.entry_id is not None)
            for row in session.query(Answer).order_by(Answer.id)
        ]


def test_cases_are_asked_in_each_period_and_prompts_once_a_year(own: Books) -> None:
    client = own.client()
    page = client.get(own.path()).text
    assert "met de margeregeling?" in page
    assert "auto van de zaak" not in page
    page = client.get(own.path(period=Q4)).text
    assert "auto van de zaak" in page
    assert page.count("Nog te beantwoorden") == len(taxpayer_setup.ASKED)
    path = own.path("/antwoord", Q4)
    assert client.post(path, data={"vraag": "year_end_car"}).status_code == 303
    assert answers(own) == [("year_end_car", False, False)]
    page = client.get(own.path(period=Q4)).text
    assert page.count("Nog te beantwoorden") == len(taxpayer_setup.ASKED) - 1
    assert client.post(path, data={"vraag": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("question", "given", "shown", "link"),
    [
        (
            "year_end_car",
            "catalogue_price=40000&in_use_from=2025-07-02&vat_deducted=y"
            "&taxed_share=100",
            # 40,000 x 2.7 % x 183/365
            "€\xa0541,48",
            "rubriek=1d&amp;omzet=0&amp;btw=541.48",
        ),
        (
            "case_margin",
            "method=period&sold=12100&bought=7000&loss_before=260&rate=21",
            "€\xa0840,00",
            "rubriek=1a&amp;omzet=4000.00&amp;btw=840.00",
        ),
        (
            "case_margin",
            "method=piece&sold=12100&bought=7260&loss_before=260&rate=21",
            "€\xa0840,00",
            "rubriek=1a&amp;omzet=4000.00&amp;btw=840.00",
        ),
        (
            "year_end_car",
            "catalogue_price=40000&in_use_from=2025-07-02&vat_deducted=y"
            "&taxed_share=100&vat_of_year=200&vat_on_purchase=1000",
            # at most 200 and a fifth of 1,000
            "€\xa0400,00",
            "rubriek=1d&amp;omzet=0&amp;btw=400",
        ),
        (
            "year_end_gifts_and_staff",
            "people-0-person=Ada&people-0-amount=300&people-0-vat=63"
            "&people-1-person=Bo&people-1-amount=200&people-1-vat=42",
            "€\xa0-63,00",
            "rubriek=5b&amp;omzet=0&amp;btw=-63",
        ),
        (
            "year_end_revision",
            "vat=2100&deducted_share=100&in_use_from=2023-01-01&taxed_share=50",
            "€\xa0-210,00",
            "rubriek=5b&amp;omzet=0&amp;btw=-210.00",
        ),
    ],
)
def test_a_reckoning_stands_beside_its_question(
    own: Books, question: str, given: str, shown: str, link: str
) -> None:
    client = own.client()
    path = own.path(f"/rekenhulp/{question}", Q4)
    assert "Uitkomst" not in client.get(path).text
    page = client.get(f"{path}?{given}").text
    assert shown in page
    assert link in page
    wrong = client.get(f"{path}?{given.replace('300', 'x').replace('0', 'x')}").text
    assert 'class="error"' in wrong
    assert client.get(own.path("/rekenhulp/case_other_rates", Q4)).status_code == 404


def test_what_was_reckoned_is_filled_in_and_answers(own: Books) -> None:
    client = own.client()
    path = own.path("/invullen", Q4)
    link = f"{path}?vraag=year_end_car&rubriek=1d&omzet=0&btw=541.48"
    page = client.get(link).text
    assert 'value="541,48"' in page
    assert "Auto van de zaak" in page
    form = {"rubric": "1d", "booked_on": "2025-12-31", "description": "Auto",
            "turnover": "", "vat": "541,48"}  # fmt: skip
    assert client.post(link, data=form).status_code == 303
    assert answers(own) == [("year_end_car", True, True)]
    assert "Ja, ingevuld" in client.get(own.path(period=Q4)).text
    with own.site.data() as session:
        session.query(Entry).filter_by(origin=EntryOrigin.MANUAL).delete()
    assert "Klopt nog niet" in client.get(own.path(period=Q4)).text


def test_vat_of_an_unpaid_invoice_is_taken_back_once(own: Books) -> None:
    with own.site.data() as session:
        owner = session.get(Tenant, own.tenant_id)
        make = invoice_samples.maker(owner)
        for number in ("F1", "F2"):
            make(number, ("H", "1000.00"), vat="210.00", on=date(2025, 8, 10))
    client = own.client()
    page = client.get(own.path()).text
    assert "een jaar na de vervaldag niet betaald" in page
    codes = re.findall(r'name="factuur" value="(\w+)"', page)
    assert len(codes) == 2
    path = own.path("/oninbaar")
    for code, choice in zip(codes, ("ja", "nee"), strict=True):
        form = {"factuur": code, "keuze": choice}
        assert client.post(path, data=form).status_code == 303
    with own.site.data() as session:
        (entry,) = session.query(Entry).filter_by(origin=EntryOrigin.MANUAL)
        assert (entry.rubric, entry.turnover, entry.vat, entry.reference) == (
            "1a", Decimal(-1000), Decimal(-210), "F1",
        )  # fmt: skip
    assert "niet betaald" not in client.get(own.path()).text
    assert client.post(path, data={"factuur": "x"}).status_code == 404
    colleague = own.site.client(own.colleague)
    assert colleague.post(path, data={"factuur": codes[0]}).status_code == 403


def test_a_box_is_called_right_as_it_is(own: Books) -> None:
    with own.site.data() as session:
        samples.entry(session.get(PeriodFigures, own.period_id), "4b", "10000")
    client = own.client()
    assert "Dit klopt zo" in client.get(own.path()).text
    path = own.path("/klopt")
    assert client.post(path, data={"rubriek": "1a"}).status_code == 400
    assert client.post(path, data={"rubriek": "4b"}).status_code == 303
    page = client.get(own.path()).text
    assert "Dit klopt zo" not in page
    assert answers(own) == [("right_4b", True, False)]


def test_who_may_not_answer(site: Site, own: Books) -> None:
    colleague = site.client(own.colleague)
    stranger = books(site, 2).client()
    assert "Nee, in dit tijdvak niet" not in colleague.get(own.path()).text
    for rest, form in (("/antwoord", {"vraag": "case_margin"}),
                       ("/klopt", {"rubriek": "4b"})):  # fmt: skip
        assert colleague.post(own.path(rest), data=form).status_code == 403
        assert stranger.post(own.path(rest), data=form).status_code == 404
    assert stranger.get(own.path("/rekenhulp/case_margin")).status_code == 404
    assert answers(own) == []
