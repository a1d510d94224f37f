"""What a person decides of relations and records that have one number by chance.

- the same party: they are linked, and the rules decide per field
- another number: the next run gives the relation one that is free on both sides
- left out: nothing is done with the pair until one of them becomes another, or the
  person takes it back
"""

from collections.abc import Collection, Iterable

from sqlalchemy import select

from core.models import Connection, RelationDecision, RelationTrouble
from core.rules.sync import Choice
from core.runtime.database import session
from core.services.syncing import (
    relation_decisions,
    relation_sync,
    relation_troubles,
)
from core.services.syncing.relation_cards import MARK, OTHER_PARTY
from core.services.syncing.relation_links import parts
from core.services.syncing.relation_troubles import Objection


def choose(
    connection: Connection,
    choice: str,
    *,
    trouble_ids: Collection[int] | None = None,
    user_id: int | None = None,
) -> int:
    """Store a choice for some conflicts, or all; tell for how many.

    In the caller's transaction; a run that carries it out begins at once.
    """
    if choice not in relation_decisions.CHOICES:
        raise ValueError(choice)
    count = 0
    for row in list(_conflicts(connection.id, trouble_ids)):
        relation_decisions.keep(_decision(row, choice, user_id))
        if choice == Choice.LEFT_OUT:
            relation_troubles.solved([row.id])
        count += 1
    if count:
        relation_sync.begin(connection, by_user=True)
    return count


def take_back(connection: Connection, ids: Collection[int]) -> int:
    """*Toch meenemen*: let pairs that were left out be asked about again."""
    rows = session().scalars(
        select(RelationDecision).where(
            RelationDecision.connection_id == connection.id,
            RelationDecision.choice == Choice.LEFT_OUT,
            RelationDecision.id.in_(ids),
        )
    )
    found = list(rows)
    for row in found:
        objection = Objection(
            OTHER_PARTY,
            row.role,
            row.relation_id,
            row.external_id,
            row.number,
            {**row.params, MARK: row.mark},
        )
        relation_troubles.note(connection.tenant_id, connection.id, objection)
    relation_decisions.forget([row.id for row in found])
    if found:
        relation_sync.begin(connection, by_user=True)
    return len(found)


def _conflicts(
    connection_id: int, ids: Collection[int] | None
) -> Iterable[RelationTrouble]:
    query = (
        select(RelationTrouble)
        .where(
            RelationTrouble.connection_id == connection_id,
            RelationTrouble.code == OTHER_PARTY,
            RelationTrouble.relation_id.is_not(None),
        )
        .order_by(RelationTrouble.id)
    )
    if ids is None:
        yield from session().scalars(query).all()
        return
    for some in parts(ids):
        yield from session().scalars(query.where(RelationTrouble.id.in_(some))).all()


def _decision(
    row: RelationTrouble, choice: str, user_id: int | None
) -> RelationDecision:
    params = {name: text for name, text in row.params.items() if name != MARK}
    return RelationDecision(
        tenant_id=row.tenant_id,
        connection_id=row.connection_id,
        relation_id=row.relation_id or 0,
        role=row.role,
        external_id=row.external_id,
        choice=choice,
        mark=str(row.params.get(MARK, "")),
        number=row.number,
        params=params,
        user_id=user_id,
    )
