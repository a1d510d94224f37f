"""Checks of what must answer: disk, database, Redis, mail server, workers."""

import sqlite3
from collections.abc import Iterator

from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from core.domain.clock import utcnow
from core.main.checkup.finding import Finding, is_trial, note
from core.runtime import disk, references, walls
from core.runtime.database import session
from core.runtime.extensions import settings
from core.runtime.jobs import QUEUES, quick_redis
from core.runtime.trouble import Trouble
from core.services.mailing import smtp
from core.services.operations import metrics, readiness
from core.services.operations.clocks import MOST_APART

LEAST_POSTGRESQL = 14
"""The oldest that its makers still mend."""
LEAST_SQLITE = (3, 35)
"""The first with RETURNING, which our statements use."""
_DURABLE = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"
}  # fmt: skip
"""Settings of the server with which what was committed may be gone."""
_STORING = {
    Trouble.FULL: "Make room: grow the disk, or remove old backups and logs.",
    Trouble.AWAY: "Start it, and look at DATABASE_URL and at its own log.",
    Trouble.LOCKED: "Look for a program that keeps a transaction open, and end it.",
}


def disks() -> Iterator[Finding]:
    """Look at the room on each disk."""
    least = settings().disk_least_mb
    for room in disk.rooms(settings()):
        free = room.free // 1_000_000
        if room.is_short:
            yield Finding(
                f"{room.folder} has {free} MB left of {room.total // 1_000_000} MB:"
                " nothing is taken in or picked up",
                f"Make room, or set DISK_LEAST_MB lower than {least}.",
            )


def database() -> Iterator[Finding]:
    """Look at the database: its version, whether it keeps what it was given."""
    try:
        dialect = session().get_bind().dialect.name
        session().execute(select(1))
    except SQLAlchemyError as error:
        session().rollback()
        said = str(getattr(error, "orig", error)).splitlines()[0]
        yield Finding(f"it does not answer: {said}", _STORING[Trouble.AWAY])
        return
    yield from _sqlite() if dialect == "sqlite" else _postgresql()
    session().rollback()
    trouble = readiness.storage_trouble(has_tables=bool(readiness.applied()))
    if trouble is not None:
        yield Finding(f"nothing can be stored ({trouble})", _STORING[trouble])


def _sqlite() -> Iterator[Finding]:
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        yield Finding(
            f"SQLite {sqlite3.sqlite_version} is too old", "Install a newer Python."
        )
    if not is_trial():
        yield note(
            "the database is SQLite, which serves one host",
            "For several, set DATABASE_URL to PostgreSQL (docs/scaling.md).",
        )


def _postgresql() -> Iterator[Finding]:
    current = session()
    number = int(
        current.scalar(select(func.current_setting("server_version_num"))) or 0
    )
    if number < LEAST_POSTGRESQL * 10_000:
        yield Finding(
            f"PostgreSQL {number // 10_000} is no longer mended by its makers",
            f"Upgrade it to {LEAST_POSTGRESQL} or newer.",
        )
    for name, forgets in _DURABLE.items():
        if current.scalar(select(func.current_setting(name))) == forgets:
            yield Finding(
                f"PostgreSQL has {name}={forgets}: after a power cut a document that"
                " was sent may be unknown, and be booked again",
                f"Set {name} to on in postgresql.conf.",
            )
    if current.scalar(select(func.pg_is_in_recovery())):
        yield Finding(
            "DATABASE_URL names a standby, which takes no writes",
            "Let it name the primary.",
        )


def migrations() -> Iterator[Finding]:
    """Compare the tables with this version of the product."""
    session().execute(select(1))
    applied, wanted = readiness.applied(), readiness.wanted()
    missing, unknown = wanted - applied, applied - _known()
    if not applied:
        yield Finding("there are no tables yet", "Run `flask db upgrade heads`.")
    elif unknown:
        yield Finding(
            f"the tables are of a newer version, or of a plugin that is gone"
            f" ({', '.join(sorted(unknown))})",
            "Install that version; a schema is not taken back.",
        )
    elif missing:
        yield Finding(
            f"the tables are older than the product ({', '.join(sorted(missing))})",
            "Make a backup (`flask backup`), then run `flask db upgrade heads`.",
        )


def tenants() -> Iterator[Finding]:
    """Look at what keeps tenants apart in the database itself."""
    connection = session().connection()
    is_postgresql = connection.dialect.name == "postgresql"
    open_ = walls.lacking(connection) if is_postgresql else []
    if missing := [*open_, *references.lacking(connection)]:
        yield Finding(
            f"the database does not keep tenants apart everywhere: {len(missing)} of"
            f" its walls and triggers are missing ({', '.join(missing[:3])})",
            "Run `flask db upgrade heads`: it builds what is missing.",
        )
    if is_postgresql and not walls.is_walled(connection):
        yield Finding(
            "the role of DATABASE_URL sees through the walls between tenants",
            "Let it be neither superuser nor have BYPASSRLS (docs/operation.md).",
        )
    session().rollback()


def _known() -> frozenset[str]:
    from alembic.script import ScriptDirectory
    from flask import current_app

    config = current_app.extensions["migrate"].migrate.get_config()
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return frozenset(script.revision for script in scripts)


def clock() -> Iterator[Finding]:
    """Compare this host's clock with the one that all share: the database's."""
    if session().get_bind().dialect.name == "sqlite":
        return  # it has no other
    theirs = session().execute(select(func.clock_timestamp())).scalar_one()
    session().rollback()
    apart = abs((utcnow() - theirs).total_seconds())
    if apart > MOST_APART.total_seconds():
        yield Finding(
            f"this host's clock and the database's are {apart:.0f} seconds apart:"
            " webhooks are refused, codes of the second step do not fit",
            "Let both follow a time server (timedatectl set-ntp true).",
        )


def redis() -> Iterator[Finding]:
    """Look at Redis, which wakes the workers."""
    try:
        with quick_redis() as client:
            policy = str(client.info("memory").get("maxmemory_policy", ""))
            keeps = bool(client.info("persistence").get("aof_enabled", 0))
    except (RedisError, OSError) as error:
        yield Finding(
            f"Redis does not answer ({type(error).__name__}): work waits for the"
            " workers' own look",
            "Start it, and look at REDIS_URL.",
        )
        return
    if policy != "noeviction":
        yield Finding(
            f"Redis may throw wake-ups away (maxmemory-policy {policy})",
            "Set maxmemory-policy noeviction.",
        )
    if not keeps:
        yield note(
            "Redis forgets wake-ups at a restart (appendonly no)",
            "Nothing is lost by it, work only waits; set appendonly yes.",
        )


def workers() -> Iterator[Finding]:
    """Look whether somebody does the work."""
    found = metrics.wakes()
    if not found.reachable:
        return
    alive = [one for one in found.workers if metrics.is_alive(one, utcnow())]
    served = {name for one in alive for name in one.queues.split(", ")}
    idle = [name for name in QUEUES if name not in served]
    if idle:
        yield note(
            f"nobody serves {', '.join(idle)}",
            "Fine before the start; else `flask workers`, or flask worker NAME.",
        )


def mail() -> Iterator[Finding]:
    """Log in at the mail server, and send nothing."""
    if not settings().smtp_url:
        if not is_trial():
            yield Finding(
                "SMTP_URL is not set: no mail leaves this machine, so nobody gets a"
                " link to sign up or a new password",
                "Set it to smtp://user:password@host:587?tls=1.",
            )
        return
    try:
        smtp.try_out()
    except smtp.MailServerUnusable as error:
        yield Finding(
            f"the mail server cannot be used: {error}",
            "Look at SMTP_URL, and whether this host may reach the server.",
        )
