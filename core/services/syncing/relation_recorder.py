"""What becomes of a unit's plan: it is done and kept as lines, or only foreseen.

The same planner and the same unit lead here, so that a preview says what its run does.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import LineKind, Relation, RelationTrouble
from core.plugin.capabilities import ChecksWrites, RelationPackage
from core.rules import relation_fields
from core.rules.sync import CreateOut, Link, Local, Remote, UpdateIn, UpdateOut
from core.services.crm import relations
from core.services.syncing import (
    relation_foreseen,
    relation_lines,
    relation_links,
    relation_troubles,
)
from core.services.syncing.relation_facts import Facts
from core.services.syncing.relation_lines import NUMBER, Line, with_number
from core.services.syncing.relation_links import Stored
from core.services.syncing.relation_stretch import Stretch
from core.services.syncing.relation_troubles import CONFLICTS, Objection
from core.services.syncing.relation_write import MadeRecord, RecordWrite, key_of


class Recorder(ABC):
    """What a unit does with its plan, in the caller's transaction where it is ours."""

    def __init__(
        self, stretch: Stretch, package: RelationPackage, facts: Facts
    ) -> None:
        self._stretch = stretch
        self._package = package
        self._facts = facts

    @abstractmethod
    def change_here(
        self, row: Relation, data: RelationData, *, unclear_name: bool = False
    ) -> bool:
        """Change a relation; tell whether anything differs. AskUser: it may not be."""

    @abstractmethod
    def make_here(
        self, data: RelationData, remote: Remote, assumed: frozenset[str]
    ) -> str:
        """Make a relation of a record and return its key; empty: it is not made."""

    @abstractmethod
    def link(self, link: Link, *, with_line: bool = True) -> None:
        """Store that two are in step."""

    @abstractmethod
    def there(
        self,
        action: CreateOut | UpdateOut,
        data: RelationData,
        local: Local,
        known: RelationTrouble | None,
    ) -> MadeRecord | None:
        """Write a record; None: it is not written. Raises what `RecordWrite` does."""

    @abstractmethod
    def object(self, objection: Objection) -> None:
        """Keep why a relation or record is left as it is."""

    @abstractmethod
    def solved(self, ids: Sequence[int]) -> None:
        """Forget troubles that are over."""

    @abstractmethod
    def rests(self, known: RelationTrouble) -> None:
        """Leave a write that was refused as it is now."""

    @contextmanager
    def group(self) -> Iterator[None]:
        """Do some writes there together; each commits by itself unless this does."""
        yield

    def _before(self, link: Link) -> list[Stored]:
        """Return the links that make way for one."""
        return [
            row
            for row in self._facts.links.values()
            if row.role == link.role
            and (row.external_id == link.remote or str(row.relation_id) == link.local)
        ]

    @abstractmethod
    def _keep(self, line: Line) -> None:
        """Keep a line of the run, or of the preview."""

    def _tell_change(
        self,
        row: Relation,
        data: RelationData,
        before: RelationData,
        after: RelationData,
    ) -> bool:
        """Keep what changes of a relation; tell whether anything does."""
        changes = relation_fields.changes(before, after)
        if changes:
            self._keep(
                Line(
                    LineKind.CHANGED_HERE,
                    row.id,
                    number=data.debtor_number or data.creditor_number,
                    name=data.full_name,
                    changes=changes,
                )
            )
        return bool(changes)

    def _changed_there(self, action: UpdateOut, data: RelationData) -> Line:
        return changed_line(
            self._package, action, data, self._facts.remotes[action.remote]
        )


def changed_line(
    package: RelationPackage, action: UpdateOut, data: RelationData, before: Remote
) -> Line:
    """Return the line of a record that changes, field by field in the CRM's words."""
    theirs = {name: before.value(name) for name in action.changed}
    numbers = {action.role: before.number} if action.number else {}
    was = package.updated(
        data, UpdateIn(action.local, theirs, numbers, {}, (action.remote,))
    )
    return Line(
        LineKind.OVERWRITTEN if action.overwritten else LineKind.CHANGED_THERE,
        int(action.local),
        action.remote,
        action.role,
        action.number or before.number,
        data.full_name,
        changes=relation_fields.changes(was, data),
        before=with_number(before.values, before.number),
    )


class Writing(Recorder):
    """Both sides are written, and each write is kept so that it can be put back."""

    def change_here(
        self, row: Relation, data: RelationData, *, unclear_name: bool = False
    ) -> bool:
        """Save it."""
        before = relations.data_of(row)
        relations.save(
            data,
            row,
            origin_connection_id=self._stretch.connection_id,
            action="synced",
            unclear_name=unclear_name,
        )
        return self._tell_change(row, data, before, relations.data_of(row))

    def make_here(
        self, data: RelationData, remote: Remote, assumed: frozenset[str]
    ) -> str:
        """Save it."""
        row = relations.save(
            data,
            None,
            origin_connection_id=self._stretch.connection_id,
            action="synced",
            manager_id=self._stretch.manager_id,
            assumed=assumed,
        )
        after = relation_fields.flat(relations.data_of(row))
        self._keep(replace(made_here(remote, data), relation_id=row.id, after=after))
        return str(row.id)

    def link(self, link: Link, *, with_line: bool = True) -> None:
        """Store it, with what it replaces."""
        stretch = self._stretch
        if with_line:
            self._keep(
                Line(
                    LineKind.LINKED,
                    int(link.local),
                    link.remote,
                    link.role,
                    after={"ours": link.our_hash, "theirs": link.their_hash},
                    links=self._before(link),
                )
            )
        relation_links.keep(stretch.tenant_id, stretch.connection_id, link)

    def there(
        self,
        action: CreateOut | UpdateOut,
        data: RelationData,
        local: Local,
        known: RelationTrouble | None,
    ) -> MadeRecord | None:
        """Write it once."""
        external = action.remote if isinstance(action, UpdateOut) else ""
        link = Link(action.local, action.role, external)
        if isinstance(action, UpdateOut):
            line = self._changed_there(action, data)
        else:
            line = made_line(action, data)
        write = RecordWrite(
            self._stretch,
            self._package,
            action,
            data,
            local,
            known,
            line,
            self._before(link),
        )
        return write.once()

    def object(self, objection: Objection) -> None:
        """Note it, for the user to see until it is solved."""
        stretch = self._stretch
        relation_troubles.note(stretch.tenant_id, stretch.connection_id, objection)

    def solved(self, ids: Sequence[int]) -> None:
        """Forget them."""
        relation_troubles.solved(ids)

    def rests(self, known: RelationTrouble) -> None:
        """Its trouble stands."""

    def _keep(self, line: Line) -> None:
        relation_lines.keep(self._stretch.tenant_id, self._stretch.run_id, line)


def refusal(
    package: RelationPackage, action: CreateOut | UpdateOut, data: RelationData
) -> AskUser | None:
    """Return why a package would refuse a write, as far as it can tell without one."""
    if isinstance(package, ChecksWrites):
        try:
            package.check(data, action)
        except AskUser as error:
            return error
    return None


def made_here(remote: Remote, data: RelationData) -> Line:
    """Return the line of a relation that is made of a record."""
    return Line(
        LineKind.MADE_HERE,
        external_id=remote.key,
        role=remote.role,
        number=remote.number,
        name=data.full_name,
    )


def made_line(action: CreateOut, data: RelationData) -> Line:
    """Return the line of a record that is made."""
    return Line(
        LineKind.MADE_THERE,
        int(action.local),
        role=action.role,
        number=action.number,
        name=data.full_name,
    )


class Foreseeing(Recorder):
    """Nothing is written on either side: what would be is kept as lines."""

    def change_here(
        self, row: Relation, data: RelationData, *, unclear_name: bool = False
    ) -> bool:
        """Tell what would differ from what is stored."""
        self._refuse_save(row, data)
        return self._tell_change(row, data, relations.data_of(row), data)

    def make_here(
        self, data: RelationData, remote: Remote, assumed: frozenset[str]
    ) -> str:
        """Tell of it."""
        self._refuse_save(None, data)
        self._keep(made_here(remote, data))
        return ""

    def _refuse_save(self, row: Relation | None, data: RelationData) -> None:
        stretch = self._stretch
        relation_foreseen.refuse_save(stretch.tenant_id, stretch.run_id, row, data)

    def link(self, link: Link, *, with_line: bool = True) -> None:
        """Leave it."""

    def there(
        self,
        action: CreateOut | UpdateOut,
        data: RelationData,
        local: Local,
        known: RelationTrouble | None,
    ) -> None:
        """Tell of it, or of why the package would refuse it."""
        error = refusal(self._package, action, data)
        if error is not None:
            relation_id, role, external_id = key_of(action)
            number = local.numbers[role]
            self.object(
                Objection(
                    error.code, role, relation_id, external_id, number, error.params
                )
            )
        elif isinstance(action, UpdateOut):
            line = self._changed_there(action, data)
            after = {**line.before, **action.changed}
            if action.number:
                after[NUMBER] = action.number
            self._keep(replace(line, after=after))
        else:
            self._keep(made_line(action, data))

    def object(self, objection: Objection) -> None:
        """Tell of it."""
        is_conflict = objection.code in CONFLICTS
        self._keep(
            Line(
                LineKind.CONFLICT if is_conflict else LineKind.LEFT_OUT,
                objection.relation_id,
                objection.external_id,
                objection.role,
                objection.number,
                self._name_of(objection),
                code=objection.code,
                params=objection.params,
            )
        )

    def rests(self, known: RelationTrouble) -> None:
        """Tell of it."""
        self.object(
            Objection(
                known.code,
                known.role,
                known.relation_id,
                known.external_id,
                known.number,
                known.params,
            )
        )

    def solved(self, ids: Sequence[int]) -> None:
        """Leave them."""

    @contextmanager
    def group(self) -> Iterator[None]:
        """Commit the lines of a group together."""
        with self._stretch.work():
            yield

    def _name_of(self, objection: Objection) -> str:
        known = self._facts.relations.get(objection.relation_id or 0)
        if known is not None:
            return known.data.full_name
        remote = self._facts.remotes.get(objection.external_id)
        return remote.value("name") if remote is not None else ""

    def _keep(self, line: Line) -> None:
        relation_lines.keep_once(self._stretch.tenant_id, self._stretch.run_id, line)
