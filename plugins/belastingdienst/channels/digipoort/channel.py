"""The Digipoort channel: the tax office's own door, with one's own certificate.

WUS 2.0, koppelvlak 1.2 (contract section 4). Signed both ways, mutual TLS, the service
certificate pinned. Not for use by several threads at once.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from core.domain.clock import utcnow
from core.domain.declarations import DeclarationKind
from core.domain.errors import (
    AskUser,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.domain.filings import FilingState, Message, Progress, Receipt, Role, Status
from core.net.transport import Fault
from plugins.belastingdienst.channels.digipoort.certificates import SigningCertificate
from plugins.belastingdienst.channels.digipoort.soap import (
    Answered,
    Service,
    SoapFault,
    Unreadable,
)
from plugins.belastingdienst.channels.digipoort.wssecurity import Algorithm, Untrusted

SERVICE = "Digipoort"
KINDS = {
    DeclarationKind.VAT_RETURN: "Omzetbelasting",
    DeclarationKind.ICP: "ICP",
    DeclarationKind.SUPPLETIE: "OBSUP",
}
ROLES = {Role.ENTREPRENEUR: "Bedrijf", Role.INTERMEDIARY: "Intermediair"}
ACCEPTED = frozenset(("500",))
REJECTED = frozenset(("210", "311", "410", "510", "710"))
TECHNICAL_FAULTS = ("ALS4", "STS4")
"""Faults of Digipoort itself: they do not prove that nothing was taken in."""
_MIME = "application/xml"
_EARLY = timedelta(minutes=5)
_LATE = timedelta(hours=1)
"""A process of ours begins within this time around the send, clocks apart."""
_PATIENCE = timedelta(hours=72)
_AMBIGUOUS_SECONDS = 900
_NAMED = re.compile(r"<MessageId>\s*([^<]+?)\s*</MessageId>")


@dataclass(frozen=True)
class DigipoortAccess:
    """Where Digipoort is and how it is spoken to."""

    delivery_url: str
    status_url: str
    pinned: frozenset[str]
    """SHA-256 fingerprints of the certificates its answers may be signed with."""
    algorithm: Algorithm = Algorithm.SHA256
    """With which we sign."""
    weakest: Algorithm = Algorithm.SHA256
    """The weakest that an answer is believed with."""
    identity_type: str = "Fi"
    """`Fi` or `BTW`: both occur (contract section 4)."""
    authorisation_address: str = "http://geenausp.nl"
    roots: str = ""
    """PEM of the roots behind its TLS certificate, which are not the usual ones."""
    deadline: float = 60
    """Seconds for one call, all told."""


class Digipoort:
    """Delivers declarations at Digipoort."""

    def __init__(
        self,
        access: DigipoortAccess,
        certificate: SigningCertificate,
        now: Callable[[], datetime] = utcnow,
    ) -> None:
        """Raise AskUser `digipoort_not_configured` without addresses or pin."""
        if not (access.delivery_url and access.status_url and access.pinned):
            raise AskUser("digipoort_not_configured")
        self._access = access
        self._certificate = certificate
        self._now = now
        self._delivery = self._service("delivery", access.delivery_url)
        self._statuses = self._service("status", access.status_url)

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._delivery.close()
        self._statuses.close()

    def deliver(self, message: Message) -> Receipt:
        """Deliver once; see `FilingChannel`.

        Raises AskUser `certificate_expired` and `digipoort_refused`, RetryLater
        `remote_unreachable`, and OutcomeUnknown.
        """
        self._certificate.check_valid(self._now())
        body = self._delivery_body(message)
        message_id = message_id_of(message)
        try:
            answer = self._delivery.call("aanleveren", body, message_id)
        except SoapFault as refused:
            raise _refusal(refused, writes=True) from refused
        except Fault as fault:
            raise _lost(fault) from fault
        except (Untrusted, Unreadable) as error:
            raise _unknown(type(error).__name__) from error
        return _receipt(answer, message)

    def status(self, delivery_reference: str) -> Progress:
        """Return all statuses; RetryLater when they cannot be had or believed."""
        body = {
            "kenmerk": delivery_reference,
            "autorisatieAdres": self._access.authorisation_address,
        }
        answer = self._ask("getStatussenProces", body)
        found = answer.rows
        if any(row.kenmerk != delivery_reference for row in found):
            raise RetryLater("digipoort_answer_untrusted")
        return Progress(tuple(_status(row) for row in found), answer.content)

    def look_up(
        self, message: Message, sent_at: datetime, known: Collection[str]
    ) -> Receipt | None:
        """Find the process that this message started; see `FilingChannel`.

        Digipoort cannot be asked by our own reference: its processes of this taxpayer
        and kind are read, those of other messages left out, and what is left must have
        begun around the send. A status that names our message settles it.
        """
        found = []
        for reference in self._processes(message):
            if reference in known:
                continue
            progress = self.status(reference)
            if message_id_of(message) in _named(progress):
                return _found(reference, progress)
            if _began_around(progress, sent_at):
                found.append((reference, progress))
        if len(found) > 1:
            raise self._ambiguous(message, sent_at)
        return _found(*found[0]) if found else None

    def look_up_surely(
        self, message: Message, known: Collection[str]
    ) -> Receipt | None:
        """Find the process with a status that names this message."""
        for reference in self._processes(message):
            if reference not in known:
                progress = self.status(reference)
                if message_id_of(message) in _named(progress):
                    return _found(reference, progress)
        return None

    def _processes(self, message: Message) -> list[str]:
        body = {
            "berichtsoort": KINDS[message.kind],
            "identiteitBelanghebbende": self._identity(message),
            "autorisatieAdres": self._access.authorisation_address,
        }
        answer = self._ask("getProcessen", body)
        return list(dict.fromkeys(str(row.kenmerk) for row in answer.rows))

    def _ask(self, operation: str, body: dict[str, Any]) -> Answered:
        self._certificate.check_valid(self._now())
        try:
            return self._statuses.call(operation, body, f"urn:uuid:{uuid4()}")
        except SoapFault as refused:
            raise _refusal(refused, writes=False) from refused
        except Fault as fault:
            raise RetryLater(fault.code, service=SERVICE, **fault.params) from fault
        except Untrusted as error:
            raise RetryLater("digipoort_answer_untrusted") from error
        except Unreadable as error:
            detail = str(error)[:200]
            raise RetryLater(
                "remote_nonsense", service=SERVICE, detail=detail
            ) from error

    def _ambiguous(self, message: Message, sent_at: datetime) -> KoppelwerkError:
        if self._now() - sent_at > _PATIENCE:
            return AskUser("delivery_ambiguous", reference=message.reference)
        return WaitUntil(
            "delivery_ambiguous",
            seconds=_AMBIGUOUS_SECONDS,
            reference=message.reference,
        )

    def _service(self, name: str, url: str) -> Service:
        access = self._access
        return Service(
            name,
            url,
            certificate=self._certificate,
            pinned=access.pinned,
            algorithm=access.algorithm,
            weakest=access.weakest,
            roots=access.roots,
            deadline=access.deadline,
            now=self._now,
        )

    def _identity(self, message: Message) -> dict[str, str]:
        return {"nummer": message.tax_number, "type": self._access.identity_type}

    def _delivery_body(self, message: Message) -> dict[str, Any]:
        body: dict[str, Any] = {
            "berichtsoort": KINDS[message.kind],
            "aanleverkenmerk": message.reference,
            "identiteitBelanghebbende": self._identity(message),
            "rolBelanghebbende": ROLES[message.role],
            "berichtInhoud": {
                "mimeType": _MIME,
                "bestandsnaam": message.file_name,
                "inhoud": message.content,
            },
            "autorisatieAdres": self._access.authorisation_address,
        }
        if message.replaces:
            body["eerderAanleverkenmerk"] = message.replaces
        return body


def message_id_of(message: Message) -> str:
    """Return the id that a message always goes by, derived from our reference."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'koppelwerk:filing:{message.reference}')}"


def _refusal(refused: SoapFault, *, writes: bool) -> KoppelwerkError:
    """Say what a SOAP fault means; one without a known code proves nothing."""
    technical = refused.code.startswith(TECHNICAL_FAULTS)
    if technical or not refused.code:
        cause = refused.code or "soap_fault"
        if writes:
            return _unknown(cause)
        return RetryLater("remote_fault", service=SERVICE, status=cause)
    text = " ".join(refused.text.split())[:500]
    return AskUser("digipoort_refused", fault=refused.code, message=text)


def _lost(fault: Fault) -> KoppelwerkError:
    if fault.sent:
        return _unknown(fault.code)
    return RetryLater(fault.code, service=SERVICE, **fault.params)


def _unknown(cause: str) -> OutcomeUnknown:
    return OutcomeUnknown("outcome_unknown", service=SERVICE, cause=cause)


def _receipt(answer: Answered, message: Message) -> Receipt:
    """Read the signed answer; one about another message says nothing of ours."""
    value = answer.value
    if value is None:
        raise _unknown("empty")
    echoed = (value.aanleverkenmerk, value.identiteitBelanghebbende.nummer)
    if echoed != (message.reference, message.tax_number) or not value.kenmerk:
        raise _unknown("other_message")
    delivered_at = _utc(value.tijdstempelAangeleverd)
    return Receipt(str(value.kenmerk), delivered_at, answer.content)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _status(row: Any) -> Status:
    code = str(row.statuscode)
    error = row.statusFoutcode
    detail = [str(row.statusdetails or "")]
    if error is not None:
        detail.insert(0, str(error.foutbeschrijving or ""))
    return Status(
        code=code,
        at=_utc(row.tijdstempelStatus),
        state=state_of(code),
        description=str(row.statusomschrijving),
        error_code="" if error is None else str(error.foutcode),
        detail="\n".join(part for part in detail if part),
    )


def state_of(code: str) -> FilingState:
    """Return what a status code means; an unknown one is no end."""
    if code in ACCEPTED:
        return FilingState.ACCEPTED
    return FilingState.REJECTED if code in REJECTED else FilingState.SENT


def _named(progress: Progress) -> Iterable[str]:
    """Return the message ids that the statuses' details name."""
    return [name for one in progress.statuses for name in _NAMED.findall(one.detail)]


def _began_around(progress: Progress, sent_at: datetime) -> bool:
    moments = [status.at for status in progress.statuses]
    return not moments or -_EARLY <= min(moments) - sent_at <= _LATE


def _found(reference: str, progress: Progress) -> Receipt:
    moments = [status.at for status in progress.statuses]
    begun = min(moments, default=utcnow())
    return Receipt(reference, begun, progress.evidence, found=True)
