"""Manual 000, B, E and F, end to end: relations and the package in step, few calls."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    Connection,
    Relation,
    RelationChange,
    RelationLink,
    RelationRun,
    RelationSync,
    RelationTrouble,
    RunState,
)
from core.net.http import HttpClient
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.syncing import relation_lines, relation_sync, relation_undo
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.previews import confirm_preview
from tests.unit.eaccounting.test_relation_mapping import PERSON, SHOP

BOTH = {
    "out": True,
    "debtors_in": True,
    "debtors_as": "organisation",
    "debtors_type": "client",
    "creditors_in": True,
    "creditors_as": "person",
    "creditors_type": "to_review",
    "person_name": "full",
}
OUT = {"out": True, "debtors_in": False, "creditors_in": False}
PLACE = PostalAddress("Kerkstraat", "1", "", "1000AA", "Amsterdam", "NL")


class Crm:
    """The product's side, through its services."""

    def __init__(self, coupled: Coupled) -> None:
        self.coupled = coupled
        self.package = coupled.package
        self.tenant_id = coupled.connection.tenant_id
        tokens = coupled.package.grant()
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {tokens.access_token}"
        self.package.control("settings", {"calls_per_minute": 0})

    def save(self, data: RelationData, relation_id: int | None = None) -> int:
        with tenant_scope(self.tenant_id), transaction():
            row = session().get(Relation, relation_id) if relation_id else None
            return relations.save(data, row).id

    def change(self, relation_id: int, **values: Any) -> None:
        self.save(replace(self.data(relation_id), **values), relation_id)

    def data(self, relation_id: int) -> RelationData:
        session().rollback()
        with tenant_scope(self.tenant_id):
            return relations.data_of(session().get_one(Relation, relation_id))

    def all(self) -> list[RelationData]:
        session().rollback()
        with tenant_scope(self.tenant_id):
            rows = session().scalars(select(Relation).order_by(Relation.id))
            return [relations.data_of(row) for row in rows]

    def choose(self, **settings: Any) -> None:
        """Save the section; a run begins."""
        with transaction():
            connection = session().get_one(Connection, self.coupled.package_id)
            connection.settings = {**connection.settings, "relations": settings}
            relation_sync.saved(connection)
        confirm_preview(self.coupled.package_id)

    def run(self, *, by_user: bool = False) -> RelationRun:
        """Press *Koppeling uitvoeren* (or let the clock), and work until it ends."""
        with transaction() as current:
            connection = session().get_one(Connection, self.coupled.package_id)
            relation_sync.begin(connection, by_user=by_user)
            current.execute(update(RelationSync).values(lease_until=None))
        return self.work()

    def work(self) -> RelationRun:
        for _turn in range(20):
            with transaction() as current:
                current.execute(update(RelationRun).values(due_at=utcnow()))
            jobs.run_task("relation_sync", self.coupled.package_id)
            run = self.last_run()
            if run.state != RunState.RUNNING:
                return run
            time.sleep(0.3)
        raise AssertionError(f"still {run.phase} {run.code}")

    def last_run(self) -> RelationRun:
        session().rollback()
        session().expire_all()
        return relation_sync.recent_runs(self.coupled.package_id, 1)[0]

    def troubles(self) -> list[str]:
        session().rollback()
        return list(session().scalars(select(RelationTrouble.code)))

    # --- the package ---

    def records(self, path: str) -> dict[str, dict[str, Any]]:
        number = {"customers": "CustomerNumber", "suppliers": "SupplierNumber"}[path]
        answer = self.http.get(f"{self.package.api}{path}?$pagesize=1000", timeout=20)
        return {each[number]: each for each in answer.json()["Data"]}

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        terms = self.http.get(f"{self.package.api}termsofpayments", timeout=20).json()
        full = {"TermsOfPaymentId": terms["Data"][0]["Id"], "IsActive": True, **body}
        if path == "customers":
            full = {"IsPrivatePerson": False, "InvoicePostalCode": "1000AA",
                    "InvoiceCity": "Amsterdam", **full}  # fmt: skip
        answer = self.http.post(f"{self.package.api}{path}", json=full, timeout=20)
        assert answer.ok, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def put(self, path: str, number: str, **changes: Any) -> None:
        body = {**self.records(path)[number], **changes}
        url = f"{self.package.api}{path}/{body['Id']}"
        answer = self.http.put(url, json=body, timeout=20)
        assert answer.ok, answer.text

    def delete(self, path: str, number: str) -> None:
        key = self.records(path)[number]["Id"]
        self.http.delete(f"{self.package.api}{path}/{key}", timeout=20)

    def spent(self) -> dict[str, int]:
        """Calls since the last time this was asked, by what they were."""
        counts = {name: number for name, number in self.package.calls().items()
                  if "/v2/customers" in name or "/v2/suppliers" in name}  # fmt: skip
        before = getattr(self, "_before", {})
        self._before = counts
        made = {name: n - before.get(name, 0) for name, n in counts.items()}
        return {name: n for name, n in made.items() if n}

    def writes(self) -> int:
        return sum(n for name, n in self.spent().items() if not name.startswith("GET"))


@pytest.fixture
def crm(coupled: Coupled, monkeypatch: pytest.MonkeyPatch) -> Crm:
    plain = HttpClient.request

    def request(self: HttpClient, *args: Any, **rest: Any) -> Any:
        assert not session().in_transaction(), "a transaction is held during a call"
        return plain(self, *args, **rest)

    monkeypatch.setattr(HttpClient, "request", request)
    return Crm(coupled)


def test_both_roles_go_out_with_every_field(crm: Crm) -> None:
    crm.save(SHOP)
    crm.save(replace(PERSON, vat_number="", chamber_number=""))
    crm.save(replace(SHOP, name="Suspect", debtor_number="", creditor_number=""))
    crm.choose(**BOTH)
    run = crm.work()
    assert (run.state, run.counts["made_there"], crm.troubles()) == (
        RunState.DONE, 4, [],
    )  # fmt: skip
    customer = crm.records("customers")["10001"]
    assert customer["Name"] == "De Fietsenmaker B.V."
    assert customer["DeliveryAddress1"] == "Stationsstraat 12a"
    assert crm.records("customers")["10002"]["Name"] == "Jan de Vries"
    assert crm.records("suppliers")["20001"]["BankIban"] == "NL91ABNA0417164300"
    crm.spent()
    again = crm.run()
    assert crm.writes() == 0
    assert again.counts.get("made_there", 0) == 0


def test_everything_comes_in_once_as_the_user_chose(crm: Crm) -> None:
    crm.choose(**BOTH)
    crm.work()
    had = len(crm.all())
    crm.post("customers", CustomerNumber="7001", Name="Bakker B.V.",
             InvoiceAddress1="Kade 12-2", InvoiceCountryCode="NL",
             CorporateIdentityNumber="12345678")  # fmt: skip
    crm.post("suppliers", SupplierNumber="8001", Name="Jan de Wit",
             Address1="Kade 3", PostalCode="2000", City="Gent", CountryCode="BE",
             BankIban="BE68539007547034")  # fmt: skip
    crm.spent()
    run = crm.run()
    assert run.counts["made_here"] == 2
    assert crm.writes() == 0
    debtor, creditor = crm.all()[had:]
    assert (debtor.is_person, debtor.relation_type, debtor.debtor_number) == (
        False, "client", "7001",
    )  # fmt: skip
    assert debtor.postal_address == PostalAddress(
        "Kade", "12", "2", "1000 AA", "Amsterdam", "NL"
    )
    assert debtor.chamber_number == "12345678"
    assert (creditor.is_person, creditor.relation_type) == (True, "to_review")
    assert creditor.home_address == PostalAddress("Kade", "3", "", "2000", "Gent", "BE")
    assert (creditor.creditor_number, creditor.iban) == ("8001", "BE68539007547034")
    again = crm.run()
    assert not again.counts.get("made_here")
    assert crm.writes() == 0


def test_the_crm_wins_and_what_it_overwrote_can_be_put_back(crm: Crm) -> None:
    one = crm.save(replace(SHOP, creditor_number=""))
    crm.choose(**BOTH)
    crm.work()
    crm.put("customers", "10001", Name="Van Dijk", Telephone="1", Note="belt altijd")
    crm.change(one, name="Jansen en Zn")
    run = crm.run()
    assert run.counts["overwritten"] == 1
    record = crm.records("customers")["10001"]
    # The telephone changed there alone: it came in.
    assert (record["Name"], record["Telephone"]) == ("Jansen en Zn", "1")
    assert record["Note"] == "belt altijd"
    with tenant_scope(crm.tenant_id), transaction():
        change = (
            session()
            .scalars(
                select(RelationChange).where(RelationChange.action == "overwritten")
            )
            .one()
        )
        assert change.changes["name"] == ["Van Dijk", "Jansen en Zn"]
        assert list(change.changes) == ["name"]
        relations.put_back(change)
    crm.run()
    assert crm.records("customers")["10001"]["Name"] == "Van Dijk"


def test_what_changed_there_comes_here_and_reaches_the_other_role(crm: Crm) -> None:
    one = crm.save(SHOP)
    crm.choose(**BOTH)
    crm.work()
    crm.put("customers", "10001", Telephone="0612", InvoiceAddress1="Dam 7")
    crm.run()
    data = crm.data(one)
    assert (data.phone, data.postal_address.line) == ("0612", "Dam 7")
    supplier = crm.records("suppliers")["20001"]
    assert (supplier["Telephone"], supplier["Address1"]) == ("0612", "Dam 7")
    crm.spent()
    crm.run()
    assert crm.writes() == 0


def test_what_is_deleted_here_stays_there_and_does_not_return(crm: Crm) -> None:
    one = crm.save(replace(SHOP, creditor_number=""))
    crm.choose(**BOTH)
    crm.work()
    before = len(crm.all())
    with tenant_scope(crm.tenant_id), transaction():
        relations.delete(session().get_one(Relation, one))
    crm.put("customers", "10001", Telephone="1")
    crm.run()
    assert len(crm.all()) == before - 1
    assert "10001" in crm.records("customers")


def test_what_is_deleted_there_comes_back(crm: Crm) -> None:
    one = crm.save(replace(SHOP, creditor_number=""))
    crm.choose(**BOTH)
    crm.work()
    crm.delete("customers", "10001")
    crm.change(one, phone="020")
    crm.run()
    assert crm.records("customers")["10001"]["Telephone"] == "020"
    crm.delete("customers", "10001")
    crm.choose(**BOTH)  # saving compares everything
    crm.work()
    assert "10001" in crm.records("customers")


def test_a_refusal_stops_nobody_else_and_disappears_when_solved(crm: Crm) -> None:
    wrong = crm.save(replace(SHOP, creditor_number="", vat_number="NL1"))
    crm.save(replace(PERSON, creditor_number="", vat_number=""))
    crm.choose(**OUT)
    run = crm.work()
    assert (run.state, run.counts["refused"]) == (RunState.DONE, 1)
    assert crm.troubles() == ["visma_validation"]
    assert "10002" in crm.records("customers")
    crm.spent()
    crm.run()
    assert crm.writes() == 0  # the same is not sent again by the clock
    crm.run(by_user=True)
    assert crm.writes() == 1  # but it is when the user asks
    crm.change(wrong, vat_number="")
    crm.run()
    assert crm.troubles() == []
    assert "10001" in crm.records("customers")


def test_a_number_that_another_has_is_for_the_user(crm: Crm) -> None:
    one = crm.save(replace(SHOP, creditor_number=""))
    crm.choose(**OUT)
    crm.work()
    crm.post("customers", CustomerNumber="7001", Name="Bakker")
    crm.change(one, debtor_number="7001")
    run = crm.run()
    assert run.counts["conflicts"] == 1
    assert crm.troubles() == ["relation_number_taken"]
    crm.put("customers", "7001", CustomerNumber="7002")
    crm.run()
    assert crm.troubles() == []
    assert crm.records("customers")["7001"]["Name"] == SHOP.name


def test_a_number_without_a_link_is_taken_up_not_made_again(crm: Crm) -> None:
    crm.choose(**OUT)
    crm.work()
    crm.post("customers", CustomerNumber="10001", Name=f"{SHOP.name} B.V.")
    crm.save(replace(SHOP, creditor_number=""))
    crm.spent()
    run = crm.run()
    assert run.counts["changed_there"] == 1
    assert crm.records("customers")["10001"]["Name"] == SHOP.name
    assert not run.counts.get("made_there")


def test_another_party_with_the_number_keeps_its_card(crm: Crm) -> None:
    crm.choose(**BOTH)
    crm.work()
    crm.post("customers", CustomerNumber="10001", Name="Slagerij Anders",
             EmailAddress="vlees@anders.example")  # fmt: skip
    one = crm.save(replace(SHOP, creditor_number=""))
    crm.run()
    assert crm.troubles() == ["relation_other_party"]
    record = crm.records("customers")["10001"]
    assert (record["Name"], record["Telephone"]) == ("Slagerij Anders", None)
    crm.change(one, name="Slagerij Anders")  # a name alike, and nothing against it
    crm.run()
    assert crm.troubles() == []
    assert crm.records("customers")["10001"]["EmailAddress"] == SHOP.email


@pytest.mark.parametrize(
    "fault", [{"kind": "drop_after"}, {"kind": "late_commit", "seconds": 0.2}]
)
def test_a_lost_answer_is_looked_for(crm: Crm, fault: dict[str, Any]) -> None:
    crm.save(replace(SHOP, creditor_number=""))
    crm.choose(**OUT)
    crm.package.fault(**fault, path="/v2/customers", method="POST", times=1)
    run = crm.work()
    assert run.state == RunState.DONE
    assert crm.troubles() == []
    assert len(crm.package.ledger("customer")) == 1


def test_ten_times_as_many_cost_no_more_when_nothing_changed(crm: Crm) -> None:
    """240 relations, then 60 changed: at most 60 writes and a handful of reads."""
    with tenant_scope(crm.tenant_id):
        for number in range(240):
            data = RelationData(
                False, f"R{number}", debtor_number=str(20000 + number),
                postal_address=PLACE,
            )  # fmt: skip
            with transaction():
                relations.save(data, None)
    crm.choose(**OUT)
    crm.work()
    _four_hours_later(crm)
    crm.run()
    _four_hours_later(crm)
    crm.spent()
    crm.run()
    # One delta for each role, and one that met a token that had run out.
    assert sum(crm.spent().values()) <= 3
    with tenant_scope(crm.tenant_id):
        rows = list(session().scalars(select(Relation).limit(60)))
        for row in rows:
            relations.save(replace(relations.data_of(row), phone="1"), row)
        session().commit()
    run = crm.run()
    spent = crm.spent()
    assert run.counts["changed_there"] == 60
    writes = sum(n for name, n in spent.items() if not name.startswith("GET"))
    assert writes == 60
    assert sum(spent.values()) - writes <= 8


def _four_hours_later(crm: Crm) -> None:
    crm.package.control("clock", {"seconds": 4 * 3600})
    ago = timedelta(hours=4)
    with transaction():
        for row in session().scalars(select(Relation)):
            row.changed_at -= ago
        for sync in session().scalars(select(RelationSync)):
            assert sync.seen_at is not None
            sync.seen_at -= ago


def test_links_are_as_many_as_roles(crm: Crm) -> None:
    crm.save(SHOP)
    crm.choose(**OUT)
    crm.work()
    session().rollback()
    links = session().scalars(select(RelationLink)).all()
    assert sorted(link.role for link in links) == ["creditor", "debtor"]


def test_each_record_is_what_the_package_says_it_is(crm: Crm) -> None:
    crm.choose(**BOTH)
    crm.work()
    had = len(crm.all())
    crm.post("customers", CustomerNumber="7002", Name="Anna van den Berg",
             IsPrivatePerson=True, MobilePhone="06 12345678 (Jan)",
             InvoiceAddress1="Meir 24/3", InvoicePostalCode="2000",
             InvoiceCity="Antwerpen", InvoiceCountryCode="BE")  # fmt: skip
    crm.run()
    [anna] = crm.all()[had:]
    assert anna.is_person
    assert (anna.first_name, anna.name_prefix, anna.name) == ("Anna", "van den", "Berg")
    assert anna.mobile == "06 12345678 (Jan)"
    assert anna.home_address.house_number_suffix == "3"
    assert anna.home_address.line == "Meir 24/3"
    crm.put("customers", "7002", Name="Anna-Maria van den Berg")
    crm.run()
    anna = crm.all()[had]
    assert (anna.first_name, anna.name) == ("Anna-Maria", "Berg")
    crm.spent()
    relation_id = had + 1
    crm.change(relation_id, phone="03 123 45 67")
    crm.run()
    record = crm.records("customers")["7002"]
    assert (record["Telephone"], record["InvoiceAddress1"]) == (
        "03 123 45 67", "Meir 24/3",
    )  # fmt: skip
    assert record["IsPrivatePerson"] is True


def test_a_kind_that_changed_here_takes_the_address_along(crm: Crm) -> None:
    relation_id = crm.save(replace(SHOP, creditor_number="", chamber_number="",
                                   vat_number="", postal_address=PLACE))  # fmt: skip
    crm.choose(**BOTH)
    crm.work()
    crm.change(relation_id, is_person=True)
    crm.run()
    record = crm.records("customers")["10001"]
    assert record["IsPrivatePerson"] is True
    assert record["InvoiceAddress1"] == PLACE.line
    assert record["DeliveryAddress1"] == "Stationsstraat 12a"
    assert crm.data(relation_id).home_address == PLACE
    assert crm.troubles() == []


def test_a_name_too_long_for_the_package_is_told(crm: Crm) -> None:
    crm.save(replace(SHOP, name="Handelsonderneming " * 4))
    crm.choose(**OUT)
    crm.work()
    assert set(crm.troubles()) == {"visma_own_text_too_long"}


def test_an_undone_run_deletes_what_it_made_but_not_what_was_booked_on(
    crm: Crm,
) -> None:
    for number in ("10001", "10003"):
        crm.save(replace(SHOP, debtor_number=number, creditor_number=""))
    crm.post("customers", CustomerNumber="10002", Name=SHOP.name)
    crm.save(replace(SHOP, debtor_number="10002", creditor_number="", phone="020"))
    before = crm.records("customers")["10002"]
    crm.choose(**OUT)
    run_id = crm.work().id
    busy = crm.records("customers")["10003"]["Id"]
    draft = {"CustomerId": busy, "RotReducedInvoicingType": 0, "EuThirdParty": False,
             "InvoiceDate": "2026-01-01", "Rows": []}  # fmt: skip
    url = f"{crm.package.api}customerinvoicedrafts"
    assert crm.http.post(url, json=draft, timeout=20).ok
    for begin in (relation_undo.begin, relation_undo.confirm):
        with transaction():
            connection = session().get_one(Connection, crm.coupled.package_id)
            of = session().get_one(RelationRun, run_id)
            run_id = begin(connection, of).id
        run = crm.work()
        assert run.state == RunState.DONE
    left = crm.records("customers")
    assert {"10001", "10002", "10003"} & left.keys() == {"10002", "10003"}
    kept = relation_lines.page(run.id, "left_out", 0, 9)
    # Visma cannot be told that there is no country any more: that is listed.
    assert {(line.number, line.code) for line in kept} == {
        ("10003", "visma_in_use"), ("10002", "relation_undo_inexact"),
    }  # fmt: skip
    for name in ("Name", "Telephone", "EmailAddress", "InvoiceAddress1"):
        assert left["10002"][name] == before[name], name
