"""How the sandbox package serves a demo: codes without the website."""

import requests

from core.net.oauth import Tokens
from core.plugin import connections
from core.plugin.capabilities import Bench, Sandbox

_TIMEOUT = 30


def _environ(address: str) -> dict[str, str]:
    return {
        "EBOEKHOUDEN_WSDL_URL": f"{address}/soap.asmx?WSDL",
        "EBOEKHOUDEN_SOAP_URL": f"{address}/soap.asmx",
        "EBOEKHOUDEN_REST_URL": f"{address}/",
    }


def _grant(address: str) -> Tokens:
    answer = requests.post(f"{address}/_control/grant", json={}, timeout=_TIMEOUT)
    answer.raise_for_status()
    return connections.filled_in({"interface": "soap", **answer.json()})


def _unlimited(address: str) -> None:
    body = {"calls_per_month": 0}
    requests.post(f"{address}/_control/settings", json=body, timeout=_TIMEOUT)


SANDBOX = Sandbox(
    port=8104,
    environ=_environ,
    grant=_grant,
    couples=False,
    bench=Bench(unlimited=_unlimited),
)
"""`couples` is off: the demo shop feeds one package by itself; this one is connected,
and the user couples it with one press."""
