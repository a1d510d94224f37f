"""Two customers that are one: merged here, nothing deleted or made anew there."""

from dataclasses import replace

from core.models import Relation, RelationLink
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import merging
from core.services.syncing import relation_standing
from tests.contract.eaccounting.test_relations import BOTH, Crm, crm
from tests.unit.eaccounting.test_relation_mapping import SHOP

__all__ = ["crm"]  # a fixture


def test_the_others_record_rests_until_a_person_sets_it_inactive(
    crm: Crm,
) -> None:
    kept = crm.save(replace(SHOP, debtor_number="30001", creditor_number=""))
    other = crm.save(
        replace(SHOP, name="Oud", debtor_number="30002", creditor_number="40002")
    )
    crm.choose(**BOTH)
    crm.work()
    before = crm.records("customers"), crm.records("suppliers")
    assert {"30001", "30002"} <= set(before[0])
    with tenant_scope(crm.tenant_id), transaction() as current:
        rows = [current.get_one(Relation, key) for key in (kept, other)]
        merging.merge(rows[0], rows[1])
        count = current.query(Relation).count()
    assert crm.run(by_user=True).state == "done"
    assert crm.troubles() == []
    customers, suppliers = crm.records("customers"), crm.records("suppliers")
    assert set(customers) == set(before[0])
    assert customers["30002"] == before[0]["30002"], "nobody touched it"
    # The supplier goes on as the kept one's, which had none: no second one is made.
    assert suppliers["40002"]["Id"] == before[1]["40002"]["Id"]
    assert suppliers["40002"]["Name"] == SHOP.name
    session().rollback()
    with tenant_scope(crm.tenant_id):
        row = session().get_one(Relation, kept)
        (left,) = relation_standing.leftovers(row)
        assert (left.number, left.can_retire) == ("30002", True)
        relation_standing.retire(left)
        relation_standing.retire(left)
    assert crm.records("customers")["30002"]["IsActive"] is False
    assert crm.run(by_user=True).state == "done"
    with tenant_scope(crm.tenant_id):
        assert session().query(Relation).count() == count, "it does not come in again"
        links = session().query(RelationLink).filter_by(relation_id=other).all()
        assert [link.retired_at is not None for link in links] == [True]
