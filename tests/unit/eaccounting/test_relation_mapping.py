"""Tables E and F of manual 000, whole, both ways; the golden files are written out."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import jsontext
from core.crm import PostalAddress, RelationData, split_line
from plugins.eaccounting import relation_mapping
from plugins.eaccounting.relation_mapping import Defaults, PersonName, Role

GOLDEN = Path(__file__).parent / "golden"
VISITING = PostalAddress("Stationsstraat", "12", "a", "1000AA", "Amsterdam", "NL")
POSTAL = PostalAddress("Postbus", "345", "", "1000BB", "Amsterdam", "NL")
HOME = PostalAddress("Kerkweg", "7", "", "9000", "Gent", "BE")
OTHER = PostalAddress("Meir", "1", "bis", "2000", "Antwerpen", "BE")
SHOP = RelationData(
    is_person=False,
    name="De Fietsenmaker B.V.",
    relation_type="client",
    debtor_number="10001",
    creditor_number="20001",
    phone="020-1234567",
    mobile="0612345678",
    fax="020-7654321",
    email="info@fietsenmaker.example",
    website="https://fietsenmaker.example",
    chamber_number="12345678",
    vat_number="NL001234567B01",
    iban="NL91ABNA0417164300",
    bic="ABNANL2A",
    visiting_address=VISITING,
    postal_address=POSTAL,
    invoice_address=HOME,
)
PERSON = RelationData(
    is_person=True,
    name="Vries",
    name_prefix="de",
    first_name="Jan",
    initials="J.",
    gender="m",
    debtor_number="10002",
    creditor_number="20002",
    phone="09-1234567",
    mobile="0470123456",
    email="jan@example.com",
    website="https://jan.example",
    chamber_number="87654321",
    vat_number="BE0123456749",
    iban="BE68539007547034",
    home_address=HOME,
    alternative_address=OTHER,
)
CASES = {
    "debtor_organisation": (SHOP, Role.DEBTOR, PersonName.LAST),
    "debtor_person": (PERSON, Role.DEBTOR, PersonName.FULL),
    "creditor_organisation": (SHOP, Role.CREDITOR, PersonName.LAST),
    "creditor_person": (PERSON, Role.CREDITOR, PersonName.LAST),
}
TABLE_E = {"debtor_number", "name", "visiting_address", "postal_address", "phone",
           "chamber_number", "vat_number", "email", "website"}  # fmt: skip
TABLE_E_PERSON = {"debtor_number", "home_address", "alternative_address", "phone",
                  "email", "website", "mobile"}  # fmt: skip
TABLE_F = {"creditor_number", "name", "postal_address", "chamber_number", "vat_number",
           "phone", "email", "website", "iban"}  # fmt: skip


def golden(name: str) -> Any:
    return jsontext.loads((GOLDEN / f"relation_{name}.json").read_bytes())


@pytest.mark.parametrize("name", CASES)
def test_every_field_of_the_table_goes_out(name: str) -> None:
    assert relation_mapping.body_of(*CASES[name]) == golden(name)


@pytest.mark.parametrize("name", CASES)
def test_what_went_out_comes_back_the_same(name: str) -> None:
    relation, role, _ = CASES[name]
    back = relation_mapping.relation_of(golden(name), role, relation, as_person=False)
    assert back == relation


def changed(before: RelationData, after: RelationData) -> set[str]:
    return {
        item.name
        for item in fields(RelationData)
        if getattr(before, item.name) != getattr(after, item.name)
    }


@pytest.mark.parametrize(
    ("relation", "role", "table"),
    [
        (SHOP, Role.DEBTOR, TABLE_E),
        (PERSON, Role.DEBTOR, TABLE_E_PERSON),
        (SHOP, Role.CREDITOR, TABLE_F),
    ],
)
def test_only_the_tables_fields_come_in(
    relation: RelationData, role: Role, table: set[str]
) -> None:
    body = relation_mapping.body_of(relation, role, PersonName.LAST)
    other = {name: f"X{value}"[:10] for name, value in body.items()}
    read = relation_mapping.relation_of(other, role, relation, as_person=False)
    assert changed(relation, read) == table


def test_a_person_can_be_shown_by_last_name_only() -> None:
    full = relation_mapping.body_of(PERSON, Role.DEBTOR, PersonName.FULL)
    last = relation_mapping.body_of(PERSON, Role.DEBTOR, PersonName.LAST)
    assert (full["Name"], last["Name"]) == ("Jan de Vries", "de Vries")


def test_a_put_wipes_nothing_that_we_do_not_manage() -> None:
    theirs = {
        "Id": "1",
        "Note": "belt altijd",
        "Name": "Oud",
        "WwwAddress": "https://x",
    }
    body = relation_mapping.body_of(
        replace(SHOP, website=""), Role.DEBTOR, PersonName.LAST
    )
    put = relation_mapping.merged(theirs, body)
    assert (put["Id"], put["Note"]) == ("1", "belt altijd")
    assert put["Name"] == "De Fietsenmaker B.V."
    assert put["WwwAddress"] is None  # ours is empty, and the CRM wins


def test_a_country_we_do_not_know_is_left_alone() -> None:
    relation = replace(SHOP, postal_address=replace(POSTAL, country=""))
    body = relation_mapping.body_of(relation, Role.DEBTOR, PersonName.LAST)
    theirs = {**body, "InvoiceCountryCode": "DE"}
    assert relation_mapping.differs(theirs, body) == {}
    assert relation_mapping.merged(theirs, body)["InvoiceCountryCode"] == "DE"


def test_a_new_record_has_what_the_package_requires() -> None:
    body = relation_mapping.body_of(PERSON, Role.DEBTOR, PersonName.LAST)
    made = relation_mapping.new_record(PERSON, body, Role.DEBTOR, Defaults("t", "NL"))
    assert made["IsPrivatePerson"] is True
    assert (made["TermsOfPaymentId"], made["IsActive"]) == ("t", True)
    nowhere = RelationData(is_person=False, name="Leeg")
    bare = relation_mapping.body_of(nowhere, Role.DEBTOR, PersonName.LAST)
    assert relation_mapping.missing(bare, Role.DEBTOR) == ["postal_code", "city"]
    assert relation_mapping.missing(bare, Role.CREDITOR) == []


def test_without_a_postal_address_the_visiting_address_stands_in() -> None:
    relation = replace(SHOP, postal_address=PostalAddress())
    body = relation_mapping.body_of(relation, Role.DEBTOR, PersonName.LAST)
    assert body["InvoiceAddress1"] == "Stationsstraat 12a"


words = st.text("abcdefghij ", min_size=1, max_size=20).map(str.strip).filter(bool)
suffixes = st.sampled_from(["", "a", "bis", "II", "2"])


@given(words, st.integers(1, 9999).map(str), suffixes)
def test_an_address_line_can_be_split_again(
    street: str, number: str, suffix: str
) -> None:
    street = " ".join(street.split())
    address = PostalAddress(street, number, suffix)
    assert split_line(address.line) == (street, number, suffix)


texts = st.text("abc XYZ0123-", max_size=60)
addresses = st.builds(PostalAddress, texts, texts, texts, texts, texts)
relations = st.builds(
    RelationData,
    is_person=st.booleans(),
    name=texts,
    first_name=texts,
    debtor_number=texts,
    creditor_number=texts,
    phone=texts,
    email=texts,
    iban=texts,
    visiting_address=addresses,
    postal_address=addresses,
    home_address=addresses,
    alternative_address=addresses,
)


@given(relations, st.sampled_from(Role), st.sampled_from(PersonName))
def test_what_was_written_does_not_differ_any_more(
    relation: RelationData, role: Role, name: PersonName
) -> None:
    body = relation_mapping.body_of(relation, role, name)
    put = relation_mapping.merged({"Id": "1", "Name": "?"}, body)
    assert relation_mapping.differs(put, body) == {}
    assert relation_mapping.fingerprint(relation_mapping.managed(put, body)) == (
        relation_mapping.fingerprint(body)
    )
