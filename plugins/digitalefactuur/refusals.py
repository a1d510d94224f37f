"""What the vendor's error codes mean for a document (contract 1.2)."""

from core.domain.errors import (
    AuthenticationLost,
    KoppelwerkError,
    OutcomeUnknown,
    Refused,
    RetryLater,
    WaitUntil,
)
from plugins.digitalefactuur import names, wire

SERVICE = "DigitaleFactuur"
BUSY_SECONDS = 60.0
_OURS = {
    "forbidden": "df_forbidden",
    "missing": "df_missing",
    "exists": "df_exists",
    "invalid": "df_invalid",
}
"""Meaning of a code (`names.CODES`) to ours."""


def refused(refusal: wire.Refusal, *, writes: bool) -> KoppelwerkError:
    """Return the error of a refusal; on a fault of the vendor a write is unknown."""
    meaning = names.CODES.get(refusal.code)
    if meaning == "login":
        return AuthenticationLost("df_login_refused", service=SERVICE)
    if meaning == "busy":
        return WaitUntil(
            "rate_limited",
            seconds=BUSY_SECONDS,
            whole_connection=True,
            service=SERVICE,
        )
    if meaning == "fault" and writes:
        return unknown("remote_fault")
    if meaning == "fault":
        return RetryLater("remote_fault", service=SERVICE, status=refusal.code)
    return Refused(_OURS.get(meaning or "", "df_refused"), **_words(refusal))


def _words(refusal: wire.Refusal) -> dict[str, str]:
    return {"error_code": refusal.code, "message": refusal.text or "-"}


def nonsense(detail: str) -> KoppelwerkError:
    """Return the error of an answer that is not the vendor's."""
    return RetryLater("remote_nonsense", service=SERVICE, detail=detail)


def unknown(cause: str) -> KoppelwerkError:
    """Return the error of a write whose outcome is not known."""
    return OutcomeUnknown("outcome_unknown", service=SERVICE, cause=cause)
