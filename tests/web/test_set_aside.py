"""Fouten that empty: Zelf geboekt, Negeren, Terugzetten; groups and their words."""

from typing import Any

import pytest

from core.models import Transfer, TransferState
from core.services.operations import support
from tests.web import samples
from tests.web.accounts import operator
from tests.web.conftest import Site
from tests.web.samples import Sample

ASIDE = "/fouten/wegzetten"


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def failed(site: Site, sample: Sample, number: str, code: str = "order_empty",
           **values: Any) -> int:  # fmt: skip
    with site.data():
        return samples.transfer(sample, number, TransferState.FAILED, code, **values).id


def state(site: Site, key: int) -> tuple[str, str]:
    with site.data() as session:
        row = session.get(Transfer, key)
        return row.state, row.code


def test_a_document_is_set_aside_by_number_and_put_back(
    site: Site, sample: Sample
) -> None:
    key = failed(site, sample, "F1")
    client = site.client(sample.colleague)
    assert f"{ASIDE}?soort=zelf&amp;id={key}" in client.get("/fouten").text
    page = client.get(f"{ASIDE}?soort=zelf&id={key}").text
    assert "Nummer of kenmerk in uw pakket" in page
    assert "€\xa072,80" in page
    values = {"soort": "zelf", "id": key, "akkoord": "1"}
    assert "fout" in client.post(ASIDE, data=values).text.lower()  # no number given
    assert state(site, key)[0] == "failed"
    values |= {"text": "VK-2026-9", "on": "2026-03-04"}
    client.post(ASIDE, data=values)
    assert state(site, key) == ("skipped", "booked_by_hand")
    assert ">F1</a>" not in client.get("/fouten").text
    page = client.get("/fouten/weggezet").text
    for text in ("VK-2026-9", "4 mrt 2026", "Terugzetten"):
        assert text in page
    assert "VK-2026-9" in client.get("/log").text
    client.post("/fouten/terug", data={"id": key})
    assert state(site, key) == ("failed", "order_empty")
    assert ">F1</a>" not in client.get("/fouten/weggezet").text


def test_a_whole_group_is_ignored_and_only_what_was_shown(
    site: Site, sample: Sample
) -> None:
    keys = [failed(site, sample, f"G{number}") for number in range(3)]
    client = site.client(sample.owner)
    page = client.get(f"{ASIDE}?soort=negeer&oorzaak=order_empty").text
    assert "Negeer alle 3" in page
    later = failed(site, sample, "G9")
    client.post(
        ASIDE,
        data={"soort": "negeer", "akkoord": "1", "id": keys, "text": "proef"},
    )
    assert [state(site, key) for key in keys] == [("skipped", "ignored")] * 3
    assert state(site, later)[0] == "failed"
    page = client.get("/fouten").text
    assert "3 weggezet" in page
    assert "alle 1" not in page.lower()


def test_the_boxes_ask_first(site: Site, sample: Sample) -> None:
    key = failed(site, sample, "B1")
    client = site.client(sample.owner)
    page = client.post(ASIDE, data={"soort": "zelf", "id": key}).text
    assert 'name="akkoord"' in page
    assert state(site, key)[0] == "failed"


def test_what_may_have_been_sent_has_no_such_buttons_and_refuses(
    site: Site, sample: Sample
) -> None:
    key = failed(site, sample, "F", "outcome_unclear")
    with site.data() as session:
        samples.step(session.get(Transfer, key), samples.StepState.UNKNOWN)
    client = site.client(sample.owner)
    page = client.get("/fouten").text
    assert "/wegzetten?" not in page
    assert "Misschien al doorgezet" in page
    assert "Niet doorgezet" not in page
    page = client.get(f"{ASIDE}?soort=negeer&id={key}", follow_redirects=True).text
    assert "misschien al iets verstuurd" in page
    client.post(ASIDE, data={"soort": "negeer", "akkoord": "1", "id": key, "text": "x"})
    assert state(site, key) == ("failed", "outcome_unclear")


def test_strangers_set_nothing_aside_and_put_nothing_back(
    site: Site, sample: Sample
) -> None:
    key = failed(site, sample, "F")
    other = site.client(site.sample("Een ander", 2).owner)
    values = {"soort": "negeer", "akkoord": "1", "id": key, "text": "x"}
    other.post(ASIDE, data=values)
    assert state(site, key)[0] == "failed"
    site.client(sample.owner).post(ASIDE, data=values)
    other.post("/fouten/terug", data={"id": key})
    assert state(site, key)[0] == "skipped"
    assert ">F</a>" not in other.get("/fouten/weggezet").text


def test_what_needs_no_booking_is_told_as_that(site: Site, sample: Sample) -> None:
    with site.data():
        samples.transfer(sample, "C1", TransferState.SKIPPED, "order_cancelled")
        samples.transfer(sample, "Z1", TransferState.SKIPPED, "nothing_to_book")
    client = site.client(sample.owner)
    assert ">C1</a>" not in client.get("/fouten").text
    assert ">C1</a>" not in client.get("/open").text
    page = client.get("/fouten/hoeft-niet").text
    for text in ("C1", "geannuleerd", "Z1", "nul"):
        assert text in page


def test_a_heading_says_what_is_common_and_a_row_what_is_its_own(
    site: Site, sample: Sample
) -> None:
    for number, total in (("T1", "41.00"), ("T2", "52.50")):
        params = {"total": total, "lines": "39.90"}
        failed(site, sample, number, "total_mismatch", params=params)
    for number, country in (("R1", "FR"), ("R2", "FR"), ("R3", "DE")):
        params = {"country": country, "rate": "20", "line": number}
        failed(site, sample, number, "vat_rate_not_configured", params=params)
    page = site.client(sample.owner).get("/fouten").text
    for text in (
        "Bestellingen waarvan het totaal niet klopt met de regels",
        "Het totaal klopt niet: €\xa041,00, maar de regels zijn samen €\xa039,90.",
        "Het totaal klopt niet: €\xa052,50",
        "Voor 20% BTW in Frankrijk is nog geen BTW-code gekozen.",
        "Voor 20% BTW in Duitsland", "De regel ‘R2’", "Verwerk alle 2",
    ):  # fmt: skip
        assert text in page, text
    assert page.count("Voor 20% BTW in Frankrijk") == 1


def test_a_report_stands_with_its_document_with_the_answer(
    site: Site, sample: Sample
) -> None:
    key = failed(site, sample, "F1")
    client = site.client(sample.owner)
    with site.data() as session:
        made = support.report(
            tenant_id=sample.tenant.id, user_id=1, message="Wat nu?", content={},
            transfer=session.get(Transfer, key),
        )  # fmt: skip
    assert "Nog geen antwoord" in client.get("/fouten").text
    operator(site).post(
        f"/beheer/meldingen/{made.id}/antwoord", data={"answer": "Zo <b>"}
    )
    page = client.get("/fouten").text
    assert "Antwoord van" in page
    assert "Zo &lt;b&gt;" in page
