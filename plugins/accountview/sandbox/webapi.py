"""AccountView.Net Web API v3, the reading side (contract section 2).

Names in paths and queries are taken in any case, as known clients write them in
several. Only what those clients use is known; every other operator, field or object is
refused with ErrorType, ErrorNumbers and ErrorMessage.
"""

from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from core.kit.sandbox.app import json_response, sandbox
from plugins.accountview.sandbox import seed, tokens
from plugins.accountview.sandbox.seed import Row

webapi = Blueprint("accountview_webapi", __name__, url_prefix="/api/v3")
DEFAULT_PAGE = 200
LARGEST_PAGE = 1000
"""The sandbox's own limits: the vendor's are not published."""
DATED = ("TRANSACT",)
"""Tables that BookDate cuts to one book year."""


class ApiError(Exception):
    """A refusal of the API."""

    def __init__(self, message: str, status: int = 400, kind: str = "AccountViewError"):
        super().__init__(message)
        self.status = status
        self.kind = kind


@webapi.errorhandler(ApiError)
def _refused(error: ApiError) -> Response:
    body = {
        "ErrorType": error.kind,
        "ErrorNumbers": None,
        "ErrorMessage": str(error),
    }
    return json_response(body, error.status)


@webapi.get("/<name>")
def read(name: str) -> Response:
    """Serve the three addresses there are for reading."""
    with sandbox().store.lock:
        _check_token()
        _raise_fault()
        views = {
            "companies": seed.companies,
            "accountviewsystembusinessobjects": _objects,
            "accountviewdata": _data,
        }
        view = views.get(name.lower())
        if view is None:
            raise ApiError(f"No resource {name}", 404, "HttpError")
        return json_response(view())


def _check_token() -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    entry = sandbox().store.get("access", token.strip())
    grant = tokens.grant_of(entry)
    if scheme.lower() != "bearer" or not entry or not grant or tokens.expired(entry):
        raise ApiError("Authorization has been denied", 401, "AuthenticationError")
    if tokens.SCOPES[0] not in grant["scope"].split():
        raise ApiError("The scope does not allow this", 403, "AuthorizationError")


def _raise_fault() -> None:
    asked = sandbox().faults.take("api_error", request.method, request.path)
    if asked is not None:
        options = asked.options
        raise ApiError(options["message"], int(options.get("status", 200)))


def _objects() -> list[Row]:
    return [
        {
            "Code": code,
            "Description": name,
            "InsertAllowed": code not in ("GJ1", "ADL"),
            "UpdateAllowed": code not in ("GJ1", "ADL"),
            "DeleteAllowed": False,
        }
        for code, name in seed.OBJECT_NAMES.items()
    ]


def _company() -> str:
    company = request.headers.get("x-company", "")
    if company not in [found["Id"] for found in seed.companies()]:
        raise ApiError("x-company is missing or no company of this user")
    return company


def _data() -> dict[str, list[Row]]:
    company = _company()
    query = {name.lower(): value for name, value in request.args.items()}
    code = query.get("businessobject", "").upper()
    if code not in seed.TABLES:
        raise ApiError(f"Business object {code or '(none)'} is not known")
    table, key = seed.TABLES[code]
    rows = sorted(seed.rows(company, table), key=lambda row: str(row[key]))
    if table in DATED:
        rows = [row for row in rows if row["TRN_DATE"][:4] == _book_year(query)]
    rows = [row for row in rows if _passes(row, query, table)]
    if "lastkey" in query:
        rows = [row for row in rows if str(row[key]) > query["lastkey"]]
    names = _fields(query.get("fields", "*"), table, company)
    page = rows[: _page_size(query)]
    return {table: [{name: row[name] for name in names or row} for row in page]}


def _book_year(query: dict[str, str]) -> str:
    text = query.get("bookdate", "")
    return _date(text).isoformat()[:4] if text else str(sandbox().clock.now().year)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise ApiError(f"{text} is no date") from error


def _page_size(query: dict[str, str]) -> int:
    text = query.get("pagesize", str(DEFAULT_PAGE))
    if not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
        raise ApiError(f"PageSize {text} is not allowed")
    return int(text)


def _fields(text: str, table: str, company: str) -> list[str]:
    """Return the asked field names; empty for all."""
    if text.strip() == "*":
        return []
    known = next(iter(seed.rows(company, table)), {})
    names = []
    for part in text.split(","):
        owner, _, name = part.strip().upper().rpartition(".")
        if owner not in ("", table) or name not in known:
            raise ApiError(f"Field {part.strip()} is not known")
        names.append(name)
    return names


def _passes(row: Row, query: dict[str, str], table: str) -> bool:
    number = 1
    while f"filtercontrolsource{number}" in query:
        if not _filter(row, query, number, table):
            return False
        number += 1
    return True


def _filter(row: Row, query: dict[str, str], number: int, table: str) -> bool:
    source = query[f"filtercontrolsource{number}"].upper()
    owner, _, name = source.rpartition(".")
    operator = query.get(f"filteroperator{number}", "")
    kind = query.get(f"filtervaluetype{number}", "")
    value = query.get(f"filtervalue{number}", "")
    if owner not in ("", table) or name not in row or kind not in ("C", "D", "T"):
        raise ApiError(f"Filter on {source} is not allowed")
    found: Any = row[name]
    if operator == "Equal":
        return str(found) == value
    if operator == "Contains":
        return value in str(found)
    if operator == "DateOnOrAfterDate" and kind in ("D", "T"):
        return _date(str(found)) >= _date(value)
    raise ApiError(f"Operator {operator or '(none)'} is not known")
