"""Refusals in the vendor's words: HTTP status, error code and the body of a 400."""

from typing import Any, NamedTuple
from uuid import uuid4

VALIDATION = 2000
NOT_FOUND = 3000
NO_FISCAL_YEAR = 3001
NO_ACCOUNT = 3002
CONFLICT = 4000
CANNOT_DELETE = 4001
NO_MODULE = 4002
STARTUP_GUIDE = 4003
COMPANY_INACTIVE = 4004
NOT_AUTHORIZED = 4005
NO_SCOPE = 4006
QUOTA = 4010
LOCKED = 4026
UNBALANCED = 4032


class FieldError(NamedTuple):
    """What is wrong with one field of a request."""

    field: str
    message: str


class ApiError(Exception):
    """The vendor refuses the request (shape: CommonExtendedBadRequest)."""

    def __init__(
        self,
        code: int,
        message: str,
        *fields: FieldError,
        status: int = 400,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """Return the answer's JSON, with a fresh ErrorId."""
        return {
            "ErrorCode": self.code,
            "DeveloperErrorMessage": self.message,
            "ErrorId": str(uuid4()),
            "Errors": [
                {"Field": f.field, "ErrorCode": str(self.code), "Message": f.message,
                 "Key": None}
                for f in self.fields
            ],
        }  # fmt: skip


def invalid(field: str, message: str) -> ApiError:
    """Return the refusal of one field (2000 DataModelValidationError)."""
    return ApiError(VALIDATION, f"{field}: {message}", FieldError(field, message))


def unknown(field: str, value: object, code: int = NOT_FOUND) -> ApiError:
    """Return the refusal of a reference to something that does not exist."""
    message = f"{field} {value} does not exist"
    return ApiError(code, message, FieldError(field, message))


def missing(what: str) -> ApiError:
    """Return the 404 that only some single resources give (contract notes, 2.6)."""
    return ApiError(NOT_FOUND, f"{what} was not found", status=404)
