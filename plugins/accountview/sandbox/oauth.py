"""AccountView.Net's login: `/ams/authorize.aspx` and `/api/v3/token` (contract 2).

The token endpoint takes a form with client id and secret in it. Bodies of its errors
follow RFC 6749; the vendor's own are not published.
"""

import hmac
import re
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template_string, request

from core.kit.sandbox.app import json_response, sandbox
from plugins.accountview.sandbox import tokens

oauth = Blueprint("accountview_oauth", __name__)
_LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?/([^?#]*/)?callback")
_PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>AccountView.Net sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>AccountView.Net sandbox</h1>
{% if error %}<p role="alert">{{ error }}</p>{% else %}
<p>Koppelwerk vraagt toegang: <code>{{ scope }}</code></p>
<form method="post">
<label>E-mailadres <input name="email" type="email" required></label>
<label>Wachtwoord <input name="password" type="password" required></label>
<button name="action" value="allow">Toestaan</button>
<button name="action" value="deny" formnovalidate>Weigeren</button>
</form>{% endif %}</main></body></html>"""


class OAuthError(Exception):
    """The token endpoint refuses (RFC 6749, section 5.2)."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.status = status


@oauth.errorhandler(OAuthError)
def _refused(error: OAuthError) -> Response:
    return json_response({"error": str(error)}, error.status)


def _page(status: int = 200, **values: Any) -> Response:
    html = render_template_string(_PAGE, **values)
    return Response(html, status, mimetype="text/html")


def _back(**fields: str) -> Response:
    fields |= {"state": request.args["state"]} if "state" in request.args else {}
    address = f"{request.args['redirect_uri']}?{urlencode(fields)}"
    return Response(status=302, headers={"Location": address})


@oauth.route("/ams/authorize.aspx", methods=["GET", "POST"])
def authorize() -> Response:
    """Ask for a login and consent, then go back to the client."""
    query = request.args
    if query.get("client_id") != tokens.CLIENT_ID:
        return _page(400, error="Onbekende client_id")
    if not _LOCAL.fullmatch(query.get("redirect_uri", "")):
        return _page(400, error="Onbekende redirect_uri")
    if query.get("response_type") != "code":
        return _back(error="unsupported_response_type")
    scopes = query.get("scope", "").split()
    if not scopes or not set(scopes) <= set(tokens.SCOPES):
        return _back(error="invalid_scope")
    if request.method == "GET":
        return _page(scope=query["scope"])
    return _decide()


def _decide() -> Response:
    form = request.form
    if form.get("action") != "allow":
        return _back(error="access_denied")
    if (form.get("email"), form.get("password")) != (tokens.USER, tokens.PASSWORD):
        return _page(403, error="E-mailadres of wachtwoord klopt niet.")
    grant = tokens.new_grant(
        tokens.CLIENT_ID, tokens.USER, request.args.get("scope", "")
    )
    return _back(code=tokens.new_code(grant, request.args["redirect_uri"]))


@oauth.post("/api/v3/token")
def token() -> Response:
    """Change a code or a refresh token into tokens."""
    with sandbox().store.lock:
        secret = request.form.get("client_secret", "").encode()
        known = request.form.get("client_id") == tokens.CLIENT_ID
        if not known or not hmac.compare_digest(secret, tokens.CLIENT_SECRET.encode()):
            raise OAuthError("invalid_client", 401)
        kind = request.form.get("grant_type")
        if kind == "authorization_code":
            grant = _by_code(request.form.get("code", ""))
        elif kind == "refresh_token":
            grant = _by_refresh(request.form.get("refresh_token", ""))
        else:
            raise OAuthError("unsupported_grant_type")
        return json_response(tokens.answer(grant))


def _by_code(code: str) -> dict[str, Any]:
    entry = sandbox().store.get("code", code)
    grant = tokens.grant_of(entry)
    uri = request.form.get("redirect_uri")
    if not entry or not grant or entry["used"] or tokens.expired(entry):
        raise OAuthError("invalid_grant")
    if entry["redirect_uri"] != uri:
        raise OAuthError("invalid_grant")
    sandbox().store.put("code", code, {**entry, "used": True})
    return grant


def _by_refresh(text: str) -> dict[str, Any]:
    entry = sandbox().store.get("refresh", text)
    grant = tokens.grant_of(entry)
    if not entry or not grant or entry["used"]:
        raise OAuthError("invalid_grant")
    sandbox().store.put("refresh", text, {**entry, "used": True})
    return grant
