"""Errors of the API: application/problem+json (RFC 9457) with a stable code.

The words are those of `core.texts`, in Dutch or English by Accept-Language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from flask_babel import force_locale

from core.domain import jsontext
from core.domain.errors import AskUser, KoppelwerkError, TooOften
from core.runtime.extensions import settings
from core.runtime.languages import LANGUAGES
from core.texts import explain

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
"""Below here every error is a problem."""
BY_STATUS = {
    400: "api_bad_request",
    401: "api_token_missing",
    403: "api_forbidden",
    404: "api_not_found",
    405: "api_method",
    409: "api_conflict",
    413: "api_too_large",
    415: "api_not_json",
    422: "api_invalid",
    429: "api_too_often",
}
"""The code of an error that brings none of its own."""
UNPROCESSABLE = frozenset(
    (
        "line_vat_code",
        "invoice_empty",
        "which_attachment",
        "credit_exceeds",
        "invoice_number_own_series",
        "currency_not_eur",
        "order_empty",
        "total_mismatch",
        "negative_line",
        "vat_off_rate",
        "country_unknown",
        "api_shop_unknown",
        "api_shop_which",
    )
)
"""What services refuse because of the request; all else is a conflict of state."""
TOO_OFTEN = frozenset(("files_at_once", "files_per_day"))


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one field."""

    field: str
    """Its path: `lines.0.quantity`."""
    code: str


@dataclass(eq=False)
class Problem(Exception):
    """Ends a request with a problem."""

    status: int
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    wrong: tuple[Wrong, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def of_error(error: KoppelwerkError) -> Problem:
    """Return the problem of a service's refusal."""
    if isinstance(error, TooOften):
        wait = {"Retry-After": str(max(1, round(error.seconds)))}
        return Problem(429, error.code, error.params, headers=wait)
    if not isinstance(error, AskUser):
        return Problem(503, error.code, error.params, headers={"Retry-After": "30"})
    status = 422 if error.code in UNPROCESSABLE else 409
    if error.code in TOO_OFTEN:
        status = 429
    return Problem(status, error.code, error.params)


def is_api() -> bool:
    """Tell whether this request is one of the API."""
    return request.path.startswith(PREFIX)


def language() -> str:
    """Return what the client wants to read; Dutch when it does not say."""
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def answer(problem: Problem) -> Response:
    """Return the answer that a problem is."""
    with force_locale(language()):
        body = _body(problem)
    response = Response(jsontext.dumps(body), problem.status, mimetype=MEDIA_TYPE)
    response.headers["Content-Language"] = language()
    response.headers.update(problem.headers)
    return response


def _body(problem: Problem) -> dict[str, Any]:
    words = explain(problem.code, problem.params)
    base = settings().public_url.rstrip("/")
    body: dict[str, Any] = {
        "type": f"{base}/api/docs#{problem.code}",
        "title": words.what,
        "status": problem.status,
        "code": problem.code,
    }
    detail = " ".join(part for part in (words.why, words.action) if part)
    if detail:
        body["detail"] = detail
    if problem.wrong:
        body["errors"] = [
            {"field": each.field, "code": each.code, "detail": explain(each.code).what}
            for each in problem.wrong
        ]
    return body


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return the problem of an HTTP error without a code of its own."""
    code = BY_STATUS.get(status, "api_bad_request" if status < 500 else "api_failed")
    return answer(Problem(status, code, headers=headers or {}))
