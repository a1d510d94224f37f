"""A simulated vendor's day begins when ours does, an hour or two before UTC's."""

from datetime import UTC, date, datetime

import pytest

from core.kit.sandbox import clock


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 28, 22, 59, tzinfo=UTC), date(2026, 11, 28)),
        (datetime(2026, 11, 28, 23, 0, tzinfo=UTC), date(2026, 11, 29)),
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), date(2026, 8, 1)),
    ],
)
def test_the_vendors_day(
    monkeypatch: pytest.MonkeyPatch, moment: datetime, day: date
) -> None:
    monkeypatch.setattr(clock, "utcnow", lambda: moment)
    assert clock.SandboxClock().today() == day
