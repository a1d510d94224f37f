"""An access point's REST interface, and the register that receivers are looked up in.

The access point speaks as phoss AP documents it (README, *Sources*): one token in
`X-Token`; our own id is the `sbdhInstanceID`, by which a document is found. That it
refuses the same id twice is not promised, so it is never relied upon. The network's
register is asked by the REST interface of phax's SMP query.
"""

from typing import Any
from urllib.parse import quote

from core.domain.errors import Refused, RetryLater, WaitUntil
from core.domain.redact import mask, register_secret
from core.domain.structured_invoices import Identifier
from core.net.http import Answer, HttpClient
from core.net.transport import is_header_safe
from plugins.peppol import wire
from plugins.peppol.channel import (
    DOCUMENTS,
    PARTICIPANTS,
    PROCESS,
    PROCESSES,
    DeliveryState,
    DocumentKind,
    Outgoing,
    Progress,
    Reach,
    Receipt,
    participant,
)

SERVICE, REGISTER = "Peppol", "SMP"
LONGEST_TEXT = 300
_CLOSED_SECONDS = 900
_PREFIX = f"{PARTICIPANTS}::"
_MLS = {
    "received_re": DeliveryState.REJECTED,
    "received_ap": DeliveryState.APPROVED,
    "received_ab": DeliveryState.APPROVED,
    "not_applicable": DeliveryState.APPROVED,
}
_STATES = {
    "rejected": DeliveryState.REJECTED,
    "permanently_failed": DeliveryState.REJECTED,
    "pending": DeliveryState.ACCEPTED,
    "sending": DeliveryState.ACCEPTED,
    "failed": DeliveryState.ACCEPTED,
}
"""`failed` is tried again by the access point itself; only the other is an end."""


class AccessPoint:
    """One account; a `channel.Channel`."""

    def __init__(self, api_url: str, token: str, lookup_url: str, network: str) -> None:
        """Bind to both addresses; the token is a secret of the whole process."""
        if not is_header_safe(token):
            raise ValueError("the token cannot stand in a header")
        register_secret(token)
        self._token = token
        self._network = network
        self.http = HttpClient(api_url, service=SERVICE)
        self._register = HttpClient(lookup_url, service=REGISTER)

    def close(self) -> None:
        """Give the connections back."""
        self.http.close()
        self._register.close()

    def check(self) -> None:
        """Ask for a document that is not there: it needs a login and reads nothing."""
        self.find("koppelwerk-check")

    def look_up(self, receiver: Identifier, kind: DocumentKind) -> Reach:
        """Ask the register. A page, or anything odd, is no answer: RetryLater."""
        key = quote(_PREFIX + participant(receiver), safe="")
        path = f"smpquery/{quote(self._network, safe='')}/{key}"
        answer = self._register.request("GET", path, endpoint="GET smpquery")
        if answer.status == 404:
            return Reach.UNKNOWN
        if not answer.ok:
            raise _nonsense(REGISTER, f"status {answer.status}")
        try:
            takes = wire.document_types_of(answer.body)
        except wire.Malformed as error:
            raise _nonsense(REGISTER, str(error)) from None
        wanted = f"{DOCUMENTS}::{kind.identifier}"
        return Reach.TAKES if wanted in takes else Reach.OTHER

    def send(self, document: Outgoing) -> Receipt:
        """Submit; what is refused and yet kept there (it tries again) is a receipt."""
        parts = (
            _PREFIX + participant(document.sender),
            _PREFIX + participant(document.receiver),
            f"{DOCUMENTS}::{document.kind.identifier}",
            f"{PROCESSES}::{PROCESS}",
            document.country,
        )
        path = "/".join(quote(each, safe="") for each in parts)
        answer = self._request(
            "POST",
            f"api/outbound/submit/{path}",
            params={"sbdhInstanceID": document.reference},
            data=document.content,
            headers={"Content-Type": "application/xml"},
            writes=True,
            endpoint="POST submit",
        )
        if answer.ok:
            receiver = participant(document.receiver)
            return Receipt(document.reference, receiver, answer.text.encode())
        if answer.status == 404:
            raise WaitUntil("peppol_closed", seconds=_CLOSED_SECONDS)
        kept = self.find(document.reference) if answer.status == 422 else None
        if kept is None:
            raise Refused("peppol_not_taken", message=self._words(answer))
        return kept

    def find(self, reference: str) -> Receipt | None:
        """Return the document with our id; None when the access point has none."""
        found = self._transaction(reference)
        if found is None:
            return None
        transaction, text = found
        receiver = transaction.receiver.removeprefix(_PREFIX)
        return Receipt(transaction.reference, receiver, text.encode(), found=True)

    def status(self, delivery_id: str) -> Progress:
        """Return how a document goes; RetryLater when the access point has none."""
        found = self._transaction(delivery_id)
        if found is None:
            raise _nonsense(SERVICE, "the document is gone")
        transaction, text = found
        if transaction.status == "sent":
            state = _MLS.get(transaction.mls_status, DeliveryState.DELIVERED)
        else:
            state = _STATES[transaction.status]
        is_told = transaction.status == "sent" and transaction.mls_status
        return Progress(
            state,
            transaction.mls_status if is_told else transaction.status,
            mask(transaction.error, (self._token,))[:LONGEST_TEXT],
            text.encode(),
            transaction.completed_at,
        )

    def _transaction(self, reference: str) -> tuple[wire.Transaction, str] | None:
        key = quote(reference, safe="")
        answer = self._request(
            "GET", f"api/outbound/status/{key}", endpoint="GET status"
        )
        if answer.status == 404:
            return None
        if not answer.ok:
            raise _nonsense(SERVICE, f"status {answer.status}")
        try:
            found = wire.transaction_of(answer.body)
        except wire.Malformed as error:
            raise _nonsense(SERVICE, str(error)) from None
        if found.reference != reference:
            raise _nonsense(SERVICE, "another document")
        return found, answer.text

    def _request(
        self, method: str, path: str, *, headers: Any = None, **more: Any
    ) -> Answer:
        given = {**(headers or {}), "X-Token": self._token}
        return self.http.request(method, path, headers=given, **more)

    def _words(self, answer: Answer) -> str:
        text = answer.body if isinstance(answer.body, str) else answer.text
        return mask(text, (self._token,))[:LONGEST_TEXT] or str(answer.status)


def _nonsense(service: str, detail: str) -> RetryLater:
    return RetryLater("remote_nonsense", service=service, detail=detail)
