"""The simulated identity server: consent page, codes used once.

Access tokens do not expire; `POST /_control/forget-access` ends those that were given.
"""

from html import escape
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as Answer

from core.kit.sandbox.app import json_response, sandbox

CLIENT_ID = "koppelwerk-sandbox"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105  the sandbox's own, worth nothing
SCOPES = {
    "sales_invoices", "documents", "estimates", "bank", "time_entries", "settings",
}  # fmt: skip

bp = Blueprint("oauth", __name__)


def is_granted(header: str) -> bool:
    """Tell whether an Authorization header holds a token that was given."""
    return sandbox().store.get("access", header.removeprefix("Bearer ")) is not None


def _grant() -> dict[str, Any]:
    store = sandbox().store
    access, refresh = token_urlsafe(24), token_urlsafe(24)
    store.put("access", access, {"token": access})
    store.put("refresh", refresh, {})
    return {
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "bearer",
        "scope": "sales_invoices settings",
        "created_at": int(sandbox().clock.now().timestamp()),
    }


@bp.post("/_control/forget-access")
def forget_access() -> Response:
    """End all access tokens; refresh tokens stay good."""
    store = sandbox().store
    for each in store.list("access"):
        store.delete("access", each["token"])
    return json_response({})


@bp.post("/_control/grant")
def grant() -> Response:
    """Give tokens without the login pages (tests and the demo)."""
    return json_response(_grant())


@bp.get("/oauth/authorize")
def ask() -> str | tuple[str, int]:
    """Show the consent page."""
    if request.args.get("client_id") != CLIENT_ID:
        return "unknown client", 400
    if not SCOPES.issuperset(request.args.get("scope", "").split()):
        return "unknown scope", 400
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(request.args[name])}">'
        for name in ("redirect_uri", "state")
        if name in request.args
    )
    return (
        "<!doctype html><title>Moneybird</title><h1>Toegang geven?</h1>"
        f'<form method="post">{fields}<button>Akkoord</button></form>'
    )


@bp.post("/oauth/authorize")
def consent() -> Answer:
    """Send the browser back with a code."""
    code = token_urlsafe(16)
    sandbox().store.put("code", code, {"redirect_uri": request.form["redirect_uri"]})
    query = urlencode({"code": code, "state": request.form.get("state", "")})
    return redirect(f"{request.form['redirect_uri']}?{query}")


@bp.post("/oauth/token")
def token() -> Response:
    """Exchange a code or a refresh token; both are good once."""
    if not _is_client():
        return json_response({"error": "invalid_client"}, 401)
    kind = request.form.get("grant_type")
    name = {"authorization_code": "code", "refresh_token": "refresh"}.get(kind or "")
    if name is None:
        return json_response({"error": "unsupported_grant_type"}, 400)
    given = request.form.get("code" if name == "code" else "refresh_token", "")
    store = sandbox().store
    with store.lock:
        found = store.get(name, given)
        store.delete(name, given)
    if found is None or (
        name == "code" and found["redirect_uri"] != request.form.get("redirect_uri")
    ):
        return json_response({"error": "invalid_grant"}, 400)
    return json_response(_grant())


def _is_client() -> bool:
    given = request.form.get("client_id"), request.form.get("client_secret")
    return given == (CLIENT_ID, CLIENT_SECRET)
