"""The addresses of the access point, the register, and the control ones.

POST /api/outbound/submit/{sender}/{receiver}/{type}/{process}/{country}
     ?sbdhInstanceID=...    the document as body; 200 a report, 400 or 422 a refusal
GET  /api/outbound/status/{sbdhInstanceID}       one transaction, 404 without a body
GET  /smpquery/{network}/{participant}           what a participant takes, or 404
All of /api asks for `X-Token`.

Control, beside the kit's:
POST /_control/participant {"id": "0208:...", "takes": ["Invoice", "CreditNote"]}
     registers one; `takes` empty: registered for other things; null: not registered
POST /_control/revoke      {}    the token no longer works (`{"back": true}`: it does)
POST /_control/settings    {"end": "sent"|"hold"|"refuse", "mls": "received_ap"|...}
POST /_control/status      {"reference": ..., "status": ..., "mlsStatus": ..., ...}
POST /_control/forward     {"address": ..., "body": "..."}  posts an envelope to it
Faults, beside the kit's: {"kind": "keep_and_refuse"}: kept as `failed`, answered 422,
as when the receiver's access point did not answer the first time.
"""

from pathlib import Path
from typing import Any

import requests
from flask import Blueprint, Flask, Response, request

from core.kit.sandbox import create_sandbox
from core.kit.sandbox.app import control_of, json_response, request_body, sandbox
from plugins.peppol.sandbox.documents import (
    PROCESS,
    SCHEME,
    TYPES,
    Refusal,
    checked,
    participant,
)

Record = dict[str, Any]
TOKEN = "sandbox-token"  # noqa: S105  of the sandbox alone
DEFAULTS: Record = {"end": "sent", "mls": "received_ap"}
KINDS = list(TYPES.values())
BEGINNING = {
    "0106:12345678": KINDS, "0208:0403170701": KINDS, "0208:0428759497": KINDS,
    "9944:NL123456782B90": KINDS,
}  # fmt: skip
"""Participants that are always there."""

api = Blueprint("peppol_sandbox", __name__)
control = control_of("peppol")


def create_app(database: Path | str) -> Flask:
    """Return the sandbox; its memory is the SQLite file (or `:memory:`)."""
    app = create_sandbox("peppol", database)
    app.register_blueprint(api)
    app.register_blueprint(control)
    return app


@api.before_request
def _check_token() -> Response | None:
    if not request.path.startswith("/api/"):
        return None
    revoked = sandbox().store.get("token", "revoked")
    if request.headers.get("X-Token") == TOKEN and not (revoked or {}).get("is"):
        return None
    return json_response({"error": "Invalid or missing API token"}, 401)


@api.get("/")
def home() -> Response:
    """Show what came in, for who tries the demo."""
    rows = [f"{one['number']} → {one['receiverID']}: {one['status']}"
            for one in sandbox().store.list("transaction")]  # fmt: skip
    return Response("\n".join(rows) or "Nog niets verstuurd.", mimetype="text/plain")


@api.post("/api/outbound/submit/<sender>/<receiver>/<path:kind>/<process>/<country>")
def submit(
    sender: str, receiver: str, kind: str, process: str, country: str
) -> Response:
    """Take a document; the same id again is another document."""
    reference = request.args.get("sbdhInstanceID", "")
    try:
        fields = _checked(sender, receiver, kind, process, country)
    except Refusal as refusal:
        return json_response(str(refusal), 400)
    if not reference or len(reference) > 100:
        return json_response("sbdhInstanceID", 400)
    try:
        known = checked(request.get_data(), *fields)
    except Refusal as refusal:
        return json_response(str(refusal), 422)
    settings = _settings()
    status = {"sent": "sent", "hold": "pending", "refuse": "rejected"}[settings["end"]]
    is_kept = sandbox().faults.take("keep_and_refuse", "POST", request.path)
    is_known = fields[2] in _registered()
    if is_kept or not is_known:
        status = "failed" if is_kept else "permanently_failed"
    now = sandbox().clock.now().isoformat()
    record: Record = {
        **known,
        "id": str(sandbox().store.next_number("transaction")),
        "senderID": sender,
        "receiverID": receiver,
        "docTypeID": kind,
        "processID": process,
        "sbdhInstanceID": reference,
        "status": status,
        "attemptCount": 1,
        "createdDT": now,
        "completedDT": now if status in ("sent", "permanently_failed") else None,
        "mlsStatus": settings["mls"] if status == "sent" else None,
        "errorDetails": None if status in ("sent", "pending") else "SMP lookup failed",
    }
    # a second one with the same id stands beside the first, as nothing forbids
    sandbox().store.put("transaction", record["id"], record)
    sandbox().store.record("document", reference, record)
    if status in ("failed", "permanently_failed", "rejected"):
        return json_response({"overallSuccess": False}, 422)
    return json_response({"overallSuccess": True, "sbdhInstanceID": reference})


def _checked(
    sender: str, receiver: str, kind: str, process: str, country: str
) -> tuple[str, str, str]:
    if kind not in TYPES:
        raise Refusal(f"Failed to parse the document type ID '{kind}'")
    if process != PROCESS:
        raise Refusal(f"Failed to parse the process ID '{process}'")
    if len(country) != 2 or not country.isalpha() or not country.isupper():
        raise Refusal(f"Invalid country '{country}'")
    return TYPES[kind], participant(sender), participant(receiver)


@api.get("/api/outbound/status/<reference>")
def status(reference: str) -> Response:
    """Answer the first document with an id; 404 without a body when there is none."""
    found = _found(reference)
    return json_response(found) if found else Response(status=404)


def _found(reference: str) -> Record | None:
    every = sandbox().store.list("transaction")
    return next((one for one in every if one["sbdhInstanceID"] == reference), None)


@api.get("/smpquery/<network>/<key>")
def smpquery(network: str, key: str) -> Response:
    """Answer what a participant takes."""
    if network not in ("peppolprod", "peppoltest"):
        return json_response("unknown SML", 400)
    name = key.removeprefix(f"{SCHEME}::")
    takes = _registered().get(name)
    if takes is None:
        return Response(status=404)
    urls = [{"documentTypeID": one} for one, kind in TYPES.items() if kind in takes]
    return json_response({"participantID": key, "urls": urls})


def _registered() -> dict[str, list[str]]:
    own = {one["id"]: one["takes"] for one in sandbox().store.list("participant")}
    every = {**BEGINNING, **own}
    return {name: takes for name, takes in every.items() if takes is not None}


def _settings() -> Record:
    return {**DEFAULTS, **(sandbox().store.get("settings", "") or {})}


@control.post("/participant")
def register() -> Response:
    """Register a participant, or take one off."""
    body = request_body()
    takes = body.get("takes", KINDS)
    sandbox().store.put("participant", body["id"], {"id": body["id"], "takes": takes})
    return json_response({})


@control.post("/revoke")
def revoke() -> Response:
    """Take back the token, or give it back."""
    sandbox().store.put(
        "token", "revoked", {"is": not request_body().get("back", False)}
    )
    return json_response({})


@control.post("/settings")
def settings() -> Response:
    """Change how documents end; answers all settings."""
    sandbox().store.put("settings", "", {**_settings(), **request_body()})
    return json_response(_settings())


@control.post("/status")
def change_status() -> Response:
    """Change where a document stands."""
    body = request_body()
    found = _found(body.pop("reference"))
    if found is None:
        return json_response({}, 404)
    done = {"completedDT": sandbox().clock.now().isoformat(), **body}
    sandbox().store.put("transaction", found["id"], {**found, **done})
    return json_response({})


@control.post("/forward")
def forward() -> Response:
    """Post an envelope to an address, as the access point forwards what comes in."""
    body = request_body()
    answer = requests.post(
        body["address"],
        data=body["body"].encode(),
        headers={"Content-Type": "application/xml"},
        timeout=30,
    )
    return json_response({"status": answer.status_code, "body": answer.text})
