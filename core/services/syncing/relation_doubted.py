"""Linked records that became another party's in the package, as a run found.

Somebody there gave a customer's card to another. Until a person said who is who, the
link decides nothing: an invoice that goes by it would be booked on a stranger.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select

from core.models import RelationDecision, RelationTrouble
from core.rules.sync import Choice
from core.runtime.database import session
from core.services.syncing import relation_decisions
from core.services.syncing.relation_cards import OTHER_PARTY, card_of
from core.services.syncing.relation_links import parts

Place = tuple[int, str, str]
"""Relation, role and record of a link."""


def asked(connection_id: int, relation_ids: Iterable[int]) -> dict[Place, str]:
    """Return whom relations' records seem to be of, where that is still a question.

    One that was answered with *Dezelfde partij* is none, though no run came by since.
    """
    rows = [
        row
        for some in parts(relation_ids)
        for row in session().scalars(
            select(RelationTrouble).where(
                RelationTrouble.connection_id == connection_id,
                RelationTrouble.code == OTHER_PARTY,
                RelationTrouble.relation_id.in_(some),
            )
        )
    ]
    answers = relation_decisions.chosen(connection_id, rows) if rows else {}
    return {
        (row.relation_id, row.role, row.external_id): card_of(row.params)["names"]
        for row in rows
        if row.relation_id and answers.get(row.id) != Choice.SAME
    }


def left_out(connection_id: int, relation_ids: Iterable[int]) -> set[Place]:
    """Return the pairs of which a person said to leave them alone."""
    which: tuple[ColumnElement[bool], ...] = (
        RelationDecision.connection_id == connection_id,
        RelationDecision.choice == Choice.LEFT_OUT,
    )
    columns = (
        RelationDecision.relation_id,
        RelationDecision.role,
        RelationDecision.external_id,
    )
    return {
        (row[0], row[1], row[2])
        for some in parts(relation_ids)
        for row in session().execute(
            select(*columns).where(*which, RelationDecision.relation_id.in_(some))
        )
    }
