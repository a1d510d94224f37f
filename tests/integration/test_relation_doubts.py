"""What a package tells is written our way where certain, else marked and kept apart."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from core.domain.relations import PostalAddress, RelationData
from core.models import Relation
from core.runtime.database import session
from core.runtime.tenancy import tenant_scope
from core.services.crm import relation_doubts, relation_lists, relations
from core.services.crm.relation_lists import Filter
from core.services.people import accounts
from core.services.syncing.relation_facts import local_of
from tests.integration.relation_world import MadeUp

PLACE = PostalAddress("Vleesweg", "1", "", "6711AA", "Ede")
ODD = RelationData(
    False,
    "Slagerij Anders",
    debtor_number="10061",
    email="GEEN EMAIL",
    phone="bel 's avonds",
    website="nvt",
    chamber_number="123",
    vat_number="onbekend",
    postal_address=PLACE,
)
WRONG = {"email", "phone", "website", "chamber_number", "vat_number"}


@pytest.fixture
def tenant_id(app: Flask) -> Iterator[int]:
    with app.app_context():
        made = accounts.create_tenant_with_owner(
            name="CRM", email="crm@example.com", password="een lang wachtwoord"
        )
        session().commit()
        with tenant_scope(made.id):
            yield made.id


def _listed() -> list[Relation]:
    return list(relation_lists.page(Filter(is_in_doubt=True)).rows)


def test_what_came_in_is_marked_listed_and_kept(tenant_id: int) -> None:
    row = relations.save(ODD, None, action="synced")
    data = relations.data_of(row)
    assert set(relation_doubts.codes(row)) == WRONG
    assert (data.email, data.vat_number) == ("GEEN EMAIL", "onbekend")
    assert data.postal_address.postal_code == "6711 AA"
    assert data.postal_address.country == "NL"
    assert row.assumed == ["postal_address.country"]
    assert _listed() == [row]
    assert relations.on_invoice(row).vat_number == ""
    assert relations.on_invoice(row).postal_address == data.postal_address


def test_a_mark_goes_with_the_value_that_was_wrong(tenant_id: int) -> None:
    row = relations.save(ODD, None, action="synced")
    data = replace(
        relations.data_of(row), email="info@anders.example", phone="", website="",
        chamber_number="12345678",
    )  # fmt: skip
    relations.save(data, row)
    assert relation_doubts.codes(row) == {"vat_number": "relation_vat_number_wrong"}
    relations.save(replace(data, vat_number="NL004495445B01"), row)
    assert row.doubts is None
    assert _listed() == []
    moved = replace(data.postal_address, country="DE", postal_code="10115")
    relations.save(replace(data, postal_address=moved), row)
    assert row.assumed is None


def test_what_a_person_typed_is_never_in_doubt(tenant_id: int) -> None:
    row = relations.save(ODD, None)
    assert (row.doubts, row.assumed) == (None, None)
    came = replace(relations.data_of(row), fax="geen")
    relations.save(came, row, action="synced")
    assert relation_doubts.codes(row) == {"fax": "relation_fax_wrong"}


def test_of_two_addresses_the_first_is_taken_and_marked(tenant_id: int) -> None:
    both = replace(ODD, email="a@voorbeeld.nl, b@voorbeeld.nl")
    row = relations.save(both, None, action="synced")
    assert row.email == "a@voorbeeld.nl"
    assert relation_doubts.codes(row)["email"] == "relation_email_several"
    assert relations.on_invoice(row).email == "a@voorbeeld.nl"


def test_what_the_tables_cannot_hold_is_cut_and_marked(tenant_id: int) -> None:
    abroad = replace(PLACE, country="Verweggistan", postal_code="12345678901")
    long = replace(ODD, phone="1" * 60, postal_address=abroad)
    row = relations.save(long, None, action="synced")
    session().flush()
    assert row.phone == "1" * 50
    codes = relation_doubts.codes(row)
    assert codes["phone"] == "relation_text_too_long"
    assert codes["postal_address.country"] == "relation_country_unknown"
    assert relations.data_of(row).postal_address.country == ""


def test_what_is_in_doubt_is_held_back(tenant_id: int) -> None:
    row = relations.save(ODD, None, action="synced", assumed=frozenset({"kind"}))
    data, doubts = relations.data_of(row), relation_doubts.of(row)
    local = local_of(MadeUp(whole=True), str(row.id), data, doubts)
    assert local.held == {"kind", "phone"}


def test_a_line_outlives_a_form_that_changes_no_part(tenant_id: int) -> None:
    came = replace(ODD, postal_address=PostalAddress.of_line("Meir 24/3"))
    row = relations.save(came, None, action="synced")
    data = relations.data_of(row)
    bare = replace(data.postal_address, written="")
    relations.save(replace(data, fax="0201234", postal_address=bare), row)
    assert relations.data_of(row).postal_address.line == "Meir 24/3"
    version = row.version
    other = data.postal_address.with_line("Meir 24 / 3")
    again = replace(data, fax="0201234", postal_address=other)
    relations.save(again, row, action="synced")
    assert relations.data_of(row).postal_address.line == "Meir 24 / 3"
    assert row.version == version


def test_a_kind_that_changes_takes_its_addresses_along(tenant_id: int) -> None:
    visiting = PostalAddress("Kade", "2", "", "6711 AB", "Ede", "NL")
    start = replace(ODD, postal_address=replace(PLACE, country="NL"),
                    visiting_address=visiting)  # fmt: skip
    row = relations.save(start, None)
    relations.save(replace(start, is_person=True), row)
    person = relations.data_of(row)
    assert person.home_address == start.postal_address
    assert person.alternative_address == visiting
    assert person.postal_address.is_empty
    relations.save(replace(person, is_person=False), row)
    back = relations.data_of(row)
    assert back.postal_address == start.postal_address
    assert back.visiting_address == visiting


def test_a_name_that_is_not_clear_is_marked_until_it_changes(tenant_id: int) -> None:
    anna = RelationData(True, "Berg", first_name="Anna", name_prefix="van den")
    row = relations.save(anna, None)
    relations.save(anna, row, action="synced", unclear_name=True)
    assert relation_doubts.codes(row) == {"name": "relation_name_unclear"}
    assert _listed() == [row]
    relations.save(replace(anna, name="Boer"), row)
    assert row.doubts is None
