"""Connections that tests leave in the pools of applications nobody disposed of.

Collected later, one of PostgreSQL's would fail whichever test ran then, and a database
that somebody is connected to is not restored.
"""

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, Pool

_made: set[ConnectionPoolEntry] = set()


def watch() -> None:
    """Know of each connection from now on, so that none is collected unclosed."""
    event.listen(Pool, "connect", _note)


def _note(_connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    _made.add(entry)


def close() -> None:
    """Close those that are not in use; a pool that is used again makes others."""
    for entry in [each for each in _made if not each.in_use]:
        entry.close()
        _made.discard(entry)
