"""What the vendor's error codes mean for a document (contract 2.6)."""

from core.domain.errors import AuthenticationLost, KoppelwerkError, Refused
from core.net.http import Answer
from plugins.eaccounting.wire import Body

SERVICE = "Visma eAccounting"
_CODES = {
    2000: "visma_validation",
    3000: "visma_not_found",
    3001: "fiscal_year_missing",
    3002: "account_missing",
    3003: "visma_not_allowed",
    4000: "visma_conflict",
    4001: "visma_in_use",
    4002: "visma_module_missing",
    4003: "visma_startup_guide",
    4004: "visma_company_inactive",
    4005: "visma_not_allowed",
    4026: "period_locked",
    4032: "visma_unbalanced",
    4034: "visma_sandbox_client",
}
"""ErrorCode to our code (contract 2.6)."""
_NO_SCOPE = 4006
NOT_FOUND = _CODES[3000]
INVALID = _CODES[2000]
CONFLICT = _CODES[4000]
NO_MODULE = _CODES[4002]
NO_SCOPE = "visma_scope_missing"


def refusal(answer: Answer) -> KoppelwerkError:
    """Say what a 4xx means: nothing was done (2.6)."""
    body = answer.body if isinstance(answer.body, dict) else {}
    number = body.get("ErrorCode")
    message = str(body.get("DeveloperErrorMessage") or "") or _field_messages(body)
    if number == _NO_SCOPE:
        return AuthenticationLost(NO_SCOPE, service=SERVICE)
    code = _CODES.get(number, "visma_refused") if isinstance(number, int) else None
    return Refused(
        code or "visma_refused",
        message=message or f"HTTP {answer.status}",
        error_id=str(body.get("ErrorId") or "-"),
    )


def _field_messages(body: Body) -> str:
    errors = body.get("Errors")
    if not isinstance(errors, list):
        return ""
    parts = [
        f"{error.get('Field')}: {error.get('Message')}"
        for error in errors
        if isinstance(error, dict)
    ]
    return "; ".join(parts)
