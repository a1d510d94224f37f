"""How often something may be tried, counted where every web process sees it."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, case, delete, or_, update

from core.domain.clock import utcnow
from core.models import Throttle
from core.runtime.database import insert_for, session, transaction


def allow(key: str, limit: int, window: timedelta) -> bool:
    """Count one try and tell whether it is within `limit` per `window`.

    The window begins with the first try. Commits by itself: ask before changing
    anything.
    """
    with transaction():
        return use(key, limit, window) is None


def use(key: str, limit: int, window: timedelta) -> datetime | None:
    """Count one in the caller's transaction; None: it is within `limit` per `window`.

    Else the moment when the window ends; whoever refuses then rolls back.
    """
    now = utcnow()
    is_over = _is_over(now, window)
    counted = (
        insert_for(Throttle)
        .values(key_hash=_hash(key), count=1, until=now + window)
        .on_conflict_do_update(
            index_elements=[Throttle.key_hash],
            set_={
                "count": case((is_over, 1), else_=Throttle.count + 1),
                "until": case((is_over, now + window), else_=Throttle.until),
            },
        )
        .returning(Throttle.count, Throttle.until)
    )
    count, until = session().execute(counted).one()
    return None if count <= limit else until


def spend(key: str, amount: int, limit: int, window: timedelta) -> bool:
    """Count `amount` if all of it is within `limit` per `window`; tell whether it is.

    In the caller's transaction: what is rolled back was not spent.
    """
    now = utcnow()
    if amount > limit:
        return False
    is_over = _is_over(now, window)
    spent = (
        insert_for(Throttle)
        .values(key_hash=_hash(key), count=amount, until=now + window)
        .on_conflict_do_update(
            index_elements=[Throttle.key_hash],
            set_={
                "count": case((is_over, amount), else_=Throttle.count + amount),
                "until": case((is_over, now + window), else_=Throttle.until),
            },
            where=is_over | (Throttle.count + amount <= limit),
        )
        .returning(Throttle.count)
    )
    return session().execute(spent).first() is not None


def _is_over(now: datetime, window: timedelta) -> ColumnElement[bool]:
    """A window is over at its end, and where it would last longer than one lasts: it
    began under a clock that was ahead."""
    return or_(Throttle.until <= now, Throttle.until > now + window)


def give_back(key: str) -> None:
    """Take back one counted try that turned out right, in the caller's transaction."""
    session().execute(
        update(Throttle)
        .where(Throttle.key_hash == _hash(key), Throttle.count > 0)
        .values(count=Throttle.count - 1)
        .execution_options(synchronize_session=False)
    )


def sweep(now: datetime) -> None:
    """Forget windows that are over, in the caller's transaction."""
    session().execute(delete(Throttle).where(Throttle.until < now))


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()
