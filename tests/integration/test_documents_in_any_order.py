"""Whatever befalls documents, in any order: each stands in its package at most once.

A state machine draws what happens: orders come in, workers take them, are killed at any
commit or call, lose answers or are refused; people set documents aside, put them back,
press *Verwerk*, switch off; a backup is put back. After each step every row must be in
a state that makes sense; in the end all that was not set aside is booked, once.

`DOCUMENT_EXAMPLES` draws more than the few of each run.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.main.app import create_app
from core.models import (
    Connection,
    ConnectionState,
    InboxEvent,
    InboxState,
    RestorePoint,
    Step,
    StepState,
    Transfer,
    TransferState,
)
from core.net.http import probe
from core.plugin.engine import lease, remote_write
from core.runtime.database import session
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.operations import restores
from core.services.transfer import drain, leases, setting_aside, transfers
from core.services.transfer.journal import StepWrite
from core.services.transfer.setting_aside import Aside, Said
from tests.database import empty_database
from tests.integration.world import Late, Package, World, after, before, made_up

EXAMPLES = int(os.environ.get("DOCUMENT_EXAMPLES", "20"))
SETTINGS = hypothesis_settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
FAULTS = {
    "none": None,
    "answer lost": after,
    "lost, nothing written": before(OutcomeUnknown("outcome_unknown")),
    "written, then a fault": Late(OutcomeUnknown("remote_fault")),
    "out of reach": before(RetryLater("remote_unreachable", service="pack")),
    "later": before(WaitUntil("rate_limited", seconds=30.0)),
    "refused": before(AskUser("vat_number_invalid")),
    "logged out": before(AuthenticationLost("authentication_lost", service="pack")),
}
PAUSES = (1, 20, 150, 2000, 100_000)
"""Seconds: a moment, a look-up, a lease, half an hour, more than a day."""
ROUNDS = 14
"""So often at most all is tried again before everything is booked."""
numbers = st.integers(1, 7)


class _Gone(BaseException):
    """The worker's end: nothing that comes after it is done."""


class Documents(RuleBasedStateMachine):
    """One tenant, one package, and all that may happen to its documents."""

    app: Flask
    elapsed = 0.0
    """The monotonic clock, which no jump moves."""
    world: World
    file: Path
    """The database; beside it what it is at the start, and a backup."""

    @initialize()
    def begin(self) -> None:
        """Start with empty books."""
        self.clock = time_machine.travel(datetime(2026, 11, 30, tzinfo=UTC), tick=False)
        self.now = self.clock.start()
        self.placed: set[int] = set()
        self.backup: datetime | None = None
        self.is_restored = False
        package = self.world.package
        package.documents.clear(), package.debtors.clear(), package.faults.clear()
        self._put_back("empty")

    @rule(number=numbers)
    def order_comes(self, number: int) -> None:
        """An order comes in, or is read again; three customers share them all."""
        self.placed.add(number)
        self._read(number)

    @rule(faults=st.lists(st.sampled_from(sorted(FAULTS)), max_size=4))
    def worker_works(self, faults: list[str]) -> None:
        """A worker sends what is due; its calls end so or so."""
        self.world.package.faults = [FAULTS[name] for name in faults]
        drain.drain()
        self.world.package.faults = []

    @rule(point=st.integers(0, 8))
    def worker_sleeps(self, point: int) -> None:
        """A worker sleeps after a commit, and another takes over meanwhile."""
        seen = count()

        def listener(name: str) -> None:
            if name != "after commit" or next(seen) != point:
                return
            probe.listener = None
            for seconds in (60, 150, 150):
                self._wait(seconds)
                with self.app.app_context(), system_scope():
                    drain.drain()
                    db.session.remove()

        probe.listener = listener
        try:
            drain.drain()
        finally:
            probe.listener = None

    @rule(point=st.integers(0, 25))
    def worker_is_killed(self, point: int) -> None:
        """A worker is killed at a commit or a call."""
        seen = count()

        def listener(_: str) -> None:
            if next(seen) >= point:
                raise _Gone

        probe.listener = listener
        try:
            drain.drain()
        except _Gone:
            pass
        finally:
            probe.listener = None
        self._forget()

    @rule()
    def worker_vanishes(self) -> None:
        """A worker takes a batch, and its host is gone."""
        leases.take_batch()
        self._forget()

    @rule(seconds=st.sampled_from(PAUSES))
    def time_passes(self, seconds: int) -> None:
        """Leases run out, look-ups come due."""
        self._wait(seconds)

    @rule(seconds=st.sampled_from((-600, 600)))
    def clock_jumps(self, seconds: int) -> None:
        """It was set wrong, or right again."""
        self.now.shift(timedelta(seconds=seconds))

    @rule(number=numbers)
    def person_sets_aside(self, number: int) -> None:
        """*Negeren*: refused where something of it may have gone."""
        for row in self._rows(number):
            setting_aside.set_aside(row, Said(Aside.IGNORED, "dubbel"))
        session().commit()

    @rule(number=numbers)
    def person_takes_back(self, number: int) -> None:
        """*Terugzetten*."""
        for row in self._rows(number):
            setting_aside.take_back(row)
        session().commit()

    @rule(number=numbers)
    def person_presses_verwerk(self, number: int) -> None:
        """The order is read again first."""
        for row in self._rows(number):
            transfers.retry(row)
        session().commit()

    @rule(enabled=st.booleans())
    def package_is_switched(self, enabled: bool) -> None:
        """What is to go to one that is off waits."""
        session().get_one(Connection, self.world.target_id).enabled = enabled
        session().commit()

    @rule()
    def person_logs_in_again(self) -> None:
        """The package can be used again; what was under way sees a new version."""
        target = session().get_one(Connection, self.world.target_id)
        target.state, target.reason = ConnectionState.CONNECTED, ""
        target.version += 1
        session().commit()

    @rule()
    def backup_is_made(self) -> None:
        """The copy has the row that says what it is."""
        self.backup = utcnow()
        point = RestorePoint(taken_at=self.backup, alive_until=self.backup)
        session().add(point)
        session().commit()
        self._copy(self.file, self._named("backup"))
        session().merge(point).finished_at = utcnow()
        session().commit()

    @precondition(lambda self: self.backup is not None)
    @rule()
    def backup_is_put_back(self) -> None:
        """What came after it is forgotten here, not at the package.

        Its moment was by a clock that may have been ahead: then a person says when.
        """
        assert self.backup is not None
        self.now.shift(timedelta(seconds=1))
        self._put_back("backup")
        restores.begin(min(self.backup, utcnow()))
        session().commit()
        self.is_restored = True

    @invariant()
    def stands_at_most_once(self) -> None:
        """The package has no document and no debtor twice."""
        package = self.world.package
        made = Counter([*package.documents, *package.debtors])
        doubled = [entry for entry, times in made.items() if times > 1]
        assert not doubled, f"stands twice: {doubled}"

    @invariant()
    def each_row_makes_sense(self) -> None:
        """A row's fields agree with its state."""
        rows = self._rows()
        assert len({row.subject_id for row in rows}) == len(rows)
        for row in rows:
            _check(row, dict(self.world.package.documents))
        session().rollback()

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every order that was read has its document, but for what a restore took."""
        if not self.is_restored:
            known = {row.number for row in self._rows()}
            assert known == {f"W{number}" for number in self.placed}
            session().rollback()

    def teardown(self) -> None:
        """In the end all works: what was not set aside is booked, once."""
        try:
            self._end()
        finally:
            self._forget()
            self.clock.stop()

    def _end(self) -> None:
        self.world.package.faults = []
        self.package_is_switched(True)
        self.person_logs_in_again()
        for _ in range(ROUNDS):
            for number in sorted(self.placed):
                self._read(number)
            self._wait(7200)
            drain.drain()
            self.stands_at_most_once()
            self.each_row_makes_sense()
            for row in (failed := self._in(TransferState.FAILED)):
                transfers.retry(row)
            session().commit()
            if not failed and not self._in(*_MOVING):
                break
        left = self._rows()
        states = {row.number: row.state for row in left if not row.set_aside_at}
        assert set(states.values()) <= {TransferState.DONE}, states
        assert {row.number for row in left} == {f"W{n}" for n in self.placed}
        references = {reference for reference, _ in self.world.package.documents}
        assert {f"R-{number}" for number in states} <= references
        is_open = Step.state.in_((StepState.PREPARED, StepState.UNKNOWN))
        assert session().scalars(select(Step.id).where(is_open)).all() == []

    def _read(self, number: int) -> None:
        """Read an order, as the shop's task does: the messages about it are handled."""
        email = f"klant{number % 3}@example.com"
        session().execute(
            update(InboxEvent)
            .where(InboxEvent.source_id == str(number))
            .values(state=InboxState.DONE)
        )
        self.world.read(self.world.order(number, email=email))

    def _wait(self, seconds: int) -> None:
        Documents.elapsed += seconds
        self.now.shift(timedelta(seconds=seconds))

    def _rows(self, number: int | None = None) -> list[Transfer]:
        session().expire_all()
        query = select(Transfer).order_by(Transfer.id)
        if number is not None:
            query = query.where(Transfer.number == f"W{number}")
        return list(session().scalars(query))

    def _in(self, *states: TransferState) -> list[Transfer]:
        return [row for row in self._rows() if row.state in states]

    def _forget(self) -> None:
        """Let go of the database, as a process does that ends."""
        session().rollback()
        db.session.remove()

    def _named(self, name: str) -> Path:
        return self.file.with_suffix(f".{name}")

    def _put_back(self, name: str) -> None:
        self._copy(self._named(name), self.file)

    def _copy(self, source: Path, target: Path) -> None:
        self._forget()
        db.engine.dispose()  # the last one out writes the log into the file
        shutil.copyfile(source, target)


_MOVING = (TransferState.WAITING, TransferState.QUEUED, TransferState.SENDING)


def _check(row: Transfer, documents: dict[str, str]) -> None:
    is_held = row.lease_until is not None
    assert is_held == (row.state == TransferState.SENDING)
    assert (row.set_aside_at is not None) == (row.state == TransferState.SKIPPED)
    if row.state == TransferState.DONE:
        assert row.external_id
        assert row.booked_at
        assert f"R-{row.number}" in documents
    if row.state in (TransferState.FAILED, TransferState.WAITING):
        assert row.code


@pytest.fixture
def machine(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Make ready, on SQLite: there a file is put back as a backup is."""
    file = tmp_path / "machine.db"
    app = create_app(replace(settings, database_url=f"sqlite:///{file}"))
    write = Package.write

    def killable(self: Package, ledger: list[object], entry: object) -> None:
        probe("before a call")
        write(self, ledger, entry)
        probe("after a call")

    monkeypatch.setattr(Package, "write", killable)
    for module in (remote_write, lease):
        monkeypatch.setattr(module, "monotonic", lambda: Documents.elapsed)
    with app.app_context():
        empty_database()
        with made_up(monkeypatch) as world:
            Documents.app, Documents.world, Documents.file = app, world, file
            session().commit()
            db.session.remove()
            db.engine.dispose()
            shutil.copyfile(file, file.with_suffix(".empty"))
            yield
            probe.listener = None
            db.session.remove()
            db.engine.dispose()


def test_whatever_befalls_documents_each_stands_once(machine: None) -> None:
    run_state_machine_as_test(Documents, settings=SETTINGS)


def _looks_up(documents: Documents) -> None:
    documents.order_comes(1)
    documents.worker_works(["none", "answer lost"])


def _looks_after_a_restore(documents: Documents) -> None:
    documents.backup_is_made()
    documents.order_comes(1)
    documents.worker_works([])
    documents.backup_is_put_back()


def _sleeps(documents: Documents) -> None:
    documents.order_comes(1)
    for point in range(6):
        documents.worker_sleeps(point)
        documents.order_comes(point + 2)


GUARDS = {
    "find": (_looks_up, lambda *_: None),
    "lost_since": (_looks_after_a_restore, lambda _: None),
    "deadline": (_sleeps, lambda _: 1e9),
}


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("guard", GUARDS)
def test_the_machine_sees_a_guard_that_is_off(
    machine: None, monkeypatch: pytest.MonkeyPatch, guard: str, is_on: bool
) -> None:
    befalls, off = GUARDS[guard]
    if not is_on:
        monkeypatch.setattr(StepWrite, guard, off)
    documents = Documents()
    documents.begin()
    befalls(documents)
    with nullcontext() if is_on else pytest.raises(AssertionError, match="twice"):
        documents.teardown()
