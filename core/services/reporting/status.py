"""The status dots: from facts to a colour, a reason and an action. Pure.

A dot never stands alone: it has a text, why it is so, and what the user can do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.errors import ClientRefused
from core.models import Connection, ConnectionState
from core.models.connection import FACT_WARNING

LATE = timedelta(minutes=90)
"""A run this long overdue means that nothing works for us (manual 004: hourly)."""
ASKS = ("relations_preview_needed",)
"""Codes of a run that waits for a person."""


class Dot(StrEnum):
    """The colour; each has a word that stands beside it."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True)
class Facts:
    """What a dot is derived from."""

    state: ConnectionState
    enabled: bool = True
    reason: str = ""
    last_run_error: str = ""
    next_run_at: datetime | None = None
    not_before: datetime | None = None
    warning: str = ""
    """Code of what the plugin warns of: all works, but not for long."""


@dataclass(frozen=True)
class Status:
    """A dot with the codes of its text (`core.texts`) and of the error behind it."""

    dot: Dot
    code: str
    cause: str = ""
    """Code of the error that led to it; empty when there is none."""


def facts_of(connection: Connection) -> Facts:
    """Return the facts of a connection."""
    return Facts(
        state=connection.state,
        enabled=connection.enabled,
        reason=connection.reason,
        last_run_error=connection.last_run_error,
        next_run_at=connection.next_run_at,
        not_before=connection.not_before,
        warning=str(connection.facts.get(FACT_WARNING, "")),
    )


def status(facts: Facts, now: datetime) -> Status:
    """Derive the dot; the gravest fact wins."""
    if not facts.enabled:
        return Status(Dot.GREY, "status_switched_off")
    if facts.state != ConnectionState.CONNECTED:
        return _not_connected(facts)
    if facts.last_run_error in ASKS:
        return Status(Dot.AMBER, "status_asks", facts.last_run_error)
    if facts.last_run_error:
        return Status(Dot.AMBER, "status_run_failed", facts.last_run_error)
    if facts.not_before is not None and facts.not_before > now:
        return Status(Dot.AMBER, "status_waiting")
    if facts.next_run_at is not None and facts.next_run_at + LATE < now:
        return Status(Dot.AMBER, "status_late")
    if facts.warning:
        return Status(Dot.AMBER, "status_warning", facts.warning)
    return Status(Dot.GREEN, "status_connected")


def _not_connected(facts: Facts) -> Status:
    if facts.state == ConnectionState.ENDED:
        return Status(Dot.GREY, "status_ended", facts.reason)
    if facts.state == ConnectionState.PAUSED:
        if facts.reason == ClientRefused.CODE:
            return Status(Dot.AMBER, "status_held", facts.reason)
        return Status(Dot.RED, "status_paused", facts.reason)
    failed = facts.last_run_error
    if failed:
        return Status(Dot.RED, "status_not_made", failed)
    return Status(Dot.GREY, "status_new")
