"""Whose turn it is: by kind of work, the tenant that was served longest ago."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column

from core.models import Turn
from core.plugin.database import insert_for, session

BY = (Turn.served_at,)
NOBODY = 0
"""The owner of work that is no tenant's."""


def owner_of(tenant_id: Any) -> ColumnElement[int]:
    """Return whose turn it takes.

    Without a parameter in it: PostgreSQL has to see the same expression in GROUP BY.
    """
    return func.coalesce(tenant_id, literal_column(str(NOBODY)))


def longest_waiting(
    query: Select[Any], kind: str, owner: ColumnElement[int]
) -> Select[Any]:
    """Order a query by when each row's owner was last served."""
    own = and_(Turn.kind == kind, Turn.tenant_id == owner)
    return query.outerjoin(Turn, own).order_by(Turn.served_at.asc().nulls_first())


def served_since(
    kind: str, owner: ColumnElement[int], moment: datetime
) -> ColumnElement[bool]:
    """Return: an owner had its turn after a moment."""
    own = Turn.kind == kind, Turn.tenant_id == owner
    return exists().where(*own, Turn.served_at > moment)


def served(kind: str, owner: int, now: datetime) -> None:
    """Note that an owner has its turn, in the caller's transaction."""
    session().execute(
        insert_for(Turn)
        .values(kind=kind, tenant_id=owner, served_at=now)
        .on_conflict_do_update(
            index_elements=[Turn.kind, Turn.tenant_id], set_={"served_at": now}
        )
    )
