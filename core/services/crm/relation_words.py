"""The words by which relations are found, so that search stays flat as they grow."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, false, insert, select

from core.domain.relations import RelationData
from core.models import Relation, RelationContact, RelationWord
from core.rules import doubles
from core.rules.relation_fields import ADDRESSES
from core.rules.search_words import LAST, MOST_TYPED, split
from core.runtime.database import session

_CONTACT = ("name", "first_name", "name_prefix", "email")


def words_of(data: RelationData) -> set[str]:
    """Return the words of a relation: names, numbers, e-mail address and cities.

    With them the keys by which its doubles are found (`core.rules.doubles`).
    """
    texts = [data.name, data.first_name, data.name_prefix, data.email]
    texts += [data.debtor_number, data.creditor_number, data.vat_number]
    texts += [getattr(data, role).city for role in ADDRESSES]
    return {word for text in texts for word in split(text)} | doubles.keys(data)


def _of_contacts(row: Relation) -> set[str]:
    rows = session().execute(
        select(*(getattr(RelationContact, name) for name in _CONTACT)).where(
            RelationContact.relation_id == row.id
        )
    )
    return {word for texts in rows for text in texts for word in split(text)}


def forget(row: Relation) -> None:
    """Let a relation not be found any more, in the caller's transaction."""
    session().execute(
        delete(RelationWord).where(
            RelationWord.tenant_id == row.tenant_id, RelationWord.relation_id == row.id
        )
    )


def keep(row: Relation, data: RelationData) -> None:
    """Write a saved relation's words in the caller's transaction.

    An organisation is found by its contact persons too.
    """
    wanted = words_of(data) | _of_contacts(row)
    known = set(
        session().scalars(
            select(RelationWord.word).where(
                RelationWord.tenant_id == row.tenant_id,
                RelationWord.relation_id == row.id,
            )
        )
    )
    if gone := known - wanted:
        session().execute(
            delete(RelationWord).where(
                RelationWord.tenant_id == row.tenant_id,
                RelationWord.relation_id == row.id,
                RelationWord.word.in_(gone),
            )
        )
    if new := sorted(wanted - known):
        owned = {"tenant_id": row.tenant_id, "relation_id": row.id}
        session().execute(insert(RelationWord), [{**owned, "word": w} for w in new])


def found_by(tenant_id: int, search: str) -> list[ColumnElement[bool]]:
    """Return a condition for every typed word: one of a relation's begins with it."""
    typed = sorted(_typed(search), key=len, reverse=True)[:MOST_TYPED]
    if search.strip() and not typed:
        return [false()]
    return [
        Relation.id.in_(
            select(RelationWord.relation_id).where(
                RelationWord.tenant_id == tenant_id,
                RelationWord.word >= word,
                RelationWord.word < word + LAST,
            )
        )
        for word in typed
    ]


def _typed(search: str) -> set[str]:
    """Return what was typed as words; an e-mail address stays whole."""
    found: set[str] = set()
    for text in search.split():
        words = split(text)
        found |= {max(words, key=len)} if "@" in text else _parts(words)
    return found


def _parts(words: set[str]) -> set[str]:
    """Leave out what is taken apart already: 12-3 is found as 12 and 3."""
    return {word for word in words if word.isalnum()}


def by_email(tenant_id: int, emails: Iterable[str]) -> dict[str, list[int]]:
    """Return the ids of relations by e-mail address, in lower case."""
    wanted = {email.casefold() for email in emails if email}
    ids = session().scalars(
        select(RelationWord.relation_id).where(
            RelationWord.tenant_id == tenant_id, RelationWord.word.in_(sorted(wanted))
        )
    )
    rows = session().execute(
        select(Relation.email, Relation.id).where(Relation.id.in_(ids.all()))
    )
    found: dict[str, list[int]] = {}
    for email, relation_id in sorted(rows.all(), key=lambda row: row[1]):
        if email.casefold() in wanted:
            found.setdefault(email.casefold(), []).append(relation_id)
    return found
