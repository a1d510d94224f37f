"""Which relation and which record of a package belong together, as stored."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, delete, select, update

from core.domain.clock import utcnow
from core.models import RelationLink
from core.rules.sync import Link
from core.runtime.database import session, upsert
from core.services.crm import merging

CHUNK = 500
"""How many ids one statement names."""
_Item = TypeVar("_Item")


def parts(items: Iterable[_Item], size: int = CHUNK) -> Iterator[list[_Item]]:
    """Yield lists of at most so many items."""
    every_one = list(items)
    for start in range(0, len(every_one), size):
        yield every_one[start : start + size]


class Stored(NamedTuple):
    """A link as it stands; `relation_id` None: the relation is not there any more."""

    relation_id: int | None
    role: str
    external_id: str
    our_hash: str
    their_hash: str
    base: str
    synced_at: datetime

    @property
    def link(self) -> Link:
        """Return it as the planner reads it."""
        return Link(
            str(self.relation_id or ""),
            self.role,
            self.external_id,
            self.our_hash,
            self.their_hash,
            self.base,
        )


_KEYS = ("connection_id", "role", "external_id")
_CHANGES = ("relation_id", "our_hash", "their_hash", "base", "synced_at")
_COLUMNS = tuple(getattr(RelationLink, name) for name in Stored._fields)


def every(connection_id: int) -> list[Stored]:
    """Return all links of a connection."""
    return list(_found(connection_id))


def of_relations(connection_id: int, ids: Iterable[int]) -> list[Stored]:
    """Return the links of some relations."""
    return [
        row
        for some in parts(ids)
        for row in _found(connection_id, RelationLink.relation_id.in_(some))
    ]


def of_records(connection_id: int, keys: Iterable[str]) -> list[Stored]:
    """Return the links of some records."""
    return [
        row
        for some in parts(keys)
        for row in _found(connection_id, RelationLink.external_id.in_(some))
    ]


def _found(connection_id: int, *which: ColumnElement[bool]) -> Iterator[Stored]:
    rows = session().execute(
        select(*_COLUMNS).where(RelationLink.connection_id == connection_id, *which)
    )
    return (Stored(*row) for row in rows.all())


def keep(tenant_id: int, connection_id: int, link: Link) -> None:
    """Store a link in the caller's transaction: one per record, one per role.

    Whose it is may have changed while the record was written: the relation that took
    over the number when it was merged, or nobody's any more (an empty `local` is)."""
    current = session()
    relation_id = merging.holder(int(link.local), link.role) if link.local else None
    if relation_id is not None:  # nobody's links are many
        current.execute(
            delete(RelationLink)
            .where(
                RelationLink.connection_id == connection_id,
                RelationLink.role == link.role,
                RelationLink.relation_id == relation_id,
                RelationLink.external_id != link.remote,
            )
            .execution_options(synchronize_session=False)
        )
    row = {
        "tenant_id": tenant_id,
        "connection_id": connection_id,
        "role": link.role,
        "external_id": link.remote,
        "relation_id": relation_id,
        "our_hash": link.our_hash,
        "their_hash": link.their_hash,
        "base": link.base,
        "synced_at": utcnow(),
    }
    current.execute(upsert(RelationLink, _KEYS, _CHANGES), [row])


def seen(connection_id: int, keys: Sequence[str]) -> None:
    """Note that records are there, in the caller's transaction."""
    for some in parts(keys):
        session().execute(
            update(RelationLink)
            .where(
                RelationLink.connection_id == connection_id,
                RelationLink.external_id.in_(some),
            )
            .values(synced_at=utcnow())
            .execution_options(synchronize_session=False)
        )
