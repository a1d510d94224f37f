"""How far the hosts' clocks are from the one that all share: the database's.

Each host that makes the rounds leaves what it found once a minute, in a mark of its
own; /metrics shows them all, and an alarm goes by it. Leases, look-ups and what is due
go by the shared clock anyway; signatures of webhooks, codes of the second step and the
moments on pages do not.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from socket import gethostname

import structlog
from sqlalchemy import delete, select, update

from core.domain.clock import utcnow
from core.models import Mark
from core.plugin.engine import rounds
from core.plugin.engine.rounds import Part
from core.runtime.database import session, shared_now, transaction

MOST_APART = timedelta(seconds=2)
EVERY = timedelta(minutes=1)
KEPT = timedelta(minutes=10)
"""A host that made no round for so long tells nothing any more."""
_MARK = "clock:"
_LONGEST = 30
"""Characters of a mark's name."""

logger = structlog.get_logger(__name__)


def compare(now: datetime) -> None:
    """Leave how many seconds this host's clock is ahead, by the shared clock."""
    if session().get_bind().dialect.name == "sqlite":
        return  # it has no other clock than this host's
    name = f"{_MARK}{gethostname()}"[:_LONGEST]
    with transaction() as current:
        if rounds.begin(name, EVERY, now) is None:
            return
        ahead = utcnow() - shared_now()
        seconds = round(ahead.total_seconds())
        own = update(Mark).where(Mark.name == name).values(value=seconds)
        current.execute(own.execution_options(synchronize_session=False))
        gone = Mark.name.startswith(_MARK), Mark.read_at < now - KEPT
        current.execute(
            delete(Mark).where(*gone).execution_options(synchronize_session=False)
        )
    if abs(ahead) > MOST_APART:
        logger.error("this host's clock is off", seconds_ahead=seconds)


def seconds_ahead(now: datetime) -> Mapping[str, int]:
    """Return how far each host's clock was ahead when it last told, by host."""
    told = select(Mark.name, Mark.value).where(
        Mark.name.startswith(_MARK), Mark.read_at >= now - KEPT
    )
    found = session().execute(told)
    return {name.removeprefix(_MARK): seconds for name, seconds in found}


PART = Part("clocks", compare)
