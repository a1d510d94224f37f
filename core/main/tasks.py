"""The core's own RQ tasks, and the kinds of due work that wake them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from core.plugin.capabilities import DueWork, OwnWork
from core.plugin.engine import wake_due
from core.plugin.engine.rounds import Part, begin, run_parts
from core.runtime import disk, planner
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import koppelwerk
from core.services.api import webhook_sending
from core.services.backfill import backfill_run, backfills
from core.services.connections import recovery
from core.services.crm import relation_import
from core.services.invoicing import open_items, waiting_sends
from core.services.licensing import licences
from core.services.linking import outage, rate_changes, schedule
from core.services.mailing import notices, smtp
from core.services.operations import cleaning, clocks, retention
from core.services.syncing import relation_sync
from core.services.transfer import drain, tallying

KINDS: tuple[DueWork, ...] = (
    *schedule.DUE,
    recovery.DUE,
    drain.DRAIN,
    drain.DRAIN_URGENT,
    smtp.DUE,
    webhook_sending.DUE,
    relation_sync.DUE,
    relation_import.DUE,
    open_items.DUE,
    waiting_sends.DUE,
    backfills.DUE,
    tallying.DUE,
)


def kinds() -> Iterator[DueWork]:
    """Yield every kind of due work: the core's, then the plugins'."""
    yield from KINDS
    for work in koppelwerk().registry.brought(OwnWork).values():
        yield from work.kinds


def _learn(now: datetime) -> None:
    """Once an hour let the database look at its tables."""
    with transaction():
        if begin("planner", timedelta(hours=1), now) is not None:
            planner.learn(session().connection())


WAKING = Part("due work", lambda now: wake_due(kinds(), now))
TENDING: tuple[Part, ...] = (
    Part("notices", notices.tick),
    clocks.PART,
    *cleaning.PARTS,
    retention.PART,
)
"""What goes on while the disk is short: it makes room, or tells of us."""
PARTS: tuple[Part, ...] = (
    outage.PART,
    *schedule.PARTS,
    Part("licences", licences.tick),
    Part("rate changes", rate_changes.tick),
    tallying.PART,
    *TENDING,
    Part("planner", _learn),
    WAKING,
)


def _dispatch(_: int) -> None:
    """Make the rounds; may run in several places at once.

    A disk that was short for minutes is a standstill: shops are asked again after it.
    """
    run_parts(TENDING if disk.is_short() else PARTS, shared_now())


def _drain(_: int) -> None:
    drain.drain()


def _drain_urgent(_: int) -> None:
    drain.drain(urgent_only=True)


def _mail(_: int) -> None:
    smtp.deliver()


def _webhooks(_: int) -> None:
    webhook_sending.deliver()


TASKS: Mapping[str, Callable[[int], None]] = {
    "backfill": backfill_run.take_turn,
    "dispatch": _dispatch,
    "drain": _drain,
    "drain_urgent": _drain_urgent,
    "mail": _mail,
    "open_items": open_items.take_turn,
    "registration": recovery.take_turn,
    "relation_import": relation_import.take_turn,
    "relation_sync": relation_sync.take_turn,
    "tally": tallying.take_turn,
    "waiting_invoices": waiting_sends.take_turn,
    "webhooks": _webhooks,
}
