"""Whose a document is that came in, by the numbers that it bears."""

import re

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from core.plugin.database import session
from core.plugin.tables import Relation

_SHORTEST = 8
"""A shorter number is in no register of ours: it says nothing."""


def relation_of(vat_number: str, legal_number: str) -> int | None:
    """Return the one relation, of the tenant in scope, with one of these numbers.

    None when there is none, or more than one: then a person has to look.
    """
    for number, column in (
        (vat_number, Relation.vat_number),
        (legal_number, Relation.chamber_number),
    ):
        found = _with(column, bare(number))
        if len(found) == 1:
            return found[0]
    return None


def _with(column: InstrumentedAttribute[str], number: str) -> list[int]:
    if len(number) < _SHORTEST:
        return []
    rows = session().scalars(
        select(Relation.id)
        .where(
            _bare(column) == number,
            Relation.merged_into_id.is_(None),
            Relation.blocked_at.is_(None),
        )
        .limit(2)
    )
    return list(rows)


def bare(number: str) -> str:
    """Return a number as it is compared: letters and digits only."""
    return re.sub(r"[\s.-]", "", number).upper()


def _bare(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    found = func.upper(column)
    for sign in (" ", ".", "-"):
        found = func.replace(found, sign, "")
    return found
