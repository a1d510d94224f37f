"""Broken and odd CSV files: what is lost is told with its line, and no more is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import AskUser
from core.rules import csv_lines, tabular

HEAD = "Naam;Nr;Plaats\n"


def _told(content: bytes) -> dict[int, list[tuple[int, str]]]:
    remarks = tabular.read(content).remarks
    return {
        line: [(at, code) for at, code, _ in said] for line, said in remarks.items()
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('A;1;E\n"Beta;2;B\nC;3;E\nD;4;E\nEps "x" y;5;E\n', 3),
        ('A;1;E\n"Beta;2;B\nC;3;E\n', 3),
        ('A;1;E\nB;"2;B\nC 5";3;E\n', 3),  # ends before a separator: whole rows
        ('"A\nB";1;E\nC;2;"E\n', 4),
        ('A;1;E\r\nB;"2" x";E\r\n', 3),
    ],
)
def test_a_quote_that_never_ends_is_named_by_its_line(text: str, line: int) -> None:
    with pytest.raises(AskUser) as refused:
        tabular.read((HEAD + text).encode())
    assert refused.value.code == "import_quote_open"
    assert refused.value.params["line"] == str(line)


def test_quotes_in_a_cell_are_signs_like_any_other() -> None:
    text = HEAD + 'Eps "x" y;1;5"\n"De Zon" BV;2;"a ""b"""\n"A;\nB" ;3;\n'
    assert tabular.read(text.encode()).rows == [
        (2, ['Eps "x" y', "1", '5"']),
        (3, ['"De Zon" BV', "2", 'a "b"']),
        (4, ["A;\nB", "3"]),
    ]


@given(st.lists(st.lists(st.text("ab\";\n\r' é"), min_size=2, max_size=4), min_size=1))
def test_what_is_written_by_the_rules_is_read_back(table: list[list[str]]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    text = "".join(";".join(map(quoted, row)) + "\r\n" for row in table)
    try:
        found: object = list(csv_lines.rows(text, ";"))
    except AskUser as error:  # a cell that is as good as whole rows
        found = error.code
    assert found in (table, "import_quote_open")


def test_a_bad_byte_costs_its_own_cell() -> None:
    content = "Naam;Plaats\nCafé Zoë;Gent\nCaf\udce9;Ede\nB\udc81r;É\n"
    found = tabular.read(content.encode("utf-8", "surrogateescape"))
    assert found.format == "utf-8 ;"
    assert found.rows[:2] == [(2, ["Café Zoë", "Gent"]), (3, ["Café", "Ede"])]
    assert _told(content.encode("utf-8", "surrogateescape")) == {
        3: [(0, "import_cell_encoding")],
        4: [(0, "import_cell_damaged")],
    }


def test_a_windows_file_with_one_cell_in_utf_8() -> None:
    lines = ["Naam;Plaats", "Zoë;Gent", "Café;Één", "Ärger;Ö"]
    content = b"\n".join(
        [*(line.encode("cp1252") for line in lines), "Noël;x".encode()]
    )
    found = tabular.read(content)
    assert found.format == "windows-1252 ;"
    assert [cells[0] for _, cells in found.rows] == ["Zoë", "Café", "Ärger", "Noël"]
    assert _told(content) == {5: [(0, "import_cell_encoding")]}


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_unicode_file_is_read(encoding: str) -> None:
    content = "Naam;Plaats\r\nZoë;Één\rB;C\nD;E".encode(encoding)
    assert [cells for _, cells in tabular.read(content).rows] == [
        ["Zoë", "Één"], ["B", "C"], ["D", "E"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A;1,23457E+11;x", (1, "import_cell_exponent")),
        ("A;1E+5;x", (1, "import_cell_exponent")),
        ("#N/B;1;x", (0, "import_cell_error")),
        ("A;#REF!;x", (1, "import_cell_error")),
        ("A\x00;1;x", (0, "import_cell_damaged")),
        ("A\ufffd;1;x", (0, "import_cell_damaged")),
        ("A;1;x;y", (-1, "import_row_wider")),
        ("A;1", (-1, "import_row_narrower")),
        ("1E5;#1;E+1", None),
        ("A;1;x;;;", None),
    ],
)
def test_what_a_program_or_mishap_made_of_a_cell_is_told(
    row: str, said: tuple[int, str] | None
) -> None:
    content = f"{HEAD}Eerste;9;Plaats\n{row}\n".encode()
    assert _told(content) == ({3: [said]} if said else {})


@pytest.mark.parametrize(
    ("text", "header", "notes", "lines"),
    [
        ("Klantenlijst 2024;;\n;;\nNaam;Nr;Plaats\nA;1;B\n", 3, ["above"], [4]),
        ("Lijst\n\nNaam;Nr;Plaats\nA;1;B\n", 3, ["above"], [4]),
        ("Wie;Waar\nA;B\n", 1, [], [2]),
        ("Titel;\nWie;Waar\nA;B\n", 2, ["above"], [3]),
        (HEAD + "A;1;B\n\nJansen;;Ede\n", 1, [], [2, 4]),
        (HEAD + "A;1;B\nNaam;Nr;Plaats\nB;2;C\n", 1, ["again"], [2, 4]),
        (HEAD + "A;1;B\n\nNaam;Crediteurnummer;Land\nZ;9;NL\n", 1, ["second 4"], [2]),
        (HEAD + "A;1;B\n\nLeveranciers\nNaam;Land\nZ;NL\n", 1, ["second 5"], [2]),
        (
            HEAD + "A;1;B\nC;2;D\n\nArtikel;Prijs;Kleur\nZ;9;r\n",
            1,
            ["second 5"],
            [2, 3],
        ),
        (HEAD + "A;1;B\nNaam;Land\nZ;NL\n", 1, ["second 3"], [2]),
        ("Naam;Adres;\n;Straat;Plaats\nA;Kade;B\n", 1, ["two"], [3]),
        (";Adres;\nNaam;Straat;Plaats\nA;Kade;B\n", 1, ["two"], [3]),
        ("Naam;Adres;\nJan;Straat;Plaats\nA;Kade;B\n", 1, [], [2, 3]),
    ],
)
def test_the_table_is_found_and_what_is_around_it_told(
    text: str, header: int, notes: list[str], lines: list[int]
) -> None:
    found = tabular.read(text.encode())
    words = {"import_rows_above": "above", "import_header_again": "again",
             "import_second_table": "second", "import_header_two": "two"}  # fmt: skip
    told = [
        f"{words[code]} {said.get('line', '')}".strip() for code, said in found.notes
    ]
    assert (found.header, told) == (header, notes)
    assert [line for line, _ in found.rows] == lines


def test_a_header_of_two_rows_is_read_as_one() -> None:
    text = (
        "Naam;Bezoekadres;;Postadres;\n;Straat;Plaats;Straat;Plaats\n"
        "Jan;Kade 1;Ede;Postbus 2;Tiel\n"
    )
    for header in (None, 1):
        found = tabular.read(text.encode(), header=header)
        assert found.headers == [
            "Naam", "Bezoekadres Straat", "Bezoekadres Plaats", "Postadres Straat",
            "Postadres Plaats",
        ]  # fmt: skip
        assert [line for line, _ in found.rows] == [3]
    assert tabular.read(text.encode(), header=2).headers[:2] == ["", "Straat"]


def test_what_keeps_a_spreadsheet_from_calculating_is_no_part_of_a_text() -> None:
    text = HEAD + 'A;="00012";\'01067\nB;"=""00013""";\'s-Gravenhage\n'
    found = tabular.read(text.encode())
    assert [cells for _, cells in found.rows] == [
        ["A", "00012", "01067"], ["B", "00013", "'s-Gravenhage"],
    ]  # fmt: skip


def test_another_header_can_be_chosen() -> None:
    text = (HEAD + "A;1;B\n\nNaam;Crediteurnummer;Land\nZ;9;NL\n").encode()
    found = tabular.read(text, header=4)
    assert found.headers == ["Naam", "Crediteurnummer", "Land"]
    assert found.rows == [(5, ["Z", "9", "NL"])]


def test_many_empty_lines_lose_no_row() -> None:
    text = HEAD + "A;1;B\n" + "\n" * (tabular.MOST_ROWS + 100) + "Z;9;Y\n"
    assert [cells[0] for _, cells in tabular.read(text.encode()).rows] == ["A", "Z"]


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old Excel"])
def test_another_spreadsheet_is_named(content: bytes) -> None:
    with pytest.raises(AskUser) as refused:
        tabular.read(content)
    assert refused.value.code == "import_other_spreadsheet"


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Naam,Plaats,E-mail", "A;Ede;a@example.nl"),
        ("Naam;Plaats;E-mail", "A,Ede,a@example.nl"),
        ("Naam\tPlaats\tE-mail", "A;Ede;a@example.nl"),
    ],
)
def test_a_header_with_another_separator_than_its_rows(head: str, row: str) -> None:
    found = tabular.read("\n".join([head, *[row] * 3]).encode())
    assert found.headers == ["Naam", "Plaats", "E-mail"]
    assert found.rows[0] == (2, ["A", "Ede", "a@example.nl"])
    assert found.remarks == {}


def test_a_title_with_commas_is_no_header() -> None:
    found = tabular.read(b"Lijst: naam, plaats, land\nNaam;Plaats\nA;Ede\nB;Epe\n")
    assert (found.header, found.headers) == (2, ["Naam", "Plaats"])


def test_a_file_of_an_old_mac() -> None:
    lines = ["Naam;Plaats", "André Bréton;Liège", "Françoise Hübner;Malmö", "B;Één"]
    found = tabular.read("\r".join(lines).encode("mac_roman"))
    assert found.format == "mac-roman ;"
    assert [";".join(cells) for _, cells in found.rows] == lines[1:]
    assert found.remarks == {}


@pytest.mark.parametrize(
    "text", ["Škoda – ‘d’Or’;Žďár", "Sœur Ÿves; € 5", "Zoë ™;90‰", "Œuvre;Œdipe"]
)
def test_a_windows_file_is_not_taken_for_one_of_a_mac(text: str) -> None:
    content = ("Naam;Plaats\n" + text).encode("cp1252", "ignore")
    assert tabular.read(content).format == "windows-1252 ;"


@pytest.mark.parametrize(
    "last",
    ["Totaal;12;", "Totaal 2 relaties;;", "Aantal: 2;;", "Eindtotaal;;1.204,50",
     "Totaal aantal klanten: 2;;"],
)  # fmt: skip
def test_a_row_that_adds_up_the_others_is_no_relation(last: str) -> None:
    found = tabular.read(f"{HEAD}A;1;Ede\nB;2;Epe\n{last}\n".encode())
    assert [number for number, _ in found.rows] == [2, 3]
    assert ("import_total", {"line": "4"}) in found.notes


@pytest.mark.parametrize(
    "last", ["Totaal Techniek;3;Ede", "Total;3;Brussel", "Totaal BV;3;", "Totaal"]
)
def test_a_relation_that_is_called_total_stays(last: str) -> None:
    found = tabular.read(f"{HEAD}{last}\n".encode())
    assert [number for number, _ in found.rows] == [2]
