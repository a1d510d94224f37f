"""What a run does, a phase after the other, each going on where it stopped.

- reading: what changed in the package, page by page; the cursor is stored when all
  of a page is dealt with
- writing: what changed here; only the records it concerns are read, right before
- closing: after many writes they are read back now, not by the next run
- reviewing: the troubles, until they are solved
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.models import Relation
from core.plugin.capabilities import AT_ONCE, RelationPackage, RemotePage
from core.rules.sync import Local, Remote, limits
from core.rules.sync.records import our_hash
from core.runtime.database import session
from core.services.crm import relation_doubts, relations
from core.services.crm.relation_doubts import Doubts
from core.services.syncing import (
    relation_lines,
    relation_numbers,
    relation_troubles,
)
from core.services.syncing.relation_facts import (
    Pair,
    find,
    links,
    local_of,
    read_relations,
    records,
)
from core.services.syncing.relation_links import Stored, parts
from core.services.syncing.relation_review import review
from core.services.syncing.relation_stretch import Stretch, TimeUp
from core.services.syncing.relation_unit import planned, settle, settle_all
from core.services.syncing.relation_unseen import Unseen, keep_seen

READING, WRITING = "reading", "writing"
CLOSING, REVIEWING = "closing", "reviewing"
OVERLAP = timedelta(seconds=150)
"""A transaction may commit so much later than the moment it gave its changes: the
longest a request or a job may take, and a little more."""
ROWS = 200
"""How many of our relations are looked through at once."""
SOME = 100
"""How many records of a page are dealt with at once."""
MANY = 500
"""So many writes are read back by the run that did them."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def go(stretch: Stretch, package: RelationPackage) -> None:
    """Go on with a run until everything is dealt with.

    Raises TimeUp when the time is up, and the errors that end a stretch.
    """
    if package.whole:
        _everything(stretch, package)
        return
    names = list(_PHASES)
    start = names.index(stretch.phase) if stretch.phase in names else 0
    for name in names[start:]:
        if stretch.phase != name:
            _enter(stretch, name)
        _PHASES[name](stretch, package)


def _enter(stretch: Stretch, name: str) -> None:
    stretch.enter(name)
    with stretch.work():
        if name == READING:
            # No more of ours changed than may go without a look.
            at = stretch.place().seen_at
            if at and not stretch.has_seen_all:
                stretch.allow({"changed_there": _count_changed(stretch.tenant_id, at)})
        elif name == WRITING:
            at = stretch.place().seen_at
            at = at - OVERLAP if at else None
            stretch.set(seen_at=at, seen_id=0)
            stretch.expected = _count_changed(stretch.tenant_id, at or _BEGINNING)
        elif name == REVIEWING:
            stretch.expected = relation_troubles.count(stretch.connection_id)


def _count_changed(tenant_id: int, since: datetime) -> int:
    found: int = session().scalar(
        select(func.count()).where(
            Relation.tenant_id == tenant_id, Relation.changed_at >= since
        )
    ) or 0  # fmt: skip
    return found


# --- the package's ------------------------------------------------------------------


def _everything(stretch: Stretch, package: RelationPackage) -> None:
    """Read a package that gives all its records each time, and compare them all."""
    stretch.enter(READING)
    remotes = _read_all(stretch, package)
    held = {(remote.role, remote.number) for remote in remotes}
    relation_numbers.give(
        stretch, lambda role, wanted: {one for one in wanted if (role, one) in held}
    )
    stretch.enter(WRITING)
    unseen: list[Unseen] = []
    try:
        settle_all(stretch, package, remotes, unseen)
    except TimeUp:
        _see(stretch, package, unseen)
        raise
    _see(stretch, package, unseen)


def _read_all(stretch: Stretch, package: RelationPackage) -> list[Remote]:
    remotes: list[Remote] = []
    for page in package.read({}):
        stretch.counts["calls"] += 1
        remotes += page.remotes
        stretch.done, stretch.expected = len(remotes), page.expected or len(remotes)
        with stretch.work():
            pass
    return remotes


def _see(stretch: Stretch, package: RelationPackage, unseen: Sequence[Unseen]) -> None:
    """Read once what the package made of what was written."""
    if unseen:
        keep_seen(stretch, unseen, _read_all(stretch, package))


def _read(stretch: Stretch, package: RelationPackage) -> None:
    cursor = dict(stretch.place().cursor)
    session().rollback()
    before = stretch.done
    for page in package.read(cursor):
        session().rollback()  # no transaction is held open while we wait
        stretch.counts["calls"] += 1
        stretch.expected = before + page.expected if page.expected else 0
        if stretch.phase == READING and not stretch.has_seen_all:
            unread = page.expected - (stretch.done - before)
            stretch.allow(_guess(stretch, package, page, unread))
        begun = stretch.done
        try:
            for some in parts(page.remotes, SOME):
                settle(stretch, package, some)
                stretch.done += len(some)
                with stretch.work():
                    pass
                stretch.check()
        except BaseException:
            stretch.done = begun  # the page is read again
            raise
        with stretch.work():
            stretch.set(cursor=dict(page.cursor))


def _guess(
    stretch: Stretch, package: RelationPackage, page: RemotePage, unread: int
) -> Mapping[str, int]:
    """Count what may be written of what there is to read, where that may be too much:
    what this page shows, and all of the `unread` that is behind it."""
    if not limits.is_exceeded(stretch.allowed, {"changed_here": unread}):
        return {}
    behind = max(unread - len(page.remotes), 0)
    return planned(stretch, package, page.remotes) + Counter(changed_here=behind)


def _read_back(stretch: Stretch, package: RelationPackage) -> None:
    counts = stretch.counts
    if stretch.foresees:
        return  # nothing was written
    if counts["made_there"] + counts["changed_there"] >= MANY:
        _read(stretch, package)


# --- ours ---------------------------------------------------------------------------


def _write(stretch: Stretch, package: RelationPackage) -> None:
    while True:
        asked_at = utcnow()
        rows = _next(stretch)
        if not rows:
            break
        for part in parts(_wanting(stretch, package, rows), AT_ONCE):
            _settle_ours(stretch, package, part)
        stretch.done += len(rows)
        with stretch.work():
            stretch.set(seen_at=rows[-1].changed_at, seen_id=rows[-1].id)
        stretch.check()
    with stretch.work():
        # Nothing that changed before is unseen, but for what is committed late.
        last = stretch.place().seen_at
        stretch.set(seen_at=max(asked_at, last) if last else asked_at, seen_id=0)
    if stretch.foresees:
        _follow_up(stretch, package)


def _follow_up(stretch: Stretch, package: RelationPackage) -> None:
    """Let what a preview changes here go on to records in its other role, as it would
    in a run: there the relation changed just now."""
    after = stretch.position.get("followed", 0)
    while ids := relation_lines.changed_here(stretch.run_id, after, AT_ONCE):
        known = read_relations(stretch.tenant_id, ids, stretch.foresees)
        session().rollback()
        rows = [
            _Ours(key, _BEGINNING, one.data, one.doubts) for key, one in known.items()
        ]
        for part in parts(_wanting(stretch, package, rows), AT_ONCE):
            _settle_ours(stretch, package, part)
        after = ids[-1]
        with stretch.work():
            stretch.set(followed=after)
        stretch.check()


@dataclass(frozen=True)
class _Ours:
    id: int
    changed_at: datetime
    data: RelationData
    doubts: Doubts


@dataclass
class _Wanting:
    """A relation that is not in step for certain, and in which roles."""

    local: Local
    linked: dict[str, str] = field(default_factory=dict)
    """The record by role."""
    unlinked: set[str] = field(default_factory=set)

    @property
    def roles(self) -> set[str]:
        return self.unlinked | self.linked.keys()


def _next(stretch: Stretch) -> list[_Ours]:
    place = stretch.place()
    rows = relations.changed_since(
        place.seen_at or _BEGINNING, place.seen_id, ROWS, tenant_id=stretch.tenant_id
    )
    found = [
        _Ours(row.id, row.changed_at, relations.data_of(row), relation_doubts.of(row))
        for row in rows
    ]
    if stretch.foresees:
        ids = [row.id for row in rows]
        known = read_relations(stretch.tenant_id, ids, stretch.foresees)
        found = [
            replace(each, data=known[each.id].data)
            for each in found
            if each.id in known
        ]
    session().rollback()
    return found


def _wanting(
    stretch: Stretch, package: RelationPackage, rows: Sequence[_Ours]
) -> list[_Wanting]:
    """Return what differs from when it was last in step, or has no record yet."""
    locals_ = {
        row.id: local_of(package, str(row.id), row.data, row.doubts) for row in rows
    }
    linked = links(stretch, [key for key, local in locals_.items() if local.numbers])
    found = []
    for relation_id, local in locals_.items():
        wanting = _Wanting(local)
        for role in local.numbers:
            ways = package.ways.get(role)
            link = linked.get((relation_id, role))
            if ways is None or not ways.out:
                continue
            if link is None:
                wanting.unlinked.add(role)
            elif _differs(stretch, local, role, link):
                wanting.linked[role] = link.external_id
        if wanting.roles:
            found.append(wanting)
    return found


def _differs(stretch: Stretch, local: Local, role: str, link: Stored) -> bool:
    whole = stretch.whole_since
    is_unseen = whole is not None and link.synced_at < whole
    return is_unseen or link.our_hash != our_hash(local, role)


def _settle_ours(
    stretch: Stretch, package: RelationPackage, wanting: Sequence[_Wanting]
) -> None:
    """Read what belongs to some relations, and bring them in step."""
    stretch.before_call()
    remotes: dict[str, Remote] = {}
    looked: set[Pair] = set()
    for role in sorted({role for each in wanting for role in each.roles}):
        some = [each for each in wanting if role in each.roles]
        keys = [each.linked[role] for each in some if role in each.linked]
        found = {one.key: one for one in records(stretch, package, role, keys)}
        numbers = _to_find(role, some, found)
        found |= {one.key: one for one in find(stretch, package, role, numbers)}
        remotes |= found
        looked |= {(each.local.key, role) for each in some}
    seeds = [int(each.local.key) for each in wanting]
    settle(stretch, package, list(remotes.values()), seeds, looked)


def _to_find(
    role: str, wanting: Sequence[_Wanting], found: Mapping[str, Remote]
) -> list[str]:
    """Return the numbers that are to be made or given: who has them already?"""
    numbers = []
    for each in wanting:
        number = each.local.numbers[role]
        remote = found.get(each.linked.get(role, ""))
        if number and (remote is None or remote.number != number):
            numbers.append(number)
    return numbers


_PHASES: Mapping[str, Callable[[Stretch, RelationPackage], None]] = {
    READING: _read,
    WRITING: _write,
    CLOSING: _read_back,
    REVIEWING: review,
}
