"""Whether everything is there that a request needs, for /ready."""

import threading
import time
from dataclasses import dataclass

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import column, select, table
from sqlalchemy.exc import SQLAlchemyError

from core.domain.clock import utcnow
from core.models import Mark
from core.runtime import disk
from core.runtime.database import insert_for, session
from core.runtime.extensions import impatient_writer, settings
from core.runtime.jobs import quick_redis
from core.runtime.trouble import Trouble, trouble_of

REMEMBERED_SECONDS = 5
"""So long a look at disk and database holds: anybody may ask, and writing costs."""
MARK = "ready"
_EXTENSION = "koppelwerk_storage"


@dataclass(frozen=True)
class Readiness:
    """What is there."""

    database: bool
    """It answers, and takes a write."""
    disk: bool
    """There is room on every disk of this host, and the database has room."""
    migrated: bool
    redis: bool
    trouble: Trouble | None
    """Why nothing can be stored. LOCKED alone makes nobody unready: writers wait."""

    @property
    def is_ready(self) -> bool:
        """Tell whether requests should come."""
        return self.database and self.disk and self.migrated and self.redis


def look() -> Readiness:
    """Tell of every part that a request needs whether it is there."""
    applied = _applied()
    storage = _storage()
    trouble = storage.look(has_tables=bool(applied)) if applied is not None else None
    if applied is None:
        trouble = Trouble.AWAY
    return Readiness(
        database=trouble != Trouble.AWAY,
        disk=trouble != Trouble.FULL,
        migrated=applied == wanted(),
        redis=_redis_answers(),
        trouble=trouble,
    )


class Storage:
    """What was found when something was stored last; shared by a process's threads."""

    def __init__(self) -> None:
        self._found: Trouble | None = None
        self._looked_at = float("-inf")
        self._one_at_a_time = threading.Lock()

    def look(self, *, has_tables: bool) -> Trouble | None:
        """Return what keeps us from storing; looks anew every few seconds only."""
        with self._one_at_a_time:
            if time.monotonic() - self._looked_at > REMEMBERED_SECONDS:
                self._found = storage_trouble(has_tables=has_tables)
                self._looked_at = time.monotonic()
            return self._found


def storage_trouble(*, has_tables: bool = True) -> Trouble | None:
    """Write a row and a few kilobytes, and return what keeps us from it."""
    if not disk.has_room(settings()):
        return Trouble.FULL
    if not has_tables:
        return None
    now = utcnow()
    row = insert_for(Mark).values(name=MARK, value=0, read_at=now)
    row = row.on_conflict_do_update(index_elements=[Mark.name], set_={"read_at": now})
    try:
        with impatient_writer() as connection:
            connection.execute(row)
    except (SQLAlchemyError, OSError) as error:
        return trouble_of(error) or Trouble.AWAY
    return None


def _storage() -> Storage:
    found: Storage = current_app.extensions.setdefault(_EXTENSION, Storage())
    return found


def _redis_answers() -> bool:
    try:
        with quick_redis() as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def _applied() -> frozenset[str] | None:
    """Return the migrations the database is at; None: it cannot be reached."""
    try:
        session().execute(select(1))
    except SQLAlchemyError as error:
        session().rollback()
        return frozenset() if trouble_of(error) == Trouble.LOCKED else None
    return applied()


def applied() -> frozenset[str]:
    """Return the migrations the database is at; none without the table of them."""
    versions = table("alembic_version", column("version_num"))
    try:
        return frozenset(session().scalars(select(versions.c.version_num)))
    except SQLAlchemyError:
        return frozenset()
    finally:
        session().rollback()


def wanted() -> frozenset[str]:
    """Return what the database names when all is applied; read once per process.

    The newest migration of every line, but for one that another depends on: Alembic
    takes that as applied along with it and names it no more.
    """
    found: frozenset[str] | None = current_app.extensions.get("koppelwerk_heads")
    if found is None:
        from alembic.script import ScriptDirectory  # slow to load, and asked for once
        from alembic.util import to_tuple

        config = current_app.extensions["migrate"].migrate.get_config()
        script = ScriptDirectory.from_config(config)
        implied = {
            name
            for revision in script.walk_revisions()
            for name in to_tuple(revision.dependencies, default=())
        }
        found = frozenset(script.get_heads()) - implied
        current_app.extensions["koppelwerk_heads"] = found
    return found
