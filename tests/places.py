"""Where the product keeps things beside its database, and whose each of them is.

Every key of Redis and every file matches one line here, or a test fails: a new one says
first whether it is one row's, one tenant's (with its id) or the whole installation's.
An id of a row is one row's in the whole database, and rows are read by their tenant.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from core.runtime.jobs import QUEUES
from core.runtime.settings import Settings

_QUEUE = rf"(?:{'|'.join(QUEUES)})"


class Whose(StrEnum):
    """Of what one thing is."""

    ROW = "row"
    TENANT = "tenant"
    ALL = "all"


KEYS = {
    rf"koppelwerk:wake:{_QUEUE}:[a-z_.]+:0": Whose.ALL,
    rf"koppelwerk:wake:{_QUEUE}:[a-z_.]+:[1-9]\d*": Whose.ROW,
    r"koppelwerk:worker_trouble": Whose.ALL,
    r"LIMITS:LIMITER/koppelwerk-api/tenant \d+ token \d+/\d+/1/minute": Whose.TENANT,
    # Our own registration's budget at a vendor, for each of its endpoints.
    r"LIMITS:LIMITER/eaccounting/[A-Z]+ [a-z{}/]+/\d+/1/minute": Whose.ALL,
    # RQ's: a job has a random id, the name of a task and the id of one row.
    r"rq:(?:job|results|executions?):[0-9a-f]{32}(?::[0-9a-f]{32})?": Whose.ROW,
    r"rq:(?:queues|workers|suspended)": Whose.ALL,
    r"rq:worker:[0-9a-f]{32}": Whose.ALL,
    rf"rq:(?:queue|workers|wip|finished|failed|deferred|scheduled"
    rf"|canceled|clean_registries):{_QUEUE}": Whose.ALL,
    # What a worker died with before it began.
    rf"rq:queue:{_QUEUE}:intermediate": Whose.ALL,
    rf"rq:queue:{_QUEUE}:intermediate:first_seen:[0-9a-f]{{32}}": Whose.ROW,
}
FILES = {
    r"koppelwerk\.db(?:-wal|-shm|-journal)?": Whose.ALL,
    r"sandbox-[a-z]+\.db(?:-wal|-shm|-journal)?": Whose.ALL,
    r"redis\.sock": Whose.ALL,
    r"redis/.+": Whose.ALL,
    r"logs/[a-z0-9-]+\.log(?:\.\d+)?": Whose.ALL,
    r"secret\.keys": Whose.ALL,
    # Of the catcher, where there is no mail server.
    r"mails/.+\.eml": Whose.ALL,
}


def unknown(names: Iterable[str], patterns: Mapping[str, Whose]) -> list[str]:
    """Return the names that no line has."""
    return sorted(
        {name for name in names if not any(re.fullmatch(p, name) for p in patterns)}
    )


def keys(address: str) -> list[str]:
    """Return every key of Redis; none where it is away."""
    with suppress(RedisError, OSError), Redis.from_url(address) as client:
        return [key.decode() for key in client.scan_iter(count=1000)]
    return []


def files(folder: Path) -> list[str]:
    """Return every file below a folder."""
    every = folder.rglob("*")
    return [str(path.relative_to(folder)) for path in every if not path.is_dir()]


def check(settings: Settings) -> None:
    """Fail over a key or file of the product's that is not known."""
    found = unknown(keys(settings.redis), KEYS), unknown(files(settings.var), FILES)
    assert found == ([], []), found
