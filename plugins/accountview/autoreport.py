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
from core.domain.declarations import DeclarationKind
from core.domain.errors import (
    AskUser,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
)
from core.domain.filings import FilingState, Message, Progress, Receipt, Status
from core.net.http import Answer, HttpClient
from core.net.oauth import OAuthProvider, own_tokens

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
        self._provider = OAuthProvider(
            authorize_url="",
            token_url=access.token_url,
            client_id=access.client_id,
            client_secret=access.client_secret,
            client_auth="body",
            service=LOGIN,
        )
        self._form = {"scope": access.scope, "tenant_id": access.tenant}
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
        given = own_tokens(self._provider, self._now(), **self._form)
        if given.expires_at is None:
            raise RetryLater("remote_nonsense", service=LOGIN, detail="expires_in")
        self._token, self._until = given.access_token, given.expires_at - _EARLY


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

    def close(self) -> None:
        """Give its connections back."""
        self.http.close()

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
