"""Rapportage: filters, graph, keyset pages and the files of exactly that list."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from core.domain.clock import utcnow
from core.models import TransferState as State
from core.services.reporting.report import Place
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def _book(site: Site, sample: Sample, number: str, day: int, **values: object) -> None:
    with site.data():
        samples.transfer(
            sample, number, State.DONE,
            **{
                "document": "sales_entry", "external_number": f"2026{day:04}",
                "booked_at": datetime(2026, 3, day, 12, tzinfo=UTC), **values,
            },
        )  # fmt: skip


@pytest.fixture
def filled(site: Site, sample: Sample) -> FlaskClient:
    _book(site, sample, "A1", 1)
    _book(site, sample, "A2", 2, document="draft_invoice", code="booked_differs")
    _book(site, sample, "B3", 3, total=Decimal("1234.50"))
    with site.data():
        samples.transfer(sample, "F4", State.FAILED, "order_empty")
    return site.client(sample.owner)


def _numbers(page: str) -> list[str]:
    return re.findall(r'href="/bestelling/\d+">([^<]+)</a>', page)


FILTERS = [
    ("", ["B3", "A2", "A1"]),
    ("zoek=A", ["A2", "A1"]),
    ("zoek=20260003", ["B3"]),
    ("zoek=%25", []),
    ("van=2026-03-02&tot=2026-03-02", ["A2"]),
    ("als=draft_invoice", ["A2"]),
    ("als=onzin", ["B3", "A2", "A1"]),
    ("opmerking=met", ["A2"]),
    ("opmerking=zonder", ["B3", "A1"]),
    ("pakket=2", ["B3", "A2", "A1"]),
    ("pakket=1", []),
    ("zoek=A&opmerking=zonder&tot=2026-03-31", ["A1"]),
    ("van=0001-01-01&tot=9999-12-31", ["B3", "A2", "A1"]),
]


@pytest.mark.parametrize(("query", "wanted"), FILTERS)
def test_page_csv_and_xlsx_hold_the_same_list(
    site: Site, filled: FlaskClient, query: str, wanted: list[str]
) -> None:
    assert _numbers(filled.get(f"/rapportage?{query}").text) == wanted
    text = filled.get(f"/rapportage.csv?{query}").data.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert [line[0] for line in lines[1:]] == wanted
    book = load_workbook(io.BytesIO(filled.get(f"/rapportage.xlsx?{query}").data))
    rows = list(book.active.iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == wanted


def test_the_files_say_what_the_page_says(site: Site, filled: FlaskClient) -> None:
    answer = filled.get("/rapportage.csv?zoek=B3")
    assert answer.mimetype == "text/csv"
    assert re.fullmatch(
        r'attachment; filename="rapportage-\d{4}-\d\d-\d\d\.csv"',
        answer.headers["Content-Disposition"],
    )
    head, line = csv.reader(
        io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"
    )
    found = dict(zip(head, line, strict=True))
    assert found["Bedrag incl. BTW"] == "1234,50"
    assert found["Doorgezet op"] == "2026-03-03 13:00:00"
    assert found["Als"] == "Verkoopboeking"
    assert found["Pakket"] == "Visma eAccounting"
    filled.post("/taal", data={"language": "en"})
    english = filled.get("/rapportage.csv?zoek=B3").data.decode("utf-8-sig")
    assert "1234.50" in english
    assert ";" not in english
    remark = filled.get("/rapportage.xlsx?zoek=A2").data
    row = list(load_workbook(io.BytesIO(remark)).active.iter_rows(values_only=True))[1]
    assert row[7] == 72.8


def test_a_file_has_every_page_of_the_list(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.reporting.report.CHUNK", 7)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with site.data():
        for number in range(60):  # moments come in threes: the id decides
            moment = at + timedelta(seconds=number // 3)
            samples.transfer(sample, f"N{number}", State.DONE, booked_at=moment)
    text = site.client(sample.owner).get("/rapportage.csv").data.decode()
    found = re.findall(r"^(N\d+);", text, re.MULTILINE)
    assert found == [f"N{number}" for number in reversed(range(60))]


def test_a_formula_in_an_order_number_is_disarmed(site: Site, sample: Sample) -> None:
    _book(site, sample, '=HYPERLINK("x")', 1)
    text = site.client(sample.owner).get("/rapportage.csv").data.decode()
    assert "\"'=HYPERLINK(" in text


def test_foreign_rows_are_in_no_file(site: Site, filled: FlaskClient) -> None:
    other = site.sample("Canary", 2)
    _book(site, other, "CANARY", 1)
    for kind in ("csv", "xlsx"):
        data = filled.get(f"/rapportage.{kind}").data
        assert b"CANARY" not in data
    own = site.client(other.owner).get("/rapportage.csv").data.decode()
    assert re.findall(r"^(\w+);", own, re.MULTILINE) == ["CANARY"]


def test_the_graph_counts_what_the_filter_leaves(site: Site, sample: Sample) -> None:
    late = utcnow().replace(hour=23, minute=30) - timedelta(days=3)
    with site.data():
        for number in range(3):
            samples.transfer(
                sample, f"G{number}", State.DONE, booked_at=late,
                document="order" if number else "sales_entry",
            )  # fmt: skip
    client = site.client(sample.owner)
    following = (late + timedelta(days=1)).date().day
    for query, count, turnover in (("", 3, "218,40"), ("als=order", 2, "145,60")):
        page = client.get(f"/rapportage?{query}").text
        row = re.search(r"<tr><td>(\d+) [^<]+</td><td[^>]*>(\d+)</td>.*?</tr>", page)
        assert row
        assert (int(row[1]), int(row[2])) == (following, count)
        assert turnover in row[0]


def test_the_filters_go_along_to_the_next_page(site: Site, sample: Sample) -> None:
    with site.data():
        for number in range(55):
            samples.transfer(
                sample, f"N{number}", State.DONE, document="order", booked_at=utcnow()
            )
        samples.transfer(sample, "X", State.DONE, booked_at=utcnow())
    client = site.client(sample.owner)
    page = client.get("/rapportage?als=order&opmerking=zonder").text
    following = re.search(r'href="(/rapportage\?na=[^"]+)"', page)
    assert following
    rest = client.get(following[1].replace("&amp;", "&")).text
    assert len(_numbers(page)) == 50
    assert len(_numbers(rest)) == 5


@pytest.mark.parametrize(
    "text", ["", "x", "1-", "-1", "1-x", "9" * 40, "9" * 30 + "-1"]
)
def test_a_key_that_is_none_is_the_first_page(text: str) -> None:
    assert Place.read(text) is None


def test_a_key_is_read_back_exactly() -> None:
    place = Place(datetime(2026, 3, 1, 2, 3, 4, 567891, tzinfo=UTC), 17)
    assert Place.read(str(place)) == place
