"""The core's own RQ tasks."""

from collections.abc import Callable, Mapping

from core.domain.clock import utcnow
from core.runtime.database import session, shared_now
from core.services.api import webhook_sending
from core.services.backfill import backfill_run, backfills
from core.services.crm import relation_import
from core.services.invoicing import open_items
from core.services.linking import schedule
from core.services.mailing import smtp
from core.services.operations import cleaning
from core.services.syncing import relation_sync
from core.services.transfer.drain import drain


def _drain(_: int) -> None:
    drain()


def _drain_urgent(_: int) -> None:
    drain(urgent_only=True)


def _dispatch(_: int) -> None:
    schedule.dispatch()
    cleaning.clean(shared_now())
    session().rollback()
    backfills.wake_due()
    relation_import.wake_due()
    open_items.wake_due()
    relation_sync.wake_due()
    webhook_sending.wake_due(utcnow())


def _mail(_: int) -> None:
    smtp.deliver()


def _webhooks(_: int) -> None:
    webhook_sending.deliver()


TASKS: Mapping[str, Callable[[int], None]] = {
    "backfill": backfill_run.advance,
    "dispatch": _dispatch,
    "drain": _drain,
    "drain_urgent": _drain_urgent,
    "mail": _mail,
    "open_items": open_items.advance,
    "relation_import": relation_import.advance,
    "relation_sync": relation_sync.advance,
    "webhooks": _webhooks,
}
