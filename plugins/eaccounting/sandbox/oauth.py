"""The identity server: authorize, token and revocation endpoints.

Facts: contract notes, chapter 1. Bodies of token errors follow RFC 6749, since the
vendor's own are not published.
"""

import base64
import binascii
import hmac
import re
import secrets
from typing import Any
from urllib.parse import unquote_plus, urlencode

from flask import Blueprint, Response, render_template_string, request

from core.kit.sandbox.app import json_response, sandbox
from plugins.eaccounting.sandbox import oauth_pages as pages
from plugins.eaccounting.sandbox import tokens
from plugins.eaccounting.sandbox.world import world

oauth = Blueprint("oauth", __name__)
_LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?/([^?#]*/)?callback")


class OAuthError(Exception):
    """The token endpoint refuses (RFC 6749, section 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


@oauth.errorhandler(OAuthError)
def _refused(error: OAuthError) -> Response:
    headers = {"Cache-Control": "no-store"}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Basic"
    body = {"error": error.error, "error_description": str(error)}
    return json_response(body, error.status, headers)


def _redirect_known(uri: str) -> bool:
    return bool(_LOCAL.fullmatch(uri)) or uri in world().settings["redirect_uris"]


def _back(**answer: str) -> Response:
    query = request.args
    if "state" in query:
        answer["state"] = query["state"]
    uri = query["redirect_uri"]
    mark = "&" if "?" in uri else "?"
    return Response(status=302, headers={"Location": f"{uri}{mark}{urlencode(answer)}"})


def _page(text: str, title: str, status: int = 200, **values: Any) -> Response:
    html = render_template_string(text, title=title, **values)
    return Response(html, status, mimetype="text/html")


def _request_fault() -> Response | None:
    query = request.args
    if query.get("client_id") not in tokens.CLIENTS:
        return _page(pages.ERROR, "Fout", 400, error="Onbekende client_id")
    if not _redirect_known(query.get("redirect_uri", "")):
        return _page(pages.ERROR, "Fout", 400, error="Onbekende redirect_uri")
    if query.get("response_type") != "code":
        return _back(error="unsupported_response_type")
    scopes = set(query.get("scope", "").split())
    if "ea:api" not in scopes or not scopes <= tokens.SCOPES:
        return _back(error="invalid_scope")
    return None


@oauth.route("/connect/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """Show the login, then the consent page, then go back to the client."""
    fault = _request_fault()
    if fault:
        return fault
    action = request.form.get("action")
    if action == "login":
        return _login()
    if action in ("allow", "deny"):
        return _consent(action)
    return _page(pages.LOGIN, "Inloggen")


def _login() -> Response:
    email = request.form.get("email", "").strip().lower()
    if tokens.USERS.get(email) != request.form.get("password", ""):
        error = "E-mailadres of wachtwoord klopt niet."
        return _page(pages.LOGIN, "Inloggen", error=error)
    login = secrets.token_urlsafe(16)
    sandbox().store.put("login", login, {"user": email})
    return _page(
        pages.CONSENT, "Toegang geven", login=login, client=request.args["client_id"],
        companies=tokens.companies_of(email).values(),
        scopes=request.args["scope"].split(),
    )  # fmt: skip


def _consent(action: str) -> Response:
    login = sandbox().store.get("login", request.form.get("login", ""))
    opens = tokens.companies_of(login["user"]) if login else {}
    company = opens.get(request.form.get("company", ""))
    if not login or not company:
        return _page(pages.LOGIN, "Inloggen", error="Log opnieuw in.")
    sandbox().store.delete("login", request.form["login"])
    if action == "deny":
        return _back(error="access_denied")
    query = request.args
    grant = tokens.new_grant(query["client_id"], login["user"], company, query["scope"])
    challenge = query.get("code_challenge")
    return _back(code=tokens.new_code(grant, query["redirect_uri"], challenge))


def _client() -> str:
    header = request.headers.get("Authorization", "")
    name = request.form.get("client_id", "")
    secret = request.form.get("client_secret", "")
    if header.startswith("Basic "):
        try:
            text = base64.b64decode(header[6:], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        name, _, secret = (unquote_plus(part) for part in text.partition(":"))
    known = tokens.CLIENTS.get(name)
    if known is None or not hmac.compare_digest(known.encode(), secret.encode()):
        raise OAuthError("invalid_client", "Unknown client or wrong secret", 401)
    return name


@oauth.post("/connect/token")
def token() -> Response:
    """Change a code or a refresh token into an access token."""
    with sandbox().store.lock:
        client = _client()
        kind = request.form.get("grant_type", "")
        if kind == "authorization_code":
            body = _by_code(client)
        elif kind == "refresh_token":
            body = _by_refresh(client)
        else:
            raise OAuthError("unsupported_grant_type", f"grant_type {kind}")
    return json_response(body, headers={"Cache-Control": "no-store"})


def _by_code(client: str) -> dict[str, Any]:
    store, code = sandbox().store, request.form.get("code", "")
    entry = store.get("code", code)
    grant = tokens.grant_of(entry)
    if not entry or not grant or grant["client"] != client:
        raise OAuthError("invalid_grant", "Unknown code")
    if entry["used"] or tokens.expired(entry):
        raise OAuthError("invalid_grant", "The code was used before or is too old")
    if entry["redirect_uri"] != request.form.get("redirect_uri"):
        raise OAuthError("invalid_grant", "redirect_uri differs from the login's")
    if not tokens.challenge_fits(entry, request.form.get("code_verifier", "")):
        raise OAuthError("invalid_grant", "code_verifier does not fit")
    store.put("code", code, {**entry, "used": True})
    offline = "offline_access" in grant["scope"].split()
    return tokens.answer(grant, tokens.new_refresh(grant) if offline else None)


def _by_refresh(client: str) -> dict[str, Any]:
    store, text = sandbox().store, request.form.get("refresh_token", "")
    entry = store.get("refresh", text)
    grant = tokens.grant_of(entry)
    if not entry or not grant or grant["client"] != client:
        raise OAuthError("invalid_grant", "Unknown or revoked refresh token")
    if entry["used"]:
        tokens.revoke(grant)
        raise OAuthError("invalid_grant", "The refresh token was used before")
    if not world().settings["rotate_refresh_tokens"]:
        return tokens.answer(grant, text)
    store.put("refresh", text, {**entry, "used": True})
    return tokens.answer(grant, tokens.new_refresh(grant))


@oauth.post("/connect/revocation")
def revocation() -> Response:
    """End the grant of a token; an unknown token is answered 200 too (RFC 7009)."""
    client, text = _client(), request.form.get("token", "")
    store = sandbox().store
    entry = store.get("refresh", text) or store.get("access", text)
    grant = tokens.grant_of(entry)
    if grant and grant["client"] == client:
        tokens.revoke(grant)
    return Response(status=200)


@oauth.get("/")
def root() -> Response:
    """Tell what this is."""
    companies = world().companies.values()
    return _page(pages.ROOT, "Sandbox Visma eAccounting", companies=companies)
