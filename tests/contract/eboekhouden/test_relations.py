"""Manual 001, B and E, through the real client: in step, few calls, nothing wiped."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.domain.errors import AskUser, OutcomeUnknown
from core.domain.relations import RelationData
from core.rules.sync import (
    Action,
    Conflict,
    CreateIn,
    CreateOut,
    Link,
    Remote,
    Store,
    UpdateIn,
    UpdateOut,
    Values,
    linked,
    plan,
)
from plugins.eboekhouden import reference, wire
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.reference import records
from plugins.eboekhouden.relations import package as relations
from plugins.eboekhouden.relations.package import Relations
from tests.contract.eboekhouden.conftest import Coupled
from tests.unit.eboekhouden.test_relations import organisation, person

BOTH_WAYS = {"out": True, "debtors_in": True}


@dataclass
class Crm:
    """Relations in memory, kept in step with the package as the core's runs do."""

    coupled: Coupled
    settings: dict[str, Any] = field(default_factory=dict)
    relations: dict[str, RelationData] = field(default_factory=dict)
    links: dict[tuple[str, str], Link] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def add(self, relation: RelationData) -> str:
        key = str(len(self.relations) + 1)
        self.relations[key] = relation
        return key

    def sync(self) -> list[Action]:
        """One run: read, plan, write, store the links."""
        connection = self.coupled.connection
        self.refused.clear()
        with open_client(connection, for_booking=False) as client:
            index = reference.Index(connection, client)
            package = Relations(client, index, self.settings)
            remotes = [one for page in package.read({}) for one in page.remotes]
            locals_ = [package.local(key, one) for key, one in self.relations.items()]
            links = list(self.links.values())
            actions = plan(locals_, remotes, links, package.ways, trust_absent=True)
            by_key = {one.key: one for one in remotes}
            for act in actions:
                self._do(package, act, by_key)
        return actions

    def _do(self, package: Relations, act: Action, remotes: dict[str, Remote]) -> None:
        if isinstance(act, UpdateIn):
            known = self.relations[act.local]
            self.relations[act.local] = package.updated(known, act)
        elif isinstance(act, CreateIn):
            self._link(package, self.add(package.relation(act)), remotes[act.remote])
        elif isinstance(act, Store):
            self.links[act.link.local, act.link.role] = act.link
        elif isinstance(act, (CreateOut, UpdateOut)):
            self._write(package, act)

    def _write(self, package: Relations, act: CreateOut | UpdateOut) -> None:
        relation = self.relations[act.local]
        try:
            if isinstance(act, UpdateOut):
                remote = package.update(relation, act)
            elif not package.find(act.role, [act.number]):
                remote = package.create(relation, act)
            else:
                return
        except (AskUser, OutcomeUnknown) as error:
            self.refused.append(error.code)
        else:
            self._link(package, act.local, remote, act.pending)

    def _link(
        self,
        package: Relations,
        key: str,
        remote: Remote,
        pending: Values | None = None,
    ) -> None:
        local = package.local(key, self.relations[key])
        self.links[key, remote.role] = linked(local, remote, pending)


def crm_of(coupled: Coupled, **settings: Any) -> Crm:
    return Crm(coupled, {**BOTH_WAYS, **settings})


@pytest.fixture
def crm(coupled: Coupled) -> Crm:
    return crm_of(coupled)


@pytest.fixture
def soap_crm(by_soap: Coupled) -> Crm:
    return crm_of(by_soap)


def books(coupled: Coupled) -> list[dict[str, Any]]:
    """Every relation of the administration, as it stands there."""
    with open_client(coupled.connection, for_booking=True) as client:
        empty = dict.fromkeys(wire.RELATION_REST)
        return [{**empty, **row} for row in client.relations()]


def hand_made(coupled: Coupled, **fields: Any) -> None:
    """Somebody makes a relation in the package itself."""
    body = {"Code": "10001", "Bedrijf": "Bestaand", "BP": "B", **fields}
    with open_client(coupled.connection, for_booking=True) as client:
        client.add_relation(body)


def edited(coupled: Coupled, code: str, **fields: Any) -> None:
    """Somebody changes a relation in the package itself."""
    with open_client(coupled.connection, for_booking=True) as client:
        [row] = client.relations(code=code)
        client.update_relation({**row, **fields})


def test_relations_with_a_debtor_number_go_out_with_every_field(crm: Crm) -> None:
    crm.add(organisation())
    crm.add(person(debtor_number="10018"))
    crm.add(organisation(debtor_number="", name="Suspect"))
    crm.sync()
    found = {row["Code"]: row for row in books(crm.coupled)}
    assert set(found) == {"10017", "10018"}
    for code, relation in (
        ("10017", crm.relations["1"]),
        ("10018", crm.relations["2"]),
    ):
        wanted = relations.relation_body(relation)
        assert {name: found[code].get(name) or "" for name in wanted} == wanted
    assert crm.sync() == []


def test_records_come_in_as_what_they_say_they_are(crm: Crm) -> None:
    hand_made(crm.coupled, Adres="Kade 12 A", Postcode="2801ab", Plaats="Gouda")
    hand_made(
        crm.coupled, Code="10002", Bedrijf="Fischer", BP="P", Geslacht="v",
        Adres="Dijk 3", GSM="06-12345678",
    )  # fmt: skip
    crm.sync()
    company, woman = crm.relations.values()
    place = company.visiting_address
    assert (company.is_person, company.debtor_number) == (False, "10001")
    assert (place.street, place.house_number, place.house_number_suffix) == (
        "Kade", "12", "A",
    )  # fmt: skip
    assert (place.postal_code, company.relation_type) == ("2801 AB", "client")
    assert (woman.is_person, woman.gender, woman.mobile) == (True, "f", "06-12345678")
    assert woman.home_address.street == "Dijk"
    assert crm.sync() == []


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"debtors_in": False}, []),
        ({"kinds_in": "person"}, ["Fischer"]),
        ({"kinds_in": "organisation"}, ["Bestaand"]),
        ({"first_code": 10002, "last_code": 19999}, ["Fischer"]),
    ],
)
def test_only_what_the_user_chose_comes_in(
    by_soap: Coupled, chosen: dict[str, Any], names: list[str]
) -> None:
    crm = crm_of(by_soap, **chosen)
    hand_made(by_soap)
    hand_made(by_soap, Code="10002", Bedrijf="Fischer", BP="P")
    crm.sync()
    assert [one.name for one in crm.relations.values()] == names


def test_a_run_without_changes_costs_three_calls_and_a_change_one_more(
    soap_crm: Crm, judged: list[str]
) -> None:
    for number in range(10001, 10021):
        soap_crm.add(organisation(debtor_number=str(number)))
    judged.clear()
    soap_crm.sync()
    assert judged.count("GetRelaties") == 1
    assert judged.count("AddRelatie") == 20
    judged.clear()
    soap_crm.sync()
    assert judged == ["OpenSession", "GetRelaties", "CloseSession"]
    soap_crm.relations["7"] = replace(soap_crm.relations["7"], phone="010-7654321")
    judged.clear()
    soap_crm.sync()
    assert judged == ["OpenSession", "GetRelaties", "UpdateRelatie", "CloseSession"]


def test_an_update_wipes_nothing(crm: Crm) -> None:
    crm.add(organisation())
    crm.sync()
    kept = {
        "Contactpersoon": "Jan", "Land": "Nederland", "FAX": "010-1",
        "Notitie": "Let op", "BTWNummer": "NL004495445B01", "KvkNummer": "12345678",
        "Aanhef": "Dhr", "Def1": "x", "Def10": "y",
    }  # fmt: skip
    edited(crm.coupled, "10017", **kept)
    came, _stored = crm.sync()
    assert came.changed == {
        "vat_number": "NL004495445B01", "chamber_number": "12345678"
    }  # fmt: skip
    crm.relations["1"] = replace(crm.relations["1"], phone="")
    crm.sync()
    [row] = books(crm.coupled)
    assert {name: row[name] for name in kept} == kept
    assert (row["Telefoon"] or "", row["Bedrijf"]) == ("", "Fischer Optiek B.V.")


def test_country_and_numbers_go_out_and_in_and_are_never_wiped(crm: Crm) -> None:
    place = replace(organisation().visiting_address, country="BE")
    crm.add(organisation(visiting_address=place, chamber_number="0403019261",
                         vat_number="BE0403019261"))  # fmt: skip
    crm.sync()
    [row] = books(crm.coupled)
    assert (row["Land"], row["Land2"] or "") == ("België", "")
    assert (row["KvkNummer"], row["BTWNummer"]) == ("0403019261", "BE0403019261")
    assert crm.sync() == []
    edited(crm.coupled, "10017", Land="Duitsland", BTWNummer="DE136695976")
    crm.sync()
    assert crm.relations["1"].visiting_address.country == "DE"
    assert crm.relations["1"].vat_number == "DE136695976"
    crm.relations["1"] = replace(crm.relations["1"], vat_number="", phone="020-1")
    crm.sync()
    [row] = books(crm.coupled)
    assert (row["BTWNummer"], row["Telefoon"]) == ("DE136695976", "020-1")


def test_the_crm_wins_and_what_is_overwritten_is_named(crm: Crm) -> None:
    crm.add(organisation())
    crm.sync()
    edited(crm.coupled, "10017", Bedrijf="Van Dijk", Plaats="Delft")
    crm.relations["1"] = organisation(name="Fischer en Zn")
    came, made = crm.sync()
    assert isinstance(came, UpdateIn)
    assert crm.relations["1"].visiting_address.city == "Delft"
    assert isinstance(made, UpdateOut)
    assert made.overwritten == {"name": "Van Dijk"}
    [row] = books(crm.coupled)
    assert (row["Bedrijf"], row["Plaats"]) == ("Fischer en Zn", "Delft")
    assert crm.sync() == []


def test_a_new_debtor_number_goes_out_as_the_code(crm: Crm) -> None:
    crm.add(organisation())
    crm.sync()
    crm.relations["1"] = organisation(debtor_number="10099")
    crm.sync()
    assert [row["Code"] for row in books(crm.coupled)] == ["10099"]
    assert crm.sync() == []


def test_two_with_one_number_are_for_the_user(crm: Crm) -> None:
    crm.add(organisation())
    crm.add(organisation(name="Ander"))
    (conflict,) = crm.sync()
    assert isinstance(conflict, Conflict)
    assert books(crm.coupled) == []


def test_a_number_that_is_too_long_stops_nobody_else(crm: Crm) -> None:
    crm.add(organisation(debtor_number="1" * 16))
    crm.add(organisation())
    crm.sync()
    assert crm.refused == ["eboekhouden_code_too_long"]
    assert [row["Code"] for row in books(crm.coupled)] == ["10017"]


@pytest.mark.parametrize("fault", ["drop_after", "drop", "html_after"])
def test_a_lost_answer_makes_no_second_relation(
    crm: Crm, interface: str, fault: str
) -> None:
    path = {"soap": "AddRelatie", "rest": "relation$"}[interface]
    crm.coupled.package.fault(kind=fault, method="POST", path=path, times=1)
    crm.add(organisation())
    crm.sync()
    assert crm.refused == ["outcome_unknown"]
    crm.sync()
    assert [row["Code"] for row in books(crm.coupled)] == ["10017"]
    assert crm.sync() == []


def test_a_lost_update_is_seen_by_the_next_run(crm: Crm, interface: str) -> None:
    crm.add(organisation())
    crm.sync()
    verb, path = {"soap": ("POST", "UpdateRelatie"), "rest": ("PATCH", "relation")}[
        interface
    ]
    crm.coupled.package.fault(kind="drop", method=verb, path=path, times=1)
    crm.relations["1"] = organisation(phone="010-1")
    crm.sync()
    assert crm.refused == ["outcome_unknown"]
    crm.sync()
    assert [row["Telefoon"] for row in books(crm.coupled)] == ["010-1"]
    assert crm.sync() == []


def test_what_changes_there_alone_costs_no_call_when_it_may_not_come_in(
    by_soap: Coupled, judged: list[str]
) -> None:
    """Else every run would spend a call on it: 5,000 a month are soon gone."""
    crm = crm_of(by_soap, debtors_in=False)
    crm.add(organisation())
    crm.sync()
    for _ in range(2):
        edited(by_soap, "10017", Telefoon="+31 20 1234567")
        judged.clear()
        crm.sync()
        assert judged == ["OpenSession", "GetRelaties", "CloseSession"]
    crm.relations["1"] = organisation(phone="020-7654321")
    crm.sync()
    [row] = books(by_soap)
    assert row["Telefoon"] == "020-7654321"


def test_a_contact_person_too_long_for_an_update_is_named(
    by_soap: Coupled, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be 150 characters when it is added and 50 when it is changed (4.1)."""
    monkeypatch.setitem(wire.RELATION_LIMITS, "Contactpersoon", 150)
    hand_made(by_soap, Code="10017", Bedrijf=organisation().name,
              Contactpersoon="x" * 120)  # fmt: skip
    monkeypatch.undo()
    crm = crm_of(by_soap)
    crm.add(organisation())
    judged.clear()
    crm.sync()
    assert crm.refused == ["eboekhouden_text_too_long"]
    assert "UpdateRelatie" not in judged
    [row] = books(by_soap)
    assert row["Contactpersoon"] == "x" * 120


def test_the_index_for_orders_follows_the_same_call(
    by_soap: Coupled, judged: list[str]
) -> None:
    hand_made(by_soap, Email="Nieuw@Example.com")
    crm_of(by_soap).sync()
    [row] = records(by_soap.package_id, reference.RELATION)
    assert (row.external_id, row.key) == ("10001", "nieuw@example.com")


def _edits(crm: Crm, dice: random.Random) -> Sequence[Callable[[], object]]:
    numbers = iter(range(10001, 10100))

    def change_here() -> None:
        key = dice.choice(list(crm.relations))
        crm.relations[key] = replace(
            crm.relations[key],
            name=dice.choice(("Jansen", "De Vries")), phone=dice.choice(("", "010")),
        )  # fmt: skip

    def change_there() -> None:
        found = books(crm.coupled)
        if found:
            fields = {"Plaats": dice.choice(("Delft", "Gouda")), "Site": "x.example"}
            edited(crm.coupled, dice.choice(found)["Code"], **fields)

    return (
        lambda: crm.add(organisation(debtor_number=str(next(numbers)))),
        lambda: hand_made(crm.coupled, Code=str(next(numbers))),
        change_here, change_there, crm.sync,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_edits_ends_in_step(soap_crm: Crm, seed: int) -> None:
    dice = random.Random(seed)
    soap_crm.add(organisation(debtor_number="10000"))
    steps = _edits(soap_crm, dice)
    for _ in range(25):
        dice.choice(steps)()
    soap_crm.sync()
    assert soap_crm.sync() == []
    found = {row["Code"]: row for row in books(soap_crm.coupled)}
    assert len(found) == len(soap_crm.relations)
    for relation in soap_crm.relations.values():
        wanted = relations.relation_body(relation)
        row = found[relation.debtor_number]
        assert {name: row.get(name) or "" for name in wanted} == wanted
