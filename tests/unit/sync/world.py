"""A CRM and a package in memory, and what a sync does with a plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core.rules.parties import Party
from core.rules.sync import (
    Action,
    Conflict,
    CreateIn,
    CreateOut,
    Decided,
    Link,
    Local,
    Remote,
    Store,
    UpdateIn,
    UpdateOut,
    Values,
    Ways,
    linked,
    plan,
)

FIELDS = ("name", "city", "iban")
BOTH = Ways(into_crm=True, out=True)


def as_is(values: Values) -> dict[str, str]:
    return dict(values)


def shouting(values: Values) -> dict[str, str]:
    """A package that writes some values its own way."""
    return {name: text.upper()[:6] for name, text in values.items()}


@dataclass
class World:
    """Both sides, their links, and what every write was."""

    rewrite: Callable[[Values], dict[str, str]] = as_is
    locals_: dict[str, Local] = field(default_factory=dict)
    remotes: dict[str, Remote] = field(default_factory=dict)
    links: dict[tuple[str, str], Link] = field(default_factory=dict)
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Which link a record has."""
    who: dict[str, str] = field(default_factory=dict)
    """By key whose card it is, whatever its fields say; empty: its name says so."""
    decided: dict[tuple[str, str, str], Decided] = field(default_factory=dict)
    loses_answers: bool = False
    made: int = 0

    def add_local(self, numbers: Values, **values: str) -> str:
        key = self._key("L")
        full = {name: values.get(name, "") for name in FIELDS}
        self.locals_[key] = Local(key, full, dict(numbers))
        return key

    def add_remote(self, role: str, number: str, **values: str) -> str:
        key = self._key("R")
        full = {name: values.get(name, "") for name in FIELDS}
        self.remotes[key] = Remote(key, role, number, self.rewrite(full))
        return key

    def edit_local(self, key: str, **values: str) -> None:
        local = self.locals_[key]
        self.locals_[key] = replace(local, values={**local.values, **values})

    def renumber_local(self, key: str, **numbers: str) -> None:
        """Set numbers; an empty one ends that role."""
        local = self.locals_[key]
        kept = {**local.numbers, **numbers}
        numbers = {role: number for role, number in kept.items() if number}
        self.locals_[key] = replace(local, numbers=numbers)

    def edit_remote(self, key: str, **values: str) -> None:
        remote = self.remotes[key]
        changed = self.rewrite({**remote.values, **values})
        self.remotes[key] = replace(remote, values=changed)

    def _key(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made:03d}"

    def plan(
        self, ways: Ways = BOTH, *, trust_absent: bool = True, **by_role: Ways
    ) -> list[Action]:
        return plan(
            [replace(one, party=self.party(one)) for one in self.locals_.values()],
            [replace(one, party=self.party(one)) for one in self.remotes.values()],
            list(self.links.values()),
            {"debtor": ways, "creditor": ways, **by_role},
            trust_absent=trust_absent,
            decided=self.decided,
        )

    def party(self, one: Local | Remote) -> Party:
        """Who a card is about; one that cannot be read does not say."""
        return Party(names=(self.who.get(one.key) or one.values.get("name", ""),))

    def sync(self, ways: Ways = BOTH) -> list[Action]:
        actions = self.plan(ways)
        self.run(actions)
        return actions

    def run(self, actions: Sequence[Action]) -> None:
        """Do a plan as a connector would: write, read back, store the link."""
        for action in actions:
            if isinstance(action, UpdateIn):
                local = self.locals_[action.local]
                self.locals_[action.local] = replace(
                    local,
                    values={**local.values, **action.changed},
                    numbers={**local.numbers, **action.numbers},
                )
            elif isinstance(action, CreateIn):
                key = self.add_local({action.role: action.number}, **action.values)
                self.who[key] = self.who.get(action.remote, "")
                self._store(key, action.remote)
            elif isinstance(action, Store):
                self._keep(action.link)
            elif isinstance(action, UpdateOut):
                remote = self.remotes[action.remote]
                self.remotes[action.remote] = replace(
                    remote,
                    values=self.rewrite({**remote.values, **action.changed}),
                    number=action.number or remote.number,
                )
                if not self.loses_answers:
                    self._store(action.local, action.remote, action.pending)
            elif isinstance(action, CreateOut):
                key = self.add_remote(action.role, action.number, **action.values)
                self.who[key] = self.who.get(action.local, "")
                if not self.loses_answers:
                    self._store(action.local, key, action.pending)

    def _store(self, local: str, remote: str, pending: Values | None = None) -> None:
        self._keep(linked(self.locals_[local], self.remotes[remote], pending))

    def _keep(self, link: Link) -> None:
        where = (link.local, link.role)
        before = self.held.pop(link.remote, where)
        if before != where:
            del self.links[before]  # one link a record, as in the database
        old = self.links.get(where)
        if old is not None and old.remote != link.remote:
            self.held.pop(old.remote, None)
        self.links[where] = link
        self.held[link.remote] = where


def writes(actions: Sequence[Action]) -> list[Action]:
    """What changes something on either side."""
    return [act for act in actions if not isinstance(act, (Store, Conflict))]
