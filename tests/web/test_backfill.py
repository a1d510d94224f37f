"""Migratie: asked for, looked at, started, paused and stopped on its pages."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.models import (
    Backfill,
    BackfillItem,
    BackfillState,
    Coupling,
    LogEntry,
    ServiceRequest,
)
from core.models import TransferState as State
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

HTMX = {"HX-Request": "true"}
PERIOD = {"coupling_id": "1", "first_on": "2025-01-01", "last_on": "2025-12-31"}
FACTS: dict[str, Any] = {
    "found": 3, "unreadable": ["KAPOT1"], "orders": 2, "amount": Decimal("145.60"),
    "vat": [[Decimal(21), Decimal("25.28")]], "new_records": 1, "calls": 3,
    "seconds": 7300, "price": Decimal("67.50"),
    "counts": [
        {"verdict": "book", "code": "", "orders": 2, "amount": Decimal("145.60")},
        {"verdict": "refused", "code": "order_empty", "orders": 1,
         "amount": Decimal("72.80")},
    ],
}  # fmt: skip


@pytest.fixture
def sample(site: Site) -> Sample:
    made = site.sample()
    with site.data() as session:
        session.get(Coupling, made.coupling.id).starts_on = date(2026, 1, 1)
    return made


def _run(site: Site, sample: Sample, state: BackfillState, **values: Any) -> int:
    """Make a run with three orders, two of them to be booked."""
    with site.data() as session:
        run = Backfill(
            tenant_id=sample.tenant.id, coupling_id=sample.coupling.id,
            first_on=date(2025, 1, 1), last_on=date(2025, 12, 31), state=state,
            cursor={}, facts=FACTS | values,
        )  # fmt: skip
        session.add(run)
        session.flush()
        for number, verdict in enumerate(("book", "book", "refused")):
            transfer = samples.transfer(
                sample, f"MIGR-{number}", State.DONE if number == 0 else State.QUEUED,
                external_number="20250001", external_url="https://package.example/1",
                booked_at=datetime(2026, 2, 1, tzinfo=UTC) if number == 0 else None,
            )  # fmt: skip
            session.add(
                BackfillItem(
                    tenant_id=sample.tenant.id, backfill_id=run.id,
                    order_id=transfer.subject_id, verdict=verdict,
                    code="" if verdict == "book" else "order_empty",
                    amount=transfer.amount,
                    transfer_id=transfer.id if verdict == "book" else None,
                )
            )  # fmt: skip
        return int(run.id)


def _state(site: Site, key: int) -> str:
    with site.data() as session:
        return str(session.get(Backfill, key).state)


def test_an_owner_asks_for_a_rehearsal(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    page = client.get("/migratie").text
    assert "€\xa067,50" in page
    answer = client.post("/migratie", data=PERIOD)
    assert (answer.status_code, answer.location) == (303, "/migratie/1")
    assert "Proef bezig" in client.get("/migratie/1").text
    assert "1 jan 2025 – 31 dec 2025" in client.get("/migratie").text
    with site.data() as session:
        run = session.get(Backfill, 1)
        assert (run.first_on, run.last_on) == (date(2025, 1, 1), date(2025, 12, 31))
        assert run.user_id is not None
        codes = set(session.scalars(select(LogEntry.code)))
    assert "backfill_asked" in codes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"last_on": ""}, "Kies een laatste datum"),
        ({"first_on": "gisteren"}, "Nog niet begonnen"),
        ({"first_on": "0001-01-01"}, "Dat is geen datum"),
        ({"first_on": "2025-12-31", "last_on": "2025-01-01"}, "ligt na de laatste"),
        ({"last_on": "2026-01-01"}, "Kies een laatste datum vóór 1 jan 2026"),
        ({"coupling_id": "99"}, "Nog niet begonnen"),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_the_reason(
    site: Site, sample: Sample, change: dict[str, str], words: str
) -> None:
    answer = site.client(sample.owner).post("/migratie", data=PERIOD | change)
    assert (answer.status_code, words in answer.text) == (200, True)
    with site.data() as session:
        assert session.scalars(select(Backfill)).all() == []


def test_another_tenants_coupling_cannot_be_chosen(site: Site, sample: Sample) -> None:
    site.sample("Canary", 2)
    client = site.client(sample.owner)
    assert "Canary" not in client.get("/migratie").text
    client.post("/migratie", data=PERIOD | {"coupling_id": "2"})
    with site.data() as session:
        assert session.scalars(select(Backfill)).all() == []


def test_a_second_run_of_a_coupling_waits_for_the_first(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    client.post("/migratie", data=PERIOD)
    assert "loopt al een migratie" in client.post("/migratie", data=PERIOD).text


def test_the_rehearsals_figures_are_shown_before_anything_is_booked(
    site: Site, sample: Sample
) -> None:
    key = _run(site, sample, BackfillState.REHEARSED)
    client = site.client(sample.owner)
    page = client.get(f"/migratie/{key}").text
    for words in ("Wordt geboekt", "De bestelling heeft geen regels.", "€\xa0145,60",
                  "waarvan BTW 21%", "€\xa025,28", "ongeveer 3",
                  "minstens 2 uur 2 min", "€\xa067,50", "KAPOT1"):  # fmt: skip
        assert words in page
    assert "hx-trigger" not in page.split('id="backfill"')[1]
    part = client.get(f"/migratie/{key}", headers=HTMX).text
    assert "<html" not in part
    refused = client.get(f"/migratie/{key}/bestellingen/refused").text
    assert "MIGR-2" in refused
    assert "MIGR-0" not in refused
    assert client.get(f"/migratie/{key}/bestellingen/onzin").status_code == 404


def test_starting_needs_consent(site: Site, sample: Sample) -> None:
    key = _run(site, sample, BackfillState.REHEARSED)
    client = site.client(sample.owner)
    client.post(f"/migratie/{key}/start")
    assert "akkoord" in client.get(f"/migratie/{key}").text
    assert _state(site, key) == BackfillState.REHEARSED
    client.post(f"/migratie/{key}/start", data={"akkoord": "1"})
    assert _state(site, key) == BackfillState.RUNNING
    page = client.get(f"/migratie/{key}").text
    assert f'hx-get="/migratie/{key}"' in page
    with site.data() as session:
        [request] = session.scalars(select(ServiceRequest))
        assert (request.kind, request.price_excl_vat) == ("backfill", Decimal("67.50"))


def test_buttons_do_what_the_state_allows(site: Site, sample: Sample) -> None:
    key = _run(site, sample, BackfillState.RUNNING)
    client = site.client(sample.owner)
    for action, wanted in (
        ("hervat", BackfillState.RUNNING), ("pauze", BackfillState.PAUSED),
        ("pauze", BackfillState.PAUSED), ("hervat", BackfillState.RUNNING),
        ("stop", BackfillState.STOPPED), ("hervat", BackfillState.STOPPED),
    ):  # fmt: skip
        assert client.post(f"/migratie/{key}/{action}").status_code == 303
        assert _state(site, key) == wanted, action


def test_progress_shows_what_was_booked_and_where_it_went_wrong(
    site: Site, sample: Sample
) -> None:
    progress = {"booked": 1, "failed": 1, "under_way": 0}
    key = _run(site, sample, BackfillState.RUNNING, progress=progress)
    page = site.client(sample.owner).get(f"/migratie/{key}", headers=HTMX).text
    assert "1 geboekt, 1 onder Fouten, van 2" in page
    assert re.search(r'<progress [^>]*value="2" max="2"', page)
    assert 'href="/fouten"' in page


def test_the_reversal_list_holds_what_this_run_booked(
    site: Site, sample: Sample
) -> None:
    progress = {"booked": 1, "failed": 0, "under_way": 1}
    key = _run(site, sample, BackfillState.DONE, progress=progress)
    with site.data():
        samples.transfer(
            sample, "LIVE", State.DONE, booked_at=datetime(2026, 2, 2, tzinfo=UTC)
        )
    client: FlaskClient = site.client(sample.colleague)
    assert "terugdraaien doet u" in client.get(f"/migratie/{key}").text
    text = client.get(f"/migratie/{key}/lijst.csv").data.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert len(lines) == 1
    found = dict(zip(head, lines[0], strict=True))
    assert found["Bestelling of factuur"] == "MIGR-0"
    assert found["Nummer in het pakket"] == "20250001"
    assert found["Link"] == "https://package.example/1"
    assert client.get(f"/migratie/{key}/lijst.xlsx").data[:2] == b"PK"


def test_a_colleague_looks_but_does_not_begin(site: Site, sample: Sample) -> None:
    key = _run(site, sample, BackfillState.REHEARSED)
    client = site.client(sample.colleague)
    assert "alleen de eigenaar" in client.get("/migratie").text
    assert "akkoord" not in client.get(f"/migratie/{key}").text
    assert client.post("/migratie", data=PERIOD).status_code == 403


def test_the_run_of_another_tenant_is_unknown(site: Site, sample: Sample) -> None:
    key = _run(site, site.sample("Canary", 2), BackfillState.REHEARSED)
    client = site.client(sample.owner)
    for path in ("", "/bestellingen/book", "/lijst.csv", "/lijst.xlsx"):
        assert client.get(f"/migratie/{key}{path}").status_code == 404
    for action in ("start", "pauze", "hervat", "stop"):
        answer = client.post(f"/migratie/{key}/{action}", data={"akkoord": "1"})
        assert answer.status_code == 404
    assert _state(site, key) == BackfillState.REHEARSED


def test_a_tenant_without_couplings_is_told_where_to_begin(
    site: Site, sample: Sample
) -> None:
    with site.data() as session:
        session.delete(session.get(Coupling, sample.coupling.id))
    page = site.client(sample.owner).get("/migratie").text
    assert "Naar Koppelingen" in page
    assert site.client(sample.owner).post("/migratie", data=PERIOD).status_code == 200


def test_the_list_of_a_run_costs_the_same_queries_as_it_grows(
    site: Site, sample: Sample
) -> None:
    key = _run(site, sample, BackfillState.RUNNING)
    client = site.client(sample.owner)
    counts = []
    for number in (3, 120):
        with site.data() as session:
            for each in range(number):
                made = samples.transfer(sample, f"X{number}-{each}", State.DONE)
                session.add(
                    BackfillItem(
                        tenant_id=sample.tenant.id, backfill_id=key, verdict="stands",
                        order_id=made.subject_id, amount=made.amount,
                    )
                )  # fmt: skip
        with site.queries() as sent:
            client.get(f"/migratie/{key}/bestellingen/stands")
            client.get(f"/migratie/{key}")
        counts.append(len(sent))
    assert counts[0] == counts[1]
