"""What keeps us from storing something: no room, no database, or another writer.

Told apart by the database's own codes, never by the words of an error: each is another
answer to who asks, and another action for who operates us.
"""

import errno
import sqlite3
from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree


class Trouble(StrEnum):
    """Why nothing can be stored now; it passes, and nothing of it is the user's."""

    FULL = "full"
    """No room: on the disk, of a quota, or in the file."""
    AWAY = "away"
    """The database cannot be reached, or takes no writes (a standby)."""
    LOCKED = "locked"
    """Another writer keeps it for longer than we wait."""


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_CANTOPEN: Trouble.AWAY,
    sqlite3.SQLITE_READONLY: Trouble.AWAY,
    sqlite3.SQLITE_IOERR: Trouble.AWAY,
}
"""By primary result code (https://www.sqlite.org/rescode.html)."""
_SQLITE_NO_ROOM = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
"""What a quota says, and a full disk when the index of the log grows."""
_POSTGRESQL = {
    "53100": Trouble.FULL,  # disk_full
    "55P03": Trouble.LOCKED,  # lock_not_available
    "57014": Trouble.LOCKED,  # query_canceled: a time limit
    "40P01": Trouble.LOCKED,  # deadlock_detected
    "25006": Trouble.AWAY,  # read_only_sql_transaction: a standby
}
_POSTGRESQL_AWAY = ("08", "53", "57P")
"""Classes: connection, resources (too many connections), shutting down."""


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what an error says of where we store things; None: nothing."""
    return next(filter(None, map(_of_one, _causes(error))), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig", None) or error.__cause__


def _of_one(error: BaseException) -> Trouble | None:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(getattr(error, "sqlite_errorcode", 0))
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return Trouble.FULL
    if isinstance(error, NoConnectionFree):
        return Trouble.LOCKED
    if isinstance(error, DBAPIError) and not isinstance(error.orig, sqlite3.Error):
        return _of_postgresql(error)
    return None


def _of_sqlite(code: int) -> Trouble | None:
    if code in _SQLITE_NO_ROOM:
        return Trouble.FULL
    return _SQLITE.get(code & 0xFF)


def _of_postgresql(error: DBAPIError) -> Trouble | None:
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # nothing was answered
        is_broken = error.connection_invalidated or isinstance(error, OperationalError)
        return Trouble.AWAY if is_broken else None
    if state in _POSTGRESQL:
        return _POSTGRESQL[state]
    return Trouble.AWAY if state.startswith(_POSTGRESQL_AWAY) else None
