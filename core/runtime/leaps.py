"""Each value of a column once, by leaps over an index instead of reading it whole."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute


def each_once(
    column: InstrumentedAttribute[Any], *which: ColumnElement[bool]
) -> Select[Any]:
    """Return a query for the different values of rows, ascending.

    One seek a value, however many rows have it, in an index that begins with the column
    (of a partial one `which` has to repeat the condition, `in_words`). Neither SQLite
    nor PostgreSQL does that for DISTINCT.
    """
    name = f"each_{column.class_.__tablename__}_{column.key}"
    first = select(func.min(column).label("value")).where(*which)
    found = first.cte(name, recursive=True)
    following = select(func.min(column)).where(*which, column > found.c.value)
    found = found.union_all(
        select(following.correlate(found).scalar_subquery()).where(
            found.c.value.is_not(None)
        )
    )
    return select(found.c.value).where(found.c.value.is_not(None))


def in_words(value: str) -> ColumnElement[str]:
    """Return a constant as part of the statement: a partial index is used for a
    condition that says the same, not for a parameter that happens to."""
    return literal_column(f"'{value}'")
