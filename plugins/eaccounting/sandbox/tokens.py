"""Codes, access tokens and refresh tokens, and the grants they belong to.

A grant is one user's permission for one client and one company. Everything lives in
the kit's store, so that a restart keeps connections alive and a reset ends them.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from core.kit.sandbox.app import sandbox
from plugins.eaccounting.sandbox.world import Company, new_id, now, world

CODE_SECONDS = 300
CLIENTS = {"koppelwerk-sandbox": "sandbox-secret"}
USERS = {"demo@example.com": "demo", "nieuw@example.com": "demo"}
_OPENS = {"nieuw@example.com": ("tweede",)}
"""Who may not open every company; it signs up while the demo has the first."""
SCOPES = frozenset(
    ("ea:api", "offline_access", "ea:sales", "ea:sales_readonly", "ea:accounting",
     "ea:accounting_readonly", "ea:purchase", "ea:purchase_readonly", "vls:api",
     "openid", "email", "profile")
)  # fmt: skip
FULL_SCOPE = "ea:api offline_access ea:sales ea:accounting ea:purchase"
_KEY = b"the sandbox signs for nobody"


def companies_of(user: str) -> dict[str, Company]:
    """Return the companies that a user may open, by id."""
    keys = _OPENS.get(user)
    every = world().companies
    return {
        id_: each for id_, each in every.items() if keys is None or each.key in keys
    }


def _later(seconds: float) -> str:
    return (now() + timedelta(seconds=seconds)).isoformat()


def expired(entry: dict[str, Any]) -> bool:
    """Tell whether a code or token is past its end."""
    return now() >= datetime.fromisoformat(entry["expires"])


def new_grant(client: str, user: str, company: Company, scope: str) -> dict[str, Any]:
    """Store a new grant and return it."""
    grant: dict[str, Any] = {
        "id": new_id(),
        "client": client,
        "user": user,
        "company": company.id,
        "scope": scope,
        "revoked": False,
    }
    sandbox().store.put("grant", grant["id"], grant)
    return grant


def grant_of(entry: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the living grant behind a code or token, or None."""
    grant = sandbox().store.get("grant", entry["grant"]) if entry else None
    return grant if grant and not grant["revoked"] else None


def revoke(grant: dict[str, Any]) -> None:
    """End a grant: all its tokens are refused from now on."""
    sandbox().store.put("grant", grant["id"], {**grant, "revoked": True})


def new_code(grant: dict[str, Any], redirect_uri: str, challenge: str | None) -> str:
    """Return a code that lives five minutes and can be used once."""
    code = secrets.token_urlsafe(32)
    entry = {"grant": grant["id"], "redirect_uri": redirect_uri, "used": False,
             "challenge": challenge, "expires": _later(CODE_SECONDS)}  # fmt: skip
    sandbox().store.put("code", code, entry)
    return code


def challenge_fits(entry: dict[str, Any], verifier: str) -> bool:
    """Check PKCE (S256) when the login used it."""
    if not entry["challenge"]:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    return bool(_base64(digest) == entry["challenge"])


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _jwt(claims: dict[str, Any]) -> str:
    head = _base64(json.dumps({"alg": "HS256", "typ": "at+jwt"}).encode())
    text = f"{head}.{_base64(json.dumps(claims).encode())}"
    return f"{text}.{_base64(hmac.digest(_KEY, text.encode(), 'sha256'))}"


def new_access(grant: dict[str, Any]) -> str:
    """Return a new access token (a JWT with the guide's claims) of a grant."""
    seconds = world().settings["access_token_seconds"]
    claims = {"customer_id": grant["company"], "email": grant["user"],
              "scope": grant["scope"].split(), "client_id": grant["client"],
              "exp": int(now().timestamp()) + seconds, "jti": new_id()}  # fmt: skip
    token = _jwt(claims)
    entry = {"grant": grant["id"], "expires": _later(seconds)}
    sandbox().store.put("access", token, entry)
    return token


def new_refresh(grant: dict[str, Any]) -> str:
    """Return a new refresh token of a grant."""
    token = secrets.token_hex(32)
    sandbox().store.put("refresh", token, {"grant": grant["id"], "used": False})
    return token


def answer(grant: dict[str, Any], refresh: str | None) -> dict[str, Any]:
    """Return the token endpoint's answer."""
    body = {"access_token": new_access(grant), "token_type": "Bearer",
            "expires_in": world().settings["access_token_seconds"],
            "scope": grant["scope"]}  # fmt: skip
    return body | ({"refresh_token": refresh} if refresh else {})
