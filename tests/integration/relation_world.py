"""A CRM in the database and a made-up package, kept in step by the product's runner.

A run may be killed at any point: a call, or a commit. What happened before it stands.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import (
    Connection,
    ConnectionState,
    Relation,
    RelationChange,
    RelationLine,
    RelationLink,
    RelationRun,
    RelationSync,
    RelationTrouble,
    RunKind,
    RunState,
    TenantPlugin,
)
from core.net import transport
from core.plugin.capabilities import Relations, RemotePage
from core.plugin.relation_form import RelationSyncForm
from core.rules.parties import Party
from core.rules.sync import (
    CreateIn,
    CreateOut,
    Local,
    Remote,
    UpdateIn,
    UpdateOut,
    Ways,
)
from core.rules.sync.settings import ways_of
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.crm import merging, relations
from core.services.crm.merged import is_current
from core.services.people import accounts
from core.services.syncing import (
    relation_lines,
    relation_previews,
    relation_sync,
    relation_undo,
)
from tests.capabilities import bringing

PLUGIN = "eaccounting"
PAGE = 3
ROLES = ("debtor", "creditor")
_COUNT = count()
BOTH = {"out": True, "debtors_in": True, "creditors_in": True}


class Killed(BaseException):
    """The worker dies here."""


@dataclass
class Record:
    """What the package holds."""

    role: str
    number: str
    values: dict[str, str]
    changed: int
    who: str = ""
    """Whose it is, whatever it says; empty: its name tells."""
    edited: dict[str, str] = field(default_factory=dict)
    """What people there wrote last, by field."""


@dataclass
class MadeUp:
    """A package that reads by change or whole, and writes values its own way."""

    whole: bool = False
    ways: Mapping[str, Ways] = field(default_factory=lambda: ways_of(BOTH))
    records_: dict[str, Record] = field(default_factory=dict)
    moment: int = 0
    writes: int = 0
    reads: int = 0
    largest: int = 0
    """How many records one question was about."""
    refuses: set[str] = field(default_factory=set)
    """Numbers it will not have."""
    robbed: list[str] = field(default_factory=list)
    """Whose card was written over with another's."""
    told_the_same: bool = False
    """A person said that two cards are one party."""
    lost: list[tuple[str, str, str]] = field(default_factory=list)
    """What people wrote and we wrote over: whose, in which field, what it was."""
    keeps: set[str] = field(default_factory=set)
    """Numbers that it does not delete: something was booked on them."""

    def put(
        self, role: str, number: str, values: Mapping[str, str], key: str, who: str = ""
    ) -> None:
        self.moment += 1
        mine = {name: text.strip() for name, text in values.items()}
        known = self.records_.get(key)
        edited = known.edited if known else {}
        who = who or (known.who if known else "")
        self.records_[key] = Record(role, number, mine, self.moment, who, edited)

    def edit(self, key: str, name: str, text: str) -> None:
        """Let somebody there change a field."""
        one = self.records_[key]
        self.put(one.role, one.number, {**one.values, name: text}, key)
        self.records_[key].edited[name] = text

    def remote(self, key: str) -> Remote:
        one = self.records_[key]
        party = _party(one.who, one.values["name"])
        may = bool(one.number)
        return Remote(key, one.role, one.number, one.values, may, party=party)

    # --- what the runner asks ---

    def local(self, key: str, relation: RelationData) -> Local:
        numbers = {"debtor": relation.debtor_number,
                   "creditor": relation.creditor_number}  # fmt: skip
        values = {"name": relation.name.strip(), "phone": relation.phone,
                  "fax": relation.fax}  # fmt: skip
        filled = {role: number for role, number in numbers.items() if number}
        return Local(key, values, filled, _party(relation.vat_number, relation.name))

    def read(self, cursor: Mapping[str, Any]) -> Iterator[RemotePage]:
        after = 0 if self.whole else int(cursor.get("at", 0)) - 1
        while True:
            self._called()
            later = sorted(
                (one.changed, key) for key, one in self.records_.items()
                if one.changed > after
            )  # fmt: skip
            some = later if self.whole else later[:PAGE]
            after = some[-1][0] if some else after
            found = [self.remote(key) for _at, key in some]
            yield RemotePage(found, {"at": after}, len(later))
            if self.whole or len(some) < PAGE:
                return

    def records(self, role: str, keys: Sequence[str]) -> Sequence[Remote]:
        self._called(len(keys))
        return [self.remote(key) for key in keys if key in self.records_]

    def find(self, role: str, numbers: Sequence[str]) -> Sequence[Remote]:
        self._called(len(numbers))
        return [
            self.remote(key) for key, one in self.records_.items()
            if one.role == role and one.number in numbers
        ]  # fmt: skip

    def _called(self, size: int = 0) -> None:
        assert not session().in_transaction(), "a transaction is held during a call"
        self.reads += 1
        self.largest = max(self.largest, size)
        transport.probe("call")

    def create(self, relation: RelationData, action: CreateOut) -> Remote:
        key = f"P{self.moment + 1}"
        who = relation.vat_number
        return self._write(key, action.role, action.number, action.values, who)

    def update(self, relation: RelationData, action: UpdateOut) -> Remote:
        one = self.records_.get(action.remote)
        if one is None:
            raise AskUser("record_gone")
        if one.who != relation.vat_number and not self.told_the_same:
            self.robbed.append(one.who)
        self.lost += [
            (one.who, name, one.edited[name])
            for name in action.changed
            if one.edited.get(name) == one.values[name] != action.changed[name]
        ]
        number = action.number or one.number
        values = {**one.values, **action.changed}
        return self._write(action.remote, action.role, number, values)

    def _write(
        self,
        key: str,
        role: str,
        number: str,
        values: Mapping[str, str],
        who: str = "",
    ) -> Remote:
        transport.probe("before write")
        if number in self.refuses:
            raise AskUser("visma_validation", message="nee")
        self.put(role, number, values, key, who)
        self.writes += 1
        transport.probe("after write")
        return self.remote(key)

    def remove(self, role: str, key: str) -> None:
        transport.probe("before write")
        one = self.records_.get(key)
        if one is not None and one.number in self.keeps:
            raise AskUser("visma_conflict", message="er is op geboekt")
        self.records_.pop(key, None)
        self.writes += 1
        transport.probe("after write")

    def relation(self, action: CreateIn) -> RelationData:
        who = self.records_[action.remote].who
        bare = RelationData(False, "", relation_type="client", vat_number=who)
        return self._with(bare, action.values, {action.role: action.number})

    def updated(self, known: RelationData, action: UpdateIn) -> RelationData:
        return self._with(known, action.changed, action.numbers)

    def _with(
        self, known: RelationData, values: Mapping[str, str], numbers: Mapping[str, str]
    ) -> RelationData:
        given: dict[str, Any] = {
            **values, **{f"{role}_number": text for role, text in numbers.items()}
        }  # fmt: skip
        return replace(known, **given)


def _party(who: str, name: str) -> Party:
    """Numbers tell: nobody's name says who it is, since people change it."""
    return Party((name,), vat_number=who, chamber_number=who, emails=(who,))


@dataclass
class World:
    """Both sides, and what may happen to them."""

    package: MadeUp
    tenant_id: int
    connection_id: int
    drawn: int = 1000

    def choose(self, *, confirm: bool = True, **settings: Any) -> None:
        """Save the section; a person confirms what the preview says."""
        self.package.ways = ways_of(settings)
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            connection.settings = {"relations": settings}
            relation_sync.saved(connection)
        if confirm:
            self.confirm()

    def confirm(self, *, kill_at: int = 0) -> RelationRun | None:
        """Let the preview end, and confirm what it says; its run is not worked on."""
        if self.is_running():
            self.work(kill_at)
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            return relation_previews.confirm_waiting(connection)

    def is_running(self) -> bool:
        return self.last_run().state == RunState.RUNNING

    def run(self, *, by_user: bool = False, kill_at: int = 0) -> None:
        """Let a run end; with `kill_at` its first worker dies at that point. A person
        confirms what it asks."""
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            relation_sync.begin(connection, by_user=by_user)
        self.work(kill_at)
        for _confirmed in range(5):
            if not self.asks():
                return
            self.confirm()
            self.work()
        raise AssertionError("a person confirms again and again")

    def asks(self) -> bool:
        """Whether a preview is made or waits for a person."""
        return self.last_run().kind == RunKind.PREVIEW

    def undo(self, run_id: int, *, kill_at: int = 0) -> list[RelationLine]:
        """Put a run back, as a person does who reads the list first."""
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            run = session().get_one(RelationRun, run_id)
            listed = relation_undo.begin(connection, run).id
        self.work(kill_at)
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            preview = session().get_one(RelationRun, listed)
            relation_undo.confirm(connection, preview)
        expected = [said(line) for line in self.lines(listed)]
        self.work(kill_at)
        done = self.lines(self.last_run().id)
        assert sorted(said(line) for line in done) == sorted(expected)
        return done

    def lines(self, run_id: int) -> list[RelationLine]:
        session().rollback()
        return relation_lines.page(run_id, "", 0, 10_000)

    def work(self, kill_at: int = 0) -> None:
        """Let the run that is under way end."""
        try:
            with killed_at(kill_at):
                self._turns()
        except Killed:
            session().rollback()
            session().expire_all()
            self._turns()

    def _turns(self) -> None:
        for _turn in range(30):
            self.due()
            jobs.run_task("relation_sync", self.connection_id)
            run = self.last_run()
            if run.state != RunState.RUNNING:
                assert run.state == RunState.DONE, run.code
                return
        raise AssertionError("the run does not end")

    def due(self) -> None:
        """Let time pass: the lease of a dead worker, the pause before a turn."""
        mine = {"synchronize_session": False}
        with transaction() as current:
            for table, values in (
                (RelationRun, {"due_at": utcnow()}),
                (RelationSync, {"lease_until": None}),
            ):
                current.execute(
                    update(table)
                    .where(table.connection_id == self.connection_id)
                    .values(**values)
                    .execution_options(**mine)
                )

    def last_run(self) -> RelationRun:
        session().rollback()
        session().expire_all()
        return relation_sync.recent_runs(self.connection_id, 1)[0]

    def number(self) -> str:
        self.drawn += 1
        return str(self.drawn)

    def save(self, data: RelationData, relation_id: int | None = None) -> int:
        with tenant_scope(self.tenant_id), transaction():
            row = session().get(Relation, relation_id) if relation_id else None
            return relations.save(data, row).id

    def relations(self) -> dict[int, RelationData]:
        session().rollback()
        session().expire_all()
        rows = session().scalars(
            select(Relation)
            .where(Relation.tenant_id == self.tenant_id, is_current())
            .order_by(Relation.id)
        )
        return {row.id: relations.data_of(row) for row in rows}

    def troubles(self) -> list[RelationTrouble]:
        session().rollback()
        session().expire_all()
        return list(
            session().scalars(
                select(RelationTrouble).where(
                    RelationTrouble.connection_id == self.connection_id
                )
            )
        )

    # --- what people do ---

    def edit(self, dice: random.Random) -> None:
        """Let somebody do something on either side."""
        what = (
            self._add_here, self._add_there, self._edit_here, self._edit_here,
            self._edit_there, self._edit_there, self._renumber_here,
            self._renumber_there, self._delete_here, self._delete_there,
            self._number_of_another, self._merge_here,
        )  # fmt: skip
        dice.choice(what)(dice)

    def recouple(self, dice: random.Random, *, others: bool = False) -> None:
        """Couple another administration, whose records have the same ids."""
        for key, one in list(self.package.records_.items()):
            del self.package.records_[key]
            values = {**one.values, "name": self._text(dice)}
            if others or dice.random() < 0.7:
                self.package.put(one.role, one.number, values, key, self.whoever())
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            connection.external_id = f"made-up {next(_COUNT)}"
            connection.version += 1

    def whoever(self) -> str:
        """Draw somebody new."""
        return f"NL{self.number()}B01"

    def _add_here(self, dice: random.Random) -> None:
        both = dice.random() < 0.3
        role = dice.choice(ROLES)
        numbers = {f"{role}_number": self.number()}
        if both:
            numbers = {f"{each}_number": self.number() for each in ROLES}
        who = self.whoever()
        self.save(RelationData(False, self._text(dice), vat_number=who, **numbers))

    def _add_there(self, dice: random.Random) -> None:
        held = {one.number for one in self.package.records_.values()}
        free = {
            data.debtor_number: data.vat_number
            for data in self.relations().values()
            if data.debtor_number and data.debtor_number not in held
        }
        number, who = self.number(), self.whoever()
        if free and dice.random() < 0.7:
            number, owner = dice.choice(list(free.items()))
            who = owner if dice.random() < 0.5 else who
        values = {
            "name": self._text(dice),
            "phone": self._value(dice, "phone"),
            "fax": "",
        }
        self.package.put("debtor", number, values, f"U{number}", who)

    def _number_of_another(self, dice: random.Random) -> None:
        """Give a record a number that a relation has."""
        numbers = [data.debtor_number for data in self.relations().values()]
        if self.package.records_ and any(numbers):
            key = dice.choice(list(self.package.records_))
            one = self.package.records_[key]
            number = dice.choice([number for number in numbers if number])
            self.package.put(one.role, number, one.values, key)

    def _merge_here(self, dice: random.Random) -> None:
        """Say that two relations are one party: what is the one's is the other's."""
        known = self.relations()
        if len(known) < 2 or dice.random() < 0.5:
            return
        kept, other = dice.sample(list(known), 2)
        with tenant_scope(self.tenant_id), transaction():
            rows = [session().get_one(Relation, key) for key in (kept, other)]
            merging.merge(rows[0], rows[1])
        now, was = known[kept].vat_number, known[other].vat_number
        for one in self.package.records_.values():
            one.who = now if one.who == was else one.who
        self.package.lost = [each for each in self.package.lost if each[0] != was]

    def _edit_here(self, dice: random.Random) -> None:
        known = self.relations()
        if known:
            key = dice.choice(list(known))
            name = dice.choice(("name", "phone", "fax"))
            self.save(replace(known[key], **{name: self._value(dice, name)}), key)

    def _edit_there(self, dice: random.Random) -> None:
        if self.package.records_:
            key = dice.choice(list(self.package.records_))
            name = dice.choice(("name", "phone", "fax"))
            self.package.edit(key, name, self._value(dice, name))

    def _renumber_here(self, dice: random.Random) -> None:
        known = self.relations()
        if known:
            key = dice.choice(list(known))
            role = dice.choice(ROLES)
            number = dice.choice(("", self.number()))
            self.save(replace(known[key], **{f"{role}_number": number}), key)

    def _renumber_there(self, dice: random.Random) -> None:
        if self.package.records_:
            key = dice.choice(list(self.package.records_))
            one = self.package.records_[key]
            self.package.put(one.role, self.number(), one.values, key)

    def _delete_here(self, dice: random.Random) -> None:
        known = self.relations()
        if known and dice.random() < 0.5:
            with tenant_scope(self.tenant_id), transaction():
                key = dice.choice(list(known))
                relations.delete(session().get_one(Relation, key))

    def _delete_there(self, dice: random.Random) -> None:
        if self.package.records_ and dice.random() < 0.5:
            del self.package.records_[dice.choice(list(self.package.records_))]

    def _value(self, dice: random.Random, name: str) -> str:
        """Return what a field may be: a telephone number in doubt is held back."""
        if name == "name":
            return self._text(dice)
        return dice.choice(("020-1111", "020-2222", "020-3333", "020-4444"))

    def _text(self, dice: random.Random) -> str:
        return dice.choice(("Jansen", "De Vries", "Bakker", "Smit"))

    # --- what must hold ---

    def check(self) -> None:
        """Every relation with a number has its one record, and the two agree."""
        assert not self.package.robbed, f"written over: {self.package.robbed}"
        troubles = self.troubles()
        stuck = {(row.relation_id, row.role) for row in troubles}
        records = self.package.records_
        relations = self.relations()
        links, resting = {}, set()
        for row in session().scalars(
            select(RelationLink).where(RelationLink.connection_id == self.connection_id)
        ):
            data = relations.get(row.relation_id or 0)
            if data is None or not getattr(data, f"{row.role}_number"):
                resting.add(row.external_id)
            links[row.relation_id, row.role] = row.external_id
        places = [
            (one.role, one.number) for key, one in records.items() if key not in resting
        ]
        twice = {place for place in places if places.count(place) > 1}
        said = {(row.role, row.number) for row in troubles}
        assert twice <= said, f"twice: {twice - said}"
        for key, data in relations.items():
            local = self.package.local(str(key), data)
            for role, number in local.numbers.items():
                if (key, role) in stuck:
                    continue
                one = records[links[key, role]]
                assert (one.role, one.number) == (role, number)
                assert one.values == local.values
                assert one.who == data.vat_number
        self.check_ledger()

    def check_ledger(self) -> None:
        """Whatever people in the package wrote came in, or is kept to be put back."""
        known = {data.vat_number: key for key, data in self.relations().items()}
        for who, name, value in self.package.lost:
            if who not in known:
                continue
            changes = session().scalars(
                select(RelationChange).where(RelationChange.relation_id == known[who])
            )
            kept = {text for each in changes for text in each.changes.get(name, ())}
            assert value in kept, (who, name, value)


def said(line: RelationLine) -> tuple[str, ...]:
    """What a line says, for comparison."""
    return (
        str(line.kind),
        line.role,
        line.number,
        line.name,
        line.code,
        str(sorted(line.changes.items())),
    )


@contextmanager
def killed_at(point: int) -> Iterator[None]:
    """Kill whoever works when so many calls and commits have passed; 0: nobody."""
    passed = 0

    def listen(_moment: str) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            raise Killed

    before = transport.probe.listener
    transport.probe.listener = listen if point else before
    try:
        yield
    finally:
        transport.probe.listener = before


@contextmanager
def in_place(package: MadeUp) -> Iterator[None]:
    """Put the made-up package in a plugin's place."""
    registry = koppelwerk().registry

    @contextmanager
    def opened(_connection: Connection) -> Iterator[MadeUp]:
        yield package

    plugin = registry.plugins[PLUGIN]
    relations = Relations(open=opened, form=RelationSyncForm)
    registry.plugins[PLUGIN] = bringing(plugin, relations)
    try:
        yield
    finally:
        registry.plugins[PLUGIN] = plugin


@contextmanager
def made_up(package: MadeUp) -> Iterator[World]:
    """Put the made-up package in a plugin's place, with a connection to it."""
    with in_place(package), system_scope():
        tenant = accounts.create_tenant_with_owner(
            name="CRM",
            email=f"crm{next(_COUNT)}@example.com",
            password="een lang wachtwoord",
        )
        session().add(TenantPlugin(tenant_id=tenant.id, plugin=PLUGIN))
        connection = Connection(
            tenant_id=tenant.id,
            plugin=PLUGIN,
            state=ConnectionState.CONNECTED,
            external_id=f"made-up {next(_COUNT)}",
        )
        session().add(connection)
        session().commit()
        yield World(package, tenant.id, connection.id)
