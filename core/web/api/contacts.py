"""`/api/v1/relations/<id>/contacts`."""

from typing import Any

from flask import Response, url_for
from marshmallow import fields

from core.models import Relation, RelationContact
from core.rules import contact_rules
from core.rules.contact_rules import FIELDS, MOST, ContactData
from core.services.crm import contacts
from core.web.api import gate
from core.web.api.fields import Flag, Id, Line, Note, Strict
from core.web.api.problems import Problem, Wrong
from core.web.api.resource import Resource
from core.web.api.rows import own

resource = Resource("contacts", "Contact persons of organisations.")
READ, WRITE = "relations:read", "relations:write"
ACTION = "api"


def _text(name: str) -> Line:
    return Line(MOST[name], load_default="")


class ContactIn(Strict):
    """A contact person to make, or to put in place of another."""

    name = Line(
        MOST["name"], least=1, required=True, metadata={"description": "The last name"}
    )
    first_name = _text("first_name")
    initials = _text("initials")
    name_prefix = _text("name_prefix")
    function = _text("function")
    email = _text("email")
    phone = _text("phone")
    mobile = _text("mobile")
    gets_invoices = Flag(
        load_default=False,
        metadata={"description": "Invoices are mailed to this person"},
    )
    gets_copies = Flag(
        load_default=False,
        metadata={"description": "In cc of mailed invoices"},
    )
    note = Note(MOST["note"], load_default="")


class ContactOut(ContactIn):
    """A contact person."""

    id = Id(required=True)


class Contacts(Strict):
    """All contact persons of a relation."""

    items = fields.List(fields.Nested(ContactOut), required=True)


EXAMPLE = {
    "name": "Bakker",
    "first_name": "Bas",
    "function": "Inkoop",
    "email": "bas@zoet.example",
    "gets_invoices": True,
}


def _shown(row: RelationContact) -> dict[str, Any]:
    return {"id": row.id, **{name: getattr(row, name) for name in FIELDS}}


@resource.operation(
    "GET",
    "/relations/<int:relation_id>/contacts",
    scope=READ,
    answer=Contacts,
    problems=(404,),
)
def index(relation_id: int) -> dict[str, Any]:
    """List the contact persons of a relation"""
    rows = contacts.of_relation(own(Relation, relation_id).id)
    return {"items": [_shown(row) for row in rows]}


@resource.operation(
    "POST",
    "/relations/<int:relation_id>/contacts",
    scope=WRITE,
    body=ContactIn,
    answer=ContactOut,
    status=201,
    example=EXAMPLE,
    problems=(404,),
)
def create(
    body: dict[str, Any], relation_id: int
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Make a contact person

    Refused with 409 for a person: only organisations have them.
    """
    relation = own(Relation, relation_id)
    row = contacts.save(relation, _checked(body), action=ACTION)
    where = url_for("api_contacts.index", relation_id=relation.id)
    return _shown(row), 201, {"Location": f"{where}/{row.id}"}


@resource.operation(
    "PUT",
    "/relations/<int:relation_id>/contacts/<int:contact_id>",
    scope=WRITE,
    body=ContactIn,
    answer=ContactOut,
    example=EXAMPLE,
    problems=(404, 409),
)
def replace(body: dict[str, Any], relation_id: int, contact_id: int) -> dict[str, Any]:
    """Replace a contact person

    What the request leaves out becomes empty.
    """
    relation, row = own(Relation, relation_id), _own(relation_id, contact_id)
    return _shown(contacts.save(relation, _checked(body), row, action=ACTION))


@resource.operation(
    "DELETE",
    "/relations/<int:relation_id>/contacts/<int:contact_id>",
    scope=WRITE,
    status=204,
    problems=(404, 409),
)
def delete(relation_id: int, contact_id: int) -> Response:
    """Delete a contact person"""
    relation, row = own(Relation, relation_id), _own(relation_id, contact_id)
    contacts.delete(relation, row, action=ACTION)
    return Response(status=204)


def _own(relation_id: int, contact_id: int) -> RelationContact:
    row = own(RelationContact, contact_id)
    if row.relation_id != relation_id:
        raise Problem(404, "api_not_found")
    return row


def _checked(body: dict[str, Any]) -> ContactData:
    home = gate.current().home_country
    data, wrong = contact_rules.checked(ContactData(**body), home)
    if wrong:
        named = tuple(Wrong(name, code) for name, code in wrong.items())
        raise Problem(422, "api_invalid", wrong=named)
    return data
