"""The log that users read: codes and values; the words come when it is shown."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.models import LogLevel
from core.plugin.ports import Port


class Log(Protocol):
    """What plugins write in the log."""

    def write(
        self,
        tenant_id: int,
        code: str,
        *,
        level: LogLevel = LogLevel.INFO,
        connection_id: int | None = None,
        transfer_id: int | None = None,
        invoice_id: int | None = None,
        user_id: int | None = None,
        changes: Sequence[Sequence[str]] = (),
        params: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Add an entry in the caller's transaction; values must hold no secrets.

        The text's values are given by name, or as `params` where they are data already.
        """


port = Port[Log]()
write = port.calls.write
