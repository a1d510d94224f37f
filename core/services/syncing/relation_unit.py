"""Some records and relations brought in step: planned together, done in order.

What is written in the package is committed with its link right after, so that a
worker that dies leaves at most one record without its link, and the next one finds
that by its number. What is done here goes in small groups. A relation that changes
meanwhile lets the unit be planned anew.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
    Stop,
)
from core.domain.relations import RelationData
from core.models import Relation, RelationTrouble
from core.plugin.capabilities import RelationPackage
from core.rules import relation_fields
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
)
from core.rules.sync.records import our_hash
from core.runtime.database import session
from core.runtime.extensions import settings
from core.services.crm import relations
from core.services.syncing import relation_links, relation_troubles
from core.services.syncing.relation_facts import Facts, Pair, gather, gather_all
from core.services.syncing.relation_links import parts
from core.services.syncing.relation_troubles import Key, Objection
from core.services.syncing.relation_turn import Turn

TRIES = 3
GROUP = 50
"""How much of our own is committed at once."""
UNANSWERED = "relation_unanswered"
NUMBER = "number"
"""Among overwritten values: the record's number."""


class Changed(Exception):
    """A relation changed after it was read: plan again."""


def settle(
    turn: Turn,
    package: RelationPackage,
    remotes: Sequence[Remote],
    seeds: Collection[int] = (),
    looked: Collection[Pair] = (),
) -> None:
    """Bring some records and relations in step; see `relation_facts.gather`.

    Raises TurnOver, LeaseLost, and what the package raises of more than one record.
    """
    for _try in range(TRIES):
        if _is_done(turn, package, gather(turn, package, remotes, seeds, looked)):
            return
    raise RetryLater("relations_changing")


def settle_all(
    turn: Turn,
    package: RelationPackage,
    remotes: Sequence[Remote],
    unseen: "list[Unseen]",
) -> None:
    """Bring everything in step, with a package that gave all its records.

    Adds to `unseen` what was written and is known only when it is read again.
    """
    for _try in range(TRIES):
        if _is_done(turn, package, gather_all(turn, package, remotes), unseen):
            return
    raise RetryLater("relations_changing")


class Unseen(NamedTuple):
    """What was written without the package showing what it made of it."""

    role: str
    local: Local
    """As it was sent."""


def keep_seen(turn: Turn, unseen: Sequence[Unseen], remotes: Sequence[Remote]) -> None:
    """Store the links of what was written, with the records as read afterwards."""
    places = {(remote.role, remote.number): remote for remote in remotes}
    found = [
        linked(local, places[role, local.numbers[role]])
        for role, local in unseen
        if (role, local.numbers[role]) in places
    ]
    for group in parts(found, GROUP):
        with turn.work():
            for link in group:
                relation_links.keep(turn.tenant_id, turn.connection_id, link)


def _is_done(
    turn: Turn,
    package: RelationPackage,
    facts: Facts,
    unseen: "list[Unseen] | None" = None,
) -> bool:
    unit = _Unit(turn, package, facts, [] if unseen is None else unseen)
    try:
        unit.run(facts.actions(turn, package))
    except Changed:  # of a relation of ours, before anything was written there
        return False
    return True


class _Unit:
    def __init__(
        self,
        turn: Turn,
        package: RelationPackage,
        facts: Facts,
        unseen: list[Unseen],
    ) -> None:
        self._unseen = unseen
        self._turn = turn
        self._package = package
        self._facts = facts
        self._data = {str(key): known.data for key, known in facts.relations.items()}
        self._versions = {str(i): known.version for i, known in facts.relations.items()}
        self._updates: dict[str, UpdateIn] = {}
        self._left: set[str] = set()
        """Relations that were refused here: nothing more is done with them."""
        self._known = self._troubles()
        self._standing: set[Key] = set()

    def _troubles(self) -> dict[Key, RelationTrouble]:
        connection_id = self._turn.connection_id
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
        for group in parts(before, GROUP):
            self._turn.check()
            with self._turn.work() as tally:
                for action in group:
                    self._here(action, tally)
        for act in actions:
            if isinstance(act, (CreateOut, UpdateOut)):
                self._there(act)
        self._end(conflicts)

    # --- here ----------------------------------------------------------------------

    def _here(self, action: Action, tally: Counter[str]) -> None:
        if isinstance(action, UpdateIn):
            self._update_in(action, tally)
        elif isinstance(action, CreateIn):
            self._create_in(action, tally)
        elif isinstance(action, Store) and action.link.local not in self._left:
            self._keep(self._as_stored(action.link))

    def _update_in(self, action: UpdateIn, tally: Counter[str]) -> None:
        row = session().get(Relation, int(action.local))
        if row is None or row.version != self._versions[action.local]:
            raise Changed
        try:
            data = self._package.updated(self._data[action.local], action)
            relations.save(
                data,
                row,
                origin_connection_id=self._turn.connection_id,
                action="synced",
            )
        except AskUser as error:
            self._left.add(action.local)
            remote = self._facts.remotes[action.remotes[0]]
            self._object(self._refusal(error, action.local, remote))
            return
        tally["changed_here"] += row.version != self._versions[action.local]
        self._versions[action.local] = row.version
        self._data[action.local] = data
        self._updates[action.local] = action

    def _create_in(self, action: CreateIn, tally: Counter[str]) -> None:
        remote = self._facts.remotes[action.remote]
        try:
            data = self._package.relation(action)
            row = relations.save(
                data,
                None,
                origin_connection_id=self._turn.connection_id,
                action="synced",
                manager_id=self._turn.manager_id,
            )
        except AskUser as error:
            self._object(self._refusal(error, "", remote))
            return
        tally["made_here"] += 1
        local = self._package.local(str(row.id), data)
        if action.role in local.numbers:
            self._keep(linked(local, remote))

    def _as_stored(self, link: Link) -> Link:
        """Return the link of a relation as it became, where the plan only foresaw it.

        A relation writes some values its own way: that is in step. What changed along
        with them in another role is not, and keeps the link of the plan: it differs,
        so that the relation is looked at again.
        """
        update = self._updates.get(link.local)
        if update is None:
            return link
        remote = self._facts.remotes[link.remote]
        local = self._package.local(link.local, self._data[link.local])
        if link.role not in local.numbers:
            return link
        along = any(
            local.values.get(name) != value
            for name, value in remote.values.items()
            if name in local.values and name not in update.changed
        )
        return link if along else linked(local, remote)

    # --- there ---------------------------------------------------------------------

    def _there(self, action: CreateOut | UpdateOut) -> None:
        if action.local in self._left:
            return
        data = self._data[action.local]
        local = self._package.local(action.local, data)
        if action.role not in local.numbers or self._rests(action, local):
            return
        self._turn.before_call()
        try:
            remote = self._written(data, action)
        except (AskUser, Stop) as error:
            self._refused(action, local, error)
        except OutcomeUnknown as error:
            self._unanswered(action, local, error)
        else:
            if remote is None:
                self._unseen.append(Unseen(action.role, local))
            self._confirm(action, data, linked(local, remote) if remote else None)

    def _written(
        self, data: RelationData, action: CreateOut | UpdateOut
    ) -> Remote | None:
        self._turn.counts["calls"] += 1
        if isinstance(action, CreateOut):
            return self._package.create(data, action)
        return self._package.update(data, action)

    def _rests(self, action: CreateOut | UpdateOut, local: Local) -> bool:
        """Tell whether it must not be sent now; its trouble stays.

        What was refused is not sent again as it was, unless the user asks. What was
        sent without an answer is looked for twice, the second time when the package
        must have finished with it.
        """
        known = self._known.get(_key(action))
        if known is None:
            return False
        if known.not_before is not None and isinstance(action, CreateOut):
            if known.misses and utcnow() >= known.not_before:
                return False
            self._missed(known, known.not_before)
            return True
        same = known.content_hash == our_hash(local, action.role)
        asked = self._turn.by_user and known.noted_at < self._turn.begun_at
        if not same or asked or known.not_before is not None:
            return False
        self._standing.add(_key(action))
        return True

    def _missed(self, known: RelationTrouble, not_before: datetime) -> None:
        objection = Objection(
            known.code,
            known.role,
            known.relation_id,
            known.external_id,
            known.number,
            known.params,
            known.content_hash,
            max(not_before, utcnow() + timedelta(seconds=1)),
            known.misses + 1,
        )
        with self._turn.work():
            self._object(objection)

    def _refused(
        self, action: CreateOut | UpdateOut, local: Local, error: KoppelwerkError
    ) -> None:
        with self._turn.work():
            self._object(_objection(action, local, error))

    def _unanswered(
        self, action: CreateOut | UpdateOut, local: Local, error: OutcomeUnknown
    ) -> None:
        look = utcnow() + timedelta(seconds=settings().recheck_seconds)
        with self._turn.work():
            self._object(_objection(action, local, error, look))
        self._turn.unanswered(error)

    def _confirm(
        self, action: CreateOut | UpdateOut, data: RelationData, link: Link | None
    ) -> None:
        """Store the link of what was written, with what was overwritten."""
        with self._turn.work() as tally:
            if link is not None:
                self._keep(link)
            is_new = isinstance(action, CreateOut)
            tally["made_there" if is_new else "changed_there"] += 1
            if isinstance(action, UpdateOut) and action.overwritten:
                tally["overwritten"] += self._note_overwritten(action, data)

    def _note_overwritten(self, action: UpdateOut, data: RelationData) -> int:
        """Keep what the package had, in the CRM's own fields; tell whether any."""
        theirs = dict(action.overwritten)
        number = theirs.pop(NUMBER, None)
        before = UpdateIn(
            action.local,
            theirs,
            {} if number is None else {action.role: number},
            {},
            (action.remote,),
        )
        was = self._package.updated(data, before)
        changes = relation_fields.changes(was, data)
        row = session().get(Relation, int(action.local))
        if row is None or not changes:
            return 0
        relations.note_overwritten(row, self._turn.connection_id, changes)
        return 1

    # --- links and troubles --------------------------------------------------------

    def _keep(self, link: Link) -> None:
        relation_links.keep(self._turn.tenant_id, self._turn.connection_id, link)

    def _object(self, objection: Objection) -> None:
        turn = self._turn
        relation_troubles.note(turn.tenant_id, turn.connection_id, objection)
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
        is_whole = self._turn.whole_since is not None
        if not (found or solved or is_whole):
            return
        with self._turn.work():
            turn = self._turn
            for objection in found:
                relation_troubles.note(turn.tenant_id, turn.connection_id, objection)
            relation_troubles.solved(solved)
            if is_whole:
                relation_links.seen(turn.connection_id, list(self._facts.remotes))

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
            {"names": ", ".join(names), "records": ", ".join(records)},
        )


def _key(action: CreateOut | UpdateOut) -> Key:
    external = action.remote if isinstance(action, UpdateOut) else ""
    return int(action.local), action.role, external


def _objection(
    action: CreateOut | UpdateOut,
    local: Local,
    error: KoppelwerkError,
    not_before: datetime | None = None,
) -> Objection:
    relation_id, role, external_id = _key(action)
    return Objection(
        error.code if not_before is None else UNANSWERED,
        role,
        relation_id,
        external_id,
        local.numbers[role],
        error.params,
        our_hash(local, role),
        not_before,
    )
