"""Visma.net AutoReport and the login before it: A SHAPE OF OUR OWN.

No public interface of AutoReport exists (contract sections 0 and 3); only what it does
and its statuses are documented. Those are followed; paths and fields are invented, and
so is the login but for its grant (client_credentials with `tenant_id`).

POST /visma-connect/connect/token           grant_type, client_id, client_secret, ...
PUT  /autoreport/v1/certificate             {source: visma|own, company: id or "*"}
POST /autoreport/v1/reports                 {reference, company, type, content, ...}
GET  /autoreport/v1/reports?reference=      GET /autoreport/v1/reports/{id}
POST /autoreport/v1/reports/{id}/cancel     only before it is sent
"""

import hmac
import secrets
from base64 import b64decode
from binascii import Error as Base64Error
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, request

from core.domain import jsontext
from core.kit.sandbox.app import json_response, option, sandbox
from core.kit.sandbox.declarations import findings
from plugins.accountview.sandbox import tokens

autoreport = Blueprint("autoreport", __name__)
TENANT = "demo-tenant"
SCOPE = "autoreport"
TYPES = {"NL-OB": "Omzetbelasting", "NL-ICP": "ICP", "NL-OBSUP": "OBSUP"}
_TOKEN_SECONDS = 3600
_SENT = ("Data Received", "Report fetched", "Report validated", "Forwarded", "Sending",
         "Sent")  # fmt: skip
SCENARIOS = {
    "accepted": (*_SENT, "Acknowledged"),
    "invalid": (*_SENT[:2], "Error Validating Report"),
    "rejected": (*_SENT, "NotAccepted By Government"),
    "log_on": (*_SENT[:4], "Error Log On"),
    "sending": (*_SENT[:5], "Error Forwarding"),
}
_MAIN = {
    "Acknowledged": "Processed",
    "Error Validating Report": "Error in report",
    "NotAccepted By Government": "Error in report",
    "Error Log On": "Log-on failed",
    "Error Forwarding": "Sending failed",
    "Data Received": "To be Processed",
    "Canceled": "Cancelled",
}
"""Detailed status to the one in the report view; others are Processing."""


class Refusal(Exception):
    """The service refuses."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@autoreport.errorhandler(Refusal)
def _refused(refusal: Refusal) -> Response:
    body = {"error": {"code": refusal.code, "message": str(refusal)}}
    return json_response(body, refusal.status)


@autoreport.post("/visma-connect/connect/token")
def token() -> Response:
    """Give a service token (client_credentials)."""
    form = request.form
    secret = form.get("client_secret", "").encode()
    known = form.get("client_id") == tokens.CLIENT_ID
    if not known or not hmac.compare_digest(secret, tokens.CLIENT_SECRET.encode()):
        return json_response({"error": "invalid_client"}, 401)
    if form.get("grant_type") != "client_credentials":
        return json_response({"error": "unsupported_grant_type"}, 400)
    if form.get("scope") != SCOPE or form.get("tenant_id") != TENANT:
        return json_response({"error": "invalid_scope"}, 400)
    made = secrets.token_urlsafe(32)
    end = sandbox().clock.now() + timedelta(seconds=_TOKEN_SECONDS)
    sandbox().store.put("service_token", made, {"expires": end.isoformat()})
    body = {"access_token": made, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}
    return json_response(body)


def _check_token() -> None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    entry = sandbox().store.get("service_token", text.strip())
    if scheme != "Bearer" or entry is None or tokens.expired(entry):
        raise Refusal("unauthorized", "No valid token", 401)


def _json() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise Refusal("unsupported", "Content-Type must be application/json", 415)
    try:
        body = jsontext.loads(request.get_data())
    except jsontext.JsonError as error:
        raise Refusal("malformed", str(error)) from error
    if not isinstance(body, dict):
        raise Refusal("malformed", "not an object")
    return body


@autoreport.put("/autoreport/v1/certificate")
def certificate() -> Response:
    """Choose and activate the certificate, for all companies or one."""
    _check_token()
    body = _json()
    if body.get("source") not in ("visma", "own") or not body.get("company"):
        raise Refusal("invalid", "source must be visma or own, company must be given")
    sandbox().store.put("certificate", str(body["company"]), body)
    return json_response(body)


@autoreport.post("/autoreport/v1/reports")
def deliver() -> Response:
    """Take a report; the same one twice is two reports."""
    _check_token()
    body = _json()
    for name in ("reference", "company", "type", "taxNumber", "content"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Refusal("invalid", f"{name} is missing")
    if body["type"] not in TYPES or len(body["reference"]) > 40:
        raise Refusal("invalid", "type or reference is not allowed")
    try:
        content = b64decode(body["content"], validate=True)
    except Base64Error as error:
        raise Refusal("invalid", "content is not base64") from error
    return json_response(_view(_accept(body, content)), 201)


def _accept(body: dict[str, Any], content: bytes) -> dict[str, Any]:
    part = sandbox()
    report = {
        "id": str(uuid4()),
        "reference": body["reference"],
        "type": body["type"],
        "company": body["company"],
        "begun": part.clock.now().isoformat(),
        "scenario": _scenario(body, content),
        "pace": option("pace", 2),
        "cancelled": None,
    }
    with part.store.lock:
        part.store.put("report", report["id"], report)
        part.store.record("report", report["id"], {
            "reference": body["reference"], "type": body["type"],
            "taxNumber": body["taxNumber"],
            "content": content.decode("utf-8", "replace"),
        })  # fmt: skip
    return report


def _scenario(body: dict[str, Any], content: bytes) -> str:
    store = sandbox().store
    if not (store.get("certificate", "*") or store.get("certificate", body["company"])):
        return "log_on"
    found = findings(content, TYPES[body["type"]], body["taxNumber"])
    if found.validation:
        return "invalid"
    asked = sandbox().faults.take("scenario", request.method, request.path)
    if asked is not None:
        return str(asked.options["scenario"])
    return "rejected" if found.content else "accepted"


def _steps(report: dict[str, Any]) -> list[dict[str, str]]:
    begun = datetime.fromisoformat(report["begun"])
    pace = timedelta(seconds=float(report["pace"]))
    moments = [begun + pace * step for step in range(10)]
    end = report["cancelled"] or sandbox().clock.now().isoformat()
    steps = zip(SCENARIOS[report["scenario"]], moments, strict=False)
    found = [
        {"status": status, "at": at.isoformat()}
        for status, at in steps
        if at <= datetime.fromisoformat(end)
    ]
    if report["cancelled"]:
        found.append({"status": "Canceled", "at": report["cancelled"]})
    return found


def _view(report: dict[str, Any]) -> dict[str, Any]:
    steps = _steps(report)
    return {
        "id": report["id"],
        "reference": report["reference"],
        "type": report["type"],
        "company": report["company"],
        "status": _MAIN.get(steps[-1]["status"], "Processing"),
        "created": report["begun"],
        "details": steps,
    }


@autoreport.get("/autoreport/v1/reports")
def search() -> Response:
    """Find reports by the sender's reference."""
    _check_token()
    reference = request.args.get("reference")
    if not reference:
        raise Refusal("invalid", "reference is missing")
    found = sandbox().store.list("report")
    items = [_view(one) for one in found if one["reference"] == reference]
    return json_response({"items": items})


def _report(key: str) -> dict[str, Any]:
    _check_token()
    found = sandbox().store.get("report", key)
    if found is None:
        raise Refusal("not_found", "There is no such report", 404)
    return found


@autoreport.get("/autoreport/v1/reports/<key>")
def one(key: str) -> Response:
    """Return a report with its statuses."""
    return json_response(_view(_report(key)))


@autoreport.post("/autoreport/v1/reports/<key>/cancel")
def cancel(key: str) -> Response:
    """Cancel a report that was not sent yet."""
    report = _report(key)
    steps = [step["status"] for step in _steps(report)]
    if "Sending" in steps or _MAIN.get(steps[-1], "") not in ("", "To be Processed"):
        raise Refusal("too_late", "The report was sent already", 409)
    changed = {**report, "cancelled": sandbox().clock.now().isoformat()}
    sandbox().store.put("report", key, changed)
    return json_response(_view(changed))
