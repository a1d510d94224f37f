"""How the sandbox serves a demo: the codes of the account that is always there."""

import requests

from core.net.oauth import Tokens
from core.plugin import connections
from core.plugin.capabilities import Sandbox

_TIMEOUT = 30
_CUSTOMERS = (
    ("1001", "Bakkerij Jansen B.V.", "Leiden"),
    ("1002", "De Vries Fietsen", "Gouda"),
    ("1003", "Sophie Fischer", "Amsterdam"),
    ("2001", "Drukkerij Van Dijk", "Breda"),
)


def _environ(address: str) -> dict[str, str]:
    return {"DIGITALEFACTUUR_API_URL": f"{address}/api/"}


def _grant(_address: str) -> Tokens:
    return connections.filled_in(
        {"account_id": "4711", "access_code": "sandbox-toegangscode"}
    )


def _begin(address: str, _product: str) -> None:
    """Put some debtors and a creditor in the account, as its user would."""
    for key, (number, name, city) in enumerate(_CUSTOMERS, start=1):
        kind = "debiteur" if number.startswith("1") else "crediteur"
        body = {
            "id": str(key),
            "relatienummer": number,
            "type": kind,
            "naam": name,
            "adres": "Voorbeeldstraat 1",
            "plaats": city,
            "land": "Nederland",
        }
        requests.post(f"{address}/_control/customer", json=body, timeout=_TIMEOUT)


SANDBOX = Sandbox(
    port=8105,
    environ=_environ,
    grant=_grant,
    begin_demo=_begin,
    couples=False,
)
"""`couples` is off: no webshop order goes here."""
