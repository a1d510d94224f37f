"""`/api/v1/relations/duplicates`, and merging two relations."""

from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import fields

from core.models import Relation
from core.rules import doubles, merging
from core.runtime.extensions import settings
from core.services.crm import duplicates
from core.services.crm import merging as merges
from core.services.crm.relations import MANAGER
from core.web.api.fields import Choice, Id, Line, Strict
from core.web.api.problems import Problem
from core.web.api.relation_schemas import RelationOut
from core.web.api.relations import READ, WRITE, shown
from core.web.api.resource import VERSION_PARAMETER, Resource
from core.web.api.rows import etag, hold_to_version, own

resource = Resource("duplicates", "Relations that may be one party twice.")
_Answer = tuple[dict[str, Any], dict[str, str]]


class DuplicatesQuery(Strict):
    """Where the page begins."""

    after = Line(
        doubles.LONGEST,
        load_default="",
        metadata={"description": "Part of `next` of the page before"},
    )


class Duplicate(Strict):
    """Two relations that look like one."""

    one = Id(required=True)
    other = Id(required=True)
    reasons = fields.List(Choice(doubles.REASONS), required=True)


class DuplicatePage(Strict):
    """A page of pairs."""

    items = fields.List(fields.Nested(Duplicate), required=True)
    next = fields.String(required=True, allow_none=True)


class PairIn(Strict):
    """The other relation of a pair."""

    relation_id = Id(required=True)


class MergeIn(PairIn):
    """What is merged into a relation, and which of its fields are taken."""

    take = fields.List(
        Choice((*merging.UNITS, MANAGER)),
        metadata={
            "description": "Fields that get the other one's value. Without it: those"
            " that are not filled in. Numbers are not chosen"
        },
    )


@resource.operation(
    "GET",
    "/relations/duplicates",
    scope=READ,
    query=DuplicatesQuery,
    answer=DuplicatePage,
)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List relations that look like one

    They share a VAT number, a chamber of commerce number, an IBAN or an e-mail address,
    or have alike names at one postal code. A page may be empty and have a next one.
    """
    found = duplicates.page(query["after"])
    base = settings().public_url.rstrip("/") + request.path
    return {
        "items": [
            {"one": each.one.id, "other": each.other.id, "reasons": each.reasons}
            for each in found.rows
        ],
        "next": f"{base}?{urlencode({'after': found.after})}" if found.after else None,
    }


@resource.operation(
    "POST",
    "/relations/<int:relation_id>/merge",
    scope=WRITE,
    body=MergeIn,
    answer=RelationOut,
    example={"relation_id": 2, "take": ["email"]},
    problems=(404, 412),
    parameters=(VERSION_PARAMETER,),
)
def merge(body: dict[str, Any], relation_id: int) -> _Answer:
    """Merge another relation into this one

    Its invoices and contact persons move. It stays to be read, with `merged_into`, and
    keeps its numbers, but for those that this one takes over: it had none. What stands
    in a bookkeeping package stays there.
    """
    kept, other = own(Relation, relation_id), _other(body)
    hold_to_version(kept, needed=False)
    taken = body.get("take")
    merges.merge(
        kept,
        other,
        None if taken is None else set(taken) - {MANAGER},
        takes_manager=MANAGER in (taken or ()),
    )
    return shown(kept), etag(kept)


def _other(body: dict[str, Any]) -> Relation:
    return own(Relation, body["relation_id"])


@resource.operation(
    "POST",
    "/relations/<int:relation_id>/unmerge",
    scope=WRITE,
    answer=RelationOut,
    problems=(404, 409),
)
def unmerge(relation_id: int) -> _Answer:
    """Undo a merge

    Of the relation that was merged away. Refused with 409 when the one it was merged
    into was changed since.
    """
    row = own(Relation, relation_id)
    found = merges.merge_of(row.id)
    if found is None:
        raise Problem(404, "api_not_found")
    other = merges.undo(found)
    return shown(other), etag(other)


@resource.operation(
    "POST",
    "/relations/<int:relation_id>/distinct",
    scope=WRITE,
    body=PairIn,
    status=204,
    example={"relation_id": 2},
    problems=(404,),
)
def distinct(body: dict[str, Any], relation_id: int) -> tuple[str, int]:
    """Say that two relations are not the same

    They are not listed as duplicates again.
    """
    one, other = own(Relation, relation_id), _other(body)
    if one.id == other.id:
        raise Problem(409, "relation_merge_itself")
    duplicates.not_double(one, other)
    return "", 204
