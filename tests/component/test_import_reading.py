"""Files with relations: what they are, and which column is which field."""

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from core.domain.errors import AskUser
from core.rules import tabular
from core.rules.relation_headers import TARGETS, guess, values_of
from core.texts.relations import label

LINES = [["Naam", "Plaats"], ["Café Zoë", "Gent"], ["De Vries; zn", "’s-Hertogenbosch"]]


def _csv(separator: str, lines: list[list[str]] = LINES) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(lines)
    return out.getvalue()


def _xlsx(lines: list[list[object]]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("cp1252", "windows-1252"),
    ],
)
def test_encoding_and_separator_are_found(
    separator: str, encoding: str, found: str
) -> None:
    sheet = tabular.read(_csv(separator).encode(encoding))
    assert sheet.format == f"{found} {'tab' if separator == chr(9) else separator}"
    assert [sheet.headers, *(cells for _, cells in sheet.rows)] == LINES
    assert [number for number, _ in sheet.rows] == [2, 3]


def test_excels_own_separator_line_is_followed() -> None:
    sheet = tabular.read(b"sep=|\r\nNaam|Plaats\r\nA;B|C\r\n")
    assert sheet.rows == [(2, ["A;B", "C"])]


def test_empty_lines_are_left_out_but_counted() -> None:
    sheet = tabular.read(b"Naam;Plaats\n;;\nA;B\n\nC;D\n")
    assert sheet.rows == [(3, ["A", "B"]), (5, ["C", "D"])]


def test_line_breaks_within_a_cell_stay_one_row() -> None:
    assert tabular.read(b'Naam;Plaats\n"A\nB";C\n').rows == [(2, ["A\nB", "C"])]


def test_an_xlsx_file_is_read_as_texts() -> None:
    moment = datetime.fromisoformat("2026-03-01T12:30")
    content = _xlsx(
        [
            ["Naam", "Nummer", "Sinds", "Bedrag", "Vlag", "Som"],
            ["A", 1001, date(2026, 3, 1), 2.5, True, "=1+1"],
            [None] * 6,
            ["B", 7.0, moment, None, False, '=HYPERLINK("x")'],
        ]
    )
    sheet = tabular.read(content)
    assert sheet.format == "xlsx"
    assert sheet.rows == [
        (2, ["A", "1001", "2026-03-01", "2.5", "ja", "=1+1"]),
        (4, ["B", "7", "2026-03-01T12:30:00", "", "nee", '=HYPERLINK("x")']),
    ]


def test_what_the_export_put_before_a_formula_is_taken_away() -> None:
    assert tabular.read(b"Naam;Tel\n'=1;'+31 20\n's Avonds;x\n").rows == [
        (2, ["=1", "+31 20"]), (3, ["'s Avonds", "x"])
    ]  # fmt: skip


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(21):
            packed.writestr(str(number), bytes(10_000_000))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import_no_rows"),
        (b"Naam;Plaats\n", "import_no_rows"),
        (b"\x00\x01\x02", "import_unreadable"),
        (b"\xff\xfe\x00", "import_unreadable"),
        (b"PK\x03\x04 no zip at all", "import_unreadable"),
        (b"Naam;" + b"x;" * 101 + b"\nA;" + b"y;" * 101, "import_too_wide"),
        (b"n;m\n" + b"a;b\n" * (tabular.MOST_ROWS + 1), "import_too_many_rows"),
        (b"n;m\n" + b"x" * 200_000 + b";b\n", "import_unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(AskUser) as refused:
        tabular.read(content)
    assert refused.value.code == code


def test_a_file_that_unpacks_too_far_is_refused() -> None:
    with pytest.raises(AskUser) as refused:
        tabular.read(_bomb())
    assert refused.value.code == "import_too_large"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    try:
        found = len(tabular.read(content).rows)
    except AskUser as error:
        found = error.code.startswith("import_")
    assert found


def test_columns_are_known_in_dutch_and_english() -> None:
    dutch = ["Debiteurnr.", "Organisatienaam", "Straat", "Huisnummer", "Postcode",
             "Plaats", "Factuuradres postcode", "BTW-nummer", "KvK nummer", "E-mail",
             "Iets anders"]  # fmt: skip
    assert guess(dutch) == [
        "debtor_number", "name", "visiting_address.street",
        "visiting_address.house_number", "visiting_address.postal_code",
        "visiting_address.city", "invoice_address.postal_code", "vat_number",
        "chamber_number", "email", "",
    ]  # fmt: skip
    english = ["Customer Number", "Last name", "First name", "Address", "Zip", "City",
               "Shipping city", "Mobile", "Country"]  # fmt: skip
    assert guess(english) == [
        "debtor_number", "name", "first_name", "home_address.line",
        "home_address.postal_code", "home_address.city", "delivery_address.city",
        "mobile", "home_address.country",
    ]  # fmt: skip


def test_the_headings_of_our_own_export_are_all_known() -> None:
    headings = [label(field) for field in TARGETS]
    assert guess(headings) == list(TARGETS)


def test_no_field_is_guessed_twice() -> None:
    assert guess(["Naam", "Bedrijfsnaam", "Name"]) == ["name", "", ""]


def test_words_get_their_meaning_and_empty_cells_say_nothing() -> None:
    columns = ["kind", "relation_type", "gender", "visiting_address.line", "name",
               "fax"]  # fmt: skip
    cells = ["Particulier", "Te beoordelen", "Mevr.", "Kerkstraat 1 B", "", "1"]
    assert values_of(cells, columns) == {
        "kind": "person",
        "relation_type": "to_review",
        "gender": "f",
        "visiting_address.street": "Kerkstraat",
        "visiting_address.house_number": "1",
        "visiting_address.house_number_suffix": "B",
        "visiting_address.written": "Kerkstraat 1 B",
        "fax": "1",
    }
    assert values_of(["Ander"], ["relation_type"]) == {"relation_type": "Ander"}
