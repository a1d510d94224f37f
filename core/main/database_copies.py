"""Copies of a database: SQLite by its backup interface, PostgreSQL by its programs."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol

from sqlalchemy import Connection, column, create_engine, func, inspect, select, table
from sqlalchemy.engine import URL
from sqlalchemy.schema import CreateSchema, DropSchema

from core.domain.clock import utcnow
from core.domain.redact import redact
from core.kit.processes import ends_along

_ACTIVITY = table(
    "pg_stat_activity", column("pid"), column("datname"), column("backend_type")
)
_OTHERS = (
    select(func.count())
    .select_from(_ACTIVITY)
    .where(
        _ACTIVITY.c.datname == func.current_database(),
        _ACTIVITY.c.backend_type == "client backend",
        _ACTIVITY.c.pid != func.pg_backend_pid(),
    )
)
"""How many others are connected to the database."""


class Unusable(Exception):
    """It cannot be done; says why, in words for the operator."""


class DatabaseCopy(Protocol):
    """How one kind of database is copied and put back."""

    dialect: str
    filename: str

    def check(self) -> None:
        """Raise Unusable when something that is needed is missing."""

    def save(self, file: Path) -> None:
        """Write a consistent copy into a file that is there, empty and closed."""

    def is_filled(self) -> bool:
        """Tell whether there are tables already."""

    def restoring(self, file: Path) -> AbstractContextManager[str]:
        """Put a copy back; gives the address at which it is finished off.

        Raises Unusable while others use the database.
        """


def of(url: URL) -> DatabaseCopy:
    """Return how the database at an address is copied."""
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise Unusable("A database in memory has nothing to back up.")
        return SQLiteCopy(Path(url.database))
    return PostgresCopy(url)


class SQLiteCopy:
    """A file of SQLite."""

    dialect, filename = "sqlite", "database.sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> None:
        """Everything is on board."""

    def save(self, file: Path) -> None:
        """Copy all pages in one step: what others write meanwhile is not in it."""
        with (
            closing(sqlite3.connect(self._path)) as source,
            closing(sqlite3.connect(file)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it
            _check_whole(copy)
        sync(file)

    def is_filled(self) -> bool:
        """Tell whether there are tables already."""
        if not self._path.exists():
            return False
        with closing(sqlite3.connect(self._path)) as database:
            return bool(database.execute("SELECT 1 FROM sqlite_master").fetchone())

    @contextmanager
    def restoring(self, file: Path) -> Iterator[str]:
        """Finish a copy beside the database, then change the two at one stroke."""
        if self._path.exists():
            self._alone()
        new = self._path.with_name(f"{self._path.name}.restoring")
        new.unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with (
            closing(sqlite3.connect(file)) as source,
            closing(sqlite3.connect(new)) as copy,
        ):
            _check_whole(source)
            source.backup(copy)
        yield f"sqlite:///{new}"
        with closing(sqlite3.connect(new)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")
        sync(new)
        if self._path.exists():
            self._alone()  # once more: somebody may have come
            self._path.rename(self._aside())
        new.rename(self._path)
        sync(self._path.parent)

    def _alone(self) -> None:
        """Close the database's log, which works only when nobody has it open."""
        with closing(sqlite3.connect(self._path, timeout=0.5)) as database:
            try:
                database.execute("PRAGMA journal_mode=DELETE").fetchone()
            except sqlite3.OperationalError as error:
                raise _in_use() from error
        self._path.chmod(0o600)

    def _aside(self) -> Path:
        stamp = f"{utcnow():%Y%m%d-%H%M%S}"
        return self._path.with_name(f"{self._path.name}.before-restore-{stamp}")


def _check_whole(database: sqlite3.Connection) -> None:
    (said,) = database.execute("PRAGMA quick_check").fetchone()
    if said != "ok":
        raise Unusable(f"The database is damaged: {said}")


def _in_use() -> Unusable:
    return Unusable(
        "The database is in use: stop the web server, workers and clock first."
    )


class PostgresCopy:
    """A database of PostgreSQL, by its own client programs."""

    dialect, filename = "postgresql", "database.dump"

    def __init__(self, url: URL) -> None:
        self._url = url

    def check(self) -> None:
        """Raise Unusable, naming the program that is missing."""
        for name in ("pg_dump", "pg_restore"):
            _program(name)

    def save(self, file: Path) -> None:
        """Dump in the custom format, in one transaction of the server."""
        # As whoever owns the tables: all rows, through the walls between tenants.
        words = ("--format=custom", "--enable-row-security", f"--file={file}")
        self._run("pg_dump", *words, options="-c app.tenant=0")
        sync(file)

    def is_filled(self) -> bool:
        """Tell whether there are tables already."""
        with self._connected() as connection:
            return bool(inspect(connection).get_table_names())

    @contextmanager
    def restoring(self, file: Path) -> Iterator[str]:
        """Restore in one transaction; of what is there nothing stays."""
        with self._connected() as connection:
            if connection.scalar(_OTHERS):
                raise _in_use()
        if self.is_filled():
            with self._connected() as connection:
                connection.execute(DropSchema("public", cascade=True))
                connection.execute(CreateSchema("public"))
        self._run("pg_restore", "--single-transaction", "--exit-on-error", str(file))
        yield self._url.render_as_string(hide_password=False)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self._url)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def _run(self, name: str, *words: str, **more: str) -> None:
        """Run a client program; the password goes by a file that only we can read."""
        from psycopg.conninfo import make_conninfo

        known: dict[str, Any] = {
            "host": self._url.host, "port": self._url.port,
            "user": self._url.username, "dbname": self._url.database,
        }  # fmt: skip
        given = {**known, **self._url.query, **more}
        with NamedTemporaryFile("w", encoding="utf-8") as passwords:
            if self._url.password:
                secret = re.sub(r"([\\:])", r"\\\1", str(self._url.password))
                print("*", "*", "*", "*", secret, sep=":", file=passwords, flush=True)
                given["passfile"] = passwords.name
            address = make_conninfo(
                **{key: each for key, each in given.items() if each}
            )
            options = ("--no-owner", "--no-privileges", f"--dbname={address}")
            done = subprocess.run(  # noqa: S603  our own words
                [_program(name), *options, *words],
                capture_output=True,
                text=True,
                preexec_fn=ends_along(),
            )
        if done.returncode:
            raise Unusable(f"{name} failed: {redact(done.stderr.strip())[:2000]}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Unusable(
            f"The program {name} is not installed or not on the PATH. It belongs to the"
            " client programs of PostgreSQL; take the server's version or a newer one."
        )
    return found


def sync(path: Path) -> None:
    """Make sure that a file or folder survives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
