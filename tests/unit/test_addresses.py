"""An address line taken apart and joined again, in five countries' ways of writing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.addresses import Parts, joined, parts_of
from core.domain.relations import (
    PostalAddress,
    RelationData,
    relation_from_dict,
    relation_hash,
    relation_to_dict,
)
from core.rules import relation_fields

MEASURED = """
Grote Markt 5 bus 3              | Grote Markt         | 5   | bus 3
Plein 1944 12                    | Plein 1944          | 12  |
Straat 10A 2e etage              | Straat              | 10  | A 2e etage
Kempische Steenweg 303, bus 100  | Kempische Steenweg  | 303 | bus 100
Meir 24/3                        | Meir                | 24  | 3
Straat 7 1/2                     | Straat              | 7   | 1/2
Straat 1 - 2                     | Straat              | 1   | 2
Keizersgracht 123 - III hoog     | Keizersgracht       | 123 | III hoog
Kade 12 bis                      | Kade                | 12  | bis
1e dwarsstraat 2                 | 1e dwarsstraat      | 2   |
Plein 1940 12                    | Plein 1940          | 12  |
Autobahn A 1                     | Autobahn A 1        |     |
Route N 7                        | Route N 7           |     |
Autosnelweg E 19                 | Autosnelweg E 19    |     |
Rijksweg A 12 34                 | Rijksweg A 12       | 34  |
Route Nationale N 7, 15          | Route Nationale N 7 | 15  |
Rijksweg 12 A                    | Rijksweg            | 12  | A
Rue de la Loi 16 bte 3           | Rue de la Loi       | 16  | bte 3
Rue de la Loi 16bte 3            | Rue de la Loi       | 16  | bte 3
Kerkstraat 5bus 12               | Kerkstraat          | 5   | bus 12
Kade 12/3                        | Kade                | 12  | 3
Kerkstraat 5 bus 12              | Kerkstraat          | 5   | bus 12
Kade 12 A                        | Kade                | 12  | A
12 Rue de Rivoli                 | Rue de Rivoli       | 12  |
Laan 1945 3-C                    | Laan 1945           | 3   | C
Kade 12.1                        | Kade                | 12  | 1
12 High Street, Flat 3           | High Street         | 12  | Flat 3
Flat 3, 12 High Street           | High Street         | 12  | Flat 3
12 bis Rue de Rivoli             | Rue de Rivoli       | 12  | bis
12 rue de la Paix ter            | rue de la Paix ter  | 12  |
221B Baker Street                | Baker Street        | 221 | B
Plein 40-45 12                   | Plein 40-45         | 12  |
Kerkstraat 3-5                   | Kerkstraat          | 3   | 5
Kade 12 2e etage                 | Kade                | 12  | 2e etage
Kade 12 3 hoog                   | Kade                | 12  | 3 hoog
Kerkstraat 12-hs                 | Kerkstraat          | 12  | hs
Rue du 8 Mai 1945 12             | Rue du 8 Mai 1945   | 12  |
12 Rue du 8 Mai 1945             | Rue du 8 Mai 1945   | 12  |
Rue du 8 Mai 1945                | Rue du 8 Mai 1945   |     |
Straße des 17. Juni 135          | Straße des 17. Juni | 135 |
Straße des 17. Juni              | Straße des 17. Juni |     |
Bahnhofstr. 7, 2. OG             | Bahnhofstr.         | 7   | 2. OG
Hauptstraße 12a-c                | Hauptstraße         | 12  | a-c
Avenue Louise 54, boîte 12       | Avenue Louise       | 54  | boîte 12
Meir 24 b. 3                     | Meir                | 24  | b. 3
Av. de la 2e DB 4                | Av. de la 2e DB     | 4   |
Boulevard 3 Fontaines 7          | Boulevard 3 Fontaines | 7 |
11 Novemberlaan                  | 11 Novemberlaan     |     |
Plein 1944                       | Plein 1944          |     |
3e Oosterparkstraat              | 3e Oosterparkstraat |     |
Kade 3 hoog                      | Kade 3 hoog         |     |
Kerkstraat bus 3                 | Kerkstraat bus 3    |     |
Postbus 345                      | Postbus             | 345 |
Weg 5-7 bus 2                    | Weg                 | 5   | 7 bus 2
Kerkstraat 12 bus 1234567        | Kerkstraat 12 bus 1234567 | |
Kade 12 Industrieterrein Oost    | Kade 12 Industrieterrein Oost | |
Kerkstraat 12 gebouw 4           | Kerkstraat          | 12  | gebouw 4
Gebouw 4, Kerkstraat 12          | Gebouw 4, Kerkstraat | 12 |
Dam 1 garagebox 3                | Dam 1 garagebox 3   |     |
Rue Neuve 123 étage 3            | Rue Neuve 123 étage 3 |   |
1 rue Victor Hugo BP 123         | 1 rue Victor Hugo BP 123 | |
Résidence Les Pins 12 rue du Lac | Résidence Les Pins 12 rue du Lac | |
Kerkstraat 12 1017GC             | Kerkstraat 12 1017GC |    |
Kerkstraat 12\\3                 | Kerkstraat          | 12  | 3
Plein 1944 nr 3                  | Plein 1944          | 3   |
Wijk 5 nr 12                     | Wijk 5              | 12  |
Straße 52 12                     | Straße 52           | 12  |
Rue Haute n°12                   | Rue Haute           | 12  |
Kanaaldijk NO 104a               | Kanaaldijk NO       | 104 | a
12 B, Rue de Rivoli              | Rue de Rivoli       | 12  | B
12 - 14 Main Street              | Main Street         | 12  | 14
12 bis                           | 12 bis              |     |
ul. 3 Maja 12                    | ul. 3 Maja          | 12  |
Place des 3 Rois 5               | Place des 3 Rois    | 5   |
L 7, 12                          | L 7, 12             |     |
Q 5, 14-22                       | Q 5, 14-22          |     |
B 1 45                           | B 1 45              |     |
1, Zone d'Activité 2             | 1, Zone d'Activité 2 |    |
47, avenue J.F. Kennedy          | avenue J.F. Kennedy | 47  |
Unterdorf 3 UG 2                 | Unterdorf 3 UG 2    |     |
Christian 4.s Vej 3              | Christian 4.s Vej 3 |     |
Frederik 7. Vej 3                | Frederik 7. Vej     | 3   |
Nørregade 12, 3. tv              | Nørregade           | 12  | 3. tv
Wagramer Straße 4/2/24           | Wagramer Straße     | 4   | 2/24
Rue du 31-Décembre 8             | Rue du 31-Décembre  | 8   |
ul. 11 Listopada 22/3            | ul. 11 Listopada    | 22  | 3
"""


def _rows() -> list[tuple[str, ...]]:
    rows = MEASURED.strip().splitlines()
    return [tuple(cell.strip() for cell in row.split("|")) for row in rows]


@pytest.mark.parametrize(("line", "street", "number", "suffix"), _rows())
def test_a_line_is_taken_apart(
    line: str, street: str, number: str, suffix: str
) -> None:
    assert parts_of(line) == (street, number, suffix)
    address = PostalAddress.of_line(line)
    assert (address.line, address.house_number) == (line, number)
    assert parts_of(joined(street, number, suffix)) == (street, number, suffix)


@pytest.mark.parametrize(
    ("suffix", "line"),
    [
        ("a", "Kade 12a"), ("2", "Kade 12-2"), ("bis", "Kade 12 bis"),
        ("bus 3", "Kade 12 bus 3"), ("bte 3", "Kade 12 bte 3"), ("b 3", "Kade 12 b 3"),
        ("1/2", "Kade 12 1/2"), ("2e etage", "Kade 12 2e etage"),
        ("III hoog", "Kade 12 III hoog"), ("A 2e etage", "Kade 12A 2e etage"),
        ("/3", "Kade 12/3"), ("-3", "Kade 12-3"), ("t/m 16", "Kade 12 t/m 16"),
        ("3. tv", "Kade 12 3. tv"), ("m. 34", "Kade 12 m. 34"),
    ],
)  # fmt: skip
def test_parts_are_joined_as_people_write_them(suffix: str, line: str) -> None:
    assert joined("Kade", "12", suffix) == line


WORDS = st.sampled_from(
    [
        "Kade",
        "Rue",
        "de",
        "12",
        "1944",
        "3",
        "bus",
        "bte",
        "Flat",
        "A",
        "bis",
        "2e",
        "1/2",
        "5-7",
        ",",
        "-",
        "11",
        "Mei",
        "hoog",
        "/",
        "24/3",
        "Plein",
        "17.",
        "Juni",
        "B",
        "12a",
        "(achter)",
        "Straße",
        "nr",
        "0",
        "III",
    ]
)
LINES = st.one_of(
    st.lists(WORDS, max_size=7).map(" ".join),
    st.text(alphabet="ab1 2/-.,é", max_size=12),
)


@given(LINES)
def test_a_line_goes_out_as_it_came(line: str) -> None:
    address = PostalAddress.of_line(line)
    assert address.line == " ".join(line.split())
    parts = parts_of(line)
    assert joined(*parts) == " ".join(line.split()) or parts_of(joined(*parts)) == parts
    assert len(parts.number) <= 10
    assert len(parts.suffix) <= 10
    assert not parts.number or parts.street


@given(LINES, LINES)
def test_a_changed_part_changes_the_line(line: str, other: str) -> None:
    address = PostalAddress.of_line(line)
    assert address.with_line(line) is address
    changed = address.with_line(other)
    assert changed.line == " ".join(other.split())
    if changed != address:
        moved = replace(changed, written=address.written)
        assert moved.line == joined(*parts_of(other))


def test_nothing_of_a_long_line_is_lost() -> None:
    line = "Lange straatnaam " * 7 + "12"
    address = PostalAddress.of_line(line)
    assert len(address.street) <= 100
    assert address.line == line


def test_a_line_as_written_is_no_field_of_its_own() -> None:
    place = PostalAddress.of_line("Meir 24/3")
    data = RelationData(False, "X", visiting_address=place)
    bare = replace(data, visiting_address=PostalAddress("Meir", "24", "3"))
    assert data == bare
    assert relation_hash(data) == relation_hash(bare)
    assert relation_fields.flat(data) == relation_fields.flat(bare)
    assert bare.visiting_address.line == "Meir 24-3"
    again = relation_from_dict(relation_to_dict(data))
    assert again.visiting_address.line == "Meir 24/3"
    moved = relation_fields.with_values(data, {"phone": "0612"})
    assert moved.visiting_address.line == "Meir 24/3"
    copied = {f"postal_address.{part}": getattr(place, part)
              for part in relation_fields.PARTS}  # fmt: skip
    both = relation_fields.with_values(data, copied)
    assert both.postal_address.line == "Meir 24/3"
    other = relation_fields.with_values(data, {"visiting_address.house_number": "25"})
    assert other.visiting_address.line == "Meir 25-3"


def test_parts_have_names() -> None:
    assert parts_of("Kade 12a") == Parts(street="Kade", number="12", suffix="a")
