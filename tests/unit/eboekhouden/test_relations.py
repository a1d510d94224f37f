"""Relations both ways: the manual's two tables, whole, as golden files."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import AskUser
from core.domain.relations import PostalAddress, RelationData, relation_to_dict
from plugins.eboekhouden.relations import mapping as relations
from plugins.eboekhouden.relations.mapping import Wanted
from tests.unit.eboekhouden.test_mapping import golden

MAIN = PostalAddress("Stationstraat", "12", "bis", "1012 AB", "Amsterdam")
OTHER = PostalAddress("Postbus", "345", "", "1000 AA", "Amsterdam")


def organisation(**changes: Any) -> RelationData:
    values = {
        "is_person": False,
        "debtor_number": "10017",
        "name": "Fischer Optiek B.V.",
        "relation_type": "client",
        "visiting_address": MAIN,
        "postal_address": OTHER,
        "iban": "NL91ABNA0417164300",
        "bic": "ABNANL2A",
        "phone": "020-1234567",
        "email": "info@fischer.example",
        "website": "https://fischer.example",
        **changes,
    }
    return RelationData(**values)


def person(**changes: Any) -> RelationData:
    values = {
        "is_person": True,
        "name": "Fischer",
        "first_name": "Sophie",
        "gender": "f",
        "mobile": "06-12345678",
        "email": "sophie@fischer.example",
        "visiting_address": PostalAddress(),
        "postal_address": PostalAddress(),
        "home_address": MAIN,
        "alternative_address": OTHER,
        **changes,
    }
    return organisation(**values)


BOTH = [("organisation", organisation()), ("person", person())]


def came_in(body: dict[str, Any]) -> RelationData:
    """The relation that a record of the package becomes."""
    found = relations.remote({**body, "ID": 7}, Wanted())
    return relations.relation_of(found.values, found.number, "client")


def test_the_tables_are_the_manuals() -> None:
    assert len(relations.ORGANISATION_FIELDS) == 13
    assert len(relations.PERSON_FIELDS) == 15


@pytest.mark.parametrize(("name", "relation"), BOTH)
def test_a_relation_goes_out_as_the_golden_record(
    name: str, relation: RelationData
) -> None:
    assert relations.relation_body(relation) == golden(name)


@pytest.mark.parametrize(("name", "relation"), BOTH)
def test_a_record_comes_in_as_the_golden_relation(
    name: str, relation: RelationData
) -> None:
    """What the tables do not name (a first name) cannot come back."""
    made = came_in(golden(name))
    assert relation_to_dict(made) == golden(f"{name}_in")
    assert replace(made, first_name=relation.first_name) == relation
    assert relations.relation_body(made) == golden(name)


def test_every_field_of_the_tables_is_compared_and_nothing_else() -> None:
    for _, relation in BOTH:
        names = [name for name, _ in relations.fields_of(relation.is_person)]
        local = relations.local("1", relation)
        assert ["debtor_number", *local.values] == [*names, "kind"]
        assert local.numbers == {"debtor": "10017"}
    assert relations.local("1", organisation(debtor_number="")).numbers == {}


def test_a_persons_name_follows_the_setting() -> None:
    prefixed = person(name_prefix="de", name="Vries")
    assert relations.relation_body(prefixed)["Bedrijf"] == "de Vries"
    body = relations.relation_body(prefixed, full_names=True)
    assert body["Bedrijf"] == "Sophie de Vries"
    assert relations.relation_body(organisation(), full_names=True)["Bedrijf"] == (
        "Fischer Optiek B.V."
    )


@pytest.mark.parametrize("full_names", [False, True])
@pytest.mark.parametrize(
    "name", ["Sophie de Boer", "de Boer", "Boer", "Sophie", "Jan de Boer"]
)
def test_a_persons_name_that_comes_in_is_the_one_that_would_go_out(
    name: str, full_names: bool
) -> None:
    known = person(name_prefix="de", name="Vries")
    now = relations.updated(known, {"name": name}, {}, full_names=full_names)
    sure = not full_names or name.startswith("Sophie ")
    body = relations.relation_body(now, full_names=full_names)
    assert body["Bedrijf"] == (name if sure else "Sophie de Vries")
    assert now.first_name == "Sophie"  # never wiped; what is not sure is marked
    if name == "Sophie de Boer" and full_names:
        assert (now.first_name, now.name_prefix, now.name) == ("Sophie", "de", "Boer")


def test_what_is_not_known_here_is_left_alone() -> None:
    unknown = {"Contactpersoon", "Land", "Land2", "KvkNummer", "BTWNummer"}
    record = {**dict.fromkeys(unknown, "x"), "Land": "Duitsland", "Code": "10017"}
    for relation in (organisation(), person()):
        body = relations.relation_body(relation)
        assert not unknown & set(body)
        assert relations.merged(record, body).items() >= record.items()
        assert relations.local("1", relation).held == {
            "country", "other_country", "chamber_number", "vat_number"
        }  # fmt: skip


def test_country_vat_and_chamber_number_go_both_ways() -> None:
    abroad = organisation(
        visiting_address=replace(MAIN, country="BE"),
        postal_address=replace(OTHER, country="NL"),
        chamber_number="0403019261",
        vat_number="BE0403019261",
    )
    body = relations.relation_body(abroad)
    assert (body["Land"], body["Land2"]) == ("België", "Nederland")
    assert (body["KvkNummer"], body["BTWNummer"]) == ("0403019261", "BE0403019261")
    made = came_in(body)
    assert made.visiting_address.country == "BE"
    assert made.postal_address.country == ""  # the company's own: the core says which
    assert (made.chamber_number, made.vat_number) == ("0403019261", "BE0403019261")
    assert relations.merged({**body, "Land2": "NL"}, body)["Land2"] == "NL"
    cleared = relations.updated(abroad, {"country": "DE", "vat_number": ""}, {})
    assert (cleared.visiting_address.country, cleared.vat_number) == ("DE", "")
    register = organisation(chamber_number="HRB 1234")
    assert "KvkNummer" not in relations.relation_body(register)


def test_a_kind_that_changed_there_takes_the_addresses_along() -> None:
    became = relations.updated(organisation(), {"kind": "person"}, {})
    assert became.is_person
    assert (became.home_address, became.alternative_address) == (OTHER, MAIN)
    body = relations.relation_body(became)
    assert (body["Adres"], body["Adres2"]) == (OTHER.line, MAIN.line)
    back = relations.updated(became, {"kind": "organisation"}, {})
    assert (back.postal_address, back.visiting_address) == (OTHER, MAIN)


def test_no_address_is_lost_because_of_a_kind() -> None:
    """A person whose address stands where organisations have theirs."""
    put_right = replace(
        organisation(), is_person=True, visiting_address=PostalAddress()
    )
    body = relations.relation_body(put_right)
    assert body["Adres"] == OTHER.line


def test_a_line_comes_in_as_it_is_written() -> None:
    made = came_in({**golden("organisation"), "Adres": "Meir 24/3"})
    address = made.visiting_address
    assert (address.street, address.house_number) == ("Meir", "24")
    assert address.house_number_suffix == "3"
    assert relations.relation_body(made)["Adres"] == "Meir 24/3"


def test_a_change_is_merged_into_all_that_stood_there() -> None:
    current = {
        "ID": 1001, "Code": "10017", "Bedrijf": "Oud", "Notitie": "Let op",
        "Contactpersoon": "Jan", "Def1": "x", "Site": "https://oud.example",
        "LA": "0", "Gb_ID": 7, "GeenEmail": 1, "NieuwsbriefgroepenCount": 2,
    }  # fmt: skip
    wanted = relations.relation_body(organisation(website=""))
    whole = relations.merged(current, wanted)
    kept = ("ID", "Notitie", "Contactpersoon", "Def1", "LA", "Gb_ID", "GeenEmail")
    assert {name: whole[name] for name in kept} == {
        name: current[name] for name in kept
    }
    assert whole["Bedrijf"] == "Fischer Optiek B.V."
    assert whole["Site"] == ""  # emptied in the CRM, which wins


def test_another_spelling_of_the_same_is_no_change_and_stays() -> None:
    theirs = {
        "Adres": "Stationstraat 12  bis", "Postcode": "1012ab",
        "IBAN": "NL91 ABNA 0417 1643 00", "BIC": "abnanl2a",
        "Email": "Info@Fischer.example",
    }  # fmt: skip
    record = {**golden("organisation"), "ID": 7, **theirs}
    ours = relations.local("1", organisation())
    found = relations.remote(record, Wanted())
    assert {name: found.values[name] for name in ours.values} == ours.values
    assert relations.merged(record, relations.relation_body(organisation())) == record


def test_a_gender_that_the_package_does_not_know_is_no_endless_change() -> None:
    other = person(gender="x")
    assert relations.relation_body(other)["Geslacht"] == ""
    assert relations.local("1", other).values["gender"] == ""


def test_only_what_comes_in_changes() -> None:
    known = organisation(fax="010", vat_number="NL004495445B01")
    now = relations.updated(known, {"city": "Delft", "mobile": "06"}, {})
    address = replace(MAIN, city="Delft")
    assert now == replace(known, visiting_address=address)
    numbered = relations.updated(known, {}, {"debtor": "10018"})
    assert numbered == replace(known, debtor_number="10018")


@pytest.mark.parametrize(
    ("wanted", "business", "private", "text"),
    [
        (Wanted(), True, True, True),
        (Wanted("organisation"), True, False, True),
        (Wanted("person"), False, True, False),
        (Wanted(first=10000, last=19999), True, False, False),
        (Wanted(first=20000), False, True, False),
        (Wanted(last=10016), False, False, False),
    ],
)
def test_the_user_chooses_what_comes_in(
    wanted: Wanted, business: bool, private: bool, text: bool
) -> None:
    records = (
        {"ID": 1, "Code": "10017", "BP": "B"},
        {"ID": 2, "Code": "20001", "BP": "P"},
        {"ID": 3, "Code": "LEV-7", "BP": "B"},
    )
    found = [relations.remote(record, wanted).may_come_in for record in records]
    assert found == [business, private, text]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Stationstraat 12", ("Stationstraat", "12", "")),
        ("Stationstraat 12 bis", ("Stationstraat", "12", "bis")),
        ("Stationstraat 12-3", ("Stationstraat", "12", "3")),
        ("Laan van Nieuw Oost 101A", ("Laan van Nieuw Oost", "101", "A")),
        ("2e Straat 5", ("2e Straat", "5", "")),
        ("Antwoordnummer", ("Antwoordnummer", "", "")),
        ("Kade 12345678901", ("Kade 12345678901", "", "")),
        ("", ("", "", "")),
    ],
)
def test_an_address_line_is_split_where_that_is_certain(
    line: str, parts: tuple[str, str, str]
) -> None:
    found = came_in({"Adres": line}).visiting_address
    assert (found.street, found.house_number, found.house_number_suffix) == parts


@given(st.text("ab 12-/", max_size=30))
def test_a_line_that_came_in_goes_out_as_the_same_line(line: str) -> None:
    """Else every run would see a change of nobody."""
    found = relations.remote({"ID": 1, "Code": "1", "Adres": line}, Wanted())
    made = relations.relation_of(found.values, found.number, "client")
    local = relations.local("1", made)
    assert local.values["address"] == found.values["address"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"debtor_number": "1" * 16}, "eboekhouden_code_too_long"),
        ({"website": "https://" + "x" * 60}, "eboekhouden_text_too_long"),
        ({"name": "x" * 130}, "eboekhouden_text_too_long"),
    ],
)
def test_what_does_not_fit_is_told_and_never_cut(
    change: dict[str, str], code: str
) -> None:
    with pytest.raises(AskUser) as caught:
        relations.relation_body(organisation(**change))
    assert caught.value.code == code
