"""How the sandbox serves a demo and tests: tokens without the login pages."""

import requests

from core.net.oauth import Tokens
from core.plugin.capabilities import Sandbox

_TIMEOUT = 30


def _environ(address: str) -> dict[str, str]:
    return {
        "MONEYBIRD_API_URL": f"{address}/api/v2/",
        "MONEYBIRD_OAUTH_URL": f"{address}/oauth/",
        "MONEYBIRD_CLIENT_ID": "koppelwerk-sandbox",
        "MONEYBIRD_CLIENT_SECRET": "sandbox-secret",
    }


def _grant(address: str) -> Tokens:
    answer = requests.post(f"{address}/_control/grant", json={}, timeout=_TIMEOUT)
    answer.raise_for_status()
    given = answer.json()
    return Tokens(given["access_token"], given["refresh_token"])


SANDBOX = Sandbox(port=8190, environ=_environ, grant=_grant)
