"""How the sandbox serves a demo."""

from datetime import timedelta

import requests

from core.domain.clock import utcnow
from core.net.oauth import Tokens
from core.plugin.capabilities import Sandbox

_TIMEOUT = 30
_ID, _SECRET = "koppelwerk-sandbox", "sandbox-secret"


def _environ(address: str) -> dict[str, str]:
    return {
        "ACCOUNTVIEW_API_URL": f"{address}/api/v3/",
        "ACCOUNTVIEW_OAUTH_URL": f"{address}/ams/authorize.aspx",
        "ACCOUNTVIEW_CLIENT_ID": _ID,
        "ACCOUNTVIEW_CLIENT_SECRET": _SECRET,
        "VISMA_SERVICES_URL": f"{address}/services/",
        "AUTOREPORT_URL": f"{address}/autoreport/v1/",
        "AUTOREPORT_TOKEN_URL": f"{address}/visma-connect/connect/token",
        "AUTOREPORT_CLIENT_ID": _ID,
        "AUTOREPORT_CLIENT_SECRET": _SECRET,
        "AUTOREPORT_SCOPE": "autoreport",
    }


def _grant(address: str) -> Tokens:
    answer = requests.post(f"{address}/_control/grant", json={}, timeout=_TIMEOUT)
    answer.raise_for_status()
    given = answer.json()
    return Tokens(
        access_token=given["access_token"],
        refresh_token=given["refresh_token"],
        expires_at=utcnow() + timedelta(seconds=int(given["expires_in"])),
        scope=given["scope"],
    )


SANDBOX = Sandbox(port=8106, environ=_environ, grant=_grant)
