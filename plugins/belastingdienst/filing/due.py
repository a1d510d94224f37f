"""What the dispatcher looks after: due declarations, readings, reminders, evidence."""

from datetime import datetime

from core.plugin.capabilities import DueWork
from core.plugin.database import shared_now, transaction
from core.plugin.engine import rounds
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.figures import reading
from plugins.belastingdienst.filing import (
    certificate_reminders,
    oss_reading,
    oss_reminders,
    reminders,
    run,
    small_business,
    taxonomy_alarms,
    watch_times,
    watching,
)

TASK, QUEUE = "belastingdienst.remind", "bulk"


def remind() -> None:
    """Once an hour remind, alarm the operator, forget what is over, and see that filed
    periods stay watched (task body).

    Administrations need no connection (their figures may be our own invoices), so
    `on_schedule`, which is about connections, would miss them.
    """
    now = shared_now()
    if reminders.tick(now):
        certificate_reminders.remind(now)
        small_business.tick(now)
        oss_reminders.remind_all(now)
        with transaction():
            taxonomy_alarms.tell_operator(now.date())
        with transaction():
            keeping.forget(now)
        with transaction():
            watch_times.plan(now)
        watching.look_again()


def _due(now: datetime) -> list[int]:
    return [0] * rounds.is_time(reminders.MARK, reminders.EVERY, now)


KINDS = (run.DUE, reading.DUE, oss_reading.DUE, DueWork(TASK, QUEUE, _due))
