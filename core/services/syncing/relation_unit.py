"""Some records and relations brought in step: planned together, done in order.

What is written in the package is committed with its link right after, so that a
worker that dies leaves at most one record without its link, and the next one finds
that by its number. What is done here goes in small groups. A relation that changes
meanwhile lets the unit be planned anew.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from core.domain.errors import AskUser, OutcomeUnknown, RetryLater, Stop
from core.domain.relations import RelationData
from core.models import Relation, RelationTrouble
from core.plugin.capabilities import RelationPackage
from core.plugin.engine import Unsettled
from core.rules.parties import mark
from core.rules.relation_fields import KIND
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
    limits,
    linked,
)
from core.rules.sync.records import our_hash
from core.runtime.database import session
from core.services.crm import relation_doubts, relations
from core.services.syncing import relation_links, relation_troubles
from core.services.syncing.relation_cards import MARK, OTHER_PARTY, card
from core.services.syncing.relation_facts import (
    Facts,
    Pair,
    gather,
    gather_all,
    local_of,
)
from core.services.syncing.relation_links import parts
from core.services.syncing.relation_recorder import (
    Foreseeing,
    Recorder,
    Writing,
    refusal,
)
from core.services.syncing.relation_stretch import Stretch
from core.services.syncing.relation_troubles import Key, Objection
from core.services.syncing.relation_unseen import Unseen
from core.services.syncing.relation_write import key_of

TRIES = 3
GROUP = 50
"""How much of our own is committed at once."""


class Changed(Exception):
    """A relation changed after it was read: plan again."""


def settle(
    stretch: Stretch,
    package: RelationPackage,
    remotes: Sequence[Remote],
    seeds: Collection[int] = (),
    looked: Collection[Pair] = (),
) -> None:
    """Bring some records and relations in step; see `relation_facts.gather`.

    Raises TimeUp, LeaseLost, and what the package raises of more than one record.
    """
    for _try in range(TRIES):
        if _is_done(stretch, package, gather(stretch, package, remotes, seeds, looked)):
            return
    raise RetryLater("relations_changing")


def settle_all(
    stretch: Stretch,
    package: RelationPackage,
    remotes: Sequence[Remote],
    unseen: list[Unseen],
) -> None:
    """Bring everything in step, with a package that gave all its records.

    Adds to `unseen` what was written and is known only when it is read again.
    """
    for _try in range(TRIES):
        if _is_done(stretch, package, gather_all(stretch, package, remotes), unseen):
            return
    raise RetryLater("relations_changing")


def planned(
    stretch: Stretch, package: RelationPackage, remotes: Sequence[Remote]
) -> Counter[str]:
    """Count what bringing some records in step would write; nothing is done."""
    facts = gather(stretch, package, remotes, (), ())
    return _Unit(stretch, package, facts, []).planned(facts.actions(stretch, package))


def _is_done(
    stretch: Stretch,
    package: RelationPackage,
    facts: Facts,
    unseen: list[Unseen] | None = None,
) -> bool:
    unit = _Unit(stretch, package, facts, [] if unseen is None else unseen)
    try:
        unit.run(facts.actions(stretch, package))
    except Changed:  # of a relation of ours, before anything was written there
        return False
    return True


class _Unit:
    def __init__(
        self,
        stretch: Stretch,
        package: RelationPackage,
        facts: Facts,
        unseen: list[Unseen],
    ) -> None:
        self._unseen = unseen
        self._stretch = stretch
        self._package = package
        self._facts = facts
        kind = Foreseeing if stretch.foresees else Writing
        self._recorder: Recorder = kind(stretch, package, facts)
        self._data = {str(key): known.data for key, known in facts.relations.items()}
        self._doubts = {str(i): known.doubts for i, known in facts.relations.items()}
        self._versions = {str(i): known.version for i, known in facts.relations.items()}
        self._updates: dict[str, UpdateIn] = {}
        self._left: set[str] = set()
        """Relations that were refused here: nothing more is done with them."""
        self._known = self._troubles()
        self._standing: set[Key] = set()

    def _troubles(self) -> dict[Key, RelationTrouble]:
        connection_id = self._stretch.connection_id
        if self._facts.unread is None:
            rows = relation_troubles.every(connection_id)
        else:
            rows = relation_troubles.about(
                connection_id, self._facts.relations, self._facts.remotes
            )
        session().rollback()
        return {(row.relation_id, row.role, row.external_id): row for row in rows}

    def run(self, actions: Sequence[Action]) -> None:
        """Do the actions in their order, then forget the troubles that are solved."""
        ours = [act for act in actions if not isinstance(act, (CreateOut, UpdateOut))]
        before = [act for act in ours if not isinstance(act, Conflict)]
        conflicts = [act for act in ours if isinstance(act, Conflict)]
        out = [act for act in actions if isinstance(act, (CreateOut, UpdateOut))]
        if not self._stretch.has_seen_all:
            self._stretch.allow(self.planned(actions))
        for group in parts(before, GROUP):
            self._check()
            with self._stretch.work() as tally:
                for action in group:
                    self._here(action, tally)
        out = [act for act in out if act.local not in self._left]
        self._stretch.allow(self.planned(out))
        for some in parts(out, GROUP):
            with self._recorder.group():
                for act in some:
                    self._there(act)
        self._end(conflicts)

    def _check(self) -> None:
        """A preview leaves nothing behind that a next try need not do again."""
        if not self._stretch.foresees:
            self._stretch.check()

    def planned(self, actions: Sequence[Action]) -> Counter[str]:
        """Count what is about to be written, at most: what comes in may not differ, or
        be refused. Of a confirmed run that is counted as it happens."""
        return Counter(
            kind
            for act in actions
            if not (self._is_resting(act) or self._is_refused(act))
            for kind in limits.counted(act)
        )

    def _is_resting(self, action: Action) -> bool:
        if not isinstance(action, (CreateOut, UpdateOut)):
            return False
        known = self._known.get(key_of(action))
        local = self._local(action.local)
        return (
            known is not None
            and action.role in local.numbers
            and self._rests(known, action, local)
        )

    def _is_refused(self, action: Action) -> bool:
        """Tell whether the package would refuse it: it is no write then."""
        if not isinstance(action, (CreateOut, UpdateOut)):
            return False
        data = self._data[action.local]
        return refusal(self._package, action, data) is not None

    # --- here ----------------------------------------------------------------------

    def _here(self, action: Action, tally: Counter[str]) -> None:
        if isinstance(action, UpdateIn):
            self._update_in(action, tally)
        elif isinstance(action, CreateIn):
            self._create_in(action, tally)
        elif isinstance(action, Store) and action.link.local not in self._left:
            self._recorder.link(self._as_stored(action))

    def _update_in(self, action: UpdateIn, tally: Counter[str]) -> None:
        row = session().get(Relation, int(action.local))
        if row is None or row.version != self._versions[action.local]:
            raise Changed
        try:
            data = self._package.updated(self._data[action.local], action)
            unclear = self._is_unclear(data, action)
            differs = self._recorder.change_here(row, data, unclear_name=unclear)
        except AskUser as error:
            self._left.add(action.local)
            remote = self._facts.remotes[action.remotes[0]]
            self._object(self._refusal(error, action.local, remote))
            return
        tally["changed_here"] += differs
        self._stretch.allow(tally)
        self._versions[action.local] = row.version
        if not self._stretch.foresees:
            data = relations.data_of(row)
        self._data[action.local] = data
        self._doubts[action.local] = relation_doubts.of(row)
        self._updates[action.local] = action

    def _is_unclear(self, data: RelationData, action: UpdateIn) -> bool:
        """Tell whether a person's name changed there, and not here: nobody knows which
        part of it is which."""
        name = action.changed.get("name")
        if name is None or not data.is_person:
            return False
        was = self._data[action.local]
        ours = self._package.local(action.local, data).values.get("name")
        return data.full_name == was.full_name and ours != name

    def _create_in(self, action: CreateIn, tally: Counter[str]) -> None:
        remote = self._facts.remotes[action.remote]
        try:
            data = self._package.relation(action)
            assumed = frozenset() if KIND in action.values else frozenset({KIND})
            key = self._recorder.make_here(data, remote, assumed)
        except AskUser as error:
            self._object(self._refusal(error, "", remote))
            return
        tally["made_here"] += 1
        self._stretch.allow(tally)
        row = session().get(Relation, int(key)) if key else None
        if row is None:
            return
        self._data[key] = relations.data_of(row)
        self._doubts[key] = relation_doubts.of(row)
        local = self._local(key)
        if action.role in local.numbers:
            self._recorder.link(linked(local, remote), with_line=False)

    def _local(self, key: str) -> Local:
        return local_of(self._package, key, self._data[key], self._doubts[key])

    def _as_stored(self, action: Store) -> Link:
        """Return the link of a relation as it became, where the plan only foresaw it.

        A relation writes some values its own way: that is in step. What changed along
        with them in another role is not, and keeps the link of the plan: it differs,
        so that the relation is looked at again.
        """
        link = action.link
        update = self._updates.get(link.local)
        if update is None:
            return link
        remote = self._facts.remotes[link.remote]
        local = self._local(link.local)
        if link.role not in local.numbers:
            return link
        along = any(
            local.values.get(name) != value
            for name, value in remote.values.items()
            if name in local.values
            and name not in update.changed
            and name not in action.pending
        )
        return link if along else linked(local, remote, action.pending)

    # --- there ---------------------------------------------------------------------

    def _there(self, action: CreateOut | UpdateOut) -> None:
        data = self._data[action.local]
        local = self._local(action.local)
        if action.role not in local.numbers:
            return
        known = self._known.get(key_of(action))
        if known is not None and self._rests(known, action, local):
            self._standing.add(key_of(action))
            self._recorder.rests(known)
            return
        try:
            made = self._recorder.there(action, data, local, known)
        except (AskUser, Stop, Unsettled):
            self._standing.add(key_of(action))
        except OutcomeUnknown as error:
            self._standing.add(key_of(action))
            self._stretch.unanswered(error)
        else:
            if made is not None and made.remote is None:
                self._unseen.append(Unseen(action.role, local, action))

    def _rests(
        self, known: RelationTrouble, action: CreateOut | UpdateOut, local: Local
    ) -> bool:
        """Tell whether it was refused as it is now: only the user lets it go again."""
        same = known.content_hash == our_hash(local, action.role)
        asked = self._stretch.by_user and known.noted_at < self._stretch.begun_at
        return same and not asked and known.not_before is None

    # --- links and troubles --------------------------------------------------------

    def _object(self, objection: Objection) -> None:
        self._recorder.object(objection)
        self._standing.add(objection.key)

    def _refusal(self, error: AskUser, local: str, remote: Remote) -> Objection:
        return Objection(
            error.code,
            remote.role,
            int(local) if local else None,
            remote.key,
            remote.number,
            error.params,
        )

    def _end(self, conflicts: Sequence[Conflict]) -> None:
        """Note the conflicts, forget what is solved, and note what was seen."""
        found = [self._conflict(each) for each in conflicts]
        self._standing.update(objection.key for objection in found)
        solved = [
            row.id
            for key, row in self._known.items()
            if key not in self._standing and self._is_examined(row)
        ]
        is_whole = self._stretch.whole_since is not None
        if not (found or solved or is_whole):
            return
        with self._stretch.work():
            for objection in found:
                self._recorder.object(objection)
            self._recorder.solved(solved)
            if is_whole:
                keys = list(self._facts.remotes)
                relation_links.seen(self._stretch.connection_id, keys)

    def _is_examined(self, row: RelationTrouble) -> bool:
        """Tell whether this unit would have met the trouble if it were still there."""
        if self._facts.unread is None:
            return True
        if row.relation_id is None:
            return row.external_id in self._facts.remotes
        pair = str(row.relation_id), row.role
        return row.relation_id in self._facts.relations and (
            pair not in self._facts.unread
        )

    def _conflict(self, conflict: Conflict) -> Objection:
        names = [self._data[key].full_name for key in conflict.locals]
        records = [
            self._facts.remotes[key].value("name") or key for key in conflict.remotes
        ]
        return Objection(
            f"relation_{conflict.code}",
            conflict.role,
            int(conflict.locals[0]) if conflict.locals else None,
            conflict.remotes[0] if conflict.remotes else "",
            conflict.number,
            {"names": ", ".join(names), "records": ", ".join(records)}
            | self._cards(conflict),
        )

    def _cards(self, conflict: Conflict) -> dict[str, str]:
        """Return what the user must see of the record to tell who it is."""
        if f"relation_{conflict.code}" != OTHER_PARTY:
            return {}
        ours = self._facts.locals[conflict.locals[0]].party
        theirs = self._facts.remotes[conflict.remotes[0]].party
        return {**card(theirs), MARK: mark(ours, theirs)}
