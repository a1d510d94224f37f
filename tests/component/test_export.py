"""Lists as files: what a spreadsheet makes of them, and what they take."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from core.services.reporting.export import BOM, Column, csv_parts, write_xlsx

COLUMNS = [
    Column("Tekst", lambda row: row[0]),
    Column("Bedrag", lambda row: row[1]),
    Column("Moment", lambda row: row[2]),
    Column("Dag", lambda row: row[3]),
]
MOMENT = datetime(2026, 3, 2, 0, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
ROWS: list[Any] = [
    ('Müller; "A", B', Decimal("1234.50"), MOMENT, date(2026, 3, 1)),
    ("", Decimal("-1.05"), None, None),
]
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]


def _csv(rows: list[Any], language: str) -> list[list[str]]:
    text = b"".join(csv_parts(COLUMNS, rows, language)).decode()
    assert text.startswith(BOM)
    delimiter = ";" if language == "nl" else ","
    lines = io.StringIO(text.removeprefix(BOM), newline="")
    return list(csv.reader(lines, delimiter=delimiter))


@pytest.mark.parametrize(
    ("language", "amounts"),
    [("nl", ["1234,50", "-1,05"]), ("en", ["1234.50", "-1.05"])],
)
def test_csv_is_as_excel_of_that_language_reads_it(
    language: str, amounts: list[str]
) -> None:
    head, first, second = _csv(ROWS, language)
    assert head == ["Tekst", "Bedrag", "Moment", "Dag"]
    assert first[0] == 'Müller; "A", B'
    assert [first[1], second[1]] == amounts
    assert first[2:] == ["2026-03-02 00:30:00", "2026-03-01"]
    assert second[2:] == ["", ""]


@pytest.mark.parametrize("text", DANGEROUS)
def test_csv_never_holds_a_formula(text: str) -> None:
    _, row = _csv([(text, Decimal(1), None, None)], "nl")
    assert row[0] == f"'{text}"


@pytest.mark.parametrize("text", [*DANGEROUS[:4], "\x00\x0bgewoon", "gewoon"])
def test_xlsx_keeps_text_as_text(text: str) -> None:
    sheet = _sheet([(text, Decimal(1), None, None)])
    cell = sheet["A2"]
    assert cell.data_type == "s"
    assert cell.value == text.replace("\x00", "").replace("\x0b", "")


def test_xlsx_has_real_numbers_and_dates() -> None:
    sheet = _sheet(ROWS)
    assert sheet["B2"].value == 1234.5
    assert sheet["B2"].data_type == "n"
    assert sheet["C2"].value == MOMENT.replace(tzinfo=None)
    assert sheet["D2"].value.date() == date(2026, 3, 1)
    assert sheet["D2"].is_date
    assert sheet["C3"].value is None


def _sheet(rows: list[Any]) -> Any:
    file = io.BytesIO()
    write_xlsx(file, COLUMNS, rows, "een naam die langer is dan een tabblad mag hebben")
    file.seek(0)
    return load_workbook(file).active


def _many(count: int) -> Iterator[Any]:
    for number in range(count):
        yield (f"Bestelling {number}", Decimal(number) / 100, MOMENT, date(2026, 3, 1))


def test_memory_does_not_grow_with_the_list() -> None:
    peaks = []
    for count in (2_000, 40_000):
        tracemalloc.start()
        length = sum(len(part) for part in csv_parts(COLUMNS, _many(count), "nl"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert length > count * 40
    assert peaks[1] < peaks[0] * 2
