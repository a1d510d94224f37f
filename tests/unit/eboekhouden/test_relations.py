"""Relations both ways: the manual's two tables, whole, as golden files."""

from decimal import Decimal
from typing import Any

import pytest

from core.errors import AskUser
from plugins.eboekhouden import relations
from plugins.eboekhouden.relations import CrmRelation, PostalAddress
from tests.unit.eboekhouden.test_mapping import golden

MAIN = PostalAddress("Stationstraat", "12", "bis", "1012 AB", "Amsterdam")
OTHER = PostalAddress("Postbus", "345", "", "1000 AA", "Amsterdam")


def organisation(**changes: Any) -> CrmRelation:
    values = {
        "is_person": False,
        "debtor_number": "10017",
        "name": "Fischer Optiek B.V.",
        "main_address": MAIN,
        "other_address": OTHER,
        "iban": "NL91ABNA0417164300",
        "bic": "ABNANL2A",
        "phone": "020-1234567",
        "email": "info@fischer.example",
        "website": "https://fischer.example",
        **changes,
    }
    return CrmRelation(**values)


def person(**changes: Any) -> CrmRelation:
    values = {
        "is_person": True,
        "name": "Fischer",
        "full_name": "Sophie Fischer",
        "gender": "female",
        "mobile": "06-12345678",
        "email": "sophie@fischer.example",
        **changes,
    }
    return organisation(**values)


def test_the_tables_are_the_manuals() -> None:
    assert len(relations.ORGANISATION_FIELDS) == 13
    assert len(relations.PERSON_FIELDS) == 15


@pytest.mark.parametrize(
    ("name", "relation"), [("organisation", organisation()), ("person", person())]
)
def test_a_relation_goes_out_as_the_golden_record_and_comes_back(
    name: str, relation: CrmRelation
) -> None:
    body = relations.relation_body(relation)
    assert body == golden(name)
    back = relations.from_body(body)
    assert relations.relation_body(back) == body
    assert back.main_address == relation.main_address
    assert back.debtor_number == relation.debtor_number


def test_a_persons_name_follows_the_setting() -> None:
    assert relations.relation_body(person(), full_names=True)["Bedrijf"] == (
        "Sophie Fischer"
    )
    assert relations.relation_body(person())["Bedrijf"] == "Fischer"


def test_contact_persons_are_left_alone() -> None:
    for relation in (organisation(), person()):
        assert "Contactpersoon" not in relations.relation_body(relation)


def test_a_change_is_merged_into_all_that_stood_there() -> None:
    current = {
        "ID": 1001, "Code": "10017", "Bedrijf": "Oud", "Notitie": "Let op",
        "Contactpersoon": "Jan", "Def1": "x", "Site": "https://oud.example",
        "LA": "0", "Gb_ID": 7, "GeenEmail": 1, "NieuwsbriefgroepenCount": 2,
    }  # fmt: skip
    wanted = relations.relation_body(organisation(website=""))
    assert relations.must_write(current, wanted)
    whole = relations.merged(current, wanted)
    kept = ("ID", "Notitie", "Contactpersoon", "Def1", "LA", "Gb_ID", "GeenEmail")
    assert {name: whole[name] for name in kept} == {
        name: current[name] for name in kept
    }
    assert whole["Bedrijf"] == "Fischer Optiek B.V."
    assert whole["Site"] == ""  # emptied in the CRM, which wins
    assert not relations.must_write(whole, wanted)


def test_hashes_tell_whether_anything_that_is_synchronised_changed() -> None:
    body = relations.relation_body(organisation())
    same = {**body, "Notitie": "anders", "FAX": "1", "GSM": None}
    assert relations.digest(same) == relations.digest(body)
    assert relations.digest({**body, "Plaats": "Delft"}) != relations.digest(body)
    for _, name in relations.ORGANISATION_FIELDS:
        assert relations.digest({**body, name: "x"}) != relations.digest(body)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Stationstraat 12", ("Stationstraat", "12", "")),
        ("Stationstraat 12 bis", ("Stationstraat", "12", "bis")),
        ("Stationstraat 12-3", ("Stationstraat", "12", "3")),
        ("Laan van Nieuw Oost 101A", ("Laan van Nieuw Oost", "101", "A")),
        ("Plein 1940 5", ("Plein", "1940", "5")),
        ("2e Straat 5", ("2e Straat 5", "", "")),
        ("Antwoordnummer", ("Antwoordnummer", "", "")),
        ("", ("", "", "")),
    ],
)
def test_an_address_line_is_split_where_that_is_certain(
    line: str, parts: tuple[str, str, str]
) -> None:
    found = relations.address(line, "1012 AB", "Amsterdam")
    assert (found.street, found.house_number, found.house_number_suffix) == parts


def test_a_long_debtor_number_is_refused_and_texts_are_cut() -> None:
    with pytest.raises(AskUser):
        relations.relation_body(organisation(debtor_number="1" * 16))
    body = relations.relation_body(organisation(website="https://" + "x" * 60))
    assert len(body["Site"]) == 50
    assert Decimal(body["Code"]) == 10017
