"""Paging by cursor: opaque, signed, and good for the list it was made for.

A page ends with `next`, the whole address of the one behind it, or null.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request
from itsdangerous import BadData, URLSafeSerializer

from core.domain import jsontext
from core.runtime.extensions import settings
from core.services.api.api_lists import Key
from core.web.api.fields import Asked, Line, Moment, Strict
from core.web.api.problems import Problem
from core.web.signing import signing_keys

MOST = 100
USUAL = 50
_Row = TypeVar("_Row")


class Paged(Strict):
    """The query of every list."""

    cursor = Line(
        500,
        load_default="",
        metadata={"description": "Part of `next` of the page before"},
    )
    limit = Asked(
        1, MOST, load_default=USUAL, metadata={"description": "Rows on a page"}
    )


class Since(Paged):
    """The query of a list that can be narrowed to what changed."""

    changed_since = Moment(
        metadata={"description": "Only what changed at this moment or later"}
    )


def position(query: Mapping[str, Any]) -> Key | None:
    """Return where a page begins; raise a Problem on a cursor of another list."""
    if not query["cursor"]:
        return None
    try:
        moment, row_id = _serializer(query).loads(query["cursor"])
        return Key(datetime.fromisoformat(moment) if moment else None, int(row_id))
    except (BadData, ValueError, TypeError):
        raise Problem(422, "api_cursor") from None


def page(
    query: Mapping[str, Any], rows: Sequence[_Row], last: Key | None
) -> dict[str, Any]:
    """Return a page as it is answered; `last` is set when there is more behind it."""
    return {"items": rows, "next": _link(query, last) if last else None}


def _link(query: Mapping[str, Any], last: Key) -> str:
    moment = last.moment.isoformat() if last.moment else ""
    cursor = _serializer(query).dumps([moment, last.row_id])
    given = {**request.args.to_dict(), "cursor": str(cursor)}
    base = settings().public_url.rstrip("/") + request.path
    return f"{base}?{urlencode(given)}"


def _serializer(query: Mapping[str, Any]) -> URLSafeSerializer:
    """Return the signer of this list with these filters; the size may change."""
    narrowed = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in sorted(query.items())
        if name not in ("cursor", "limit")
    }
    list_of = f"{request.path}?{jsontext.dumps(narrowed)}"
    salt = sha256(list_of.encode()).hexdigest()
    return URLSafeSerializer(signing_keys(), salt=f"api:{salt}")
