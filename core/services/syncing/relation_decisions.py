"""What a person said of relations and records that have one number, as stored."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, delete, func, select

from core.domain.clock import utcnow
from core.models import RelationDecision, RelationTrouble
from core.rules.sync import Choice, Decided, Decisions
from core.runtime.database import session
from core.services.syncing.relation_cards import MARK
from core.services.syncing.relation_links import parts

OTHER_NUMBER = "other_number"
"""The choice that the next run carries out by itself."""
CHOICES = (*(choice.value for choice in Choice), OTHER_NUMBER)


def of_relations(connection_id: int, ids: Iterable[int]) -> Decisions:
    """Return what was decided of some relations."""
    found: dict[tuple[str, str, str], Decided] = {}
    for some in parts(ids):
        found |= _decisions(connection_id, RelationDecision.relation_id.in_(some))
    return found


def every(connection_id: int) -> Decisions:
    """Return all that was decided on a connection."""
    return dict(_decisions(connection_id))


def _decisions(connection_id: int, *which: ColumnElement[bool]) -> Decisions:
    return {
        (str(row.relation_id), row.role, row.external_id): Decided(
            Choice(row.choice), row.mark
        )
        for row in _rows(connection_id, *which)
        if row.choice != OTHER_NUMBER
    }


def _rows(
    connection_id: int, *which: ColumnElement[bool]
) -> Iterator[RelationDecision]:
    yield from session().scalars(
        select(RelationDecision)
        .where(RelationDecision.connection_id == connection_id, *which)
        .order_by(RelationDecision.id)
    )


def waiting(connection_id: int, role: str, size: int) -> list[RelationDecision]:
    """Return relations that are to be given another number in a role."""
    wanted = RelationDecision.choice == OTHER_NUMBER, RelationDecision.role == role
    return list(
        session().scalars(
            select(RelationDecision)
            .where(RelationDecision.connection_id == connection_id, *wanted)
            .order_by(RelationDecision.id)
            .limit(size)
        )
    )


def chosen(connection_id: int, troubles: Sequence[RelationTrouble]) -> dict[int, str]:
    """Return by trouble what the next run does about it."""
    ids = {row.relation_id for row in troubles}
    found = {
        (row.relation_id, row.role, row.external_id): row
        for row in _rows(connection_id, RelationDecision.relation_id.in_(ids))
    }
    pairs = [
        (row, found.get((row.relation_id or 0, row.role, row.external_id)))
        for row in troubles
    ]
    return {
        row.id: own.choice
        for row, own in pairs
        if own and (own.choice == OTHER_NUMBER or own.mark == row.params.get(MARK))
    }


def left_out(connection_id: int, after: int, size: int) -> list[RelationDecision]:
    """Return the next pairs that are left out, behind an id."""
    return list(
        session().scalars(
            select(RelationDecision)
            .where(
                RelationDecision.connection_id == connection_id,
                RelationDecision.choice == Choice.LEFT_OUT,
                RelationDecision.id > after,
            )
            .order_by(RelationDecision.id)
            .limit(size)
        )
    )


def count_left_out(connection_id: int) -> int:
    """Count the pairs that are left out."""
    return session().execute(
        select(func.count()).where(
            RelationDecision.connection_id == connection_id,
            RelationDecision.choice == Choice.LEFT_OUT,
        )
    ).scalar_one()  # fmt: skip


def keep(decision: RelationDecision) -> None:
    """Store a decision in the caller's transaction, over an earlier one on the pair."""
    session().execute(
        delete(RelationDecision).where(
            RelationDecision.connection_id == decision.connection_id,
            RelationDecision.relation_id == decision.relation_id,
            RelationDecision.role == decision.role,
            RelationDecision.external_id == decision.external_id,
        )
    )
    decision.decided_at = utcnow()
    session().add(decision)
    session().flush()


def forget(ids: Collection[int]) -> None:
    """Take decisions back, in the caller's transaction."""
    for some in parts(ids):
        session().execute(delete(RelationDecision).where(RelationDecision.id.in_(some)))
