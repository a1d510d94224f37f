"""`/api/v1/relations`."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for

from core.domain.relations import PostalAddress, RelationData
from core.models import Relation
from core.rules import relation_fields, relation_rules
from core.rules.relation_fields import ADDRESSES, KIND, PARTS, PLAIN
from core.services.api import api_lists
from core.services.crm import merged, relation_doubts, relations
from core.web.api import gate, paging
from core.web.api.problems import Problem, Wrong
from core.web.api.relation_schemas import (
    EXAMPLE,
    RelationIn,
    RelationOut,
    RelationPage,
    RelationPatch,
    RelationQuery,
    flat,
)
from core.web.api.resource import VERSION_PARAMETER, Resource
from core.web.api.rows import etag, hold_to_version, own

resource = Resource(
    "relations", "Organisations and persons: customers, vendors and prospects."
)
READ, WRITE = "relations:read", "relations:write"
ACTION = "api"
"""How a relation's history calls what came in by the API."""
_EMPTY: Mapping[str, str] = {}
_Answer = tuple[dict[str, Any], dict[str, str]]


def shown(row: Relation) -> dict[str, Any]:
    """Return a relation as it is answered."""
    data = relations.data_of(row)
    values: dict[str, Any] = {name: getattr(data, name) for name in PLAIN}
    addresses = {role: _shown_address(getattr(data, role)) for role in ADDRESSES}
    return {
        "id": row.id,
        "version": row.version,
        "merged_into": merged.current(row).id if row.merged_into_id else None,
        "kind": str(row.kind),
        **values,
        **addresses,
        "doubts": [
            {"field": name, "code": code}
            for name, code in sorted(relation_doubts.codes(row).items())
        ],
        "created_at": row.created_at,
        "changed_at": row.changed_at,
    }


def _shown_address(address: PostalAddress) -> dict[str, str]:
    return {**{part: getattr(address, part) for part in PARTS}, "line": address.line}


@resource.operation(
    "GET", "/relations", scope=READ, query=RelationQuery, answer=RelationPage
)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List relations

    By id, or by the moment of their last change with `changed_since`. What was deleted
    or merged into another is not in the list: the webhooks `relation.deleted` and
    `relation.changed` tell of it.
    """
    found = api_lists.relations(
        query["limit"],
        paging.position(query),
        search=query["search"],
        number=query["number"],
        changed_since=query.get("changed_since"),
    )
    return paging.page(query, [shown(row) for row in found.rows], found.last)


@resource.operation(
    "GET",
    "/relations/<int:relation_id>",
    scope=READ,
    answer=RelationOut,
    problems=(404,),
)
def show(relation_id: int) -> _Answer:
    """Get a relation"""
    row = own(Relation, relation_id)
    return shown(row), etag(row)


@resource.operation(
    "POST",
    "/relations",
    scope=WRITE,
    body=RelationIn,
    judge=lambda body: _wrong(flat(body)),
    answer=RelationOut,
    status=201,
    example=EXAMPLE,
)
def create(body: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Make a relation

    A debtor or creditor number that another relation has is refused with 409.
    """
    row = relations.save(_checked(flat(body)), None, action=ACTION)
    where = url_for("api_relations.show", relation_id=row.id)
    return shown(row), 201, {**etag(row), "Location": where}


@resource.operation(
    "PUT",
    "/relations/<int:relation_id>",
    scope=WRITE,
    body=RelationIn,
    judge=lambda body: _wrong(flat(body)),
    answer=RelationOut,
    example=EXAMPLE,
    problems=(404, 409, 412, 428),
    parameters=({**VERSION_PARAMETER, "required": True},),
)
def replace(body: dict[str, Any], relation_id: int) -> _Answer:
    """Replace a relation

    What the request leaves out becomes empty. `If-Match` must name the version that
    was read, so that nobody's change is lost.
    """
    row = own(Relation, relation_id)
    hold_to_version(row, needed=True)
    return _saved(_checked(flat(body)), row)


@resource.operation(
    "PATCH",
    "/relations/<int:relation_id>",
    scope=WRITE,
    body=RelationPatch,
    judge=lambda body: _wrong(flat(body), _changed()),
    answer=RelationOut,
    example={"email": "boekhouding@zoet.example"},
    problems=(404, 409, 412),
    parameters=(VERSION_PARAMETER,),
)
def change(body: dict[str, Any], relation_id: int) -> _Answer:
    """Change some fields of a relation

    What the request leaves out stays as it is. A value that was wrong before and is
    not in the request is no reason to refuse it.
    """
    row = own(Relation, relation_id)
    hold_to_version(row, needed=False)
    given = flat(body)
    known = relation_fields.flat(relations.data_of(row))
    return _saved(_checked({**known, **given}, only=given), row)


@resource.operation(
    "DELETE",
    "/relations/<int:relation_id>",
    scope=WRITE,
    status=204,
    problems=(404, 409, 412),
    parameters=(VERSION_PARAMETER,),
)
def delete(relation_id: int) -> Response:
    """Delete a relation

    Refused with 409 when there are invoices for it: those must be kept.
    """
    row = own(Relation, relation_id)
    hold_to_version(row, needed=False)
    relations.delete(row)
    return Response(status=204)


def _saved(data: RelationData, row: Relation) -> _Answer:
    saved = relations.save(data, row, action=ACTION)
    return shown(saved), etag(saved)


def _changed() -> dict[str, str]:
    """Return the relation that the request is about: what it leaves out stays."""
    row = own(Relation, (request.view_args or {})["relation_id"])
    return relation_fields.flat(relations.data_of(row))


def _wrong(row: dict[str, str], known: Mapping[str, str] = _EMPTY) -> list[Wrong]:
    """Return what the rules find wrong with the fields of a row, as far as given."""
    given = {KIND: "", **known, **row}
    _data, wrong = relation_rules.checked(given, gate.current().home_country)
    return [Wrong(name, code) for name, code in wrong.items() if name in row]


def _checked(row: dict[str, str], only: dict[str, str] | None = None) -> RelationData:
    """Return the relation of a flat row; a Problem names every field that is wrong.

    With `only` just those fields count: the others stood there before.
    """
    row.setdefault(KIND, "")
    data, wrong = relation_rules.checked(row, gate.current().home_country)
    counted = {
        name: code for name, code in wrong.items() if only is None or name in only
    }
    if counted:
        fields = tuple(Wrong(name, code) for name, code in counted.items())
        raise Problem(422, "api_invalid", wrong=fields)
    return data
