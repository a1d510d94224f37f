"""Small database helpers: the shared clock, upserts, one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.domain.clock import utcnow
from core.net.http import probe
from core.runtime.extensions import db


def session() -> Session:
    """Return this context's session."""
    return db.session()


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit at the end, roll back on any error; kill tests look at both sides."""
    current = session()
    try:
        yield current
        probe("before commit")
        current.commit()
        probe("after commit")
    except BaseException:
        current.rollback()
        raise


def forget_pages() -> None:
    """Take what was erased out of the file's log as well, on SQLite; no error if busy.

    Readers may hold it for now; then the log's next round overwrites it.
    """
    engine = db.engine
    if engine.dialect.name != "sqlite":
        return
    session().rollback()
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA busy_timeout=1000")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    finally:
        raw.invalidate()  # its time-out is for this only


def shared_now() -> datetime:
    """Return the moment by the clock that all workers share: the database's.

    SQLite lives on one host, whose clock every process reads anyway.
    """
    current = session()
    if current.get_bind().dialect.name == "sqlite":
        return utcnow()
    moment: datetime = current.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def insert_for(table: Any) -> Any:
    """Return an insert that knows `on_conflict_*` for the database in use."""
    dialect = session().get_bind().dialect.name
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
