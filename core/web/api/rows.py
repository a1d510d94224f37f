"""Rows by the id in an address, and their versions."""

from typing import Any, TypeVar

from flask import request

from core.models import Base, Relation
from core.runtime.database import session
from core.web.api.fields import LARGEST_ID
from core.web.api.problems import Problem

_Row = TypeVar("_Row", bound=Base)


def own(model: type[_Row], row_id: int, **options: Any) -> _Row:
    """Return a row of the token's tenant; 404 for everybody else's.

    A relation whose customer was erased is kept for its invoices alone.
    """
    found = session().get(model, row_id, **options) if row_id <= LARGEST_ID else None
    if found is None or getattr(found, "blocked_at", None) is not None:
        raise Problem(404, "api_not_found")
    return found


def etag(row: Relation) -> dict[str, str]:
    """Return the header that names a relation's version."""
    return {"ETag": f'"{row.version}"'}


def hold_to_version(row: Relation, *, needed: bool) -> None:
    """Refuse a change of what the client did not see (412); 428 when it must say."""
    if "If-Match" not in request.headers:
        if needed:
            raise Problem(428, "api_version_missing")
        return
    wanted = request.if_match
    if not wanted.star_tag and str(row.version) not in wanted:
        raise Problem(412, "api_version_changed", headers=etag(row))
