"""What a relation's fields must look like, and how they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import countries
from core.domain.addresses import parts_of
from core.domain.relations import PostalAddress, RelationData
from core.rules import relation_fields
from core.rules.relation_fields import ADDRESSES, FIELDS, changes, flat, merged, unflat
from core.rules.relation_rules import checked, vat_number

START = {"kind": "organisation", "name": "X"}


def _one(field: str, text: str, country: str = "NL") -> tuple[str, str]:
    """Return how one field is written and what is wrong with it."""
    start = {**START, "kind": "person"} if field == "gender" else START
    data, problems = checked({**start, field: text}, country)
    return flat(data)[field], problems.get(field, "")


@pytest.mark.parametrize(
    ("field", "given_text", "written"),
    [
        ("name", " A\u00a0 \u200bB\n", "A B"),
        ("name", "Cafe\u0301", "Café"),
        ("email", "Info@Example.COM", "info@example.com"),
        ("website", "www.x.nl", "www.x.nl"),
        ("website", "https://x.nl/pad?q=1", "https://x.nl/pad?q=1"),
        ("phone", "+31 (0)20-123 45 67", "+31 (0)20-123 45 67"),
        ("iban", "be71 0961 2345 6769", "BE71096123456769"),
        ("bic", "abna nl 2a", "ABNANL2A"),
        ("vat_number", "004495445B01", "NL004495445B01"),
        ("vat_number", "BE 0403.019.261", "BE0403019261"),
        ("vat_number", "EL094259216", "EL094259216"),
        ("vat_number", "XI 980 7806 84", "XI980780684"),
        ("vat_number", "CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("chamber_number", "1234 5678", "12345678"),
        ("debtor_number", " D-001 ", "D-001"),
    ],
)
def test_good_texts_are_written_one_way(
    field: str, given_text: str, written: str
) -> None:
    assert _one(field, given_text) == (written, "")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", " \u200b "),
        ("name", "x" * 201),
        ("kind", "robot"),
        ("relation_type", "friend"),
        ("gender", "q"),
        ("email", "a@b"),
        ("email", "a b@example.com"),
        ("website", "javascript:alert(1)"),
        ("website", "x"),
        ("phone", "bel mij"),
        ("phone", "12"),
        ("iban", "NL91ABNA0417164301"),
        ("iban", "GEEN"),
        ("bic", "ABNA"),
        ("vat_number", "NL004495446B01"),
        ("vat_number", "BE0403019262"),
        ("vat_number", "123"),
        ("chamber_number", "1234567"),
        ("debtor_number", "1 2"),
        ("debtor_number", "=1+1"),
        ("creditor_number", "x" * 21),
        ("visiting_address.country", "Atlantis"),
        ("home_address.postal_code", "0123 AB"),
        ("home_address.street", "x" * 101),
    ],
)
def test_bad_texts_have_a_problem_and_stay_as_they_were(field: str, text: str) -> None:
    written, problem = _one(field, text)
    assert problem.startswith("relation_")
    assert field == "kind" or written == " ".join(text.replace("\u200b", " ").split())


@pytest.mark.parametrize(
    ("country", "text", "written"),
    [
        ("NL", "1234ab", "1234 AB"),
        ("BE", "B-1000", "1000"),
        ("BE", "9000", "9000"),
        ("DE", "d-10115", "10115"),
        ("BE", "0999", None),
        ("BE", "1234 AB", None),
        ("NL", "1000", None),
    ],
)
def test_postal_codes_follow_their_country(
    country: str, text: str, written: str | None
) -> None:
    row = {**START, "postal_address.postal_code": text,
           "postal_address.country": country}  # fmt: skip
    data, problems = checked(row)
    wrong = problems.get("postal_address.postal_code")
    found = None if wrong else data.postal_address.postal_code
    assert found == written


def test_a_belgian_organisation_has_an_enterprise_number() -> None:
    row = {**START, "visiting_address.city": "Gent", "chamber_number": "0403.019.261"}
    data, problems = checked({**row, "vat_number": "0403019261"}, "BE")
    assert problems == {}
    assert (data.chamber_number, data.vat_number) == ("0403019261", "BE0403019261")
    assert "chamber_number" in checked(row, "NL")[1]


def test_an_address_is_in_the_own_country_unless_it_says_so() -> None:
    places = {"visiting_address.city": "Gent", "postal_address.city": "Gent",
              "postal_address.country": "België"}  # fmt: skip
    data, _ = checked({**START, **places}, "NL")
    assert data.visiting_address.country == "NL"
    assert data.postal_address.country == "BE"
    assert data.invoice_address == PostalAddress()
    bare = checked({**START, "postal_address.country": "België"}, "NL")
    assert bare == (RelationData(is_person=False, name="X"), {})


def test_an_organisation_has_nothing_of_a_person() -> None:
    row = {**START, "first_name": "Jan", "gender": "m"}
    assert checked(row)[0].first_name == ""
    assert checked({**row, "kind": "person"})[0].first_name == "Jan"


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Stationsstraat 12a", ("Stationsstraat", "12", "a")),
        ("Plein 1945 3", ("Plein 1945", "3", "")),
        ("Laan van NOI 12-2", ("Laan van NOI", "12", "2")),
        ("Rue de la Loi 155 bte 3", ("Rue de la Loi", "155", "bte 3")),
        ("Kerkstraat 7 bus 12", ("Kerkstraat", "7", "bus 12")),
        ("Kerkstraat", ("Kerkstraat", "", "")),
        ("10 Downing Street", ("Downing Street", "10", "")),
    ],
)
def test_an_address_line_is_taken_apart(line: str, parts: tuple[str, str, str]) -> None:
    assert parts_of(line) == parts


def test_countries_are_known_by_code_and_by_name() -> None:
    given_names = ("nl", "Nederland", "BELGIUM", "Duitsland", "", "EU")
    found = [countries.code_of(name) for name in given_names]
    assert found == ["NL", "NL", "BE", "DE", "", ""]


def test_a_country_without_a_known_vat_number_takes_what_is_given() -> None:
    assert vat_number("US 12-345", "US") == "US12345"


TEXT = st.text(alphabet="ab 12", max_size=4).map(str.strip)
ROWS = st.dictionaries(
    st.sampled_from([name for name in FIELDS if name not in ("kind", "relation_type")]),
    TEXT,
    max_size=8,
).map(lambda row: {**START, **row})


@given(ROWS)
def test_a_flat_row_and_a_relation_are_the_same_thing(row: dict[str, str]) -> None:
    data = unflat(row)
    assert unflat(flat(data)) == data
    assert {name: flat(data)[name] for name in row} == row
    assert changes(data, data) == {}


@given(ROWS)
def test_rules_change_nothing_twice(row: dict[str, str]) -> None:
    data, problems = checked(row)
    again, same = checked(flat(data))
    assert (again, set(same)) == (data, set(problems))


@given(ROWS, ROWS, ROWS)
def test_of_two_changes_none_is_lost(
    base: dict[str, str], one: dict[str, str], two: dict[str, str]
) -> None:
    start, theirs, mine = (flat(unflat(row)) for row in (base, one, two))
    changed = changes(unflat(base), unflat(one))
    joined, both = merged(theirs, changed, mine)
    for name in start:
        if mine[name] != start[name]:
            assert joined[name] == mine[name]
        else:
            assert joined[name] == theirs[name]
    assert both == {
        name
        for name in start
        if start[name] != theirs[name] != mine[name] != start[name]
    }


def test_every_field_of_the_manuals_is_there() -> None:
    wanted = {
        "debtor_number",
        "creditor_number",
        "phone",
        "mobile",
        "fax",
        "email",
        "website",
        "chamber_number",
        "vat_number",
        "iban",
        "bic",
        "gender",
    }
    assert wanted <= set(FIELDS)
    assert len(ADDRESSES) == 6
    assert set(flat(RelationData(True, "X"))) == set(FIELDS)
    assert relation_fields.top_level({"kind": 1, "home_address.city": 1}) == {
        "is_person", "home_address"
    }  # fmt: skip
