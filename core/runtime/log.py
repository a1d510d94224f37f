"""Writing the log that users read; codes and values, words come when shown."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from core.domain.clock import utcnow
from core.models import LogEntry, LogLevel
from core.runtime.database import session

_ADD = insert(LogEntry)


def write(
    tenant_id: int,
    code: str,
    *,
    level: LogLevel = LogLevel.INFO,
    connection_id: int | None = None,
    transfer_id: int | None = None,
    invoice_id: int | None = None,
    user_id: int | None = None,
    params: Mapping[str, Any] | None = None,
    **more: Any,
) -> None:
    """Add an entry in the caller's transaction; values must hold no secrets.

    The text's values are given by name, or as `params` where they are data already.
    """
    values = {**(params or {}), **more}
    row = {
        "tenant_id": tenant_id,
        "at": utcnow(),
        "level": level,
        "code": code,
        "params": {key: str(value) for key, value in values.items()},
        "connection_id": connection_id,
        "transfer_id": transfer_id,
        "invoice_id": invoice_id,
        "user_id": user_id,
    }
    session().execute(_ADD, [row])
