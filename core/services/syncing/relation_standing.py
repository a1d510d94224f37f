"""Where a relation stands in each coupled package, and what is left of merged ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import Connection, ConnectionState, Relation, RelationLink
from core.models import RelationTrouble as Trouble
from core.plugin.capabilities import Relations
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.crm import merging
from core.services.syncing import relation_sync
from core.services.syncing.relation_troubles import CONFLICTS

NUMBERS = {"debtor": "debtor_number", "creditor": "creditor_number"}


@dataclass(frozen=True)
class Standing:
    """Where a relation stands in one package, in one role."""

    connection: Connection
    role: str
    """Empty: it has no number, so no package has to do with it."""
    state: str
    """`linked`, `conflict`, `refused`, `waiting` (never sent yet), `left_out` (no
    number) or `off` (nothing is sent to this package)."""
    number: str = ""
    synced_at: datetime | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Leftover:
    """A record in a package of a relation that was merged away."""

    link: RelationLink
    connection: Connection
    relation: Relation
    number: str
    can_retire: bool


def of_relation(row: Relation) -> list[Standing]:
    """Return a relation's place in every package that keeps relations in step."""
    found: list[Standing] = []
    links = _by_place(RelationLink, row.id)
    troubles = _by_place(Trouble, row.id)
    for connection in _packages():
        own = [
            _standing(connection, role, row, links, troubles)
            for role, name in NUMBERS.items()
            if getattr(row, name) or (connection.id, role) in {*links, *troubles}
        ]
        is_on = relation_sync.is_on(connection)
        found += own or [Standing(connection, "", "left_out" if is_on else "off")]
    return found


def _by_place(model: Any, relation_id: int) -> dict[tuple[int, str], object]:
    rows = session().scalars(select(model).where(model.relation_id == relation_id))
    return {(row.connection_id, row.role): row for row in rows}


def _packages() -> Iterator[Connection]:
    rows = session().scalars(
        select(Connection)
        .where(
            Connection.state.in_((ConnectionState.CONNECTED, ConnectionState.PAUSED))
        )
        .order_by(Connection.id)
    )
    return (row for row in rows if _offer(row) is not None)


def _offer(connection: Connection) -> Relations | None:
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    return plugin.find(Relations) if plugin else None


def _standing(
    connection: Connection,
    role: str,
    row: Relation,
    links: dict[tuple[int, str], object],
    troubles: dict[tuple[int, str], object],
) -> Standing:
    number = getattr(row, NUMBERS[role]) or ""
    link, trouble = (
        links.get((connection.id, role)),
        troubles.get((connection.id, role)),
    )
    at = link.synced_at if isinstance(link, RelationLink) else None
    if isinstance(trouble, Trouble):
        state = "conflict" if trouble.code in CONFLICTS else "refused"
        return Standing(connection, role, state, number, at, trouble)
    if link is not None:
        return Standing(connection, role, "linked", number, at)
    state = "waiting" if relation_sync.is_on(connection) else "off"
    return Standing(connection, role, state, number)


def leftovers(row: Relation) -> list[Leftover]:
    """Return what still stands in packages of the relations merged into this one."""
    gone = {other.id: other for _merge, other in merging.merges_into(row.id)}
    links = session().scalars(
        select(RelationLink)
        .where(RelationLink.relation_id.in_(gone))
        .order_by(RelationLink.id)
    )
    found = []
    for link in links:
        connection = session().get_one(Connection, link.connection_id)
        other = gone[link.relation_id or 0]
        offer = _offer(connection)
        can_retire = offer is not None and offer.retire is not None
        number = getattr(other, NUMBERS[link.role]) or ""
        found.append(Leftover(link, connection, other, number, can_retire))
    return found


def retire(leftover: Leftover, *, user_id: int | None = None) -> None:
    """Set the record of a merged-away relation inactive in its package; commits itself.

    Doing it twice has the effect of once. Raises AskUser `relation_cannot_retire` where
    the package has no such thing, and the classes of `core.domain.errors`.
    """
    offer, connection = _offer(leftover.connection), leftover.connection
    if offer is None or offer.retire is None:
        raise AskUser("relation_cannot_retire", plugin=connection.plugin)
    link_id, role, key = leftover.link.id, leftover.link.role, leftover.link.external_id
    offer.retire(connection, role, key)
    with transaction() as current:
        link = current.get_one(RelationLink, link_id)
        link.retired_at = utcnow()
        log.write(
            link.tenant_id,
            "relation_retired",
            connection_id=link.connection_id,
            user_id=user_id,
            number=leftover.number,
        )
