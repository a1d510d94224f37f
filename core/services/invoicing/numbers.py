"""Series of numbers of a tenant: no gaps and none twice.

The number is drawn in the transaction that uses it; when that is rolled back, the
number goes back as well. The row's lock makes two drawers take turns.
"""

from dataclasses import dataclass

from sqlalchemy import select

from core.models import NumberSeries
from core.runtime.database import insert_for, session


@dataclass(frozen=True)
class Drawn:
    """A number, and how numbers of its series are written."""

    value: int
    pattern: str


def draw(
    tenant_id: int, name: str, year: int, *, first: int = 1, pattern: str = ""
) -> Drawn:
    """Return the series' next number in the caller's transaction.

    `year` is the book year for series that start anew each year, else 0. `first` and
    `pattern` count for a series that begins with this number; after that its pattern
    is fixed, so that the numbers of one year look alike.
    """
    statement = insert_for(NumberSeries).values(
        tenant_id=tenant_id, name=name, year=year, value=first, pattern=pattern
    )
    statement = statement.on_conflict_do_update(
        index_elements=["name", "tenant_id", "year"],
        set_={"value": NumberSeries.value + 1},
    ).returning(NumberSeries.value, NumberSeries.pattern)
    return Drawn(*session().execute(statement).one())


def raise_to(tenant_id: int, name: str, year: int, last: int, pattern: str) -> None:
    """Let the series go on above `last`, in the caller's transaction; never below.

    After a restore numbers may have been given out that the database does not know.
    """
    statement = insert_for(NumberSeries).values(
        tenant_id=tenant_id, name=name, year=year, value=last, pattern=pattern
    )
    statement = statement.on_conflict_do_update(
        index_elements=["name", "tenant_id", "year"],
        set_={"value": last},
        where=NumberSeries.value < last,
    )
    session().execute(statement)


def peek(tenant_id: int, name: str, year: int) -> int:
    """Return the last number that was given out; 0 when there is none."""
    value = session().scalar(
        select(NumberSeries.value).where(
            NumberSeries.tenant_id == tenant_id,
            NumberSeries.name == name,
            NumberSeries.year == year,
        )
    )
    return value or 0


def patterns(tenant_id: int, name: str) -> set[str]:
    """Return how numbers were written in the series of all years."""
    found = session().scalars(
        select(NumberSeries.pattern).where(
            NumberSeries.tenant_id == tenant_id,
            NumberSeries.name == name,
            NumberSeries.pattern != "",
        )
    )
    return set(found)


def pattern_of(tenant_id: int, name: str, year: int) -> str:
    """Return how the numbers of a series are written; empty where that is not kept."""
    found = session().get(NumberSeries, (name, tenant_id, year))
    return found.pattern if found else ""
