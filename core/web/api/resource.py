"""What every operation of the API shares, said once.

`Resource.operation` makes a view of a function: its token and scope, its query and
body, its transaction, the client's idempotency key, and its documentation.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any, NoReturn, cast

from flask import Request, Response, current_app, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from core.domain import jsontext
from core.runtime.database import transaction
from core.services.api import idempotency
from core.services.api.idempotency import Answer, Claim
from core.web.api import gate
from core.web.api.problems import MEDIA_TYPE, Problem, Wrong
from core.web.policy import access

ROOT = "/api/v1"
KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 100
_KEPT_HEADERS = ("Location", "ETag")
_MISSING = "field_required"
View = Callable[..., Any]
Judge = Callable[[dict[str, Any]], list[Wrong]]
"""Says what the rules find wrong with a body, of the fields that are there."""

KEY_PARAMETER = {
    "in": "header",
    "name": KEY,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "The same key with the same request has one effect and gets the"
    " same answer, for 24 hours.",
}
VERSION_PARAMETER = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "The ETag of what you read; refused with 412 when it changed since.",
}


class _Parser(FlaskParser):
    """Reads requests: JSON with exact numbers, and nothing that is not asked for."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": RAISE}  # noqa: RUF012

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return {}
        if not req.is_json:
            raise Problem(415, "api_not_json")
        try:
            return jsontext.loads(body)
        except jsontext.JsonError:
            raise Problem(400, "api_not_json") from None

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, **_options: Any
    ) -> NoReturn:
        """Answer with every field that is wrong, by the rules of its operation too."""
        (messages,) = cast("dict[str, Any]", error.messages).values()
        wrong = _wrongs("", messages)
        judge: Judge | None = getattr(schema, "judge", None)
        if judge is not None and isinstance(error.valid_data, dict):
            known = {each.field for each in wrong}
            found = judge(error.valid_data)
            wrong += [each for each in found if each.field not in known]
        raise Problem(422, "api_invalid", wrong=tuple(wrong))


def _wrongs(path: str, messages: Any) -> list[Wrong]:
    if isinstance(messages, Mapping):
        found = []
        for name, inner in messages.items():
            below = path if name == "_schema" else f"{path}.{name}".strip(".")
            found += _wrongs(below, inner)
        return found
    return [Wrong(path, str(code)) for code in messages]


class Resource(Blueprint):  # type: ignore[misc]  # the library is untyped
    """The operations of one resource."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(
            f"api_{name}", __name__, url_prefix=ROOT, description=description
        )

    def operation(
        self,
        method: str,
        rule: str,
        *,
        scope: str,
        answer: type[Schema] | None = None,
        status: int = 200,
        query: type[Schema] | None = None,
        body: type[Schema] | None = None,
        judge: Judge | None = None,
        example: Any = None,
        problems: tuple[int, ...] = (),
        parameters: tuple[Mapping[str, Any], ...] = (),
    ) -> Callable[[View], View]:
        """Make an operation of a function; it gets query, body and the path's ids.

        Its docstring is the documentation: a line, and what else there is to say.
        `judge` is asked of what can be read of a body that its schema refuses, so that
        the client hears of everything at once. `problems` are the statuses that it may
        answer beside those of every operation.
        """

        def decorate(view: View) -> View:
            made: View = self.response(status, answer)(view)
            if body is not None:
                needed = any(field.required for field in body().fields.values())
                schema = body()
                schema.judge = judge  # type: ignore[attr-defined]  # for the parser
                made = self.arguments(schema, required=needed, example=example)(made)
            if query is not None:
                made = self.arguments(query, location="query")(made)
            if method != "GET":
                made = _written(made)
            refused = (*problems, *_usual(method, body or query))
            given = [*parameters, *([KEY_PARAMETER] if method == "POST" else [])]
            made = self.doc(**_documented(self.name, view, scope, refused, given))(made)
            made.scope = scope  # type: ignore[attr-defined]  # functions take attributes
            made = access("api")(made)
            self.add_url_rule(rule, view.__name__, made, methods=[method])
            return view

        return decorate


def _usual(method: str, given: type[Schema] | None) -> tuple[int, ...]:
    """Return the statuses of every operation of a kind."""
    usual = [401, 403, 429]
    if method == "POST":
        usual += [400, 409, 422]
    if method in ("PUT", "PATCH"):
        usual += [400]
    if method != "GET" and given is not None:
        usual += [415]
    if given is not None:
        usual += [422]
    return tuple(usual)


def _documented(
    name: str,
    view: View,
    scope: str,
    refused: tuple[int, ...],
    parameters: list[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return what the document says of an operation beside its schemas."""
    resource = name.removeprefix("api_")
    said: dict[str, Any] = {
        "operationId": f"{resource}.{view.__name__}",
        "tags": [resource],
        "security": [{"token": [] if scope == gate.ANY else [scope]}],
        "responses": {
            str(status): {"$ref": f"#/components/responses/{HTTPStatus(status).name}"}
            for status in sorted(set(refused))
        },
    }
    if parameters:
        said["parameters"] = [dict(each) for each in parameters]
    return said


def _written(view: View) -> View:
    """Do a view's work in one transaction, once for a client's idempotency key."""

    @wraps(view)
    def written(*args: Any, **ids: Any) -> Response:
        claim = _claim() if request.method == "POST" else None
        if isinstance(claim, Answer):
            return _replayed(claim)
        try:
            with transaction():
                response: Response = current_app.make_response(view(*args, **ids))
                if claim is not None:
                    idempotency.finish(claim, _kept(response))
        except idempotency.ClaimLost:
            raise _busy() from None
        except BaseException:
            if claim is not None:
                idempotency.release(claim)
            raise
        return response

    return written


def _claim() -> Claim | Answer | None:
    """Claim the request's key, if it has one; raise a Problem when that cannot be."""
    if KEY not in request.headers:
        return None
    key = request.headers[KEY]
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Problem(400, "idempotency_key_wrong")
    holder = gate.current()
    try:
        return idempotency.claim(holder.tenant_id, holder.token_id, key, _digest())
    except idempotency.KeyReused:
        raise Problem(422, "idempotency_key_reused") from None
    except idempotency.InProgress:
        raise _busy() from None


def _busy() -> Problem:
    return Problem(409, "idempotency_in_progress", headers={"Retry-After": "1"})


def _digest() -> str:
    """Hash what is asked: the same key with something else in it is a mistake."""
    asked = f"{request.method} {request.full_path}\n".encode("utf-8", "replace")
    return sha256(asked + request.get_data(cache=True)).hexdigest()


def _kept(response: Response) -> Answer:
    headers = {
        name: response.headers[name]
        for name in _KEPT_HEADERS
        if name in response.headers
    }
    return Answer(response.status_code, response.get_data(as_text=True), headers)


def _replayed(answer: Answer) -> Response:
    mimetype = "application/json" if answer.status < 400 else MEDIA_TYPE
    response = Response(answer.body, answer.status, answer.headers, mimetype)
    response.headers[REPLAYED] = "true"
    return response
