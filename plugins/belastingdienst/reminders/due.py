"""What the dispatcher looks after: due declarations, readings, reminders, evidence."""

from collections.abc import Callable, Mapping
from datetime import datetime

from core.plugin.capabilities import DueWork
from core.plugin.database import shared_now, transaction
from core.plugin.engine import rounds
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.figures import reading
from plugins.belastingdienst.oss import reading as oss_reading
from plugins.belastingdienst.oss import reminders as oss_reminders
from plugins.belastingdienst.reminders import certificates, deadlines, taxonomies
from plugins.belastingdienst.sales import small_business
from plugins.belastingdienst.sending import run
from plugins.belastingdienst.watching import changes, times

TASK, QUEUE = "belastingdienst.remind", "bulk"


def remind() -> None:
    """Once an hour remind, alarm the operator, forget what is over, and see that filed
    periods stay watched (task body).

    Administrations need no connection (their figures may be our own invoices), so
    `on_schedule`, which is about connections, would miss them.
    """
    now = shared_now()
    if deadlines.tick(now):
        for name, part in PARTS.items():
            with rounds.alone(f"declarations: {name}"):
                part(now)


def _tell_operator(now: datetime) -> None:
    with transaction():
        taxonomies.tell_operator(now.date())


def _forget(now: datetime) -> None:
    with transaction():
        keeping.forget(now)


def _plan(now: datetime) -> None:
    with transaction():
        times.plan(now)


PARTS: Mapping[str, Callable[[datetime], None]] = {
    "certificates": certificates.remind,
    "small business": small_business.tick,
    "one stop shop": oss_reminders.remind_all,
    "taxonomies": _tell_operator,
    "evidence": _forget,
    "filed periods to read": _plan,
    "filed periods that changed": lambda _now: changes.look_again(),
}
"""Once an hour after the deadlines; one that fails keeps none of the others."""


def _due(now: datetime) -> list[int]:
    return [0] * rounds.is_time(deadlines.MARK, deadlines.EVERY, now)


KINDS = (run.DUE, reading.DUE, oss_reading.DUE, DueWork(TASK, QUEUE, _due))
