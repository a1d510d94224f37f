"""The Flask extensions and the few objects every part of the app shares."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_htmx import HTMX
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import Engine

from core.models import Base
from core.plugin.registry import Registry
from core.runtime.settings import Settings
from core.runtime.tenancy import ScopedSession
from core.runtime.vault import Vault

BUSY_SECONDS = 20
"""How long a writer of SQLite waits for its turn."""
IMPATIENT_SECONDS = 2
GONE = {"idle": 5, "interval": 5, "count": 3}
"""How soon (in seconds, and in signs of life missed) either end of a connection to
PostgreSQL takes the other for gone: well before a lease ends. The system's own time is
two hours, for which the locks of a host that is cut off would stay."""
GONE_MILLISECONDS = 20_000
"""The same where something was sent that nobody acknowledged."""

db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"class_": ScopedSession, "expire_on_commit": False},
)
login = LoginManager()
csrf = CSRFProtect()
htmx = HTMX()
reading_only: ContextVar[bool] = ContextVar("reading_only", default=False)
"""Set for safe requests (GET): their transactions take no writer lock on SQLite."""


@dataclass(frozen=True)
class Koppelwerk:
    """The composition root's result, one per application."""

    settings: Settings
    registry: Registry
    vault: Vault
    tasks: Mapping[str, Callable[[int], None]]
    """The core's own RQ tasks by name."""


def koppelwerk() -> Koppelwerk:
    """Return the running application's parts."""
    parts: Koppelwerk = current_app.extensions["koppelwerk"]
    return parts


def settings() -> Settings:
    """Return the running application's settings."""
    return koppelwerk().settings


class _Promise:
    """Whether commits of this process promise to survive a power cut (SQLite)."""

    synchronous = "NORMAL"


def promise_commits() -> None:
    """Let every commit of this process wait for the disk, on SQLite.

    Workers promise that a write is stored before it is sent; with NORMAL the last
    commits may be gone after a power cut though the write arrived. PostgreSQL waits
    anyway. To be called before the process connects.
    """
    _Promise.synchronous = "FULL"


def prepare_engine(engine: Engine) -> None:
    """Make SQLite behave: WAL, foreign keys, and writers that wait their turn.

    On PostgreSQL a network that is cut ends connections at both ends, with their locks.
    """
    if engine.dialect.name != "sqlite":
        _have_server_notice(engine)
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={_Promise.synchronous}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "secure_delete=ON",  # what is erased is overwritten, not just let go
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        # A deferred transaction that turns into a writer fails at once when another
        # writer is busy; an immediate one waits (busy_timeout).
        begin = "BEGIN" if reading_only.get() else "BEGIN IMMEDIATE"
        connection.exec_driver_sql(begin)


def connect_args(database_url: str) -> dict[str, int]:
    """Return how long our end of a connection waits; the address may say otherwise."""
    url = make_url(database_url)
    if url.get_backend_name() != "postgresql":
        return {}
    own = {f"keepalives_{name}": value for name, value in GONE.items()}
    own |= {"connect_timeout": 10, "tcp_user_timeout": GONE_MILLISECONDS}
    return {name: value for name, value in own.items() if name not in url.query}


def _have_server_notice(engine: Engine) -> None:
    theirs = {f"tcp_keepalives_{name}": value for name, value in GONE.items()}
    theirs |= {"tcp_user_timeout": GONE_MILLISECONDS}

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # In one exchange: every fork connects anew.
        sets = (f"SET {name} = {value}" for name, value in theirs.items())
        connection.execute("; ".join(sets))
        connection.commit()


@contextmanager
def impatient_writer() -> Iterator[Connection]:
    """Give a transaction that writes but waits two seconds for others at most.

    Commits at the end; raises what the database says.
    """
    token = reading_only.set(False)
    try:
        with db.engine.connect() as connection:
            _set_patience(connection, IMPATIENT_SECONDS)
            try:
                with connection.begin():
                    yield connection
            finally:
                _set_patience(connection, BUSY_SECONDS)
    finally:
        reading_only.reset(token)


def _set_patience(connection: Connection, seconds: int) -> None:
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        raw.execute(f"PRAGMA busy_timeout={seconds * 1000}")
