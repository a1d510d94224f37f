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

    The number in the register of businesses goes first: a VAT number may be that of a
    fiscal unity, whose other parts are other parties. None when there is none, or more
    than one: then a person has to look.
    """
    legal = bare(legal_number)
    found = _with(Relation.chamber_number, legal)
    if not found:
        is_other = _bare(Relation.chamber_number).not_in(("", legal))
        rules = (~is_other,) if len(legal) >= _SHORTEST else ()
        found = _with(Relation.vat_number, bare(vat_number), *rules)
    return found[0] if len(found) == 1 else None


def _with(
    column: InstrumentedAttribute[str], number: str, *rules: ColumnElement[bool]
) -> list[int]:
    if len(number) < _SHORTEST:
        return []
    rows = session().scalars(
        select(Relation.id)
        .where(
            _bare(column) == number,
            Relation.merged_into_id.is_(None),
            Relation.blocked_at.is_(None),
            *rules,
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
