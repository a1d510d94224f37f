"""The database, for plugins: this context's session, one transaction, the clock.

No transaction is held open while the outside is asked: read what is needed, end the
transaction (`session().rollback()`), call, and write in a new one.
"""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from core.plugin.ports import Port


class Database(Protocol):
    """What plugins do with the database."""

    def session(self) -> Session:
        """Return this context's session."""

    def transaction(self) -> AbstractContextManager[Session]:
        """Commit at the end, roll back on any error."""

    def shared_now(self) -> datetime:
        """Return the moment (UTC) by the clock that all workers share."""

    def insert_for(self, table: Any) -> Any:
        """Return an insert that knows `on_conflict_*` for the database in use."""

    def upsert(
        self, table: Any, keys: tuple[str, ...], changes: tuple[str, ...]
    ) -> Any:
        """Return an insert that brings these columns of a row it meets by `keys` up to
        date, to be executed with a list of rows."""


port = Port[Database]()
session = port.calls.session
transaction = port.calls.transaction
shared_now = port.calls.shared_now
insert_for = port.calls.insert_for
upsert = port.calls.upsert
