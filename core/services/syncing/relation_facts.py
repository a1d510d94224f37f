"""What a plan needs to know: records, the relations they belong to, and their links.

For some records and relations at a time, so that memory does not grow with what there
is; everything at once only for a package that gives all its records each time.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import select

from core.domain.relations import RelationData
from core.domain.strings import all_sendable
from core.models import Relation
from core.plugin.capabilities import RelationPackage
from core.rules import received, relation_fields
from core.rules.relation_fields import KIND
from core.rules.sync import Action, Decisions, Local, Remote, plan
from core.runtime.database import session
from core.services.crm import relation_doubts, relations
from core.services.crm.merged import is_current
from core.services.crm.relation_doubts import Doubts
from core.services.syncing import (
    relation_decisions,
    relation_foreseen,
    relation_links,
)
from core.services.syncing.relation_links import Stored, parts
from core.services.syncing.relation_stretch import Stretch

Pair = tuple[str, str]
"""A relation's key and a role."""


def local_of(
    package: RelationPackage, key: str, data: RelationData, doubts: Doubts
) -> Local:
    """Return a relation as it would stand in a package; values in doubt are held.

    Which of the package's fields those are shows in what it would be without them.
    """
    local = package.local(key, data)
    if not doubts.names:
        return local
    bare = package.local(key, received.without(data, doubts.names)).values
    in_doubt = {name for name, text in local.values.items() if bare.get(name) != text}
    in_doubt |= doubts.names & {KIND}
    return replace(local, held=local.held | in_doubt)


class Known(NamedTuple):
    """A relation as read."""

    data: RelationData
    version: int
    doubts: Doubts = Doubts()

    def local(self, package: RelationPackage, key: str) -> Local:
        """Return it as it would stand in the package; what is in doubt is held."""
        return local_of(package, key, self.data, self.doubts)


@dataclass
class Facts:
    """What is known of the records and relations of one unit."""

    remotes: dict[str, Remote]
    relations: dict[int, Known] = field(default_factory=dict)
    links: dict[tuple[str, str], Stored] = field(default_factory=dict)
    """By role and record."""
    locals: dict[str, Local] = field(default_factory=dict)
    decided: Decisions = field(default_factory=dict)
    unread: set[Pair] | None = None

    def actions(self, stretch: Stretch, package: RelationPackage) -> list[Action]:
        """Return the plan."""
        return plan(
            list(self.locals.values()),
            list(self.remotes.values()),
            [row.link for row in self.links.values()],
            package.ways,
            trust_absent=stretch.trust_absent,
            unread=self.unread,
            decided=self.decided,
        )


def gather(
    stretch: Stretch,
    package: RelationPackage,
    remotes: Iterable[Remote],
    seeds: Iterable[int],
    looked: Collection[Pair],
) -> Facts:
    """Read what a plan needs; no transaction is left open.

    `seeds`: relations that it is about; `looked`: of which it is certain that their
    record is among the remotes or not there.
    """
    facts = _of(stretch, [all_sendable(remote) for remote in remotes])
    _take(facts, relation_links.of_records(stretch.connection_id, facts.remotes))
    wanted = {row.relation_id for row in facts.links.values() if row.relation_id}
    ids = wanted | set(seeds) | _owners(stretch.tenant_id, facts.remotes.values())
    facts.relations = read_relations(stretch.tenant_id, ids, stretch.foresees)
    _take(facts, relation_links.of_relations(stretch.connection_id, facts.relations))
    facts.decided = relation_decisions.of_relations(
        stretch.connection_id, facts.relations
    )
    session().rollback()
    _shape(facts, package)
    facts.unread = _unread(facts, looked)
    return facts


def gather_all(
    stretch: Stretch, package: RelationPackage, remotes: Iterable[Remote]
) -> Facts:
    """Read everything, for a package that gives all its records each time."""
    facts = _of(stretch, remotes)
    _take(facts, relation_links.every(stretch.connection_id))
    ids = session().scalars(
        select(Relation.id).where(
            Relation.tenant_id == stretch.tenant_id,
            Relation.debtor_number.is_not(None) | Relation.creditor_number.is_not(None),
        )
    )
    linked = {row.relation_id for row in facts.links.values() if row.relation_id}
    every = linked | set(ids)
    facts.relations = read_relations(stretch.tenant_id, every, stretch.foresees)
    facts.decided = relation_decisions.every(stretch.connection_id)
    session().rollback()
    _shape(facts, package)
    return facts


def _of(stretch: Stretch, remotes: Iterable[Remote]) -> Facts:
    """Begin with some records; a preview with what it would have made of them."""
    if stretch.foresees:
        return Facts(relation_foreseen.there(stretch.run_id, remotes))
    return Facts({remote.key: remote for remote in remotes})


def _take(facts: Facts, rows: Iterable[Stored]) -> None:
    facts.links |= {(row.role, row.external_id): row for row in rows}


def _shape(facts: Facts, package: RelationPackage) -> None:
    for relation_id, known in facts.relations.items():
        key = str(relation_id)
        facts.locals[key] = known.local(package, key)


def _owners(tenant_id: int, remotes: Iterable[Remote]) -> set[int]:
    """Return the relations that have the number of one of the records."""
    columns = {"debtor": Relation.debtor_number, "creditor": Relation.creditor_number}
    numbers: dict[str, set[str]] = {role: set() for role in columns}
    for remote in remotes:
        if remote.number and remote.role in numbers:
            numbers[remote.role].add(remote.number)
    return {
        relation_id
        for role, column in columns.items()
        for some in parts(numbers[role])
        for relation_id in session().scalars(
            select(Relation.id).where(Relation.tenant_id == tenant_id, column.in_(some))
        )
    }


def read_relations(
    tenant_id: int, ids: Iterable[int], preview_id: int = 0
) -> dict[int, Known]:
    """Return relations afresh as plain data; as they would be after a preview.

    The links of merged ones rest.
    """
    found = {}
    ids = list(ids)
    for some in parts(ids):
        rows = session().scalars(
            select(Relation)
            .where(Relation.tenant_id == tenant_id, is_current(), Relation.id.in_(some))
            .execution_options(populate_existing=True)
        )
        for row in rows:
            doubts = relation_doubts.of(row)
            found[row.id] = Known(relations.data_of(row), row.version, doubts)
    if preview_id:
        for key, values in relation_foreseen.here(preview_id, found).items():
            data = relation_fields.with_values(found[key].data, values)
            found[key] = found[key]._replace(data=data)
    return found


def _unread(facts: Facts, looked: Collection[Pair]) -> set[Pair]:
    """Return the relations, by role, whose record was not looked for."""
    linked = {
        (str(row.relation_id), row.role): row.external_id in facts.remotes
        for row in facts.links.values()
        if row.relation_id
    }
    numbers = {(remote.role, remote.number) for remote in facts.remotes.values()}
    found = set()
    for key, local in facts.locals.items():
        for role, number in local.numbers.items():
            pair = key, role
            is_there = linked.get(pair, (role, number) in numbers)
            if pair not in looked and not is_there:
                found.add(pair)
    return found


def records(
    stretch: Stretch, package: RelationPackage, role: str, keys: Sequence[str]
) -> Sequence[Remote]:
    """Ask the package for records by their keys."""
    if not keys:
        return ()
    stretch.counts["calls"] += 1
    return package.records(role, keys)


def find(
    stretch: Stretch, package: RelationPackage, role: str, numbers: Sequence[str]
) -> Sequence[Remote]:
    """Ask the package which records have some numbers."""
    if not numbers:
        return ()
    stretch.counts["calls"] += 1
    return package.find(role, numbers)


def links(stretch: Stretch, ids: Iterable[int]) -> dict[tuple[int, str], Stored]:
    """Return links by relation and role; no transaction is left open."""
    rows = relation_links.of_relations(stretch.connection_id, ids)
    session().rollback()
    return {(row.relation_id, row.role): row for row in rows if row.relation_id}
