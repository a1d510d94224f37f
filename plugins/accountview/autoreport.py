"""The AutoReport channel: Visma.net signs and delivers with its own certificate.

Visma publishes no interface of AutoReport (contract sections 0 and 3): this speaks the
shape of our own sandbox, and starts only where an address and credentials are set.
What the statuses are called and mean is documented.
"""

from base64 import b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
    Stop,
)
from core.net.http import Answer, HttpClient
from plugins.accountview.channels import (
    FilingState,
    Message,
    Progress,
    Receipt,
    Status,
)
from plugins.accountview.returns import DeclarationKind

SERVICE = "Visma.net AutoReport"
LOGIN = "Visma Connect"
TYPES = {
    DeclarationKind.VAT_RETURN: "NL-OB",
    DeclarationKind.ICP: "NL-ICP",
    DeclarationKind.SUPPLETIE: "NL-OBSUP",
}
STATES = {
    "Data Received": FilingState.WAITING,
    "Wait For Authentication": FilingState.WAITING,
    "Login Required": FilingState.WAITING,
    "Report fetched": FilingState.WAITING,
    "Report validated": FilingState.WAITING,
    "Acknowledged": FilingState.ACCEPTED,
    "NotAccepted By Government": FilingState.REJECTED,
    "Error in Report": FilingState.REJECTED,
    "Error Validating Report": FilingState.REJECTED,
    "Error Log On": FilingState.REJECTED,
    "Canceled": FilingState.CANCELLED,
}
"""Detailed statuses (contract section 3); the others are on their way."""
ALL_COMPANIES = "*"
_EARLY = timedelta(seconds=60)


@dataclass(frozen=True)
class AutoReportAccess:
    """Where AutoReport is, and as whom it is used."""

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    tenant: str
    """The customer's id at Visma (form field `tenant_id`)."""
    company: str
    """The onderneming's id at Visma.net."""


class ServiceTokens:
    """Tokens by client_credentials (Visma Connect), kept while they are good."""

    def __init__(self, access: AutoReportAccess, now: Callable[[], datetime]) -> None:
        base, _, self._path = access.token_url.rpartition("/")
        self._http = HttpClient(base, service=LOGIN)
        self._form = {
            "grant_type": "client_credentials",
            "client_id": access.client_id,
            "client_secret": access.client_secret,
            "scope": access.scope,
            "tenant_id": access.tenant,
        }
        self._now = now
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    def access_token(self) -> str:
        """Return a token that is good for a minute more at least."""
        if not self._token or self._now() >= self._until:
            self._fetch()
        return self._token

    def renew(self, rejected: str) -> str:
        """Return another token; a second refusal is AuthenticationLost."""
        if rejected == self._token:
            self._fetch()
        return self._token

    def _fetch(self) -> None:
        answer = self._http.request("POST", self._path, data=self._form)
        body = answer.body if isinstance(answer.body, dict) else {}
        if not answer.ok:
            error = str(body.get("error") or f"HTTP {answer.status}")[:40]
            raise Stop("oauth_misconfigured", service=LOGIN, error=error)
        token, seconds = body.get("access_token"), body.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise RetryLater("remote_nonsense", service=LOGIN, detail="token")
        self._token = token
        self._until = self._now() + timedelta(seconds=seconds) - _EARLY


class AutoReport:
    """Delivers declarations through AutoReport."""

    def __init__(
        self, access: AutoReportAccess, now: Callable[[], datetime] = utcnow
    ) -> None:
        """Raise AskUser `autoreport_not_configured` when anything is not set."""
        if not all(vars(access).values()):
            raise AskUser("autoreport_not_configured")
        self._access = access
        tokens = ServiceTokens(access, now)
        self.http = HttpClient(access.url, service=SERVICE, tokens=tokens)

    def deliver(self, message: Message) -> Receipt:
        """Deliver once; see `FilingChannel`. Raises AskUser `autoreport_refused`."""
        body = {
            "reference": message.reference,
            "company": self._access.company,
            "type": TYPES[message.kind],
            "taxNumber": message.tax_number,
            "content": b64encode(message.content).decode(),
        }
        answer = self.http.request("POST", "reports", json_body=body, writes=True)
        if not answer.ok:
            raise _refusal(answer)
        try:
            return _receipt(_checked(answer.body, message), answer)
        except ValueError as error:
            raise OutcomeUnknown(
                "outcome_unknown", service=SERVICE, cause="remote_nonsense"
            ) from error

    def status(self, delivery_reference: str) -> Progress:
        """Return all statuses of a report."""
        answer = self.http.request(
            "GET", f"reports/{delivery_reference}", endpoint="GET reports/{id}"
        )
        if not answer.ok:
            raise _refusal(answer)
        try:
            steps = [_status(step) for step in answer.body["details"]]
        except (KeyError, TypeError, ValueError) as error:
            raise _nonsense(error) from error
        return Progress(tuple(steps), answer.text.encode())

    def look_up(
        self, message: Message, sent_at: datetime, known: Collection[str]
    ) -> Receipt | None:
        """Find a report by our reference, which AutoReport keeps; the oldest one."""
        del sent_at
        answer = self.http.request(
            "GET", "reports", params={"reference": message.reference}
        )
        if not answer.ok:
            raise _refusal(answer)
        try:
            found = [_checked(item, message) for item in answer.body["items"]]
            receipts = [_receipt(item, answer, found=True) for item in found]
        except (KeyError, TypeError, ValueError) as error:
            raise _nonsense(error) from error
        ours = [one for one in receipts if one.delivery_reference not in known]
        return min(ours, key=lambda one: one.delivered_at, default=None)

    def look_up_surely(
        self, message: Message, known: Collection[str]
    ) -> Receipt | None:
        """Find a report by our reference."""
        return self.look_up(message, utcnow(), known)

    def cancel(self, delivery_reference: str) -> None:
        """Take a report back; AskUser `autoreport_refused` once it was sent."""
        path = f"reports/{delivery_reference}/cancel"
        answer = self.http.request(
            "POST", path, json_body={}, writes=True, endpoint="POST reports/{id}/cancel"
        )
        if not answer.ok:
            raise _refusal(answer)

    def activate_certificate(self, source: str, company: str = ALL_COMPANIES) -> None:
        """Sign with the `visma` certificate or one's `own`, for all or one company."""
        body = {"source": source, "company": company}
        answer = self.http.request("PUT", "certificate", json_body=body, writes=True)
        if not answer.ok:
            raise _refusal(answer)


def _refusal(answer: Answer) -> KoppelwerkError:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    words = error.get("message") if isinstance(error, dict) else None
    message = str(words or f"HTTP {answer.status}")[:500]
    return AskUser("autoreport_refused", message=message)


def _nonsense(error: Exception) -> RetryLater:
    detail = type(error).__name__
    return RetryLater("remote_nonsense", service=SERVICE, detail=detail)


def _checked(item: Any, message: Message) -> dict[str, Any]:
    """Return a report that is about our message; ValueError otherwise."""
    wanted = (message.reference, TYPES[message.kind])
    if (
        not isinstance(item, dict)
        or (item.get("reference"), item.get("type")) != wanted
    ):
        raise ValueError("another report")
    return item


def _receipt(item: dict[str, Any], answer: Answer, *, found: bool = False) -> Receipt:
    if not item.get("id"):
        raise ValueError("no id")
    return Receipt(
        delivery_reference=str(item["id"]),
        delivered_at=_moment(item.get("created")),
        evidence=answer.text.encode(),
        found=found,
    )


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(str(text))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _status(step: dict[str, Any]) -> Status:
    name = str(step["status"])
    state = STATES.get(name, FilingState.SENT)
    return Status(name, _moment(step["at"]), state, name)
