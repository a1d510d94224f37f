"""After a restore: what is still to be found again, and what is held meanwhile.

While it lasts, documents are looked for before they are sent for the first time, and
mails and messages of before the backup's moment are held: see
`core.plugin.engine.restored`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from core.domain.clock import utcnow
from core.models import (
    Connection,
    ConnectionState,
    DeliveryState,
    Mail,
    MailState,
    RestorePoint,
    WebhookDelivery,
)
from core.plugin.engine import restored
from core.runtime.database import session, shared_now
from core.runtime.tenancy import system_scope

NOT_SENT = "not sent: it may have gone before a backup was restored"


CLOCKS_DIFFER = timedelta(minutes=1)


class InFuture(ValueError):
    """A backup's moment that has not come: a local time, or a clock that is wrong.

    Looking would begin then: until it came all would be sent unseen, and mail be held.
    """


@dataclass(frozen=True)
class Restored:
    """How things stand since a restore."""

    taken_at: datetime
    """The backup's moment: what was done later was lost."""
    held_mails: int
    held_messages: int


def current() -> Restored | None:
    """Return what is not ended yet; None: nothing was restored, or all is ended."""
    now = shared_now()
    with system_scope():
        oldest = select(func.min(RestorePoint.taken_at)).where(*restored.is_open(now))
        taken_at = session().scalar(oldest)
        if taken_at is None:
            return None
        mails = select(func.count(Mail.id)).where(*_held_mails(now))
        messages = select(func.count(WebhookDelivery.id)).where(*_held_messages(now))
        return Restored(
            taken_at, session().scalar(mails) or 0, session().scalar(messages) or 0
        )


def begin(taken_at: datetime) -> None:
    """Let looking begin, in the caller's transaction, for a backup of that moment.

    Every connection runs at once: shops are asked for what came since, packages for
    what was made in them. Raises InFuture: nothing was made since then.
    """
    now = shared_now()
    refuse_future(taken_at, now)
    past = now - timedelta(seconds=1)
    unfinished = RestorePoint.finished_at.is_(None), RestorePoint.ended_at.is_(None)
    known = session().scalars(select(RestorePoint).where(*unfinished)).all()
    if not known:
        session().add(RestorePoint(taken_at=taken_at, alive_until=past))
    for point in known:
        point.alive_until = min(point.alive_until, past)
        point.taken_at = min(point.taken_at, taken_at)  # it goes by the clock of then
    with system_scope():
        session().execute(
            update(Connection)
            .where(Connection.state == ConnectionState.CONNECTED)
            .values(next_run_at=now, run_until=None)
            .execution_options(synchronize_session=False)
        )


def refuse_future(taken_at: datetime, now: datetime) -> None:
    """Raise InFuture for a moment that has not come."""
    if taken_at > now + CLOCKS_DIFFER:
        raise InFuture(f"{taken_at.isoformat()} is later than now, {now.isoformat()}")


def end(by: str, *, drop_held: bool = False) -> bool:
    """End looking, in the caller's transaction; False when nothing was to be ended.

    What was held goes out now, or with `drop_held` not by itself any more: mails then
    stand among those that failed, from where each can still be sent.
    """
    now = shared_now()
    with system_scope():
        if drop_held:
            _drop(now)
        found = session().execute(
            update(RestorePoint)
            .where(*restored.is_open(now))
            .values(ended_at=utcnow(), ended_by=by)
            .returning(RestorePoint.id)
            .execution_options(synchronize_session=False)
        )
        return bool(found.all())


def _drop(now: datetime) -> None:
    plain = {"synchronize_session": False}
    mails = update(Mail).where(*_held_mails(now))
    session().execute(
        mails.values(state=MailState.FAILED, reason=NOT_SENT).execution_options(**plain)
    )
    messages = update(WebhookDelivery).where(*_held_messages(now))
    session().execute(
        messages.values(state=DeliveryState.FAILED, answer=NOT_SENT).execution_options(
            **plain
        )
    )


def _held_mails(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Mail.state == MailState.QUEUED,
        ~restored.may_be_told(Mail.created_at, now),
    )


def _held_messages(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookDelivery.state == DeliveryState.QUEUED,
        ~restored.may_be_told(WebhookDelivery.created_at, now),
    )
