"""`/api/v1/couplings`: how each coupling stands, as the pages show it."""

from typing import Any

from flask_babel import force_locale
from marshmallow import fields

from core.models import Connection
from core.rules.standing import Dot
from core.services.linking import standings
from core.services.linking.standings import Standing
from core.texts.standings import say
from core.web.api import gate
from core.web.api.fields import Choice, Id, Strict
from core.web.api.problems import language
from core.web.api.resource import Resource

resource = Resource("couplings", "The couplings of shops, and whether they book.")


class Side(Strict):
    """A shop or a package."""

    plugin = fields.String(required=True)
    name = fields.String(required=True)


class CouplingOut(Strict):
    """A coupling and its state: the same as on the pages."""

    id = Id(required=True)
    source = fields.Nested(Side, required=True)
    target = fields.Nested(Side, required=True)
    state = Choice(
        list(Dot),
        required=True,
        metadata={"description": "`red`: nothing goes until somebody acts"},
    )
    books = fields.Boolean(
        required=True, metadata={"description": "Whether documents go"}
    )
    code = fields.String(required=True, metadata={"description": "Of the state"})
    cause = fields.String(
        required=True, metadata={"description": "Code of what led to it, or empty"}
    )
    text = fields.String(
        required=True, metadata={"description": "Both in the reader's words"}
    )
    action = fields.String(
        required=True, metadata={"description": "What can be done, or empty"}
    )
    licence_ends_on = fields.Date(required=True, allow_none=True)


class Couplings(Strict):
    """All of them."""

    items = fields.List(fields.Nested(CouplingOut), required=True)


@resource.operation("GET", "/couplings", scope="orders:read", answer=Couplings)
def index() -> dict[str, Any]:
    """List the couplings

    With the state of each: licence, connections and configuration taken together.
    """
    found = standings.of_tenant(gate.current().tenant_id)
    return {"items": [_shown(standings.completed(each)) for each in found]}


def _shown(standing: Standing) -> dict[str, Any]:
    coupling, status = standing.coupling, standing.status()
    at = standing.side
    with force_locale(language()):
        words = say(status, at.plugin if at else "")
    return {
        "id": coupling.id,
        "source": _side(coupling.source),
        "target": _side(coupling.target),
        "state": str(status.dot),
        "books": status.books,
        "code": status.code,
        "cause": status.cause,
        "text": words.what,
        "action": words.action,
        "licence_ends_on": standing.licence.ends_on if standing.licence else None,
    }


def _side(connection: Connection) -> dict[str, str]:
    return {"plugin": connection.plugin, "name": connection.external_name}
