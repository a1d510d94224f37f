"""Relations merged and parted again in any order: nothing is lost, nothing twice."""

from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    Relation,
    RelationChange,
    RelationContact,
    RelationMerge,
    SalesInvoice,
    Tenant,
)
from core.rules import relation_fields
from core.rules.contact_rules import ContactData
from core.rules.merging import UNITS
from core.runtime.database import session
from core.runtime.tenancy import tenant_scope
from core.services.crm import contacts, duplicates, merged, merging, relations
from core.services.crm.relation_lists import Filter
from core.services.people import accounts
from tests import invoices

FOUR = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), FOUR, FOUR, st.sets(st.sampled_from(UNITS))),
        st.tuples(st.just("undo"), st.integers(0, 5)),
        st.tuples(st.just("edit"), FOUR, st.sampled_from(("0101234567", "0107654321"))),
        st.tuples(st.just("contact"), FOUR),
        st.tuples(st.just("invoice"), FOUR),
        st.tuples(st.just("new")),
    ),
    max_size=8,
)


@pytest.fixture
def tenant(app: Flask) -> Iterator[Tenant]:
    with app.app_context():
        made = accounts.create_tenant_with_owner(
            name="CRM", email="crm@example.com", password="een lang wachtwoord"
        )
        session().flush()
        with tenant_scope(made.id):
            invoices.complete(made)
            session().commit()
            yield made


def _four(tenant: Tenant) -> list[Relation]:
    """Relations with both, one or no numbers; each with an invoice and a contact."""
    cards = [
        RelationData(False, "Zoet", debtor_number="10001", email="a@zoet.example"),
        RelationData(False, "Zoet bv", debtor_number="10002", creditor_number="20001"),
        RelationData(False, "Zuur", creditor_number="20002", phone="0201234567"),
        RelationData(False, "Zout", postal_address=PostalAddress(city="Ede")),
    ]
    rows = [relations.save(card, None) for card in cards]
    for row in rows:
        invoices.draft(tenant, row)
        contacts.save(row, ContactData(f"Baas van {row.name}"))
    return rows


def _step(tenant: Tenant, rows: list[Relation], step: tuple) -> None:
    kind, *given_ = step
    if kind == "merge":
        kept, other, taken = given_
        merging.merge(rows[kept], rows[other], taken)
    elif kind == "undo":
        known = list(
            session().scalars(select(RelationMerge).order_by(RelationMerge.id))
        )
        if known:
            merging.undo(known[given_[0] % len(known)])
    elif kind == "edit":
        row = rows[given_[0]]
        values = {"phone": given_[1]}
        relations.save(relation_fields.with_values(relations.data_of(row), values), row)
    elif kind == "contact":
        contacts.save(rows[given_[0]], ContactData("Nieuw"))
    elif kind == "invoice":
        invoices.draft(tenant, rows[given_[0]])
    else:
        data = RelationData(False, "N", debtor_number=relations.next_debtor_number())
        rows.append(relations.save(data, None))


def _reached(model: type) -> Counter:
    """Count how often each row is reached from the relations that are in the list."""
    found: Counter = Counter()
    for row in relations.page(Filter()).rows:
        found.update(_rows(model, row))
    return found


def _rows(model: type, row: Relation) -> list[int]:
    own = list(session().scalars(select(model.id).where(model.relation_id == row.id)))
    for _merge, gone in merging.merges_into(row.id):
        own += _rows(model, gone)
    return own


@given(steps=STEPS)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_everything_is_reached_once_and_no_number_is_twice(
    tenant: Tenant, steps: list[tuple]
) -> None:
    rows = _four(tenant)
    numbers = {"10001", "10002", "20001", "20002"}
    for step in steps:
        before = _state(rows)
        last = list(session().scalars(select(RelationMerge)))
        try:
            with session().begin_nested():
                _step(tenant, rows, step)
        except AskUser:
            session().expire_all()
            assert _state(rows) == before, "a refusal changed something"
        if step[0] == "merge":
            made = set(session().scalars(select(RelationMerge))) - set(last)
            for merge in made:
                merging.undo(merge)
                assert _state(rows) == before, "undone, and not as before"
                kept, other = (
                    session().get_one(Relation, key)
                    for key in (merge.kept_id, merge.merged_id)
                )
                merging.merge(kept, other, step[3])
    for model in (SalesInvoice, RelationContact, RelationChange):
        every = session().scalars(select(model.id))
        assert _reached(model) == Counter(every.all())
    held = [
        number
        for row in session().scalars(select(Relation))
        for number in (row.debtor_number, row.creditor_number)
        if number
    ]
    assert len(held) == len(set(held))
    assert numbers <= set(held), "a number was lost, and may be given again"
    session().rollback()


def _state(rows: list[Relation]) -> list[object]:
    """Return what each relation has, but for its history and its version."""
    session().flush()
    session().expire_all()
    return [
        (
            row.merged_into_id, relation_fields.flat(relations.data_of(row)),
            *(
                sorted(session().scalars(
                    select(model.id).where(model.relation_id == row.id)
                ))
                for model in (SalesInvoice, RelationContact)
            ),
        )
        for row in rows
    ]  # fmt: skip


def test_a_number_of_one_merged_away_is_not_given_again(tenant: Tenant) -> None:
    zoet, double, *_rest = _four(tenant)
    merging.merge(zoet, double)
    assert merged.current(double) is zoet
    assert zoet.creditor_number == "20001"
    with pytest.raises(AskUser, match="relation_debtor_number_taken"):
        relations.save(RelationData(False, "Ander", debtor_number="10002"), None)
    with pytest.raises(AskUser, match="relation_merged"):
        relations.save(RelationData(False, "Ander"), double)
    assert invoices.draft(tenant, double).relation is zoet


def test_a_sent_invoice_keeps_the_name_it_was_sent_with(tenant: Tenant) -> None:
    from core.services.invoicing import sales_invoices

    zoet = relations.save(RelationData(False, "Zoet"), None)
    double = invoices.customer(name="Zoet Oud")
    row = sales_invoices.send(invoices.draft(tenant, double), "other")
    merging.merge(zoet, double)
    assert row.relation is zoet
    assert row.customer["name"] == "Zoet Oud"
    assert sales_invoices.data_of(row).relation.name == "Zoet Oud"


def test_doubles_are_listed_once_and_not_again_when_they_are_none(
    tenant: Tenant,
) -> None:
    same = {"email": "info@zoet.example", "vat_number": "NL123456782B90"}
    one = relations.save(RelationData(False, "Zoet", **same), None)
    other = relations.save(RelationData(False, "Zoet bv", **same), None)
    relations.save(RelationData(False, "Zuur", email="info@zuur.example"), None)
    (found,) = duplicates.page().rows
    assert (found.one, found.other) == (one, other)
    assert found.reasons == ("vat_number", "email")
    assert [each.other for each in duplicates.of_relation(other)] == [one]
    duplicates.not_double(other, one)
    duplicates.not_double(one, other)
    assert duplicates.page().rows == duplicates.of_relation(one) == []


def test_what_a_contact_was_can_be_put_back(tenant: Tenant) -> None:
    zoet = relations.save(RelationData(False, "Zoet"), None)
    data = ContactData("Bakker", "Bas", email="bas@zoet.example", gets_invoices=True)
    row = contacts.save(zoet, data)
    assert contacts.recipients(zoet.id, "") == ("bas@zoet.example", [])
    assert relations.page(Filter(search="bas@zoet.example")).rows == [zoet]
    contacts.delete(zoet, row)
    assert relations.page(Filter(search="bas@zoet.example")).rows == []
    last = (
        session()
        .scalars(select(RelationChange).order_by(RelationChange.id.desc()).limit(1))
        .one()
    )
    contacts.put_back(last)
    (again,) = contacts.of_relation(zoet.id)
    assert contacts.data_of(again) == data
