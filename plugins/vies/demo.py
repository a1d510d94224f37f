"""How the sandbox serves a demo."""

from core.plugin.capabilities import Sandbox


def _environ(address: str) -> dict[str, str]:
    return {"VIES_URL": f"{address}/checkVatService.wsdl"}


SANDBOX = Sandbox(port=8103, environ=_environ)
