"""Manual 002, B and C, through the core's runner: in step, and read back once."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    Connection,
    LogEntry,
    Relation,
    RelationRun,
    RelationSync,
    RelationTrouble,
    RunKind,
    RunState,
)
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.syncing import relation_sync
from plugins.digitalefactuur import wire
from plugins.digitalefactuur.relations import mapping
from tests.contract.digitalefactuur.conftest import Vendor
from tests.contract.digitalefactuur.test_connecting import Tenant, tenant
from tests.contract.previews import confirm_preview
from tests.unit.digitalefactuur.samples import ORGANISATION, PERSON

__all__ = ["tenant"]
BOTH = {"out": True, "debtors_in": True, "creditors_in": True,
        "debtors_as": "organisation", "creditors_as": "person"}  # fmt: skip


class Crm:
    """Relations of the tenant, and runs of the connection."""

    def __init__(self, tenant: Tenant) -> None:
        tenant.connect()
        self.connection_id = tenant.connection_id
        self.tenant_id = tenant.connection.tenant_id
        self.choose(BOTH)

    def choose(self, settings: dict[str, object]) -> None:
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            connection.settings = {**connection.settings, "relations": settings}
            relation_sync.saved(connection)
        confirm_preview(self.connection_id)
        self.run()

    def save(self, data: RelationData, relation_id: int | None = None) -> int:
        with tenant_scope(self.tenant_id), transaction():
            row = session().get(Relation, relation_id) if relation_id else None
            return relations.save(data, row).id

    def all(self) -> list[RelationData]:
        session().rollback()
        with tenant_scope(self.tenant_id):
            rows = session().scalars(select(Relation).order_by(Relation.id))
            return [relations.data_of(row) for row in rows]

    def run(self) -> RelationRun:
        with transaction() as current:
            connection = session().get_one(Connection, self.connection_id)
            relation_sync.begin(connection)
            current.execute(update(RelationSync).values(lease_until=None))
        for _turn in range(10):
            with transaction() as current:
                current.execute(update(RelationRun).values(due_at=utcnow()))
            jobs.run_task("relation_sync", self.connection_id)
            session().rollback()
            session().expire_all()
            (run,) = relation_sync.recent_runs(self.connection_id, 1)
            if run.state != RunState.RUNNING:
                assert run.state == RunState.DONE, run.code
                assert run.kind == RunKind.SYNC
                return run
            time.sleep(0.1)
        raise AssertionError(f"still {run.phase} {run.code}")


@pytest.fixture
def crm(tenant: Tenant) -> Crm:
    return Crm(tenant)


def calls(vendor: Vendor) -> int:
    return sum(vendor.control("calls", method="GET").values())


def test_relations_go_out_once_and_are_read_back_once(vendor: Vendor, crm: Crm) -> None:
    for number in range(1001, 1021):
        crm.save(replace(ORGANISATION, debtor_number=str(number), creditor_number=""))
    before = calls(vendor)
    run = crm.run()
    assert run.counts["made_there"] == 20
    assert calls(vendor) - before == 22  # all at first, each once, all once more
    assert len(vendor.objects("klant")) == 20
    before = calls(vendor)
    run = crm.run()
    assert calls(vendor) - before == 1
    assert not any(run.counts.get(name) for name in ("made_there", "changed_there"))


def test_a_record_without_its_known_address_is_remarked_once(
    vendor: Vendor, crm: Crm
) -> None:
    bare = replace(
        ORGANISATION, debtor_number="1001", creditor_number="",
        invoice_address=PostalAddress(), postal_address=ORGANISATION.invoice_address,
    )  # fmt: skip
    crm.save(bare)
    crm.save(replace(ORGANISATION, debtor_number="1002", creditor_number=""))
    for _ in range(2):
        crm.run()
    said = select(LogEntry).where(LogEntry.code == "df_without_address")
    assert [row.params["relation"] for row in session().scalars(said)] == [bare.name]


def test_only_what_changed_is_written(vendor: Vendor, crm: Crm) -> None:
    keys = [
        crm.save(replace(ORGANISATION, debtor_number=str(number), creditor_number=""))
        for number in range(1001, 1006)
    ]
    crm.run()
    crm.save(replace(ORGANISATION, debtor_number="1002", creditor_number="", fax="1"),
             keys[1])  # fmt: skip
    before = calls(vendor)
    assert crm.run().counts["changed_there"] == 1
    assert calls(vendor) - before == 3
    found = {one["relatienummer"]: one["faxnummer"] for one in vendor.objects("klant")}
    assert found["1002"] == "1"
    assert found["1001"] == ORGANISATION.fax


def test_what_the_package_writes_its_own_way_is_not_sent_for_ever(
    vendor: Vendor, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shortens names: what was read back after writing counts as in step."""
    crm.choose({**BOTH, "debtors_in": False, "creditors_in": False})
    as_is = mapping.remote_values

    def shortened(customer: wire.Customer) -> dict[str, str]:
        return {**as_is(customer), "name": customer.name[:8]}

    monkeypatch.setattr(mapping, "remote_values", shortened)
    relation_id = crm.save(replace(ORGANISATION, creditor_number=""))
    assert crm.run().counts["made_there"] == 1
    assert "changed_there" not in crm.run().counts
    changed = replace(ORGANISATION, creditor_number="", name="Bakkerij De Vries")
    crm.save(changed, relation_id)
    assert crm.run().counts["changed_there"] == 1
    assert "changed_there" not in crm.run().counts
    assert len(vendor.ledger("klant")) == 2


def test_all_of_the_account_comes_in_once(vendor: Vendor, crm: Crm) -> None:
    for number, kind in (("1001", "debiteur"), ("2001", "crediteur"),
                         ("9001", "debiteur")):  # fmt: skip
        body = {"relatienummer": number, "type": kind, "naam": f"K{number}"}
        vendor.control("customer", body)
    assert crm.run().counts["made_here"] == 2
    debtor, creditor = crm.all()
    assert (debtor.debtor_number, debtor.is_person) == ("1001", False)
    assert (creditor.creditor_number, creditor.is_person) == ("2001", True)
    assert crm.run().counts.get("made_here", 0) == 0
    assert vendor.ledger("klant") == []


def test_a_lost_answer_makes_no_second_debtor(vendor: Vendor, crm: Crm) -> None:
    crm.save(PERSON)
    vendor.control(
        "faults",
        {"kind": "drop_after", "times": 1, "method": "POST", "path": "klant_aanmaken"},
    )
    before = calls(vendor)
    crm.run()
    assert calls(vendor) - before >= 3  # all, the lost one, all again
    assert len(vendor.ledger("klant")) == 1
    session().rollback()
    assert session().scalars(select(RelationTrouble.code)).all() == []


def test_one_that_is_refused_does_not_hold_up_the_rest(
    vendor: Vendor, crm: Crm
) -> None:
    crm.save(replace(ORGANISATION, debtor_number="1001", creditor_number="",
                     iban="NL00FOUT0000000000"))  # fmt: skip
    crm.save(replace(ORGANISATION, debtor_number="1002", creditor_number=""))
    run = crm.run()
    assert run.counts["made_there"] == 1
    session().rollback()
    assert session().scalars(select(RelationTrouble.code)).all() == ["df_invalid"]
