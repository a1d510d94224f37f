"""A record made or changed in the package; what is not certain is kept as a trouble.

The lease is longer than a write of a dead worker can stay unseen, so nothing is stored
before the call: the next worker finds the record by its number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.clock import utcnow
from core.domain.errors import AskUser, KoppelwerkError, Stop
from core.domain.relations import RelationData
from core.models import Relation, RelationTrouble
from core.plugin.capabilities import RelationPackage
from core.plugin.engine import MOST_SENDS, RemoteWrite
from core.rules import relation_fields
from core.rules.relation_fields import Change
from core.rules.sync import (
    CreateOut,
    Local,
    Remote,
    UpdateIn,
    UpdateOut,
    linked,
)
from core.rules.sync.records import our_hash
from core.runtime.database import session
from core.services.crm import relation_history
from core.services.syncing import relation_lines, relation_links, relation_troubles
from core.services.syncing.relation_lines import NUMBER, Line, with_number
from core.services.syncing.relation_links import Stored
from core.services.syncing.relation_stretch import Stretch
from core.services.syncing.relation_troubles import Key, Objection

UNANSWERED = "relation_unanswered"
SOON = timedelta(seconds=1)


def key_of(action: CreateOut | UpdateOut) -> Key:
    """Return what a trouble with a write is about."""
    external = action.remote if isinstance(action, UpdateOut) else ""
    return int(action.local), action.role, external


@dataclass(frozen=True)
class MadeRecord:
    """What was written; without `remote` the package did not show it."""

    remote: Remote | None


@dataclass
class RecordWrite(RemoteWrite[MadeRecord]):
    """One write of a stretch."""

    stretch: Stretch
    package: RelationPackage
    action: CreateOut | UpdateOut
    data: RelationData
    local: Local
    """As it is sent."""
    known: RelationTrouble | None
    """The trouble with it so far."""
    line: Line
    """What is kept of it; complete once it is known what became of it."""
    replaced: Sequence[Stored] = ()
    """The links that make way for the new one."""
    ledger_id: int | None = None
    """What was noted to be overwritten, before it was sent."""

    def __post_init__(self) -> None:
        self._overwritten = self._lost()
        known = self.known
        if known is None or known.not_before is None:
            return
        self.sends = known.sends or 0
        if isinstance(self.action, CreateOut):
            # Only a new record can be doubled; a change is planned by what stands.
            self.sent_at = known.not_before - self.recheck()
            self.has_missed = known.misses > 0

    def prepare(self, now: datetime) -> None:
        """Note what goes before it goes: a worker may die right after the call."""
        self.stretch.before_write()
        if self._overwritten:
            with self.stretch.work():
                self.ledger_id = self._noted(self._overwritten)

    def send(self) -> MadeRecord:
        self.stretch.counts["calls"] += 1
        if isinstance(self.action, CreateOut):
            return MadeRecord(self.package.create(self.data, self.action))
        return MadeRecord(self.package.update(self.data, self.action))

    def find(self, sent_at: datetime) -> MadeRecord | None:
        """It was looked for by its number right before this was planned."""
        return None

    def confirm(self, made: MadeRecord) -> None:
        """Store the link of what was written, with what was overwritten."""
        stretch, action = self.stretch, self.action
        with stretch.work() as tally:
            after = with_number(self.local.values, self.local.numbers[action.role])
            external_id = self.line.external_id
            if made.remote is not None:
                external_id = made.remote.key
                after = with_number(made.remote.values, made.remote.number)
                link = linked(self.local, made.remote, action.pending)
                relation_links.keep(stretch.tenant_id, stretch.connection_id, link)
            line = replace(
                self.line, external_id=external_id, after=after, links=self.replaced
            )
            relation_lines.keep(stretch.tenant_id, stretch.run_id, line)
            is_new = isinstance(action, CreateOut)
            tally["made_there" if is_new else "changed_there"] += 1
            tally["overwritten"] += bool(self._overwritten)

    def reject(self, error: KoppelwerkError) -> None:
        if self.ledger_id is not None:
            with self.stretch.work():
                relation_history.forget_overwritten(self.ledger_id)
        if isinstance(error, (AskUser, Stop)):
            self._object(error.code, error.params)

    def unknown(self, error: Exception) -> None:
        """It is looked for later; a change that had no answer often enough rests."""
        params = error.params if isinstance(error, KoppelwerkError) else {}
        self.sends += 1
        is_change = isinstance(self.action, UpdateOut)
        if is_change and self.sends >= MOST_SENDS:
            self._object(UNANSWERED, params)
        else:
            self._object(UNANSWERED, params, utcnow() + self.recheck())

    def ended(self) -> None:
        """It rests until it changes or the user asks; then it is planned anew, by the
        list of records: what is there by then is not made again."""
        self._object(UNANSWERED, self.known.params if self.known else {})

    def missed(self, now: datetime) -> None:
        known = self.known
        if known is None or known.not_before is None:
            raise LookupError(self.action.local)
        look = max(known.not_before, now + SOON)
        self._object(known.code, known.params, look, known.misses + 1)

    def _object(
        self,
        code: str,
        params: dict[str, str],
        not_before: datetime | None = None,
        misses: int = 0,
    ) -> None:
        stretch, role = self.stretch, self.action.role
        relation_id, _role, external_id = key_of(self.action)
        objection = Objection(
            code,
            role,
            relation_id,
            external_id,
            self.local.numbers[role],
            params,
            our_hash(self.local, role),
            not_before,
            misses,
            self.sends if not_before else 0,
        )
        with stretch.work():
            relation_troubles.note(stretch.tenant_id, stretch.connection_id, objection)

    def _lost(self) -> dict[str, Change]:
        """Return what the package had and loses, in the CRM's own fields."""
        action = self.action
        if not isinstance(action, UpdateOut) or not action.overwritten:
            return {}
        theirs = dict(action.overwritten)
        number = theirs.pop(NUMBER, None)
        before = UpdateIn(
            action.local,
            theirs,
            {} if number is None else {action.role: number},
            {},
            (action.remote,),
        )
        was = self.package.updated(self.data, before)
        return relation_fields.changes(was, self.data)

    def _noted(self, changes: dict[str, Change]) -> int | None:
        row = session().get(Relation, int(self.action.local))
        if row is None:
            return None
        return relation_history.note_overwritten(
            row, self.stretch.connection_id, changes
        )
