"""The plan of writes; the rules stand in the package's docstring. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.rules.sync.records import (
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
    Values,
    Ways,
    linked,
    our_hash,
    their_hash,
)

FEW_LINKS = 5
"""Below so many links, a list that lacks most of them is believed."""
_ORDER = (UpdateIn, CreateIn, Store, UpdateOut, CreateOut, Conflict)
_Held = dict[tuple[str, str], set[str]]
_OFF = Ways(into_crm=False, out=False)


class ImplausibleList(ValueError):
    """Most linked records are absent: more likely a broken answer than a clean-up."""


@dataclass(frozen=True)
class _Pair:
    remote: Remote
    link: Link | None


def plan(
    locals_: Sequence[Local],
    remotes: Sequence[Remote],
    links: Sequence[Link],
    ways: Mapping[str, Ways],
    *,
    trust_absent: bool = False,
    unread: Collection[tuple[str, str]] | None = None,
) -> list[Action]:
    """Return what is to be done, in the order to do it.

    `remotes` is the whole list. ImplausibleList when it lacks more than half of the
    linked records, unless `trust_absent` (the user confirmed it).

    With `unread` they are a part of it: relations (by key and role) whose record was
    not looked for are neither made nor taken as gone there. The links of the others
    must be given, and every relation that has the number of a record.
    """
    if not trust_absent and unread is None:
        _check_plausible(remotes, links)
    actions = _Planner(locals_, remotes, links, ways, unread or ()).actions()
    return sorted(actions, key=lambda action: _ORDER.index(type(action)))


def _check_plausible(remotes: Iterable[Remote], links: Sequence[Link]) -> None:
    known = {remote.key for remote in remotes}
    absent = sum(link.remote not in known for link in links)
    if len(links) >= FEW_LINKS and absent * 2 > len(links):
        raise ImplausibleList(f"{absent} of {len(links)} linked records are absent")


class _Planner:
    def __init__(
        self,
        locals_: Sequence[Local],
        remotes: Sequence[Remote],
        links: Sequence[Link],
        ways: Mapping[str, Ways],
        unread: Collection[tuple[str, str]] = (),
    ) -> None:
        self._locals = {local.key: local for local in locals_}
        self._remotes = {remote.key: remote for remote in remotes}
        self._ways = defaultdict(lambda: _OFF, ways)
        self._finals: dict[str, Local] = {}
        self._gone: dict[tuple[str, str], str] = {}
        self._resting: set[str] = set()
        self._pairs: dict[tuple[str, str], _Pair] = {}
        self._settled: set[tuple[str, str]] = set(unread)
        self._stuck: set[str] = set()
        self._conflicts: list[Conflict] = []
        self._owners = _owners(locals_)
        self._holders = _holders(remotes, [])
        for link in links:
            self._follow(link)
        self._leave_unreadable()
        self._meet()

    def actions(self) -> list[Action]:
        """Return all actions, unordered."""
        made: list[Action] = []
        for local in self._locals.values():
            made += self._merge(local)
        self._owners = _owners(self._finals.values())
        made = self._renumbered(made)
        self._holders = _holders(self._remotes.values(), made)
        for local in self._finals.values():
            made += self._create_out(local)
        made += [*self._create_in(), *self._conflicts]
        conflicts = dict.fromkeys(act for act in made if isinstance(act, Conflict))
        return [*(act for act in made if not isinstance(act, Conflict)), *conflicts]

    def _follow(self, link: Link) -> None:
        """Take up a stored link: in use, resting (the relation left), or lost."""
        remote = self._remotes.get(link.remote)
        local = self._locals.get(link.local)
        if local is None or link.role not in local.numbers:
            self._resting.add(link.remote)
        elif remote is None:
            if (local.key, link.role) not in self._settled:
                self._gone[local.key, link.role] = link.remote
        elif remote.is_unreadable:
            self._object("unreadable", link.role, remote.number, local, remote)
        elif remote.role != link.role:
            self._object("role_changed", link.role, remote.number, local, remote)
        else:
            self._pairs[local.key, link.role] = _Pair(remote, link)

    def _leave_unreadable(self) -> None:
        """Keep away from what cannot be read, and from those that it may belong to."""
        for remote in self._remotes.values():
            if not remote.is_unreadable or remote.key in self._stuck:
                continue
            keys = self._owners.get((remote.role, remote.number), ())
            where = ((key, remote.role) for key in keys)
            owners = (self._locals[k] for k, r in where if (k, r) not in self._pairs)
            self._object("unreadable", remote.role, remote.number, *owners, remote)
            if not remote.key:  # it may be any of those that seem gone
                self._settled.update(self._gone)

    def _object(self, code: str, role: str, number: str, *both: Local | Remote) -> None:
        ours = tuple(one.key for one in both if isinstance(one, Local))
        theirs = tuple(one.key for one in both if isinstance(one, Remote))
        self._conflicts.append(Conflict(code, role, number, ours, theirs))
        self._settled.update((key, role) for key in ours)
        self._stuck.update(theirs)

    def _meet(self) -> None:
        """Pair what has the same role and number and is not linked yet."""
        in_use = {pair.remote.key for pair in self._pairs.values()} | self._stuck
        for (role, number), keys in self._holders.items():
            free = [self._remotes[key] for key in keys if key not in in_use]
            owners = [
                self._locals[key]
                for key in self._owners.get((role, number), ())
                if (key, role) not in self._pairs and (key, role) not in self._settled
            ]
            if len(free) == 1 and len(owners) == 1:
                self._pairs[owners[0].key, role] = _Pair(free[0], None)
            elif free and owners:
                self._object("number_twice", role, number, *owners, *free)

    def _merge(self, local: Local) -> Iterator[Action]:
        pairs = [
            self._pairs[local.key, role]
            for role in sorted(local.numbers)
            if (local.key, role) in self._pairs
        ]
        final = local
        for pair in pairs:
            final = self._taken(local, final, pair)
        self._finals[local.key] = final
        if final != local:
            yield _update_in(local, final, pairs)
        for pair in pairs:
            yield from self._give(final, pair)

    def _taken(self, local: Local, final: Local, pair: _Pair) -> Local:
        """Return the relation with what comes in from one record."""
        ways, remote = self._ways[pair.remote.role], pair.remote
        takes = ways.into_crm and _follows(local, pair, ways)
        values = {
            name: remote.value(name)
            for name, value in final.values.items()
            if takes
            and name in remote.values
            and value == local.values[name]
            and (pair.link is not None or not ways.out or not value)
        }
        number = final.numbers[remote.role]
        taken = pair.link is not None and takes and self._is_free(local, remote)
        if remote.number and (not number or taken):
            number = remote.number
        return replace(
            final,
            values={**final.values, **values},
            numbers={**final.numbers, remote.role: number},
        )

    def _is_free(self, local: Local, remote: Remote) -> bool:
        """Tell whether no other relation or record has the record's number."""
        where = (remote.role, remote.number)
        holders = self._holders.get(where, [])
        owners = self._owners.get(where, [])
        return len(holders) == 1 and all(key == local.key for key in owners)

    def _give(self, final: Local, pair: _Pair) -> Iterator[Action]:
        """Send what the record lacks, when that direction is on."""
        remote, link = pair.remote, pair.link
        changed = _differences(final, remote)
        number = final.numbers[remote.role]
        same_number = number in ("", remote.number)
        now = linked(final, remote)
        if not changed and same_number:
            if link != now:
                yield Store(now)
        elif link != now and self._ways[remote.role].out:
            lost = link is None or link.their_hash != now.their_hash
            yield self._update_out(final, pair, changed, lost)

    def _update_out(
        self, final: Local, pair: _Pair, changed: Values, lost: bool
    ) -> UpdateOut:
        remote, number = pair.remote, final.numbers[pair.remote.role]
        overwritten = {name: remote.value(name) for name in changed if lost}
        if number == remote.number:
            number = ""
        if number and lost:
            overwritten["number"] = remote.number
        return UpdateOut(
            final.key, remote.role, remote.key, changed, number, overwritten
        )

    def _renumbered(self, made: Sequence[Action]) -> list[Action]:
        """Put new numbers in an order in which each is free by its turn.

        Numbers that are swapped in a circle never are: conflicts.
        """
        held = {where: set(keys) for where, keys in self._holders.items()}
        waiting, done = _split(made)
        before = 0
        while len(waiting) != before:
            before, left = len(waiting), list[UpdateOut]()
            for act in waiting:
                (done if self._takes(act, held) else left).append(act)
            waiting = left
        return [*done, *(_taken_number(act, held) for act in waiting)]

    def _takes(self, act: UpdateOut, held: _Held) -> bool:
        """Let a record take its new number when nobody else has or wants it."""
        where = (act.role, act.number)
        if held.get(where) or len(self._owners.get(where, ())) != 1:
            return False
        old = (act.role, self._remotes[act.remote].number)
        held.get(old, set()).discard(act.remote)
        held[where] = {act.remote}
        return True

    def _create_out(self, local: Local) -> Iterator[Action]:
        for role, number in local.numbers.items():
            where = (local.key, role)
            done = where in self._pairs or where in self._settled
            if done or not self._ways[role].out:
                continue
            owners = self._owners.get((role, number), [])
            holders = tuple(self._holders.get((role, number), ()))
            if len(owners) > 1:
                yield Conflict("number_twice", role, number, tuple(owners))
            elif holders:
                yield Conflict("number_taken", role, number, (local.key,), holders)
            else:
                gone = self._gone.get(where, "")
                yield CreateOut(local.key, role, number, local.values, gone)

    def _create_in(self) -> Iterator[Action]:
        used = {pair.remote.key for pair in self._pairs.values()}
        used |= self._stuck | self._resting
        for remote in self._remotes.values():
            wanted = remote.may_come_in and self._ways[remote.role].into_crm
            if remote.key in used or not wanted:
                continue
            where = (remote.role, remote.number)
            owners = tuple(self._owners.get(where, ()))
            holders = tuple(self._holders.get(where, ()))
            if owners or len(holders) > 1:
                yield Conflict("number_twice", *where, owners, holders)
            else:
                yield CreateIn(remote.key, *where, remote.values)


def _split(made: Sequence[Action]) -> tuple[list[UpdateOut], list[Action]]:
    """Return the updates with a new number, and the rest."""
    numbered: list[UpdateOut] = []
    rest: list[Action] = []
    for act in made:
        if isinstance(act, UpdateOut) and act.number:
            numbered.append(act)
        else:
            rest.append(act)
    return numbered, rest


def _taken_number(act: UpdateOut, held: Mapping[tuple[str, str], set[str]]) -> Conflict:
    holders = sorted(held.get((act.role, act.number), ()))
    both = (act.remote, *holders)
    return Conflict("number_taken", act.role, act.number, (act.local,), both)


def _owners(locals_: Iterable[Local]) -> dict[tuple[str, str], list[str]]:
    return _by_number(
        (role, number, local.key)
        for local in locals_
        for role, number in local.numbers.items()
    )


def _holders(
    remotes: Iterable[Remote], made: Iterable[Action]
) -> dict[tuple[str, str], list[str]]:
    """Return which records have a number once the updates are done."""
    new = {act.remote: act.number for act in made if isinstance(act, UpdateOut)}
    return _by_number((r.role, new.get(r.key) or r.number, r.key) for r in remotes)


def _by_number(
    entries: Iterable[tuple[str, str, str]],
) -> dict[tuple[str, str], list[str]]:
    """Group keys by role and number; those without a number stay apart."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for role, number, key in entries:
        if number:
            found[role, number].append(key)
    return dict(found)


def _follows(local: Local, pair: _Pair, ways: Ways) -> bool:
    """Tell whether the relation follows the record: it changed and may win."""
    link, role = pair.link, pair.remote.role
    if link is None:
        return True
    theirs = their_hash(local, pair.remote) != link.their_hash
    ours = our_hash(local, role) != link.our_hash
    return theirs and not (ours and ways.out)


def _update_in(local: Local, final: Local, pairs: Sequence[_Pair]) -> UpdateIn:
    changed = {
        name: value
        for name, value in final.values.items()
        if value != local.values[name]
    }
    return UpdateIn(
        local=local.key,
        changed=changed,
        numbers={
            role: number
            for role, number in final.numbers.items()
            if number != local.numbers[role]
        },
        overwritten={name: local.values[name] for name in changed},
        remotes=tuple(pair.remote.key for pair in pairs),
    )


def _differences(local: Local, remote: Remote) -> dict[str, str]:
    return {
        name: value
        for name, value in local.values.items()
        if name in remote.values and remote.values[name] != value
    }
