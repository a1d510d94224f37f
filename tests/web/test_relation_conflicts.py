"""Who is who: who may choose, what is shown, and what becomes of each choice."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.models import (
    Connection,
    Relation,
    RelationChange,
    RelationDecision,
    RelationTrouble,
)
from core.rules.parties import Party
from core.runtime.tenancy import tenant_scope
from core.services.crm import relation_history, relations
from core.services.syncing import relation_sync
from core.services.syncing.relation_cards import MARK, OTHER_PARTY, card
from tests.web.conftest import Site
from tests.web.samples import Sample

THEIRS = Party(names=("Slagerij Anders",), vat_number="NL9", cities=("Ede",))


@dataclass
class Met:
    """A tenant with two relations whose numbers are others' in the package."""

    site: Site
    sample: Sample
    relation_ids: list[int]

    @property
    def page(self) -> str:
        return f"/connections/{self.sample.package.id}/relaties"

    def rows(self, table: Any) -> list[Any]:
        with self.site.data() as session:
            return list(session.scalars(select(table).order_by(table.id)))

    def choose(self, **form: Any) -> None:
        client = self.site.client(self.sample.owner)
        answer = client.post(f"{self.page}/wie-is-wie", data=form)
        assert answer.status_code == 303


@pytest.fixture
def met(site: Site) -> Met:
    sample = site.sample()
    found = []
    with site.data() as session:
        connection = session.get(Connection, sample.package.id)
        connection.checked_at = utcnow()
        connection.settings = {"relations": {"out": True}}
        for number in ("10061", "10062"):
            with tenant_scope(sample.tenant.id):
                data = RelationData(False, "Bakkerij Heel", debtor_number=number)
                found.append(relations.save(data, None).id)
            session.add(
                RelationTrouble(
                    tenant_id=sample.tenant.id, connection_id=connection.id,
                    relation_id=found[-1], external_id=f"R{number}", role="debtor",
                    number=number, code=OTHER_PARTY,
                    params={"names": "Bakkerij Heel", "records": "Slagerij Anders",
                            **card(THEIRS), MARK: "seen"},
                )
            )  # fmt: skip
    return Met(site, sample, found)


def test_both_cards_stand_side_by_side(met: Met) -> None:
    page = met.site.client(met.sample.owner).get(met.page).text
    for text in ("Wie is wie: 2", "Bakkerij Heel", "Slagerij Anders", "NL9", "Ede",
                 "Dezelfde partij", "Ander nummer", "Buiten laten"):  # fmt: skip
        assert text in page
    assert "2 paren hebben één nummer" in page


def test_who_may_choose(met: Met) -> None:
    other = met.site.sample("Ander", 2)
    ways = {"wie-is-wie": {"keuze": "same"}, "buiten-gelaten": {}}
    for client, code in (
        (met.site.client(met.sample.colleague), 403),
        (met.site.client(other.owner), 404),
    ):
        for name, form in ways.items():
            answer = client.post(f"{met.page}/{name}", data=form)
            assert answer.status_code == code
    colleague = met.site.client(met.sample.colleague).get(met.page).text
    assert "Slagerij Anders" in colleague
    assert 'name="keuze"' not in colleague


def test_what_is_ticked_is_decided_and_a_run_begins(met: Met) -> None:
    first = met.rows(RelationTrouble)[0]
    met.choose(keuze="same", paar=str(first.id))
    (row,) = met.rows(RelationDecision)
    assert (row.choice, row.mark, row.relation_id) == (
        "same",
        "seen",
        first.relation_id,
    )
    with met.site.data():
        assert relation_sync.current_run(met.sample.package.id) is not None
    page = met.site.client(met.sample.owner).get(met.page).text
    assert "Gekozen: dezelfde partij" in page


def test_the_same_is_never_said_of_all_at_once(met: Met) -> None:
    met.choose(keuze="same", alle="1")
    met.choose(keuze="left_out")
    assert met.rows(RelationDecision) == []


def test_all_at_once_and_taken_back(met: Met) -> None:
    met.choose(keuze="left_out", alle="1")
    assert len(met.rows(RelationDecision)) == 2
    assert met.rows(RelationTrouble) == []
    owner = met.site.client(met.sample.owner)
    page = owner.get(f"{met.page}/buiten-gelaten").text
    assert "Toch meenemen" in page
    assert "Slagerij Anders" in page
    row = met.rows(RelationDecision)[0]
    owner.post(f"{met.page}/buiten-gelaten", data={"paar": str(row.id)})
    (trouble,) = met.rows(RelationTrouble)
    assert (trouble.code, trouble.relation_id) == (OTHER_PARTY, row.relation_id)
    assert len(met.rows(RelationDecision)) == 1


def test_one_overwritten_field_is_put_back(met: Met) -> None:
    with met.site.data() as session:
        row = session.get(Relation, met.relation_ids[0])
        theirs = {"phone": ("0318 1", ""), "fax": ("2", "")}
        relation_history.note_overwritten(row, met.sample.package.id, theirs)
    owner = met.site.client(met.sample.owner)
    page = owner.get(f"{met.page}/overschreven").text
    assert "0318 1" in page
    (change,) = (one for one in met.rows(RelationChange) if one.action == "overwritten")
    to = f"/relaties/{change.relation_id}/terugzetten/{change.id}"
    assert to in page
    assert owner.post(to, data={"veld": "name"}).status_code == 303
    assert met.rows(Relation)[0].phone == ""  # not among what was overwritten
    assert owner.post(to, data={"veld": "phone"}).status_code == 303
    row = met.rows(Relation)[0]
    assert (row.phone, row.fax) == ("0318 1", "")
    other = met.site.client(met.site.sample("Ander", 2).owner)
    assert other.get(f"{met.page}/overschreven").status_code == 404
    assert other.post(to, data={"veld": "fax"}).status_code == 404
