"""Tokens of AccountView.Net: codes once, refresh tokens that rotate (contract 2)."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from core.kit.sandbox.app import sandbox

CLIENT_ID = "koppelwerk-sandbox"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105  a sandbox has no secrets
USER = "demo@example.com"
PASSWORD = "demo"  # noqa: S105  as above
SCOPES = ("readaccountviewdata", "updateaccountviewdata", "deleteaccountviewdata")
CODE_SECONDS = 300
ACCESS_SECONDS = 3600


def _later(seconds: float) -> str:
    return (sandbox().clock.now() + timedelta(seconds=seconds)).isoformat()


def expired(entry: dict[str, Any]) -> bool:
    """Tell whether a code or token is past its end."""
    return sandbox().clock.now() >= datetime.fromisoformat(entry["expires"])


def new_grant(client: str, user: str, scope: str) -> dict[str, Any]:
    """Store a new grant and return it."""
    grant = {"id": secrets.token_hex(8), "client": client, "user": user,
             "scope": scope, "revoked": False}  # fmt: skip
    sandbox().store.put("grant", str(grant["id"]), grant)
    return grant


def grant_of(entry: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the living grant behind a code or token, or None."""
    grant = sandbox().store.get("grant", entry["grant"]) if entry else None
    return grant if grant and not grant["revoked"] else None


def new_code(grant: dict[str, Any], redirect_uri: str) -> str:
    """Return a code that can be used once, within five minutes."""
    code = secrets.token_urlsafe(24)
    entry = {"grant": grant["id"], "redirect_uri": redirect_uri, "used": False,
             "expires": _later(CODE_SECONDS)}  # fmt: skip
    sandbox().store.put("code", code, entry)
    return code


def answer(grant: dict[str, Any]) -> dict[str, Any]:
    """Return the token endpoint's answer, with a new refresh token."""
    option = sandbox().store.get("option", "access_token_seconds") or {}
    seconds = int(option.get("value", ACCESS_SECONDS))
    access, refresh = secrets.token_urlsafe(32), secrets.token_hex(32)
    entry = {"grant": grant["id"], "expires": _later(seconds)}
    sandbox().store.put("access", access, entry)
    sandbox().store.put("refresh", refresh, {"grant": grant["id"], "used": False})
    return {"access_token": access, "token_type": "bearer", "expires_in": seconds,
            "refresh_token": refresh, "scope": grant["scope"]}  # fmt: skip
