"""The dots: the gravest fact wins, and each has words."""

from datetime import UTC, datetime, timedelta

import pytest

from core.models import ConnectionState as State
from core.rules.standing import Dot
from core.rules.standing import SideFacts as Facts
from core.rules.standing import side_status as status
from core.texts import TEXTS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)
PAST = NOW - timedelta(hours=3)


@pytest.mark.parametrize(
    ("facts", "dot", "code", "cause"),
    [
        (Facts(State.CONNECTED), Dot.GREEN, "status_connected", ""),
        (Facts(State.CONNECTED, next_run_at=LATER), Dot.GREEN, "status_connected", ""),
        (Facts(State.CONNECTED, not_before=PAST), Dot.GREEN, "status_connected", ""),
        (Facts(State.NEW), Dot.GREY, "status_new", ""),
        (
            Facts(State.NEW, last_run_error="remote_unreachable"),
            Dot.RED, "status_not_made", "remote_unreachable",
        ),
        (Facts(State.NEW, enabled=False), Dot.GREY, "status_switched_off", ""),
        (Facts(State.PAUSED, enabled=False), Dot.GREY, "status_switched_off", ""),
        (
            Facts(State.ENDED, reason="app_uninstalled"),
            Dot.RED, "status_removed", "app_uninstalled",
        ),
        (
            Facts(State.ENDED, reason="ended_by_user"),
            Dot.GREY, "status_ended", "ended_by_user",
        ),
        (
            Facts(State.CONNECTED, not_before=LATER, rests=True),
            Dot.AMBER, "status_rests", "",
        ),
        (
            Facts(State.PAUSED, reason="grant_refused", last_run_error="remote_fault"),
            Dot.RED, "status_paused", "grant_refused",
        ),
        (
            Facts(State.CONNECTED, last_run_error="remote_fault", not_before=LATER),
            Dot.AMBER, "status_run_failed", "remote_fault",
        ),
        (Facts(State.CONNECTED, not_before=LATER), Dot.AMBER, "status_waiting", ""),
        (Facts(State.CONNECTED, next_run_at=PAST), Dot.AMBER, "status_late", ""),
        (
            Facts(State.CONNECTED, warning="calls_run_out"),
            Dot.AMBER, "status_warning", "calls_run_out",
        ),
        (
            Facts(State.CONNECTED, warning="calls_run_out", not_before=LATER),
            Dot.AMBER, "status_waiting", "",
        ),
    ],
)  # fmt: skip
def test_dot(facts: Facts, dot: Dot, code: str, cause: str) -> None:
    found = status(facts, NOW)
    assert (found.dot, found.code, found.cause) == (dot, code, cause)
    assert found.code in TEXTS
