"""Files with relations: what they are, and which column is which field."""

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

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
            ["A", 1001, date(2026, 3, 1), 2.5, "ja", "1"],
            [None] * 6,
            ["B", 7.0, moment, None, "nee", None],
        ]
    )
    sheet = tabular.read(content)
    assert sheet.format == "xlsx"
    assert sheet.rows == [
        (2, ["A", "1001", "2026-03-01", "2,5", "ja", "1"]),
        (4, ["B", "7", "2026-03-01 12:30:00", "", "nee"]),
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
        (b"Naam;" + b"x;" * 251 + b"\nA;" + b"y;" * 251, "import_too_wide"),
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


def _with_cells(rows: str) -> bytes:
    """A workbook with these rows, as another program may have saved them."""
    made, out = io.BytesIO(_xlsx([["x"]])), io.BytesIO()
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            target.writestr(name, sheet if is_sheet else source.read(name))
    return out.getvalue()


_HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Naam</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Klantnr</t></is></c></row>'
)


def test_a_formula_is_the_value_that_was_saved_with_it() -> None:
    sheet = tabular.read(
        _with_cells(
            f'{_HEAD}<row r="2"><c r="A2" t="str"><f>B2&amp;" BV"</f><v>Alfa BV</v></c>'
            '<c r="B2"><f>6+6</f><v>12</v></c></row><row r="3"><c r="A3" t="str">'
            '<f>IF(1,"","")</f><v></v></c><c r="B3"><f>1+1</f></c></row>'
            '<row r="4"><c r="A4"><f t="shared" si="0"/></c><c r="B4"><v>4</v></c>'
            "</row>"
        )
    )
    assert sheet.rows == [(2, ["Alfa BV", "12"]), (3, ["", ""]), (4, ["", "4"])]
    assert {
        line: [(at, code, said["cell"]) for at, code, said in told]
        for line, told in sheet.remarks.items()
    } == {
        3: [(1, "import_cell_formula", "B3")],
        4: [(0, "import_cell_formula", "A4")],
    }


def test_a_cell_of_excel_is_what_its_user_sees() -> None:
    book = Workbook()
    sheet = book.active
    for line in (
        ["Naam", "Klantnr"], ["A", 12], ["B", 1234567], [True, "#N/A"],
        ["C", 123456789012], ["D", 1e17], ["E", date(2026, 3, 1)], [1.5, 0.21],
        ["F", "1,5E+11"],
    ):  # fmt: skip
        sheet.append(line)
    formats = {
        "B2": "00000",
        "B3": "00000000",
        "B5": "0.0E+00",
        "B7": "d-mmm",
        "B8": "0%",
    }
    for cell, number_format in formats.items():
        sheet[cell].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    found = tabular.read(out.getvalue())
    assert [cells[1] for _, cells in found.rows[:2]] == ["00012", "01234567"]
    assert found.rows[6][1] == ["1,5", "21%"]
    codes = {
        line: [code for _, code, _ in told] for line, told in found.remarks.items()
    }
    assert codes == {
        4: ["import_cell_boolean", "import_cell_error"],
        5: ["import_cell_exponent"],
        6: ["import_cell_exponent"],
        7: ["import_cell_format"],
        8: ["import_cell_separators"],
        9: ["import_cell_exponent"],
    }


def test_the_sheet_with_known_headings_is_read_or_the_one_that_is_chosen() -> None:
    book = Workbook()
    book.active.title = "Uitleg"
    book.active.append(["Lees mij"])
    book.active.append(["eerst"])
    hidden = book.create_sheet("Verborgen")
    hidden.sheet_state = "hidden"
    for sheet in (hidden, book.create_sheet("Klanten")):
        for line in (["Naam", "Klantnr"], [sheet.title, 1]):
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    found = tabular.read(out.getvalue())
    assert (found.name, found.names) == ("Klanten", ["Uitleg", "Klanten"])
    assert found.rows == [(2, ["Klanten", "1"])]
    assert tabular.read(out.getvalue(), sheet="Uitleg").headers == ["Lees mij"]


def test_cells_merged_downwards_are_read_in_each_row_and_told() -> None:
    book = Workbook()
    sheet = book.active
    for line in (
        ["Naam", "Adres", None],
        [None, "Straat", "Plaats"],
        ["A", "Kade", "Ede"],
        ["B", "Kade", None],
        ["C", "Dijk", "Tiel"],
    ):
        sheet.append(line)  # fmt: skip
    for cells in ("A1:A2", "B1:C1", "C3:C4"):
        sheet.merge_cells(cells)
    found = tabular.read(_saved(book))
    assert found.headers == ["Naam", "Straat", "Plaats"]
    assert [cells[-1] for _, cells in found.rows] == ["Ede", "Ede", "Tiel"]
    assert {
        line: [code for _, code, _ in told] for line, told in found.remarks.items()
    } == {4: ["import_cell_merged"]}


def test_a_sheet_that_is_cut_off_is_refused_in_words() -> None:
    whole = zipfile.ZipFile(io.BytesIO(_xlsx([["Naam", "Nr"], ["A", 1]])))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in whole.namelist():
            is_sheet = name.endswith("sheet1.xml")
            packed.writestr(name, whole.read(name)[: -20 if is_sheet else None])
    with pytest.raises(AskUser) as refused:
        tabular.read(out.getvalue())
    assert refused.value.code == "import_unreadable"


def test_hidden_rows_and_columns_are_told() -> None:
    book = Workbook()
    for line in (["Naam", "Nr"], ["A", 1], ["B", 2], ["C", 3]):
        book.active.append(line)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    found = tabular.read(_saved(book))
    assert [line for line, _ in found.rows] == [2, 3, 4]
    assert found.notes == [
        ("import_rows_hidden", {"lines": "3"}),
        ("import_columns_hidden", {"columns": "Nr"}),
    ]


def test_sheets_with_quotes_in_their_name_and_dates_of_the_mac_are_read() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.create_sheet("O'Brien & <co>")
    for line in (["Naam", "Klantnr", "Sinds"], ["A", "0012", date(2024, 2, 3)]):
        sheet.append(line)
    sheet["C2"].number_format = "dd-mm-yyyy"
    found = tabular.read(_saved(book))
    assert (found.name, found.rows) == (
        "O'Brien & <co>", [(2, ["A", "0012", "03-02-2024"])],
    )  # fmt: skip


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_column_without_a_heading_shifts_nothing_in_excel() -> None:
    sheet = tabular.read(_xlsx([["Naam", "Plaats"], ["A", "B", "opmerking"]]))
    assert (sheet.headers, sheet.remarks) == (["Naam", "Plaats", ""], {})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("xl/workbook.bin", "x"),
    ],
)
def test_another_spreadsheet_is_named(name: str, text: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, text)
    with pytest.raises(AskUser) as refused:
        tabular.read(out.getvalue())
    assert refused.value.code == "import_other_spreadsheet"
