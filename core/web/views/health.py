"""For machines that watch us: /health, /ready and /metrics."""

import hmac
from dataclasses import asdict
from ipaddress import ip_address

from flask import Blueprint, Response, jsonify, request

from core.runtime.extensions import settings
from core.runtime.tenancy import system_scope
from core.services.operations import readiness
from core.web.policy import access

pages = Blueprint("health", __name__)
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@pages.get("/health")
@access("public")
def health() -> str:
    """Say that the web server answers."""
    return "ok"


@pages.get("/ready")
@access("public")
def ready() -> tuple[Response, int]:
    """Say whether everything is there that a request needs: 200, else 503."""
    found = readiness.look()
    said = {**asdict(found), "trouble": found.trouble or ""}
    return jsonify(said), 200 if found.is_ready else 503


@pages.get("/metrics")
@access("public")
def numbers() -> Response:
    """Give the numbers to Prometheus: with the token, or from this machine."""
    if not _may_read():
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    # Loads Prometheus's library, which only who is asked for numbers needs.
    from core.services.operations import exposition

    with system_scope():
        text = exposition.text()
    return Response(text, content_type=exposition.CONTENT_TYPE)


def _may_read() -> bool:
    token = settings().metrics_token
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # a proxy on this machine makes everybody look as if they were here
    if any(name in request.headers for name in PROXY_HEADERS):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
