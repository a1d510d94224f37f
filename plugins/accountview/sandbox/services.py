"""The Visma services that the six-step wizard asks: A SHAPE OF OUR OWN.

Manual 003 says what each step checks; how AccountView asks is not public. POST
`/_control/services` changes what is found.

POST /services/licence          {text, terms}
GET  /services/acs?server=      is the Communication Service active on that server
POST /services/administrators   {email, first_name, last_name}; a mail goes out
GET  /services/administrators/{email}
GET  /services/administrators/{email}/connection   do both sides meet
POST /services/gateway/check    {email, password}
POST /services/authorise        {email, password, first_name?, last_name?}
POST /services/companies        {code, description};  GET: the report
"""

import re
from typing import Any

from flask import Blueprint, Response, request

from core.domain import jsontext
from core.kit.sandbox.app import json_response, sandbox

services = Blueprint("visma_services", __name__, url_prefix="/services")
PASSWORD = "demo"  # noqa: S105  a sandbox has no secrets
DEFAULTS: dict[str, Any] = {
    "acs_servers": ["localhost", "accountview-server"],
    "gateway_installed": True,
    "gateway_running": True,
    "gateway_connects": True,
    "gateway_local_only": False,
}
_LINE = re.compile(r"^\s*(\w[\w -]*?)\s*:\s*(.+?)\s*$", re.MULTILINE)
_YEAR = re.compile(r"(?:19|20)\d\d")


class Refusal(Exception):
    """A step is refused."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.status = status


@services.errorhandler(Refusal)
def _refused(refusal: Refusal) -> Response:
    return json_response({"error": str(refusal)}, refusal.status)


def _found(name: str) -> Any:
    return (sandbox().store.get("found", name) or {"value": DEFAULTS[name]})["value"]


def change(values: dict[str, Any]) -> dict[str, Any]:
    """Change what the checks find; KeyError for an unknown name."""
    for name, value in values.items():
        if name not in DEFAULTS:
            raise KeyError(name)
        sandbox().store.put("found", name, {"value": value})
    return {name: _found(name) for name in DEFAULTS}


def confirm(email: str) -> None:
    """Do the steps in the mail; KeyError without such an administrator."""
    found = sandbox().store.get("administrator", email)
    if found is None:
        raise KeyError(email)
    sandbox().store.put("administrator", email, {**found, "confirmed": True})


def _body(*names: str) -> dict[str, Any]:
    body: dict[str, Any] = jsontext.loads(request.get_data() or b"{}")
    for name in names:
        if not body.get(name):
            raise Refusal(f"{name}_missing")
    return body


@services.post("/licence")
def licence() -> Response:
    """Activate a licence by its text; terms come first."""
    body = _body("text")
    if body.get("terms") is not True:
        raise Refusal("terms_not_accepted")
    fields = {name.lower(): value for name, value in _LINE.findall(body["text"])}
    if not {"serienummer", "editie", "versie"} <= set(fields):
        raise Refusal("licence_unreadable", 422)
    modules = [part.strip() for part in fields.get("modules", "").split(",")]
    made = {
        "serial": fields["serienummer"],
        "edition": fields["editie"],
        "version": fields["versie"],
        "modules": [module for module in modules if module],
        "activated": True,
    }
    sandbox().store.record("licence", made["serial"], made)
    return json_response(made)


@services.get("/acs")
def acs() -> Response:
    """Tell whether the Communication Service runs on a server."""
    server = request.args.get("server", "")
    if not server:
        raise Refusal("server_missing")
    return json_response({"server": server, "active": server in _found("acs_servers")})


@services.post("/administrators")
def administrator() -> Response:
    """Make the administrator; he gets a mail and has to follow it."""
    body = _body("email", "first_name", "last_name")
    if "@" not in body["email"]:
        raise Refusal("email_invalid")
    made = {"email": body["email"], "confirmed": False}
    with sandbox().store.lock:
        if sandbox().store.get("administrator", made["email"]) is None:
            sandbox().store.put("administrator", made["email"], made)
            sandbox().store.record("mail", made["email"], {"to": made["email"]})
    return json_response(made, 201)


@services.get("/administrators/<email>")
def administrator_state(email: str) -> Response:
    """Tell whether the administrator followed his mail."""
    found = sandbox().store.get("administrator", email)
    if found is None:
        raise Refusal("administrator_unknown", 404)
    return json_response(found)


@services.get("/administrators/<email>/connection")
def connection(email: str) -> Response:
    """Tell whether the gateway carries what AccountView.Net asks."""
    found = sandbox().store.get("administrator", email)
    if found is None or not found["confirmed"]:
        raise Refusal("administrator_unknown", 404)
    works = ("gateway_installed", "gateway_running", "gateway_connects")
    is_connected = all(_found(name) for name in works)
    return json_response(
        {"connected": is_connected and not _found("gateway_local_only")}
    )


def _check_login(body: dict[str, Any]) -> None:
    found = sandbox().store.get("administrator", body["email"])
    known = found is not None and found["confirmed"]
    if not known or body["password"] != PASSWORD:
        raise Refusal("credentials_refused", 403)


@services.post("/gateway/check")
def gateway() -> Response:
    """Check the gateway; every thing that fails is named."""
    body = _body("email", "password")
    failures = [
        name
        for name, fails in (
            ("gateway_not_installed", not _found("gateway_installed")),
            ("gateway_not_running", not _found("gateway_running")),
            ("gateway_no_connection", not _found("gateway_connects")),
            ("gateway_local_only", _found("gateway_local_only")),
        )
        if fails
    ]
    try:
        _check_login(body)
    except Refusal as refusal:
        failures.append(str(refusal))
    return json_response({"ok": not failures, "failures": failures})


@services.post("/authorise")
def authorise() -> Response:
    """Authorise the administrator; with names he is linked for single sign-on."""
    body = _body("email", "password")
    _check_login(body)
    names = (body.get("first_name"), body.get("last_name"))
    if any(names) and not all(names):
        raise Refusal("names_incomplete")
    return json_response({"authorised": True, "single_sign_on": all(names)})


@services.route("/companies", methods=["GET", "POST"])
def companies() -> Response:
    """Register an onderneming, or report which ones are."""
    store = sandbox().store
    if request.method == "GET":
        return json_response(store.list("undertaking"))
    body = _body("code", "description")
    if _YEAR.search(body["code"]) or _YEAR.search(body["description"]):
        raise Refusal("year_not_allowed")
    with store.lock:
        made = store.get("undertaking", body["code"]) or {
            "code": body["code"],
            "description": body["description"],
            "visma_id": store.next_number("undertaking", 70001),
        }
        store.put("undertaking", made["code"], made)
    return json_response(made, 201)
