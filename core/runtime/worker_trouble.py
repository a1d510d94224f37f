"""How often workers could not store something, for /metrics.

A worker's horses count in memory that they share with it. The worker tells Redis with
its signs of life: what happened while Redis took nothing is told once it does.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import Flask
from redis import Redis
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext

from core.runtime import counters
from core.runtime.counters import TROUBLES
from core.runtime.extensions import db
from core.runtime.trouble import trouble_of

KEY = "koppelwerk:worker_trouble"
_KIND = "trouble"


class Telling:
    """What a worker and its horses counted, and how much of it Redis was told."""

    def __init__(self, app: Flask) -> None:
        """Count from now on, whoever catches the error; before any horse is forked."""
        counters.init(app, 0)  # its own: other workers are forks of the same process
        self._told = dict.fromkeys(TROUBLES, 0)
        with app.app_context():
            self._counters = counters.counters()
            event.listen(db.engine, "handle_error", _of_database)

    def tell(self, client: Redis) -> None:
        """Add to what all workers told what is new."""
        totals = self._counters.totals()
        for trouble, told in self._told.items():
            count = int(totals[_KIND, trouble])
            if count > told:
                client.hincrby(KEY, trouble, count - told)
                self._told[trouble] = count


def told(client: Redis) -> Mapping[str, int]:
    """Return what all workers told."""
    counts = zip(TROUBLES, client.hmget(KEY, TROUBLES), strict=True)
    return {trouble: int(count or 0) for trouble, count in counts}


@contextmanager
def noticed() -> Iterator[None]:
    """Count a file that found no room; the database's errors are heard of anyway."""
    try:
        yield
    except OSError as error:
        _count(error)
        raise


def _of_database(context: ExceptionContext) -> None:
    if not context.is_pre_ping:  # a connection that is only made anew
        _count(context.sqlalchemy_exception or context.original_exception)


def _count(error: BaseException) -> None:
    trouble = trouble_of(error)
    if trouble is not None:
        counters.counters().add(_KIND, trouble)
