"""The session of the REST interface: an access token opens it (contract 8.1)."""

from typing import Any

from core.domain.errors import AuthenticationLost, KoppelwerkError, RetryLater
from core.net.http import Answer, HttpClient
from plugins.eboekhouden import wire
from plugins.eboekhouden.client import CallCounter
from plugins.eboekhouden.refusals import REFUSED, SERVICE, refusal

_SOURCE = wire.SOURCE[:10]
_OF_THE_TOKEN = (400, 401, 403)


class Session:
    """A token source: opens a session, and another one when it is refused."""

    def __init__(self, http: HttpClient, token: str, counter: CallCounter) -> None:
        self._http = http
        self._access_token = token
        self._counter = counter
        self._token = ""

    def access_token(self) -> str:
        """Return the session's token."""
        return self._token or self.renew("")

    def renew(self, rejected: str) -> str:
        """Open a session; AuthenticationLost when the access token is refused, and
        RetryLater when the session's address refuses anything else."""
        self._counter.acquire("POST /v1/session")
        body = {"accessToken": self._access_token, "source": _SOURCE}
        try:
            answer = self._http.request("POST", "v1/session", json_body=body)
        except AuthenticationLost as error:
            raise AuthenticationLost(
                "eboekhouden_login_refused",
                service=SERVICE,
                message="-",
                error_code="401",
            ) from error
        if not answer.ok:
            raise _not_opened(answer)
        self._token = str(_field(answer.body, "token"))
        return self._token

    def take(self) -> str:
        """Return the token of an open session, if any, and forget it."""
        token, self._token = self._token, ""
        return token


def _not_opened(answer: Answer) -> KoppelwerkError:
    """Return why no session was opened: never the fault of one document.

    What the vendor gives no known code for is a refusal of the token by its status, or
    else an address that does not do what it did.
    """
    error = refused(answer)
    if error.code != REFUSED:
        return error
    if answer.status in _OF_THE_TOKEN:
        return AuthenticationLost("eboekhouden_login_refused", **error.params,
                                  service=SERVICE)  # fmt: skip
    return RetryLater("remote_fault", service=SERVICE, status=str(answer.status))


def _field(body: Any, name: str) -> Any:
    if not isinstance(body, dict) or not body.get(name):
        raise RetryLater("remote_nonsense", service=SERVICE, detail=name)
    return body[name]


def refused(answer: Answer) -> KoppelwerkError:
    """Return the error of a 4xx: type, title, status, sometimes code and message."""
    body = answer.body if isinstance(answer.body, dict) else {}
    code = str(body.get("code") or f"HTTP {answer.status}")
    words = str(body.get("message") or body.get("title") or "")
    return refusal(code, words)
