"""What must still hold right before each write, guard by guard.

Each is also switched off, and what it keeps away then happens.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, true, update

from core.domain.errors import AskUser, LeaseLost, RetryLater, WaitUntil
from core.domain.packages import Booked
from core.domain.relations import RelationData
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    Step,
    StepState,
    Tenant,
    Transfer,
)
from core.models.base import Base
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope
from core.services.syncing import relation_stretch
from core.services.transfer import drain, leases, orders, outcome, statements
from core.services.transfer.journal import Job
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.sending import turn
from tests.integration import relation_world
from tests.integration.filing_world import Files
from tests.integration.relation_world import MadeUp
from tests.integration.world import FakeSender, World

LATER = timedelta(minutes=10)


# --- the fence: attempt and token -----------------------------------------------------


@pytest.fixture
def statement_guards(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Guards of `statements` can be replaced: what was built of them is forgotten."""
    _forget_statements()
    yield monkeypatch
    monkeypatch.undo()
    _forget_statements()


def _forget_statements() -> None:
    for built in (statements.start, statements.held, statements.settle):
        built.cache_clear()


def _fence_off(patch: pytest.MonkeyPatch) -> None:
    """Let any worker write while somebody is sending, as if there were no fence."""
    id_, _token, _attempt, sending = statements._LEASE
    patch.setattr(statements, "_LEASE", (id_, sending))
    _forget_statements()


@contextmanager
def _slept(world: World) -> Iterator[tuple[Job, Job]]:
    """A job whose worker slept, and the job of the worker that is still at it."""
    world.read(world.order(1, email="a@b.nl"))
    first = leases.take_batch()
    assert first is not None
    orders.attach(first.jobs)
    with time_machine.travel(datetime.now(UTC) + LATER, tick=True):
        second = leases.take_batch()
        assert second is not None
        orders.attach(second.jobs)
        yield first.jobs[0], second.jobs[0]


Late = Callable[[World, Job], None]


def _sends(world: World, job: Job) -> None:
    FakeSender(world.package).send(job)


def _says_failed(_world: World, job: Job) -> None:
    outcome.failed(job, AskUser("late"))


def _says_done(_world: World, job: Job) -> None:
    outcome.done(job, Booked("late"))


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("late", [_sends, _says_failed, _says_done])
def test_a_worker_that_slept_writes_nothing_while_another_sends(
    world: World, statement_guards: pytest.MonkeyPatch, late: Late, guarded: bool
) -> None:
    with _slept(world) as (slept, _working):
        if not guarded:
            _fence_off(statement_guards)
        with suppress(LeaseLost):
            late(world, slept)
        is_untouched = world.state(1)[0] == "sending" and not world.package.calls
    assert is_untouched is guarded


@pytest.mark.parametrize("guarded", [True, False])
def test_a_refusal_that_comes_late_does_not_undo_what_another_sent(
    world: World, statement_guards: pytest.MonkeyPatch, guarded: bool
) -> None:
    """A step marked as refused is sent again without a look-up: the double booking."""
    with _slept(world) as (slept, working):

        def refused(_reference: str) -> Any:
            _prepared_by(working)
            if not guarded:
                _fence_off(statement_guards)
            raise RetryLater("late")

        held = slept.hold
        slept.hold = lambda: None  # type: ignore[method-assign]  # it slept afterwards
        slept.still_ours = lambda: None  # type: ignore[method-assign]

        def late(reference: str) -> Any:
            slept.hold = held  # type: ignore[method-assign]
            return refused(reference)

        with suppress(LeaseLost, RetryLater):
            slept.write(
                "document", reference=lambda: "R", send=late, find=lambda *_: None
            )
        state = session().scalar(select(Step.state).order_by(Step.id))
    assert (state == StepState.PREPARED) is guarded


def _prepared_by(job: Job) -> None:
    """Let the other worker be about to send the same step."""
    with transaction() as current:
        current.execute(update(Step).values(state=StepState.PREPARED))
        job.hold()


# --- what the package must still be ---------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What somebody does in the middle."""

    model: type[Base]
    values: dict[str, Any]

    def make(self, key: int) -> None:
        with transaction() as current:
            own = update(self.model).where(self.model.id == key)  # type: ignore[attr-defined]
            current.execute(
                own.values(**self.values).execution_options(synchronize_session=False)
            )


CHANGES = {
    "connected anew": Change(Connection, {"version": Connection.version + 1}),
    "authentication lost": Change(Connection, {"state": ConnectionState.PAUSED}),
    "plugin switched off": Change(Connection, {"enabled": False}),
    "tenant ended": Change(Tenant, {"active": False}),
}
OF_A_COUPLING = {
    "coupling switched off": Change(Coupling, {"enabled": False}),
    "licence over": Change(Coupling, {"licensed": False}),
}


def _key(change: Change, connection_id: int, tenant_id: int, coupling_id: int) -> int:
    keys = {Connection: connection_id, Tenant: tenant_id, Coupling: coupling_id}
    return keys[change.model]  # type: ignore[index]


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("point", ["debtor", "document"])
@pytest.mark.parametrize("what", [*CHANGES, *OF_A_COUPLING])
def test_nothing_more_of_a_document_goes_after_a_change(
    world: World,
    statement_guards: pytest.MonkeyPatch,
    what: str,
    point: str,
    guarded: bool,
) -> None:
    change = (CHANGES | OF_A_COUPLING)[what]
    if not guarded:
        statement_guards.setattr(statements, "_ALIVE", true())
        _forget_statements()
    tenant_id = world.coupling.tenant_id
    session().rollback()

    def happens(*_: Any) -> None:
        change.make(_key(change, world.target_id, tenant_id, world.coupling_id))

    if point == "debtor":
        statement_guards.setattr(FakeSender, "prepare", happens)
    else:
        world.package.faults = [happens]  # while the debtor is being made
    world.read(world.order(1))
    drain.drain()
    assert (world.package.documents == []) is guarded
    if point == "debtor":
        assert (world.package.debtors == []) is guarded
    if guarded:
        assert world.state(1) == ("queued", "changed_meanwhile")


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("what", CHANGES)
def test_no_more_relations_go_after_a_change(
    app: Flask, monkeypatch: pytest.MonkeyPatch, what: str, guarded: bool
) -> None:
    package = MadeUp()
    change, create = CHANGES[what], package.create

    def happens(*args: Any) -> Any:
        made = create(*args)
        change.make(_key(change, world.connection_id, world.tenant_id, 0))
        return made

    package.create = happens  # type: ignore[method-assign]
    if not guarded:
        monkeypatch.setattr(relation_stretch.Stretch, "_is_same", lambda _: True)
    with system_scope(), relation_world.made_up(package) as world:
        for number in ("1", "2"):
            world.save(RelationData(False, "Jansen", debtor_number=number))
        world.choose(out=True)
        relation_world.jobs.run_task("relation_sync", world.connection_id)
    assert package.writes == (1 if guarded else 2)


@pytest.mark.parametrize("guarded", [True, False])
def test_no_declaration_goes_after_its_administration_was_switched_off(
    files: Files, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    filing_id = files.approved(files.administration())
    plain = turn._refuse_beside_unknown
    if not guarded:
        monkeypatch.setattr(turn, "_check_still_ready", lambda _: None)

    def happens(key: int) -> None:
        session().execute(
            update(Administration)
            .values(enabled=False)
            .execution_options(synchronize_session=False)
        )
        plain(key)

    monkeypatch.setattr(turn, "_refuse_beside_unknown", happens)
    before = len(files.arrived())
    files.work(filing_id)
    assert (len(files.arrived()) == before) is guarded
    if guarded:
        assert files.stage(filing_id) == (FilingStage.STOPPED, "administration_off")


def test_what_waits_after_a_change_goes_on_by_the_new_settings(world: World) -> None:
    world.package.faults = [
        lambda: CHANGES["connected anew"].make(world.target_id),
    ]
    world.read(world.order(1))
    drain.drain()
    with time_machine.travel(datetime.now(UTC) + LATER, tick=True):
        drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]
    assert world.package.debtors == ["klant1@example.com"]
    assert session().scalar(select(Transfer.state)) == "done"


def test_waiting_is_not_counted_as_a_failure(world: World) -> None:
    world.read(world.order(1))
    batch = leases.take_batch()
    assert batch is not None
    orders.attach(batch.jobs)
    CHANGES["connected anew"].make(world.target_id)
    with pytest.raises(WaitUntil):
        FakeSender(world.package).send(batch.jobs[0])
    outcome.failed(batch.jobs[0], WaitUntil("changed_meanwhile", seconds=2))
    assert session().scalar(select(Transfer.failures)) == 0
