"""The OpenAPI 3.1 document of the API, and the page to read it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from types import ModuleType
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template
from flask_smorest import Api
from marshmallow import fields

from core.domain import jsontext
from core.runtime.extensions import settings
from core.services.api.webhooks_out import EVENTS
from core.texts.api import EVENTS as EVENT_WORDS
from core.web.api.fields import Strict
from core.web.api.problems import BY_STATUS, MEDIA_TYPE
from core.web.api.resource import Resource
from core.web.policy import access

VERSION = "1.0.0"
EXTENSION = "koppelwerk_openapi"
pages = Blueprint("api_document", __name__)
STATUSES = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429)
"""Of the refusals that the document tells of."""
METHODS = ("get", "post", "put", "patch", "delete")
INTRODUCTION = (
    "Relations, sales invoices and webshop orders of one tenant. A bearer token, made"
    " by the owner, says whose they are and what may be done. Amounts are texts with a"
    " point, moments carry their offset, errors are problem+json (RFC 9457)."
)


class FieldError(Strict):
    """What is wrong with one field."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemOut(Strict):
    """Why a request was refused (RFC 9457); `code` is stable."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldError))


class _Api(Api):  # type: ignore[misc]  # the library is untyped
    """The library's part: it collects the document. Errors are ours."""

    ERROR_SCHEMA = ProblemOut
    DEFAULT_ERROR_RESPONSE_NAME = ""

    def _register_error_handlers(self) -> None:
        """Leave the application's pages their own errors."""

    def _register_responses(self) -> None:
        for status in map(HTTPStatus, STATUSES):
            content = {MEDIA_TYPE: {"schema": ProblemOut}}
            said = {"description": status.phrase, "content": content}
            self.spec.components.response(status.name, said)


def register(app: Flask, modules: Iterable[ModuleType]) -> None:
    """Add the operations of these modules, and the document that tells of them."""
    resources = tuple(module.resource for module in modules)
    for resource in resources:
        app.register_blueprint(resource)
    app.extensions[EXTENSION] = resources
    app.register_blueprint(pages)


@cache
def _document(resources: tuple[Resource, ...]) -> dict[str, Any]:
    """Return the document with our own names of what the library named.

    Put together when it is first asked for: it takes longer than all other routes.
    """
    app = Flask(__name__)
    app.config.update(
        API_TITLE="Koppelwerk", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0"
    )
    api = _Api(app)
    scheme = {"type": "http", "scheme": "bearer"}
    api.spec.components.security_scheme("token", scheme)
    for resource in resources:
        api.register_blueprint(resource)
    spec: dict[str, Any] = api.spec.to_dict()
    tags = [
        {**tag, "name": tag["name"].removeprefix("api_")} for tag in spec.pop("tags")
    ]
    info = {**spec.pop("info"), "description": INTRODUCTION}
    return {**spec, "info": info, "tags": tags}


@pages.get("/api/v1/openapi.json")
@access("public")
def openapi() -> Response:
    """Return the document."""
    server = {"url": settings().public_url.rstrip("/")}
    document = {**_document(current_app.extensions[EXTENSION]), "servers": [server]}
    return Response(jsontext.dumps(document), mimetype="application/json")


@dataclass(frozen=True)
class Operation:
    """An operation as the page shows it."""

    method: str
    path: str
    said: dict[str, Any]
    shared: list[dict[str, Any]]
    """Parameters of its path."""

    @property
    def scope(self) -> str:
        """The scope it asks for; empty: any token."""
        return " ".join(self.said["security"][0]["token"])

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Everything in address and headers."""
        return [*self.shared, *self.said.get("parameters", [])]

    @property
    def body(self) -> dict[str, Any] | None:
        """The request's body: its schema and an example."""
        found: dict[str, Any] | None = (
            self.said.get("requestBody", {}).get("content", {}).get("application/json")
        )
        return found

    @property
    def curl(self) -> str:
        """A call to try, for a shell."""
        address = settings().public_url.rstrip("/") + self.path
        parts = [
            f"curl -X {self.method.upper()} '{address}'",
            '-H "Authorization: Bearer $TOKEN"',
        ]
        if self.method == "post":
            parts.append("-H 'Idempotency-Key: 4f1c'")
        if self.method == "put":
            parts.append("-H 'If-Match: \"1\"'")
        if self.body is not None:
            parts.append("-H 'Content-Type: application/json'")
            parts.append(f"-d '{jsontext.dumps(self.body.get('example', {}))}'")
        return " \\\n  ".join(parts)


def _operations(document: dict[str, Any], tag: str) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and tag in item[method]["tags"]:
                shared = item.get("parameters", [])
                yield Operation(method, path, item[method], shared)


@pages.get("/api/docs")
@access("public")
def docs() -> str:
    """The document as a page."""
    document = _document(current_app.extensions[EXTENSION])
    groups = [
        (tag, list(_operations(document, tag["name"]))) for tag in document["tags"]
    ]
    return render_template(
        "api/docs.html",
        info=document["info"],
        groups=groups,
        schemas=document["components"]["schemas"],
        codes=sorted({*BY_STATUS.values(), *_CODES}),
        events=EVENTS,
        event_words=EVENT_WORDS,
        base=settings().public_url.rstrip("/"),
    )


_CODES = (
    "api_token_unknown",
    "api_scope",
    "api_cursor",
    "api_version_missing",
    "api_version_changed",
    "idempotency_key_wrong",
    "idempotency_key_reused",
    "idempotency_in_progress",
)
"""Codes of the API itself that the page explains; the rest are the services'."""
