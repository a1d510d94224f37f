"""The sandbox's own control address, beside the kit's: `/_control/...`.

POST options {hash?, pace?}               hash of Digipoort's answers (sha1, sha256),
                                          seconds between statuses
GET  authority                            root, service certificate and its fingerprint
POST certificate {name, serial, days?}    a certificate to file with, and its key
POST tls                                  serve with mutual TLS; answers the port

Faults of its own, through the kit's `faults`: `soap_fault` (code), `scenario` (see
`digipoort.SCENARIOS`), `tamper`.
"""

from flask import Response, current_app

from core.kit.sandbox.app import (
    control_of,
    json_response,
    request_body,
    sandbox,
    take_options,
)
from plugins.belastingdienst.sandbox import tls
from plugins.belastingdienst.sandbox.digipoort import authority

control = control_of("belastingdienst")
OPTIONS = ("hash", "pace")


@control.post("/options")
def options() -> Response:
    """Set options until the next reset."""
    return take_options(*OPTIONS)


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
    body = request_body()
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
