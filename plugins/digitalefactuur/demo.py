"""How the sandbox serves a demo: the codes of the account that is always there."""

from core.oauth import Tokens
from core.plugin import Sandbox
from core.services import credentials


def _environ(address: str) -> dict[str, str]:
    return {"DIGITALEFACTUUR_API_URL": f"{address}/api/"}


def _grant(_address: str) -> Tokens:
    return credentials.filled_in(
        {"account_id": "4711", "access_code": "sandbox-toegangscode"}
    )


SANDBOX = Sandbox(
    create_app="plugins.digitalefactuur.sandbox:create_app",
    port=8107,
    environ=_environ,
    grant=_grant,
    couples=False,
)
"""`couples` is off: no webshop order goes here."""
