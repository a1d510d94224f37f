"""The Visma services of the activation wizard (manual 003), one method per check.

How AccountView asks these is not public: this speaks the shape of our own sandbox, and
starts only where an address is set. Passwords are passed on and kept nowhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from core.domain.errors import AskUser, RetryLater
from core.net.http import Answer, HttpClient

SERVICE = "Visma.net"
EDITIONS = ("Team", "Business")
LEAST_VERSION = (9, 8)
MODULE = "AutoReport-koppeling"


@dataclass(frozen=True)
class Licence:
    """What a licence text says."""

    serial: str
    edition: str
    version: str
    modules: tuple[str, ...]

    @property
    def problems(self) -> list[str]:
        """Codes of the requirements that are not met (manual 003, Vereisten)."""
        words = set(self.edition.replace("AccountView", "").split())
        version = tuple(int(digits) for digits in re.findall(r"\d+", self.version)[:2])
        return [
            code
            for code, met in (
                ("licence_edition", bool(words & set(EDITIONS))),
                ("licence_version", version >= LEAST_VERSION),
                ("licence_module", MODULE in self.modules),
            )
            if not met
        ]


@dataclass(frozen=True)
class Registered:
    """An onderneming as Visma.net knows it."""

    code: str
    description: str
    visma_id: int


class VismaServices:
    """The services at one address. All methods raise the errors of `core.net.http`."""

    def __init__(self, url: str) -> None:
        """Raise AskUser `visma_services_not_configured` without an address."""
        if not url:
            raise AskUser("visma_services_not_configured")
        self.http = HttpClient(url, service=SERVICE)

    def activate_licence(self, text: str, *, terms_accepted: bool) -> Licence:
        """Activate a pasted licence (step 2).

        AskUser `licence_unreadable` for a text that is none, `visma_service_refused`.
        """
        body = {"text": text, "terms": terms_accepted}
        try:
            found = self._call("POST", "licence", body)
        except AskUser as error:
            if error.params.get("reason") == "licence_unreadable":
                raise AskUser("licence_unreadable") from None
            raise
        return Licence(
            serial=str(found["serial"]),
            edition=str(found["edition"]),
            version=str(found["version"]),
            modules=tuple(str(module) for module in found["modules"]),
        )

    def is_communication_active(self, server: str) -> bool:
        """Tell whether the Communication Service runs on a server (step 3)."""
        params = {"server": server}
        return self._call("GET", "acs", params=params)["active"] is True

    def make_administrator(self, email: str, first_name: str, last_name: str) -> None:
        """Make the administrator; he gets a mail (step 4)."""
        body = {"email": email, "first_name": first_name, "last_name": last_name}
        self._call("POST", "administrators", body)

    def is_administrator_confirmed(self, email: str) -> bool:
        """Tell whether the administrator did the steps in his mail (step 4)."""
        path = f"administrators/{quote(email, safe='@')}"
        return self._call("GET", path)["confirmed"] is True

    def is_connected(self, email: str) -> bool:
        """Tell whether AccountView and AccountView.Net reach each other (step 4)."""
        path = f"administrators/{quote(email, safe='@')}/connection"
        return self._call("GET", path)["connected"] is True

    def gateway_failures(self, email: str, password: str) -> list[str]:
        """Return codes of what is wrong with the gateway, empty when it is right.

        `gateway_not_installed`, `gateway_not_running`, `gateway_no_connection`
        (proxy), `gateway_local_only`, `credentials_refused` (step 5).
        """
        body = {"email": email, "password": password}
        found = self._call("POST", "gateway/check", body)
        return [str(code) for code in found["failures"]]

    def authorise(
        self, email: str, password: str, first_name: str = "", last_name: str = ""
    ) -> bool:
        """Authorise the administrator; return whether single sign-on is linked."""
        body = {"email": email, "password": password}
        if first_name or last_name:
            body |= {"first_name": first_name, "last_name": last_name}
        return self._call("POST", "authorise", body)["single_sign_on"] is True

    def register_company(self, code: str, description: str) -> Registered:
        """Register an onderneming at Visma.net; the same code twice is one."""
        body = {"code": code, "description": description}
        return _registered(self._call("POST", "companies", body))

    def registered_companies(self) -> list[Registered]:
        """Return the report of what is registered."""
        answer = self.http.request("GET", "companies")
        if not answer.ok or not isinstance(answer.body, list):
            raise _refusal(answer)
        return [_registered(row) for row in answer.body]

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> "_Fields":
        # none of these does harm when it is repeated, so a lost answer is RetryLater
        answer = self.http.request(method, path, params=params, json_body=body)
        if not answer.ok:
            raise _refusal(answer)
        if not isinstance(answer.body, dict):
            raise _nonsense("not an object")
        return _Fields(answer.body)


class _Fields(dict[str, Any]):
    """An answer's fields; one that is not there makes the answer nonsense."""

    def __missing__(self, name: str) -> Any:
        raise _nonsense(name)


def _nonsense(detail: str) -> RetryLater:
    return RetryLater("remote_nonsense", service=SERVICE, detail=detail)


def _registered(row: Any) -> Registered:
    fields = _Fields(row) if isinstance(row, dict) else _Fields()
    visma_id = fields["visma_id"]
    if not isinstance(visma_id, int):
        raise _nonsense("visma_id")
    return Registered(str(fields["code"]), str(fields["description"]), visma_id)


def _refusal(answer: Answer) -> AskUser:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    reason = str(error or f"HTTP {answer.status}")[:80]
    return AskUser("visma_service_refused", reason=reason)
