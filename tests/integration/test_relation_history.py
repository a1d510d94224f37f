"""After any order of saves and put-backs, the history tells the whole story."""

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.relations import RelationData, relation_hash
from core.models import Relation, RelationChange, RelationWord
from core.rules import relation_fields
from core.rules.relation_fields import KIND
from core.runtime.database import session
from core.runtime.tenancy import tenant_scope
from core.services.crm import relation_history, relation_words, relations
from core.services.people import accounts

FIELDS = ("name", "email", "debtor_number", "visiting_address.city", "gender",
          "home_address.street", KIND)  # fmt: skip
TEXTS = {"name": ("Jansen", "De Vries", "Zoë"), KIND: ("organisation", "person"),
         "gender": ("", "m", "f")}  # fmt: skip
EDITS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(FIELDS), st.integers(0, 2)),
        st.tuples(st.just("put back"), st.integers(0, 20)),
    ),
    max_size=12,
)


@pytest.fixture
def tenant_id(app: Flask) -> Iterator[int]:
    with app.app_context():
        made = accounts.create_tenant_with_owner(
            name="CRM", email="crm@example.com", password="een lang wachtwoord"
        )
        session().commit()
        with tenant_scope(made.id):
            yield made.id


def _changes(row: Relation) -> list[RelationChange]:
    return list(
        session().scalars(
            select(RelationChange)
            .where(RelationChange.relation_id == row.id)
            .order_by(RelationChange.id)
        )
    )


def _edit(row: Relation, field: str, choice: int) -> None:
    if field == "put back":
        known = _changes(row)
        change = known[choice % len(known)]
        if relation_history.is_making(change):
            with pytest.raises(AskUser):
                relations.put_back(change)
        else:
            relations.put_back(change)
        return
    options = TEXTS.get(field, ("", "a", "bb"))
    value = {field: options[choice % len(options)]}
    relations.save(relation_fields.with_values(relations.data_of(row), value), row)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(edits=EDITS)
def test_the_history_ends_where_the_relation_is(
    tenant_id: int, edits: list[tuple[str, int]]
) -> None:
    row = relations.save(RelationData(is_person=False, name="Begin"), None)
    for field, choice in edits:
        _edit(row, field, choice)
    session().expire_all()
    data, known = relations.data_of(row), _changes(row)
    told: dict[str, str] = {}
    for change in known:
        for name, (old, new) in change.changes.items():
            assert told.get(name, "") == old
            assert old != new
            told[name] = new
    now = relation_fields.flat(data)
    assert {name: told.get(name, "") for name in now} == now
    assert [change.version for change in known] == list(range(1, row.version + 1))
    assert row.content_hash == relation_hash(data)
    words = set(
        session().scalars(
            select(RelationWord.word).where(RelationWord.relation_id == row.id)
        )
    )
    assert words == relation_words.words_of(data)
    session().rollback()
