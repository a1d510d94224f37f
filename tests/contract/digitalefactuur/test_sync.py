"""Manual 002, B and C, end to end: relations and the package in step, few calls."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from core.domain.relations import PostalAddress, RelationData
from core.rules.sync import (
    Action,
    Conflict,
    CreateIn,
    CreateOut,
    Link,
    Local,
    Remote,
    Store,
    UpdateIn,
    UpdateOut,
    linked,
    plan,
)
from core.rules.sync.settings import incoming, ways_of
from plugins.digitalefactuur import wire
from plugins.digitalefactuur.client import DigitaleFactuur
from plugins.digitalefactuur.relations import mapping
from tests.contract.digitalefactuur.conftest import Vendor
from tests.unit.digitalefactuur.samples import ORGANISATION, PERSON

BICS = ("", "ABNANL2A", "INGBNL2A")


@dataclass
class Crm:
    """Relations in memory, kept in step with the package through the real client."""

    package: DigitaleFactuur
    settings: dict[str, object] = field(default_factory=dict)
    relations: dict[str, RelationData] = field(default_factory=dict)
    links: dict[tuple[str, str], Link] = field(default_factory=dict)

    def add(self, relation: RelationData) -> str:
        key = str(len(self.relations) + 1)
        self.relations[key] = relation
        return key

    def locals_(self) -> list[Local]:
        return [mapping.local(key, one) for key, one in self.relations.items()]

    def sync(self) -> list[Action]:
        """Plan, write, read back once, store the links."""
        customers = {one.id: one for one in self.package.customers()}
        remotes = [mapping.remote(one) for one in customers.values()]
        ways = ways_of(self.settings)
        actions = plan(self.locals_(), remotes, list(self.links.values()), ways)
        written = [act for act in actions if self._do(act, customers)]
        if written:
            self._read_back(written)
        return actions

    def _do(self, act: Action, customers: dict[str, wire.Customer]) -> bool:
        """Do one action; True when its link needs the package's own words."""
        if isinstance(act, UpdateIn):
            known = mapping.updated(self.relations[act.local], act.changed)
            self.relations[act.local] = mapping.with_numbers(known, act.numbers)
        elif isinstance(act, CreateIn):
            how = incoming(self.settings, act.role)
            made = self.add(mapping.relation(act.values, act.role, act.number, how))
            self._link(made, mapping.remote(customers[act.remote]))
        elif isinstance(act, Store):
            self.links[act.link.local, act.link.role] = act.link
        elif isinstance(act, CreateOut):
            new = mapping.customer(act.role, act.number, act.values)
            self.package.create_customer(new)
            return True
        elif isinstance(act, UpdateOut):
            values = mapping.values(self.relations[act.local])
            known = customers[act.remote]
            sent = mapping.customer(act.role, act.number, values, known)
            self.package.update_customer(sent)
            return True
        return False

    def _read_back(self, written: list[Action]) -> None:
        remotes = [mapping.remote(one) for one in self.package.customers()]
        places = {(one.role, one.number): one for one in remotes}
        for act in written:
            assert isinstance(act, (CreateOut, UpdateOut))
            number = mapping.local("", self.relations[act.local]).numbers[act.role]
            self._link(act.local, places[act.role, number])

    def _link(self, key: str, remote: Remote) -> None:
        local = mapping.local(key, self.relations[key])
        self.links[key, remote.role] = linked(local, remote)

    def in_step(self) -> None:
        """The package equals the CRM in every linked field; nothing is double."""
        remotes = {one.id: mapping.remote(one) for one in self.package.customers()}
        wanted = {
            (role, number): local.values
            for local in self.locals_()
            for role, number in local.numbers.items()
        }
        found = [(one.role, one.number) for one in remotes.values()]
        assert len(found) == len(set(found))
        assert set(wanted) <= set(found)
        for one in remotes.values():
            values = wanted.get((one.role, one.number))
            if values is not None:
                assert {name: one.values[name] for name in values} == values


@pytest.fixture
def crm(package: DigitaleFactuur) -> Crm:
    both = {"out": True, "debtors_in": True, "creditors_in": True}
    return Crm(package, {**both, "creditors_as": "person"})


def _calls(vendor: Vendor) -> int:
    return sum(vendor.control("calls", method="GET").values())


def test_relations_with_a_number_go_out_in_their_roles(
    vendor: Vendor, crm: Crm
) -> None:
    crm.add(ORGANISATION)
    crm.add(PERSON)
    crm.add(replace(ORGANISATION, name="Suspect", debtor_number="",
                    creditor_number=""))  # fmt: skip
    crm.sync()
    crm.in_step()
    assert [(one["type"], one["relatienummer"], one["naam"])
            for one in vendor.objects("klant")] == [
        ("debiteur", "1001", "Bakkerij Jansen B.V."),
        ("crediteur", "2001", "Bakkerij Jansen B.V."),
        ("debiteur", "1002", "de Vries"),
    ]  # fmt: skip
    assert crm.sync() == []


def test_the_first_load_brings_everything_in_once(vendor: Vendor, crm: Crm) -> None:
    base = {"adres": "Kade 12-2", "postcode": "2801ab", "plaats": "Gouda",
            "land": "België"}  # fmt: skip
    for number, kind in (("1001", "debiteur"), ("2001", "crediteur"),
                         ("9001", "debiteur")):  # fmt: skip
        body = {"relatienummer": number, "type": kind, "naam": f"K{number}", **base}
        vendor.control("customer", body)
    crm.sync()
    debtor, creditor = crm.relations.values()
    place = PostalAddress("Kade", "12", "2", "2801 AB", "Gouda", "BE")
    assert (debtor.is_person, debtor.relation_type) == (False, "client")
    assert debtor.postal_address == debtor.invoice_address == place
    assert (creditor.is_person, creditor.relation_type) == (True, "vendor")
    assert creditor.home_address == place
    assert (debtor.debtor_number, creditor.creditor_number) == ("1001", "2001")
    assert crm.sync() == []
    assert vendor.ledger("klant") == []


def test_only_what_changed_is_written_and_nothing_costs_one_call(
    vendor: Vendor, crm: Crm
) -> None:
    for number in range(1001, 1021):
        crm.add(replace(ORGANISATION, debtor_number=str(number), creditor_number=""))
    crm.sync()
    before = _calls(vendor)
    crm.sync()
    assert _calls(vendor) - before == 1
    crm.relations["7"] = replace(crm.relations["7"], fax="010")
    before = _calls(vendor)
    (made,) = crm.sync()
    assert isinstance(made, UpdateOut)
    assert made.changed == {"fax": "010"}
    assert _calls(vendor) - before == 3  # list, update, read back
    crm.in_step()


def test_an_update_keeps_what_only_the_package_has(vendor: Vendor, crm: Crm) -> None:
    crm.add(replace(ORGANISATION, creditor_number=""))
    crm.sync()
    key = vendor.objects("klant")[0]["id"]
    vendor.control("customer", {"id": key, "contactpersoon_naam": "Piet"})
    assert crm.sync() == []
    crm.relations["1"] = replace(crm.relations["1"], fax="010")
    crm.sync()
    (kept,) = vendor.objects("klant")
    assert (kept["faxnummer"], kept["contactpersoon_naam"]) == ("010", "Piet")


def test_the_crm_wins_and_what_is_overwritten_is_named(
    vendor: Vendor, crm: Crm
) -> None:
    crm.add(replace(ORGANISATION, creditor_number=""))
    crm.sync()
    key = vendor.objects("klant")[0]["id"]
    vendor.control("customer", {"id": key, "naam": "Van Dijk", "faxnummer": "1"})
    crm.relations["1"] = replace(crm.relations["1"], name="Jansen en Zn")
    came, made = crm.sync()
    assert isinstance(came, UpdateIn)
    assert came.changed == {"fax": "1"}  # it changed there alone
    assert isinstance(made, UpdateOut)
    assert made.overwritten == {"name": "Van Dijk"}
    crm.in_step()
    assert crm.sync() == []


def test_two_debtors_with_one_number_are_for_the_user(vendor: Vendor, crm: Crm) -> None:
    for name in ("A", "B"):
        vendor.control("customer", {"relatienummer": "1001", "type": "debiteur",
                                    "naam": name})  # fmt: skip
    (conflict,) = crm.sync()
    assert isinstance(conflict, Conflict)
    assert crm.relations == {}
    assert vendor.ledger("klant") == []


def _edit_crm(crm: Crm, dice: random.Random) -> None:
    key = dice.choice(list(crm.relations))
    address = PostalAddress(dice.choice("AB"), "1", "", "", dice.choice("CD"), "NL")
    crm.relations[key] = replace(
        crm.relations[key], name=dice.choice(("Jansen", "De Vries")),
        invoice_address=address, home_address=address,
        fax=dice.choice(("", "1", "2")),
    )  # fmt: skip


def _edit_package(vendor: Vendor, dice: random.Random) -> None:
    found = vendor.objects("klant")
    if found:
        key = dice.choice(found)["id"]
        body = {"id": key, "plaats": dice.choice("CD"), "bic": dice.choice(BICS)}
        vendor.control("customer", body)


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_edits_ends_in_step(vendor: Vendor, crm: Crm, seed: int) -> None:
    dice = random.Random(seed)
    numbers = iter(range(1001, 1100))
    bare = replace(ORGANISATION, bic="", creditor_number="")
    crm.add(replace(bare, debtor_number=str(next(numbers))))

    def new_relation() -> None:
        crm.add(replace(bare, debtor_number=str(next(numbers))))

    def new_customer() -> None:
        body = {"relatienummer": str(next(numbers)), "type": "debiteur"}
        vendor.control("customer", {**body, "naam": "Nieuw"})

    steps: list[Callable[[], object]] = [
        new_relation, new_customer, lambda: _edit_crm(crm, dice),
        lambda: _edit_package(vendor, dice), crm.sync,
    ]  # fmt: skip
    for _ in range(40):
        dice.choice(steps)()
    crm.sync()
    crm.in_step()
    assert crm.sync() == []
    assert len(vendor.objects("klant")) == len(crm.relations)
