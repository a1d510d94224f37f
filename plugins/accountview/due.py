"""What the dispatcher looks after: due declarations, readings, reminders, evidence."""

from datetime import datetime

from core.plugin.database import transaction
from plugins.accountview import evidence, filing_run, reading, reminders


def wake(now: datetime) -> None:
    """Wake what is due; once an hour remind, and forget what is over seven years old.

    Administrations need no connection (their figures may be our own invoices), so
    `on_schedule`, which is about connections, would miss them.
    """
    filing_run.wake_due(now)
    reading.wake_due()
    if reminders.tick(now):
        with transaction():
            evidence.forget(now)
