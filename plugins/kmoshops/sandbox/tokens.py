"""Clients, codes and tokens of the shops' OAuth 2 (source: Ecwid's authentication)."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from core.kit.sandbox.app import Sandbox, sandbox
from plugins.kmoshops.sandbox.parts import parts

CODE_SECONDS = 600
"""How long a code lives; the contract does not say (ours)."""
DEFAULT_CLIENT = {
    "client_id": "koppelwerk-sandbox",
    "client_secret": "sandbox-secret",
    "name": "Koppelwerk",
    "redirect_uris": [],
}
CODES, TOKENS, CLIENTS = "code", "token", "client"


class Refused(Exception):
    """OAuth's refusal; the text is its error code."""


def client(client_id: str) -> dict[str, Any] | None:
    """Return a registered app, or None; one is there by default."""
    if client_id == DEFAULT_CLIENT["client_id"]:
        return sandbox().store.get(CLIENTS, client_id) or DEFAULT_CLIENT
    return sandbox().store.get(CLIENTS, client_id)


def may_return_to(app: dict[str, Any], redirect_uri: str) -> bool:
    """Tell whether a redirect address is the app's: registered, or on loopback."""
    if redirect_uri in app["redirect_uris"]:
        return True
    address = urlsplit(redirect_uri)
    loopback = address.hostname in ("127.0.0.1", "localhost", "::1")
    return loopback and address.path.endswith("/callback")


def issue_code(store_id: int, client_id: str, redirect_uri: str, scope: str) -> str:
    """Return a code that can be changed for a token once."""
    kit, code = sandbox(), secrets.token_urlsafe(24)
    grant = {
        "code": code,
        "store_id": store_id,
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "until": int(kit.clock.now().timestamp()) + CODE_SECONDS,
    }
    kit.store.put(CODES, code, grant)
    return code


def redeem(given: dict[str, str]) -> dict[str, Any]:
    """Change a code for a token; raise `Refused`."""
    app = client(given.get("client_id", ""))
    secret = given.get("client_secret", "")
    if app is None or not secrets.compare_digest(app["client_secret"], secret):
        raise Refused("invalid_client")
    if given.get("grant_type") != "authorization_code":
        raise Refused("unsupported_grant_type")
    grant = _take(sandbox(), given.get("code", ""))
    if grant is None or any(
        grant[name] != given.get(name) for name in ("client_id", "redirect_uri")
    ):
        raise Refused("invalid_grant")
    return grant_token(grant["store_id"], grant["scope"])


def _take(kit: Sandbox, code: str) -> dict[str, Any] | None:
    with kit.store.lock:
        grant = kit.store.get(CODES, code)
        kit.store.delete(CODES, code)
    if grant and grant["until"] >= kit.clock.now().timestamp():
        return grant
    return None


def grant_token(store_id: int, scope: str) -> dict[str, Any]:
    """Return the token endpoint's answer with a new token for a store."""
    token = f"secret_{secrets.token_urlsafe(24)}"
    answer = {
        "access_token": token,
        "token_type": "Bearer",
        "scope": scope,
        "store_id": store_id,
    }
    sandbox().store.put(TOKENS, token, answer)
    parts().webhooks.tell(store_id, "application.installed", str(store_id))
    return answer


def token(text: str) -> dict[str, Any] | None:
    """Return a live token's grant, or None."""
    return sandbox().store.get(TOKENS, text)


def uninstall(store_id: int) -> int:
    """Kill a store's tokens and tell the app; return how many were killed."""
    store = sandbox().store
    found = [grant for grant in store.list(TOKENS) if grant["store_id"] == store_id]
    for grant in found:
        store.delete(TOKENS, grant["access_token"])
    parts().webhooks.tell(store_id, "application.uninstalled", str(store_id))
    return len(found)
