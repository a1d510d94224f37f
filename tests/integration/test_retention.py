"""How long rows are kept: by the clock, each table with a line of its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from core.main.tasks import PARTS
from core.models import (
    ActorKind,
    Base,
    InboxEvent,
    InboxState,
    LogEntry,
    Mark,
    ProblemReport,
    RequestState,
    Step,
    StepState,
    Tenant,
)
from core.models.base import UtcDateTime
from core.rules.log_subjects import Subject
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.log import AppendOnly
from core.runtime.tenancy import system_scope
from core.services.operations import cleaning, retention
from core.services.operations.retention import RULES, Expires, Stays, Swept
from core.services.transfer import drain
from tests.integration.world import World

NOW = datetime(2040, 6, 1, 12, tzinfo=UTC)
SYSTEM, USER = ActorKind.SYSTEM, ActorKind.USER


@pytest.mark.usefixtures("app")
def test_each_table_of_the_core_with_a_moment_has_a_line() -> None:
    """A new table is red here: say in RULES how long its rows are kept."""
    core = {
        mapper.local_table.description
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("core.")
    }
    timed = {
        name
        for name, table in Base.metadata.tables.items()
        if name in core and any(isinstance(one.type, UtcDateTime) for one in table.c)
    }
    assert {rule.table for rule in RULES} == timed
    ends = [rule.table for rule in RULES if not isinstance(rule, Expires)]
    assert len(ends) == len(set(ends))
    assert all(rule.why for rule in RULES if isinstance(rule, Stays))


def test_what_lets_rows_go_is_called_by_the_clock() -> None:
    assert retention.PART in PARTS
    by_notices = {"mail", "notice"}  # `notices.tick`
    for rule in RULES:
        if isinstance(rule, Swept) and rule.table not in by_notices:
            assert rule.by in cleaning.SWEEPS, rule.table


def _entry(age: float, subject: Subject, actor: ActorKind, **more: Any) -> int:
    """Add an entry of some days ago; return its id."""
    current = session()
    row = LogEntry(
        tenant_id=current.scalars(select(Tenant.id)).first(),
        at=NOW - timedelta(days=age),
        code="x",
        subject=subject,
        actor=actor,
        **more,
    )
    current.add(row)
    current.flush()
    return row.id


def _run(now: datetime = NOW) -> None:
    retention.PART.run(now)
    session().expunge_all()


def _left() -> set[int]:
    with system_scope():
        return set(session().scalars(select(LogEntry.id)))


@pytest.fixture
def tenant(app: Flask) -> int:
    with system_scope(), transaction() as current:
        row = Tenant(name="De Fietsenmaker")
        current.add(row)
        current.flush()
        return row.id


@pytest.mark.usefixtures("tenant")
def test_entries_go_after_ninety_days_a_year_or_with_the_law() -> None:
    years = retention.LAW.days
    with system_scope(), transaction():
        gone = {
            _entry(91, Subject.ORDER, SYSTEM),
            _entry(366, Subject.ACCESS, USER),
            _entry(years + 1, Subject.INVOICE, USER),
            _entry(400, Subject.LOGIN, ActorKind.VISITOR),
        }
        kept = {
            _entry(89, Subject.ORDER, SYSTEM),
            _entry(91, Subject.ORDER, USER),
            _entry(364, Subject.EXPORT, ActorKind.OPERATOR),
            _entry(years - 1, Subject.INVOICE, SYSTEM),
            _entry(years - 1, Subject.DECLARATION, USER),
            _entry(3000, Subject.CONFIGURATION, USER),
            _entry(3000, Subject.LICENCE, SYSTEM),
        }
    assert years > 10 * 365 + 365
    assert _left() == gone | kept
    _run()
    assert _left() == kept


@pytest.mark.usefixtures("tenant")
def test_the_guard_of_the_log_still_refuses_everybody_else() -> None:
    with system_scope(), transaction():
        _entry(5000, Subject.ORDER, SYSTEM)
        with pytest.raises(AppendOnly):
            session().execute(delete(LogEntry))
        other = {log._FORGETS: True}
        with pytest.raises(AppendOnly):  # what allows emptying allows no deleting
            session().execute(delete(LogEntry), execution_options=other)


@pytest.mark.usefixtures("tenant")
def test_a_long_table_takes_several_rounds_and_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "MOST_BATCHES", 2)
    with system_scope(), transaction():
        ids = [_entry(100, Subject.ORDER, SYSTEM) for _ in range(5)]
    _run()
    assert _left() == {ids[4]}
    _run()  # not yet time
    assert _left() == {ids[4]}
    _run(NOW + retention.EVERY)
    assert _left() == set()
    with system_scope(), transaction():
        late = _entry(100, Subject.ORDER, SYSTEM)
    _run(NOW + 2 * retention.EVERY)
    assert _left() == {late}  # it rests at its end
    _run(NOW + 2 * retention.EVERY + retention.REST)
    assert _left() == set()


@pytest.mark.usefixtures("tenant")
def test_one_rule_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = retention.walk

    def broken(rule: Expires, now: datetime) -> None:
        if rule.name == "log":
            raise RuntimeError
        walk(rule, now)

    monkeypatch.setattr(retention, "walk", broken)
    with system_scope(), transaction():
        stays = _entry(100, Subject.ORDER, SYSTEM)
        _entry(400, Subject.LOGIN, USER)
    _run()
    assert _left() == {stays}


def test_bodies_and_hints_go_and_what_is_open_stays(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    old, fresh = NOW - timedelta(days=31), NOW - timedelta(days=29)
    with system_scope(), transaction() as current:
        step = current.scalars(select(Step)).first()
        assert step is not None
        step.sent_at, step.exchange = old, "POST /x"
        tenant_id, state = step.tenant_id, step.state
        for name, at, of in (
            ("gone", old, InboxState.DONE), ("new", old, InboxState.NEW),
            ("fresh", fresh, InboxState.DONE),
        ):  # fmt: skip
            current.add(
                InboxEvent(tenant_id=tenant_id, connection_id=world.shop_id, kind="o",
                           event_id=name, source_id=name, received_at=at, state=of)
            )  # fmt: skip
        for of in RequestState:
            current.add(
                ProblemReport(tenant_id=tenant_id, message=of, state=of, content={},
                              created_at=NOW - timedelta(days=366))
            )  # fmt: skip
    _run()
    with system_scope():
        step = session().scalars(select(Step)).first()
        assert step is not None
        assert (step.exchange, step.state) == ("", state)
        assert state == StepState.CONFIRMED
        hints = set(session().scalars(select(InboxEvent.event_id)))
        assert {"new", "fresh"} <= hints
        assert "gone" not in hints
        left = set(session().scalars(select(ProblemReport.message)))
        assert left == {RequestState.OPEN, RequestState.ANSWERED}
        assert session().get(Mark, "retention exchanges") is not None
