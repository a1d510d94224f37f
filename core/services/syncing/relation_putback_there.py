"""One record of a run put back in the package, written once, whatever breaks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.errors import AskUser, KoppelwerkError, Stop
from core.domain.relations import RelationData
from core.models import LineKind, Relation
from core.plugin.capabilities import RelationPackage, RemovesRecords
from core.plugin.engine import RemoteWrite
from core.rules.sync import CreateIn, Remote, UpdateIn, UpdateOut, place_of
from core.runtime.database import session
from core.services.crm import relations
from core.services.syncing import relation_foreseen
from core.services.syncing.relation_lines import NUMBER, Kept, with_number
from core.services.syncing.relation_putback import CHANGED, INEXACT, STAYS, PutBack
from core.services.syncing.relation_recorder import changed_line
from core.services.syncing.relation_stretch import Stretch


@dataclass(frozen=True)
class Target:
    """What a record is to be again."""

    values: Mapping[str, str]
    """All its managed values, and its number."""
    kept: Mapping[str, tuple[str, str]]
    """What somebody changed since: as the run wrote it, and as it is."""
    unsent: frozenset[str] = frozenset()
    """What we cannot say to the package, such as that there is no country."""

    @property
    def number(self) -> str:
        """Its number."""
        return self.values[NUMBER]


class There(PutBack):
    """A record that was made or changed in the package."""

    def __init__(
        self,
        stretch: Stretch,
        package: RelationPackage,
        line: Kept,
        records: dict[str, Remote],
    ) -> None:
        """`records`: as read just now; what is written here is written there too."""
        super().__init__(stretch, line)
        self._package = package
        self._records = records

    def put_back(self) -> None:
        """Put it back, or list that; commits by itself.

        Raises what the package raises of more than this record.
        """
        try:
            if self._line.kind is LineKind.MADE_THERE:
                self._unmake()
            else:
                self._change_back()
        except (AskUser, Stop) as error:
            with self._stretch.work():
                self._leave(error)
                self._is_dealt_with()

    def _unmake(self) -> None:
        record = self._found()
        if record is None:
            self._done(LineKind.REMOVED_THERE)
            return
        if not _is_still(record, self._line.after):
            raise AskUser(CHANGED)
        if not isinstance(self._package, RemovesRecords):
            raise AskUser(STAYS)
        if self._is_listing:
            self._done(LineKind.REMOVED_THERE)
            return
        Removal(self, self._package).once()

    def _change_back(self) -> None:
        record = self._found()
        if record is None:
            raise AskUser("record_gone", name=self._line.name)
        target = self._target(record)
        now = with_number(record.values, record.number)
        if target.values == now:  # done before its answer was lost, or by somebody
            self._changed(target, {} if target.kept else self._back())
            return
        data, unsent = self._data(record, target)
        target = replace(target, unsent=unsent)
        action = UpdateOut(
            str(self._line.relation_id or 0),
            record.role,
            record.key,
            {
                name: value
                for name, value in target.values.items()
                if name != NUMBER and name not in unsent and value != now[name]
            },
            target.number if target.number != record.number else "",
        )
        changes = self._back()
        if target.kept or unsent:
            changes = changed_line(self._package, action, data, record).changes
        if self._is_listing:
            self._changed(target, changes)
        else:
            Change(self, self._package, data, action, target, changes).once()

    def _found(self) -> Remote | None:
        """Return the record; in a list, after what stands in that before."""
        record = self._records.get(self._line.external_id)
        if record is None or not self._is_listing:
            return record
        found = relation_foreseen.there(self._stretch.run_id, [record])
        session().rollback()
        return found[record.key]

    def _back(self) -> Mapping[str, Any]:
        """Return what the run changed, the other way round."""
        return {name: (new, old) for name, (old, new) in self._line.changes.items()}

    def _target(self, record: Remote) -> Target:
        before, after = self._line.before, self._line.after
        now = with_number(record.values, record.number)
        values, kept = dict(now), {}
        for name, old in before.items():
            new = after.get(name, old)
            if old == new or name not in now:
                continue
            if now[name] == new:
                values[name] = old
            elif now[name] != old:
                kept[name] = (new, now[name])
        places = {place_of(name) for name in kept} - {None}
        whole = {name: text for name, text in now.items() if place_of(name) in places}
        return Target({**values, **whole}, kept)

    def _data(
        self, record: Remote, target: Target
    ) -> tuple[RelationData, frozenset[str]]:
        """Return a relation that stands in the package exactly as the record did, and
        what differs and cannot be said of it.

        Raises AskUser where our words for it would change what somebody wrote there.
        """
        row = session().get(Relation, self._line.relation_id or 0)
        base = (
            relations.data_of(row)
            if row is not None
            else self._package.relation(
                CreateIn(record.key, record.role, record.number, record.values)
            )
        )
        session().rollback()
        key, role = str(self._line.relation_id or 0), record.role
        local = self._package.local(key, base)
        values = _without_number(target.values)
        changed = {
            name: value
            for name, value in values.items()
            if name in local.values and local.values[name] != value
        }
        update = UpdateIn(key, changed, {role: target.number}, {}, (record.key,))
        data = self._package.updated(base, update)
        again = self._package.local(key, data)
        is_exact = again.numbers.get(role) == target.number and all(
            again.values.get(name, value) == value for name, value in values.items()
        )
        if not is_exact:
            raise AskUser(INEXACT)
        unsent = {
            name
            for name, value in values.items()
            if (name not in again.values or name in again.held)
            and value != record.value(name)
        }
        return data, frozenset(unsent)

    # --- how it ends ---------------------------------------------------------------

    def _done(self, kind: LineKind, changes: Mapping[str, Any] | None = None) -> None:
        with self._stretch.work():
            self._restore_links()
            self._say(kind, changes=changes or {})
            self._is_dealt_with()

    def _changed(self, target: Target, changes: Mapping[str, Any]) -> None:
        with self._stretch.work():
            self._restore_links()
            if changes or not target.kept:
                self._say(LineKind.RESTORED_THERE, changes=changes, after=target.values)
            if target.kept:
                self._say(LineKind.LEFT_OUT, code=CHANGED)
            if target.unsent:
                self._say(LineKind.LEFT_OUT, code=INEXACT)
            self._is_dealt_with()

    def before_write(self) -> None:
        """Make sure of the lease and of the package, right before a write."""
        self._stretch.before_write()
        self._stretch.counts["calls"] += 1

    def removed(self) -> None:
        """Note that the record is gone."""
        self._records.pop(self._line.external_id, None)
        self._done(LineKind.REMOVED_THERE)

    def changed(
        self, record: Remote, target: Target, changes: Mapping[str, Any]
    ) -> None:
        """Note that the record is as it was."""
        self._records[record.key] = record
        self._changed(target, changes)

    @property
    def line(self) -> Kept:
        """What is put back."""
        return self._line

    @property
    def record(self) -> Remote:
        """The record as it was read."""
        return self._records[self._line.external_id]


class PutBackWrite(RemoteWrite[Remote | None]):
    """A write whose record is read again before anything is sent again."""

    def __init__(self, there: There) -> None:
        self.there = there

    def prepare(self, now: datetime) -> None:
        self.there.before_write()

    def find(self, sent_at: datetime) -> Remote | None:
        return None

    def reject(self, error: KoppelwerkError) -> None:
        pass

    def unknown(self, error: Exception) -> None:
        pass

    def missed(self, now: datetime) -> None:
        pass


class Removal(PutBackWrite):
    """A record that a run made, deleted."""

    def __init__(self, there: There, package: RemovesRecords) -> None:
        super().__init__(there)
        self._package = package

    def send(self) -> None:
        line = self.there.line
        self._package.remove(line.role, line.external_id)

    def confirm(self, made: Remote | None) -> None:
        self.there.removed()


class Change(PutBackWrite):
    """A record that gets its values from before a run."""

    def __init__(
        self,
        there: There,
        package: RelationPackage,
        data: RelationData,
        action: UpdateOut,
        target: Target,
        changes: Mapping[str, Any],
    ) -> None:
        super().__init__(there)
        self._package = package
        self._data = data
        self._action = action
        self._target = target
        self._changes = changes

    def send(self) -> Remote | None:
        return self._package.update(self._data, self._action)

    def confirm(self, made: Remote | None) -> None:
        target = self._target
        known = self.there.record
        values = _without_number(target.values)
        as_sent = Remote(known.key, known.role, target.number, values)
        self.there.changed(made or as_sent, target, self._changes)


def _without_number(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name != NUMBER}


def _is_still(record: Remote, after: Mapping[str, str]) -> bool:
    now = with_number(record.values, record.number)
    return all(now[name] == value for name, value in after.items() if name in now)
