"""Whether everything is there that a request needs, for /ready."""

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import column, select, table
from sqlalchemy.exc import SQLAlchemyError

from core.runtime.database import session
from core.runtime.jobs import quick_redis


def parts() -> dict[str, bool]:
    """Tell of every part that a request needs whether it is there."""
    applied = _applied()
    return {
        "database": applied is not None,
        "migrated": applied == _wanted(),
        "redis": _redis_answers(),
    }


def _redis_answers() -> bool:
    try:
        with quick_redis() as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def _applied() -> frozenset[str] | None:
    """Return the migrations the database is at; None: it cannot be reached."""
    versions = table("alembic_version", column("version_num"))
    try:
        session().execute(select(1))
    except SQLAlchemyError:
        session().rollback()
        return None
    try:
        return frozenset(session().scalars(select(versions.c.version_num)))
    except SQLAlchemyError:
        session().rollback()
        return frozenset()


def _wanted() -> frozenset[str]:
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
