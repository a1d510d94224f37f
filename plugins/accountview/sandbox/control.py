"""The sandbox's own control address, beside the kit's: `/_control/...`.

POST options {hash?, pace?, login_days?}  hash of Digipoort's answers (sha1, sha256),
                                          seconds between statuses
GET  authority                            root, service certificate and its fingerprint
POST certificate {name, serial, days?}    a certificate to file with, and its key
POST tls                                  serve with mutual TLS; answers the port
POST grant {company?}                     tokens of the Web API without the login pages
POST revoke                               end all grants of the Web API
POST transactions {company, rows}         add ledger transactions
POST services {name: value}               what the wizard's checks find
POST confirm {email}                      the administrator follows his mail

Faults of its own, through the kit's `faults`: `soap_fault` (code), `scenario` (see
`digipoort.SCENARIOS`), `tamper`, `api_error` (type, message).
"""

from typing import Any

from flask import Blueprint, Response, current_app, request

from core.domain import jsontext
from core.kit.sandbox.app import json_response, sandbox
from plugins.accountview.sandbox import seed, services, tls, tokens
from plugins.accountview.sandbox.digipoort import authority

control = Blueprint("accountview_control", __name__, url_prefix="/_control")
OPTIONS = ("hash", "pace", "access_token_seconds")


def _body() -> dict[str, Any]:
    body: dict[str, Any] = jsontext.loads(request.get_data() or b"{}")
    return body


@control.errorhandler(KeyError)
def _bad(error: KeyError) -> Response:
    return json_response({"error": f"unknown or missing: {error}"}, 400)


@control.post("/options")
def options() -> Response:
    """Set options until the next reset."""
    for name, value in _body().items():
        if name not in OPTIONS:
            raise KeyError(name)
        sandbox().store.put("option", name, {"value": value})
    return json_response({})


@control.get("/authority")
def root() -> Response:
    """Tell whom to trust."""
    found = authority()
    return json_response({
        "root": found.root_pem,
        "service": found.service.certificate_pem,
        "fingerprint": found.service.fingerprint,
    })  # fmt: skip


@control.post("/certificate")
def certificate() -> Response:
    """Issue a certificate to file with."""
    body = _body()
    pair = authority().issue(
        body["name"], body["serial"], days=int(body.get("days", 365))
    )
    return json_response(pair.stored())


@control.post("/tls")
def listen() -> Response:
    """Serve with mutual TLS too; asked again, the same port answers."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with sandbox().store.lock:
        server = app.extensions.get("tls")
        if server is None:
            server = app.extensions["tls"] = tls.start(app, authority())
    return json_response({"url": f"https://localhost:{server.server_port}"})


@control.post("/grant")
def grant() -> Response:
    """Give tokens without the login pages."""
    made = tokens.new_grant(tokens.CLIENT_ID, tokens.USER, tokens.SCOPES[0])
    return json_response(tokens.answer(made))


@control.post("/revoke")
def revoke() -> Response:
    """End all grants of the Web API."""
    for one in sandbox().store.list("grant"):
        sandbox().store.put("grant", one["id"], {**one, "revoked": True})
    return json_response({})


@control.post("/transactions")
def transactions() -> Response:
    """Add ledger transactions to a company."""
    body = _body()
    for row in body["rows"]:
        seed.add_transaction(body["company"], row)
    return json_response({})


@control.post("/services")
def outside() -> Response:
    """Change what the wizard's checks find."""
    return json_response(services.change(_body()))


@control.post("/confirm")
def confirm() -> Response:
    """Do as the administrator who follows his mail."""
    services.confirm(_body()["email"])
    return json_response({})
