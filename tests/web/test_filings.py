"""The pages of declarations: prepared, approved, decided about, and their evidence."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.domain.declarations import PeriodKind, TaxPeriod
from core.models import Mail
from core.rules import evidence_archive as archive
from core.rules import evidence_chain as chain
from core.runtime.database import session
from core.runtime.settings import Settings
from plugins.accountview.route import NAME as AUTOREPORT
from plugins.belastingdienst.models import (
    Administration,
    Evidence,
    Filing,
    PeriodFigures,
)
from plugins.belastingdienst.models.filing import FilingStage
from tests.contract.belastingdienst.conftest import World
from tests.integration.filing_world import NUMBERS, Files, running_sandbox
from tests.integration.test_filing import lost
from tests.web.filing_site import FilingSite, filing_site

LIST = "/aangifte/aangiften"


@pytest.fixture(scope="module")
def tax_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_sandbox(tmp_path_factory.mktemp("tax") / "sandbox.db") as sandbox:
        yield sandbox


@pytest.fixture
def filer(settings: Settings, tax_office: World) -> Iterator[FilingSite]:
    with filing_site(settings, tax_office) as made:
        yield made


def hash_of(page: str) -> str:
    found = re.search(r'name="content_hash" value="(\w{64})"', page)
    assert found is not None
    return found[1]


def stage(filer: FilingSite, filing_id: int) -> tuple[FilingStage, str]:
    return filer.do(lambda files: files.stage(filing_id))


def test_prepared_looked_at_approved_and_accepted(filer: FilingSite) -> None:
    def act(files: Files) -> int:
        administration = files.administration()
        files.figures(administration)
        return administration.id

    administration_id = filer.do(act)
    client = filer.client()
    assert "Nog niet begonnen" in client.get(LIST).text
    form = {"administratie": administration_id, "tijdvak": "2026-Q3",
            "soort": "vat_return"}  # fmt: skip
    answer = client.post(LIST, data=form)
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Btw-aangifte 3e kwartaal 2026" in page
    assert "€ 1.000" in page.replace("\u00a0", " ")
    refused = client.post(f"{answer.location}/goedkeuren",
                          data={"content_hash": hash_of(page)})  # fmt: skip
    assert refused.status_code == 422
    assert "Vink dit eerst aan" in refused.text
    approved = {"content_hash": hash_of(page), "seen": "y"}
    assert (
        client.post(f"{answer.location}/goedkeuren", data=approved).status_code == 303
    )
    filing_id = int(answer.location.rsplit("/", 1)[1])
    assert "Wacht op verzending" in client.get(answer.location).text
    filer.work(filing_id)
    page = client.get(answer.location).text
    assert "Aangenomen door de Belastingdienst" in page
    assert "Geaccepteerd" in page
    assert "Goedkeuren en indienen" not in page


def test_another_administration_is_named_and_ticked(filer: FilingSite) -> None:
    filing_id = filer.prepared()
    filer.do(lambda files: files.figures(files.administration()))
    client, address = filer.client(), f"{LIST}/{filing_id}"
    page = client.get(address).text
    assert "De cijfers van De Fietsenmaker horen niet in deze aangifte" in page
    form = {"content_hash": hash_of(page), "seen": "y", "others": "2"}
    refused = client.post(f"{address}/goedkeuren", data=form)
    assert refused.status_code == 422
    assert stage(filer, filing_id)[0] == FilingStage.PREPARED
    shown = {**form, "alone": "y", "others": ""}  # one that was not on the page
    client.post(f"{address}/goedkeuren", data=shown)
    assert stage(filer, filing_id)[0] == FilingStage.PREPARED
    assert (
        client.post(f"{address}/goedkeuren", data={**form, "alone": "y"}).location
        == address
    )
    assert stage(filer, filing_id)[0] == FilingStage.APPROVED
    assert "Zonder De Fietsenmaker" in client.get(address).text


def test_everything_in_the_way_is_named_at_once(filer: FilingSite) -> None:
    def act(files: Files) -> int:
        administration = files.administration()
        administration.contact_phone = ""
        administration.tax_number = "NL001000044B37"
        files.undertaking.is_blocked = True
        return administration.id

    def store(files: Files) -> int:
        found = act(files)
        session().commit()
        return found

    form = {"administratie": filer.do(store), "tijdvak": "2026-Q3",
            "soort": "vat_return"}  # fmt: skip
    answer = filer.client().post(LIST, data=form)
    assert answer.status_code == 422
    for words in (
        "De contactpersoon is niet compleet",
        "begint met NL",
        "is geblokkeerd",
        "nog niet gelezen",
    ):
        assert words in answer.text
    assert filer.do(lambda files: files.count(Filing)) == 0


def test_another_hash_is_refused(filer: FilingSite) -> None:
    filing_id = filer.prepared()
    client = filer.client()
    form = {"content_hash": "0" * 64, "seen": "y"}
    client.post(f"{LIST}/{filing_id}/goedkeuren", data=form)
    assert "niet wat u hebt bekeken" in client.get(f"{LIST}/{filing_id}").text
    assert stage(filer, filing_id)[0] == FilingStage.PREPARED


def test_not_all_is_filed_while_one_is_on_its_way(filer: FilingSite) -> None:
    def act(files: Files) -> int:
        administration = files.administration()
        administration.period_kind = PeriodKind.YEAR
        before, year = (TaxPeriod.whole_year(number) for number in (2024, 2025))
        for one in (before, year):
            files.figures(administration, one)
        files.work(files.approve(files.prepare(administration, before)).id, rounds=2)
        return files.prepare(administration, year).id

    filing_id = filer.do(act)
    client, words = filer.client(), "is alles ingediend"
    form = {
        "content_hash": hash_of(client.get(f"{LIST}/{filing_id}").text),
        "seen": "y",
    }
    client.post(f"{LIST}/{filing_id}/goedkeuren", data=form)
    assert words not in client.get(LIST).text
    filer.work(filing_id)
    assert words in client.get(LIST).text


def test_approving_asks_for_the_password(filer: FilingSite) -> None:
    filing_id = filer.prepared()
    client = filer.client()
    with client.session_transaction() as cookie:
        cookie["proved"] = 0
    form = {
        "content_hash": hash_of(client.get(f"{LIST}/{filing_id}").text),
        "seen": "y",
    }
    answer = client.post(f"{LIST}/{filing_id}/goedkeuren", data=form)
    assert answer.location.startswith("/bevestig")
    assert stage(filer, filing_id)[0] == FilingStage.PREPARED


def test_a_colleague_looks_and_decides_nothing(filer: FilingSite) -> None:
    filing_id = filer.prepared()
    client = filer.client("colleague@example.com")
    page = client.get(f"{LIST}/{filing_id}").text
    assert "goedkeuren kan alleen de eigenaar" in page
    assert "content_hash" not in page
    for act in ("goedkeuren", "intrekken", "opnieuw", "verder", "annuleren",
                "nog-eens", "aangekomen"):  # fmt: skip
        assert client.post(f"{LIST}/{filing_id}/{act}").status_code == 403
    assert client.get(f"{LIST}/{filing_id}/bewijs").status_code == 200


def test_withdrawn_and_made_again(filer: FilingSite) -> None:
    filing_id = filer.prepared()
    client = filer.client()
    assert "Wat er wordt aangegeven" in client.get(f"{LIST}/{filing_id}").text
    client.post(f"{LIST}/{filing_id}/intrekken")
    page = client.get(f"{LIST}/{filing_id}").text
    assert "ingetrokken en niet verstuurd" in page
    assert "Wat er in het bericht staat" in page
    answer = client.post(f"{LIST}/{filing_id}/opnieuw")
    assert answer.location != f"{LIST}/{filing_id}"
    assert "versie 2" in client.get(answer.location).text


def test_a_person_decides_about_one_that_was_not_found(filer: FilingSite) -> None:
    filing_id = filer.do(lost)
    client = filer.client()
    address = f"{LIST}/{filing_id}"
    page = client.get(address).text
    assert "U moet beslissen" in page
    assert client.post(f"{address}/nog-eens").status_code == 422
    wrong = client.post(f"{address}/aangekomen", data={"reference": "<script>"})
    assert wrong.status_code == 422
    client.post(f"{address}/nog-eens", data={"certain": "y"})
    filer.work(filing_id)
    assert stage(filer, filing_id)[0] == FilingStage.ACCEPTED
    log = client.get("/log").text
    assert "wordt nog eens verstuurd" in log
    assert "Nog eens versturen" in client.get(address).text


def test_a_stopped_one_says_why_and_goes_on(filer: FilingSite) -> None:
    filing_id = filer.prepared()
    client = filer.client()
    address = f"{LIST}/{filing_id}"
    form = {"content_hash": hash_of(client.get(address).text), "seen": "y"}
    client.post(f"{address}/goedkeuren", data=form)
    filer.sandbox.fault("soap_fault", path="aanlever", code="ALS110", times=1)
    filer.work(filing_id)
    page = client.get(address).text
    assert "Digipoort nam de aangifte niet aan (ALS110)" in page
    client.post(f"{address}/verder")
    filer.work(filing_id)
    assert stage(filer, filing_id)[0] == FilingStage.ACCEPTED


def test_autoreport_can_be_cancelled_from_its_page(filer: FilingSite) -> None:
    filing_id = filer.prepared(AUTOREPORT)
    filer.sandbox.control("options", {"pace": 3600})
    client = filer.client()
    address = f"{LIST}/{filing_id}"
    form = {"content_hash": hash_of(client.get(address).text), "seen": "y"}
    client.post(f"{address}/goedkeuren", data=form)
    filer.work(filing_id)
    assert "Annuleren bij Visma.net" in client.get(address).text
    client.post(f"{address}/annuleren")
    filer.work(filing_id, rounds=1)
    assert stage(filer, filing_id)[0] == FilingStage.CANCELLED


def accepted(filer: FilingSite) -> int:
    filing_id = filer.prepared()

    def act(files: Files) -> None:
        files.approve(files.row(filing_id))
        files.work(filing_id, rounds=2)

    filer.do(act)
    return filing_id


def test_the_evidence_is_checked_and_downloaded(filer: FilingSite) -> None:
    filing_id = accepted(filer)
    client = filer.client()
    page = client.get(f"{LIST}/{filing_id}/bewijs").text
    assert "3 stukken, en de keten klopt" in page
    assert "Handtekening klopt" not in page
    signed = client.get(f"{LIST}/{filing_id}/bewijs?handtekeningen=ja").text
    assert "2 antwoorden zijn door Digipoort zelf ondertekend" in signed
    answer = client.get(f"{LIST}/{filing_id}/bewijs.zip")
    links = archive.read(answer.data)
    assert [link.kind for link, _ in links] == ["message", "receipt", "status"]
    assert chain.flaws(links) == []
    message = client.get(f"{LIST}/{filing_id}/bericht.xbrl").data
    assert message == links[0][0].content


def test_a_changed_byte_is_red(filer: FilingSite) -> None:
    filing_id = accepted(filer)

    def tamper(files: Files) -> None:
        row = session().scalars(select(Evidence).where(Evidence.sequence == 2)).one()
        row.content = row.content[:-1] + b"!"
        session().commit()

    filer.do(tamper)
    page = filer.client().get(f"{LIST}/{filing_id}/bewijs").text
    assert "Klopt niet" in page
    assert "veranderd nadat het is bewaard" in page
    page = filer.client().get(f"{LIST}/{filing_id}/bewijs?handtekeningen=ja").text
    assert "Handtekening klopt niet" in page
    assert "1 antwoord is door Digipoort zelf ondertekend" in page
    links = archive.read(filer.client().get(f"{LIST}/{filing_id}/bewijs.zip").data)
    assert [flaw.code for flaw in chain.flaws(links)] == ["evidence_changed"]


def test_a_page_keeps_itself_up_to_date(filer: FilingSite) -> None:
    filing_id = filer.prepared()
    client = filer.client()
    address = f"{LIST}/{filing_id}/stand"
    assert "Klaargemaakt" in client.get(f"{address}?van=prepared").text
    moved = client.get(f"{address}?van=approved")
    assert (moved.status_code, moved.headers["HX-Refresh"]) == (200, "true")


def test_the_pages_lead_here(filer: FilingSite) -> None:
    accepted(filer)
    client = filer.client()
    assert LIST in client.get("/aangifte").text
    figures = client.get("/aangifte/cijfers/1/2026-Q3").text
    assert f"{LIST}/1" in figures
    assert "ICP-opgaaf klaarmaken" in figures
    assert "Suppletie klaarmaken" not in figures  # nothing to correct
    assert "Btw-aangifte klaarmaken" not in figures


def test_what_went_is_to_be_paid_with_account_and_reference(
    filer: FilingSite,
) -> None:
    filing_id = accepted(filer)
    client = filer.client()
    for path in ("/aangifte", LIST, f"{LIST}/{filing_id}"):
        page = client.get(path).text
        assert "NL04 RABO 0200 1122 44" in page, path
        assert "8001 0000 4163 7270" in page, path
        assert "30 okt 2026" in page, path
        assert "€ 210" in page, path


def test_a_mail_links_to_the_declaration(filer: FilingSite) -> None:
    filing_id = accepted(filer)

    def read(files: Files) -> str:
        from core.services.mailing import mail

        row = session().scalars(select(Mail)).one()
        return "\n".join(mail.content_of(row))

    text = filer.do(read)
    assert f"http://localhost{LIST}/{filing_id}" in text
    assert "is aangenomen" in text
    assert "%(" not in text


def test_long_lists_are_paged(
    filer: FilingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugins.belastingdienst.views import filings as views

    monkeypatch.setattr(views, "PAGE", 1)
    first = filer.prepared()
    second = filer.prepared(number=NUMBERS[1])
    client = filer.client()
    page = client.get(LIST).text
    assert f"na={second}" in page
    rest = client.get(f"{LIST}?na={second}").text
    assert f"{LIST}/{first}" in rest
    assert "Nog te doen" not in rest


def test_old_periods_are_asked_for_once_they_are_used(filer: FilingSite) -> None:
    def act(files: Files) -> None:
        administration = files.administration()
        session().execute(
            update(Administration).values(
                created_at=administration.created_at - timedelta(days=400)
            )
        )
        session().commit()
        assert files.count(PeriodFigures) == 0

    filer.do(act)
    page = filer.client().get(LIST).text
    assert "Te laat" in page
    assert page.count("Eerst de cijfers lezen<") == 1
    assert "Klaarmaken<" not in page
