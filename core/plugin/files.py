"""Files that a user gives a plugin: counted, and read by a child that may take little.

Use `core.kit.confined.results` inside `reading`: the web process itself looks at no
more than size and first bytes.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from core.plugin.ports import Port


class Quota(Protocol):
    """What a tenant may give us."""

    def reading(self, tenant_id: int | None, size: int) -> AbstractContextManager[None]:
        """Admit a file that is read inside, while its user waits; ends the transaction.

        Raises AskUser `files_at_once` or `files_per_day`.
        """


port = Port[Quota]()
reading = port.calls.reading
