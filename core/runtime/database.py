"""Small database helpers: the shared clock, upserts, one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
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
    return _insert(session().get_bind().dialect.name, table)


def upsert(table: Any, keys: tuple[str, ...], changes: tuple[str, ...]) -> Any:
    """Return an insert that brings these columns of a row it meets by `keys` up to
    date, to be executed with a list of rows. It is built once: that takes longer than
    to execute it."""
    return _upsert(session().get_bind().dialect.name, table, keys, changes)


def insert_once(table: Any, returning: Any = None) -> Any:
    """Return an insert that leaves rows alone that are there, to be executed with a
    list of rows; built once. `returning`: a column of what it added."""
    return _insert_once(session().get_bind().dialect.name, table, returning)


@lru_cache(maxsize=128)
def _insert_once(dialect: str, table: Any, returning: Any) -> Any:
    statement = _insert(dialect, table).on_conflict_do_nothing()
    return statement if returning is None else statement.returning(returning)


@lru_cache(maxsize=128)
def _upsert(
    dialect: str, table: Any, keys: tuple[str, ...], changes: tuple[str, ...]
) -> Any:
    statement = _insert(dialect, table)
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in changes},
    )


def _insert(dialect: str, table: Any) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
