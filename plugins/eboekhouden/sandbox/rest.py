"""REST API v1 over the same books (contract 8); the resources that exist for us.

The token of a session goes bare in the Authorization header, as the vendor's quick
start shows; with `Bearer` before it, it is refused here.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from core.domain import jsontext
from core.kit.sandbox.app import json_response, sandbox
from plugins.eboekhouden.sandbox import books, rest_books
from plugins.eboekhouden.sandbox.books import Body, Refusal

SECONDS = 3600
_SOURCE = re.compile(r"[A-Za-z0-9_ ]{1,10}")
rest = Blueprint("eboekhouden_rest", __name__, url_prefix="/v1")


@rest.errorhandler(Refusal)
def _refused(error: Refusal) -> Response:
    status = {"SECURITY_010": 401, "EP_001": 403, "REL_055": 404, "MUT_300": 404}
    number = status.get(error.code, 400)
    body = {"type": "error", "title": error.text, "status": number,
            "code": error.code, "message": error.text}  # fmt: skip
    return json_response(body, number)


def _body() -> Body:
    if request.mimetype != "application/json":
        raise Refusal("ERR_002", "Content-Type must be application/json.")
    try:
        body = jsontext.loads(request.get_data())
    except ValueError as error:
        raise Refusal("DATA_01", "No content body provided.") from error
    if not isinstance(body, dict):
        raise Refusal("ERR_002", "Your request contains an invalid value.")
    return body


def _key() -> str:
    """Return the administration of the session; raise Refusal SECURITY_010."""
    token = request.headers.get("Authorization", "")
    key, wrong = books.session_state(token, "rest")
    if not key or wrong:
        raise Refusal("SECURITY_010", "Not authenticated.")
    return key


def _page(rows: list[Body]) -> Response:
    limit = request.args.get("limit", "100")
    offset = request.args.get("offset", "0")
    if not limit.isdecimal() or not 1 <= int(limit) <= 2000:
        raise Refusal("PAGE_001", "Limit must be between 1 and 2000.")
    if not offset.isdecimal():
        raise Refusal("PAGE_002", "Offset must be greater than or equal to 0.")
    first = int(offset)
    items = rows[first : first + int(limit)]
    return json_response({"items": items, "count": len(rows)})


def _only(*known: str) -> None:
    """Refuse query parameters that the endpoint does not have."""
    if set(request.args) - {"limit", "offset", *known}:
        raise Refusal("ERR_002", "Your request contains an invalid value.")


def _locked(make: Callable[[], Any]) -> Any:
    with sandbox().store.lock:
        return make()


@rest.post("/session")
def open_session() -> Response:
    """Open a session with an access token."""
    body = _body()
    source = body.get("source")
    if not source:
        raise Refusal("API_SESSION_001", "Source is missing.")
    if not _SOURCE.fullmatch(str(source)):
        raise Refusal("API_SESSION_002", "Source does not match pattern.")
    if not body.get("accessToken"):
        raise Refusal("API_SESSION_003", "Access token is missing or empty.")
    for row in books.all_administrations():
        if row["access_token"] == body["accessToken"] and not row["blocked"]:
            token = books.open_session(row["key"], "rest")
            return json_response({"token": token, "expiresIn": SECONDS})
    raise Refusal("API_SESSION_004", "Access token has expired.")


@rest.delete("/session")
def close_session() -> Response:
    """End the session."""
    _key()
    books.close_session(request.headers["Authorization"])
    return Response(status=204)


@rest.get("/administration")
def administrations() -> Response:
    """Refuse: this list is for accountants."""
    _key()
    raise Refusal("EP_001", "This endpoint is only available to accountants.")


@rest.get("/administration/linked")
def linked() -> Response:
    """List the administration of the token."""
    own = books.administration(_key())
    guid = own["Guid"].strip("{}").lower()
    return _page([{"guid": guid, "company": own["Bedrijf"]}])


@rest.get("/ledger")
def ledgers() -> Response:
    """List ledger accounts."""
    key = _key()
    _only("code", "category")
    rows = [rest_books.ledger(row) for row in books.accounts(key)]
    for name in ("code", "category"):
        if name in request.args:
            rows = [row for row in rows if row[name] == request.args[name]]
    return _page(rows)


@rest.get("/ledger/<int:number>/balance")
def balance(number: int) -> Response:
    """Give the balance of a ledger account."""
    key = _key()
    _only("costCenterId", "from", "to")
    known = {row["ID"]: row["Code"] for row in books.accounts(key)}
    if number not in known:
        raise Refusal("LEDG_300", "Ledger not found.")
    code = known[number]
    total = books.balance(key, code)
    return json_response({"code": code, "type": "D", "balance": total})


@rest.get("/relation")
def relations() -> Response:
    """List relations: id, type and code only."""
    key = _key()
    _only("code", "type", "email", "name", "contact", "city")
    filters = {"code": "Code", "type": "BP", "email": "Email", "name": "Bedrijf",
               "contact": "Contactpersoon", "city": "Plaats"}  # fmt: skip
    found = books.relations(key)
    for name, field in filters.items():
        wanted = request.args.get(name, "").lower()
        if wanted:
            found = [r for r in found if str(r.get(field) or "").lower() == wanted]
    return _page([{"id": r["ID"], "type": r["BP"], "code": r["Code"]} for r in found])


@rest.get("/relation/<int:number>")
def relation(number: int) -> Response:
    """Return one relation whole."""
    return json_response(rest_books.relation(rest_books.find_relation(_key(), number)))


@rest.post("/relation")
def add_relation() -> Response:
    """Add a relation."""
    key, body = _key(), _body()
    made = _locked(lambda: rest_books.add_relation(key, body))
    return json_response({"id": made["ID"], "code": made["Code"]}, 201)


@rest.patch("/relation/<int:number>")
def patch_relation(number: int) -> Response:
    """Change a relation; what is left out stays."""
    key, body = _key(), _body()
    _locked(lambda: rest_books.patch_relation(key, number, body))
    return Response(status=204)


@rest.get("/mutation")
def mutations() -> Response:
    """List mutations without their rows."""
    key = _key()
    _only("type", "id", "description", "invoiceNumber", "date")
    rows = [rest_books.mutation_item(key, row) for row in books.entries(key)]
    for name in ("type", "id", "invoiceNumber", "date"):
        if name in request.args:
            rows = [row for row in rows if str(row[name]) == request.args[name]]
    return _page(rows)


@rest.get("/mutation/<int:number>")
def mutation(number: int) -> Response:
    """Return one mutation with its rows."""
    key = _key()
    for row in books.entries(key):
        if row["MutatieNr"] == number:
            return json_response(rest_books.mutation(key, row))
    raise Refusal("MUT_300", "Mutation not found.")


@rest.post("/mutation")
def add_mutation() -> Response:
    """Book a mutation."""
    key, body = _key(), _body()
    made = _locked(lambda: rest_books.add_mutation(key, body))
    return json_response({"id": made["MutatieNr"]}, 201)


@rest.get("/mutation/invoice/outstanding")
def outstanding() -> Response:
    """List open items."""
    key = _key()
    _only("credDeb", "invoiceNumber")
    side = request.args.get("credDeb")
    if not side:
        raise Refusal("MUTA_006", "Credit/Debit is missing.")
    if side not in ("C", "D"):
        raise Refusal("MUTA_007", "Credit/Debit must be 'C' or 'D'.")
    items = books.open_items(key) if side == "D" else []
    return _page([rest_books.outstanding(item) for item in items])
