"""Rapportage, Fouten, Open and the log: what they show and what Verwerk does."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from core.domain.clock import utcnow
from core.models import InboxEvent, LogEntry, LogLevel, StepState, Transfer
from core.models import TransferState as State
from core.runtime import throttle
from core.runtime.extensions import db
from core.web.views import display, downloads
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

HTMX = {"HX-Request": "true"}
PAGES = ["/", "/deel/overzicht", "/rapportage", "/fouten", "/open", "/log",
         "/fouten?oorzaak=order_empty", "/deel/tellers"]  # fmt: skip


def _numbers(page: str) -> list[str]:
    found = re.findall(r'href="/bestelling/\d+">([^<]+)</a>', page)
    return [text for text in found if not text.startswith("Alle gegevens")]


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def _fill(site: Site, sample: Sample, count: int, first: int = 0) -> None:
    states = [(State.DONE, ""), (State.FAILED, "order_empty"), (State.QUEUED, ""),
              (State.WAITING, "order_unpaid"), (State.HELD, "changed_after_booking"),
              (State.FAILED, "total_mismatch")]  # fmt: skip
    with site.data():
        for number in range(first, first + count):
            state, code = states[number % len(states)]
            samples.transfer(
                sample, f"N{number}", state, code, ordered_at=utcnow(),
                booked_at=utcnow(),
            )  # fmt: skip
            samples.note(sample, "transfer_done", number=f"N{number}")


@pytest.mark.parametrize("path", PAGES)
def test_pages_cost_the_same_queries_as_history_grows(
    site: Site, sample: Sample, path: str
) -> None:
    client = site.client(sample.owner)
    counts = []
    for first, count in ((0, 12), (12, 488)):
        _fill(site, sample, count, first)
        with site.queries() as sent:
            assert client.get(path).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert counts[1] < 17


def test_reading_pages_take_no_writers_lock(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    with site.queries() as sent:
        client.get("/open")
    assert not [statement for statement in sent if "IMMEDIATE" in statement]


def test_rapportage_shows_what_went_as_what_and_where(
    site: Site, sample: Sample
) -> None:
    with site.data():
        samples.transfer(
            sample, "A-1", State.DONE, document="sales_entry", total=Decimal("1234.50"),
            external_number="20260001", external_url="https://package.example/1",
            booked_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
        )  # fmt: skip
        samples.transfer(sample, "A-2", State.FAILED, "order_empty")
    page = site.client(sample.owner).get("/rapportage").text
    assert _numbers(page) == ["A-1"]
    assert "Verkoopboeking" in page
    assert "€\xa01.234,50" in page
    assert "2 mrt 2026 00:30" in page  # the tenant's own time, not UTC
    assert 'href="https://package.example/1"' in page


def test_rapportage_is_searched_by_number_and_period(
    site: Site, sample: Sample
) -> None:
    with site.data():
        for number, day in (("A%1", 1), ("A%2", 2), ("B-3", 3)):
            booked_at = datetime(2026, 3, day, 22, 59, tzinfo=UTC)
            samples.transfer(sample, number, State.DONE, booked_at=booked_at)
    client = site.client(sample.owner)
    assert _numbers(client.get("/rapportage?zoek=A%25").text) == ["A%2", "A%1"]
    by_day = client.get("/rapportage?van=2026-03-02&tot=2026-03-02").text
    assert _numbers(by_day) == ["A%2"]
    assert len(_numbers(client.get("/rapportage?van=onzin&na=x").text)) == 3


def test_pages_follow_each_other_without_gaps(site: Site, sample: Sample) -> None:
    with site.data():
        for number in range(120):
            state = State.HELD if number % 3 == 0 else State.DONE
            samples.transfer(sample, f"N{number}", state, booked_at=utcnow())
    client = site.client(sample.owner)
    seen: list[str] = []
    address: str | None = "/rapportage"
    while address:
        page = client.get(address).text
        seen += _numbers(page)
        following = re.search(r'href="(/rapportage\?na=[\d-]+)"', page)
        address = following[1] if following else None
    assert seen == [f"N{number}" for number in reversed(range(120))]


def test_fouten_groups_by_cause(site: Site, sample: Sample) -> None:
    with site.data():
        for number in range(12):
            samples.transfer(sample, f"E{number}", State.FAILED, "order_empty")
        samples.transfer(
            sample, "V1", State.FAILED, "vat_rate_not_configured",
            params={"rate": "19", "country": "DE", "line": "Bel"},
        )  # fmt: skip
        samples.transfer(sample, "OK", State.DONE)
    page = site.client(sample.owner).get("/fouten").text
    assert page.index("De bestelling heeft geen regels.") < page.index("Voor 19% BTW")
    assert "Toon alle 12" in page
    place = "btw-andere-landen?land=DE&amp;tarief=19#vat_code-DE-19"
    assert f'href="/configuratie/1/{place}"' in page
    assert [number[0] for number in _numbers(page)] == ["E"] * 10 + ["V"]


def test_meer_info_has_cause_order_steps_and_exchange(
    site: Site, sample: Sample
) -> None:
    with site.data():
        row = samples.transfer(sample, "E1", State.FAILED, "order_empty")
        samples.step(row, StepState.REJECTED, "POST /v2/x\n400")
        key = row.id
    client = site.client(sample.owner)
    whole, part = (
        client.get(f"/bestelling/{key}"),
        client.get(f"/bestelling/{key}", headers=HTMX),
    )
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert "geen regels" not in part.text  # it opens below the cause
    assert "sales_entry" not in part.text
    for word in ("geen regels", "Sophie Fischer", "Geweigerd", "Verkoopboeking",
                 "1772366400", "POST /v2/x", "Multifunctionele weegscha"):  # fmt: skip
        assert word in whole.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("debtor:an@example.com", "Debiteur an@example.com"),
        ("payment-2", "Betaling 2"),
        ("payment:9f3c", "Betaling 9f3c"),
        ("article:TSB-M", "Artikel TSB-M"),
        (f"article:{'a' * 64}", "Artikel"),
        ("draft_invoice", "Conceptfactuur"),
    ],
)
def test_a_step_is_named_in_words(site: Site, name: str, words: str) -> None:
    with site.data():
        assert display.step_word(name) == words


def test_verwerk_reads_the_order_again_and_shows_progress(
    site: Site, sample: Sample
) -> None:
    with site.data():
        key = samples.transfer(sample, "E1", State.FAILED, "order_empty").id
    client = site.client(sample.colleague)
    answer = client.post(f"/bestelling/{key}/verwerk", headers=HTMX)
    assert "wordt opnieuw uit de winkel gelezen" in answer.text
    assert f'hx-get="/bestelling/{key}/regel"' in answer.text
    with site.data() as session:
        row = session.get(Transfer, key)
        entry = session.scalar(select(LogEntry).where(LogEntry.code == "retry_pressed"))
        assert (row.state, row.priority > 0) == (State.WAITING, True)
        assert entry.user_id is not None
        assert session.scalar(select(func.count()).select_from(InboxEvent)) == 1
        row.state, row.code, row.external_number = State.DONE, "", "77"
    ended = client.get(f"/bestelling/{key}/regel", headers=HTMX).text
    assert "Doorgezet" in ended
    assert "hx-trigger" not in ended


def test_verwerk_for_all_of_a_cause_and_for_the_chosen(
    site: Site, sample: Sample
) -> None:
    with site.data():
        empty = [
            samples.transfer(sample, f"E{n}", State.FAILED, "order_empty").id
            for n in range(5)
        ]
        zero = [
            samples.transfer(sample, f"Z{n}", State.FAILED, "total_mismatch").id
            for n in range(3)
        ]
    client = site.client(sample.owner)
    answer = client.post("/fouten/verwerk", data={"oorzaak": "order_empty"})
    page = client.get(answer.location).text
    assert "5 bestellingen worden met voorrang opnieuw bekeken." in page
    assert "0 van 5 klaar" in page
    client.post("/fouten/verwerk", data={"id": zero[:2]})
    with site.data() as session:
        waiting = set(
            session.scalars(select(Transfer.id).where(Transfer.state == State.WAITING))
        )
    assert waiting == {*empty, *zero[:2]}


def test_verwerk_on_a_held_document_only_says_it_was_seen(
    site: Site, sample: Sample
) -> None:
    with site.data():
        key = samples.transfer(sample, "H", State.HELD, "changed_after_booking").id
    site.client(sample.owner).post(f"/bestelling/{key}/verwerk")
    with site.data() as session:
        row = session.get(Transfer, key)
        assert (row.state, row.code) == (State.DONE, "seen_changed_after_booking")


def test_open_says_why_and_when(site: Site, sample: Sample) -> None:
    with site.data():
        samples.transfer(sample, "W", State.WAITING, "order_unpaid")
        samples.transfer(
            sample, "Q", State.QUEUED, "remote_timeout", params={"service": "Visma"}
        )
        samples.transfer(sample, "S", State.SENDING)
    page = site.client(sample.owner).get("/open").text
    for words in ("nog niet betaald", "Wordt vannacht opnieuw bekeken",
                  "Visma antwoordde niet op tijd", "Opnieuw om",
                  "Wordt nu doorgezet"):  # fmt: skip
        assert words in page


def test_the_log_is_filtered_by_level(site: Site, sample: Sample) -> None:
    with site.data():
        samples.note(sample, "order_empty", LogLevel.ERROR, number="E1")
        samples.note(sample, "transfer_done", number="D1")
    client = site.client(sample.owner)
    assert "Bestelling D1 is doorgezet." in client.get("/log").text
    errors = client.get("/log?niveau=error").text
    assert "geen regels" in errors
    assert "Bestelling D1" not in errors


def test_counts_stand_beside_the_tabs_and_refresh(site: Site, sample: Sample) -> None:
    _fill(site, sample, 6)
    part = site.client(sample.owner).get("/deel/tellers", headers=HTMX).text
    found = re.findall(r'hx-swap-oob="outerHTML:.count-(\w+)">(\d+)<', part)
    assert found == [("failed", "3"), ("open", "2")]


def test_the_chart_counts_by_the_tenants_own_days(site: Site, sample: Sample) -> None:
    late = (utcnow() - timedelta(days=3)).replace(hour=23, minute=30)
    with site.data():
        for number in range(2):
            samples.transfer(sample, f"C{number}", State.DONE, ordered_at=late)
        samples.transfer(sample, "C9", State.DONE, ordered_at=late - timedelta(days=5))
    page = site.client(sample.owner).get("/").text
    following = (late + timedelta(days=1)).date()
    row = re.search(r"<tr><td>([^<]+)</td><td class=\"amount\">2</td>.*?</tr>", page)
    assert row
    assert row[1].startswith(f"{following.day} ")
    assert "€\xa0145,60" in row[0]


def test_old_sample_orders_still_get_a_chart(site: Site, sample: Sample) -> None:
    with site.data():
        samples.transfer(
            sample, "OLD", State.DONE, ordered_at=datetime(2010, 12, 1, 9, tzinfo=UTC)
        )
    assert "1 dec 2010" in site.client(sample.owner).get("/").text


def test_pages_without_anything_say_so(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    assert "Er is nog niets doorgezet." in client.get("/rapportage").text
    assert "Geen fouten." in client.get("/fouten").text
    assert "Er wacht niets" in client.get("/open").text
    assert "nog geen bestellingen" in client.get("/").text


@pytest.mark.parametrize(
    ("path", "index"),
    [
        ("/fouten", "ix_transfer_cause"),
        ("/fouten?oorzaak=order_empty", "ix_transfer_cause"),
        ("/rapportage?zoek=geen", "ix_transfer_number"),
        ("/rapportage?zoek=geen", "ix_transfer_document"),
    ],
)
def test_a_long_history_is_not_gone_through(
    site: Site, sample: Sample, path: str, index: str
) -> None:
    """A planner without statistics takes the index that was made for it."""
    _fill(site, sample, 24)
    with site.app.app_context():
        engine = db.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's planner goes through a table this small")
    client, sent = site.client(sample.owner), list[tuple[str, Any]]()

    def note(_conn: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        sent.append((text, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        plans = [
            row[3]
            for text, values in sent
            if "transfer" in text and text.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]
    assert [plan for plan in plans if index in plan]
    assert not [plan for plan in plans if plan.startswith("SCAN transfer")]


def _export(client: FlaskClient, kind: str = "xlsx") -> int:
    with client.get(f"/relaties/export.{kind}") as answer:
        assert answer.data
        return answer.status_code


def test_one_workbook_of_a_tenant_is_made_at_a_time(site: Site) -> None:
    """A long one takes a thread for seconds; CSV and other tenants go on."""
    sample, other = site.sample(), site.sample("De Molen", 2)
    client, place = site.client(sample.owner), f"workbook:{sample.tenant.id}"
    with site.data():
        throttle.use(place, 1, downloads.FORGOTTEN)  # another request makes one
    assert [_export(client) for _ in range(2)] == [429, 429]
    assert _export(client, "csv") == 200
    assert _export(site.client(other.owner)) == 200
    with site.data():
        throttle.give_back(place)
    assert [_export(client) for _ in range(2)] == [200, 200]


def test_workbooks_are_so_many_in_a_while(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_WORKBOOKS", 2)
    client = site.client(site.sample().owner)
    assert [_export(client) for _ in range(3)] == [200, 200, 429]
