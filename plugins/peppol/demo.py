"""How the sandbox serves a demo: the participant and token that are always there."""

from flask_babel import lazy_gettext as _l

from core.net.oauth import Tokens
from core.plugin import connections
from core.plugin.capabilities import Sandbox
from core.plugin.capabilities.sandbox import Stop

SECRET = "sandbox-webhook"  # noqa: S105  of the demo alone


def _environ(address: str) -> dict[str, str]:
    return {
        "PEPPOL_ACCESS_POINT_URL": f"{address}/",
        "PEPPOL_LOOKUP_URL": f"{address}/",
        "PEPPOL_WEBHOOK_SECRET": SECRET,
    }


def _grant(_address: str) -> Tokens:
    return connections.filled_in(
        {"scheme": "0106", "number": "12345678", "token": "sandbox-token"}
    )


SANDBOX = Sandbox(
    port=8110,
    environ=_environ,
    grant=_grant,
    couples=False,
    tour=(
        Stop(
            _l("Peppol (nagebootst)"),
            _l("Wat u via Peppol verstuurt, komt hier aan en is even later bezorgd."),
        ),
    ),
)
"""`couples` is off: no webshop order goes here."""
