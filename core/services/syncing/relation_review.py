"""The last phase of a run: its troubles are looked at again, both sides read afresh."""

from collections.abc import Sequence

from core.plugin.capabilities import AT_ONCE, RelationPackage
from core.rules.sync import Remote
from core.runtime.database import session
from core.services.syncing import relation_numbers, relation_troubles
from core.services.syncing.relation_facts import (
    Pair,
    find,
    links,
    read_relations,
    records,
)
from core.services.syncing.relation_links import parts
from core.services.syncing.relation_stretch import Stretch
from core.services.syncing.relation_unit import settle


def review(stretch: Stretch, package: RelationPackage) -> None:
    """Look again at what needed a person, until it is solved."""
    relation_numbers.give(
        stretch,
        lambda role, wanted: {
            remote.number for remote in find(stretch, package, role, wanted)
        },
    )
    after = stretch.done = 0
    while rows := relation_troubles.page(stretch.connection_id, after, AT_ONCE):
        after = rows[-1].id
        some = [(row.id, row.role, row.relation_id, row.external_id) for row in rows]
        numbers = {(row.role, row.number) for row in rows if row.number}
        session().rollback()
        _look_again(stretch, package, some, numbers)
        stretch.done += len(some)
        stretch.check()


_Trouble = tuple[int, str, int | None, str]


def _look_again(
    stretch: Stretch,
    package: RelationPackage,
    rows: Sequence[_Trouble],
    numbers: set[tuple[str, str]],
) -> None:
    """Read both sides of some troubles afresh, and bring them in step if it can."""
    ids = {relation_id for _id, _role, relation_id, _key in rows if relation_id}
    known = read_relations(stretch.tenant_id, ids, stretch.foresees)
    linked = links(stretch, ids)
    looked: set[Pair] = set()
    remotes: dict[str, Remote] = {}
    for role in sorted({role for _id, role, _relation, _key in rows}):
        own = [row for row in rows if row[1] == role]
        keys = {key for _id, _role, _relation, key in own if key}
        wanted = {number for of, number in numbers if of == role}
        for _id, _role, relation_id, _key in own:
            if relation_id not in known:
                continue
            local = known[relation_id].local(package, str(relation_id))
            wanted |= {local.numbers[role]} if local.numbers.get(role) else set()
            link = linked.get((relation_id, role))
            keys |= {link.external_id} if link else set()
            looked.add((local.key, role))
        for some in parts(sorted(keys), AT_ONCE):
            found = records(stretch, package, role, some)
            remotes |= {one.key: one for one in found}
        for some in parts(sorted(wanted), AT_ONCE):
            remotes |= {one.key: one for one in find(stretch, package, role, some)}
    settle(stretch, package, list(remotes.values()), ids, looked)
    gone = [i for i, _role, own, key in rows if own is None and key not in remotes]
    if stretch.foresees:
        return
    with stretch.work():
        relation_troubles.solved(gone)
