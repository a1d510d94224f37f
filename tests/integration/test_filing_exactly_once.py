"""Each declaration is delivered once: lost answers, killed workers, two workers.

Every guard has a test that goes wrong without it.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import delete, select

from core.domain.clock import utcnow
from core.domain.errors import LeaseLost
from core.net.departures import departed
from core.net.http import probe
from core.plugin.engine import Lease, remote_write
from core.runtime import jobs
from core.runtime.database import session, shared_now
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from core.services.operations import restores
from plugins.accountview.route import NAME as AUTOREPORT
from plugins.belastingdienst.channels.digipoort.channel import Digipoort
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.filing import filings
from plugins.belastingdienst.models import Evidence, Filing
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.sending import delivery, turn
from plugins.belastingdienst.sending.delivery import Attempt, Delivery
from plugins.belastingdienst.sending.turn import HeldFiling
from tests.integration.filing_world import MONTHS, REFERENCES, Files

CHANNELS = (AUTOREPORT, DIGIPOORT)


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    """No listener is left behind."""
    yield
    probe.listener = None


def in_child(task: Callable[[], None], listener: Callable[[str], None]) -> bool:
    """Run a task in a process of its own; tell whether it lived to the end."""
    db.session.remove()
    db.engine.dispose()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            probe.listener = listener
            task()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == 0, "the worker failed by itself"
    return True


def kill_at(point: int) -> Callable[[str], None]:
    """A listener that kills its own process at the n-th point."""
    seen = count()

    def listener(_: str) -> None:
        if next(seen) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return listener


def work(filing_id: int) -> None:
    jobs.run_task(filings.TASK, filing_id)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHANNELS)
def test_one_delivery_wherever_the_worker_is_killed(files: Files, kind: str) -> None:
    """Between save and call, in the call, after it, and at every commit."""
    administration = files.administration(kind)
    points: list[str] = []
    first = files.approved(administration, MONTHS[0])
    probe.listener = points.append
    work(first)
    probe.listener = None
    assert any(point.startswith("before ") for point in points)
    assert sum(point == "before commit" for point in points) >= 4, points
    ids = [first]
    for number in range(len(points)):
        filing_id = files.approved(administration, MONTHS[number + 1])
        ids.append(filing_id)
        survived = in_child(lambda one=filing_id: work(one), kill_at(number))
        assert not survived, f"point {number} ({points[number]}) was not reached"
        for _ in range(6):
            if files.stage(filing_id)[0] not in turn.WORKING:
                break
            files.let_time_pass(filing_id)
            files.work(filing_id)
        if files.stage(filing_id) == (FilingStage.STOPPED, "delivery_absent"):
            assert files.row(filing_id).reference not in _references(files, kind)
            filings.resend(files.row(filing_id), user_id=files.user.id)
            session().commit()
            files.work(filing_id, rounds=2)
    files.work(*ids, rounds=2)
    stages = {one: files.stage(one) for one in ids}
    assert stages == dict.fromkeys(ids, (FilingStage.ACCEPTED, ""))
    counted = Counter(_references(files, kind))
    assert counted == Counter(files.row(one).reference for one in ids)
    assert all(keeping.verify(files.row(one)).is_whole for one in ids)


def _references(files: Files, kind: str) -> list[str]:
    return [one[REFERENCES[kind]] for one in files.arrived(kind)]


def both_at_once(files: Files, filing_id: int) -> None:
    """Let two workers have the same declaration, both before either delivers."""
    session().rollback()
    files.make_due(filing_id)
    barrier = threading.Barrier(2)

    def one() -> None:
        with files.app.app_context(), system_scope():
            barrier.wait(10)
            try:
                work(filing_id)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


@pytest.fixture
def slow_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both workers get to the delivery before one of them delivers."""
    meeting = threading.Barrier(2)
    deliver = Digipoort.deliver

    def slow(self: Digipoort, message: object) -> object:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(1.5)
        return deliver(self, message)  # type: ignore[arg-type]

    monkeypatch.setattr(Digipoort, "deliver", slow)


@pytest.mark.usefixtures("slow_delivery")
def test_two_workers_deliver_one(files: Files) -> None:
    filing_id = files.approved(files.administration())
    both_at_once(files, filing_id)
    files.work(filing_id, rounds=2)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED
    assert len(files.arrived()) == 1


@pytest.mark.usefixtures("slow_delivery")
def test_without_the_lease_two_workers_deliver_two(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing_id = files.approved(files.administration())
    both_have_it = threading.Barrier(2)

    def no_lease(filing_id: int) -> HeldFiling:
        row = session().get_one(Filing, filing_id)
        own = Lease(turn.FILINGS, row, row.lease_token, utcnow(), row.attempt)
        held = turn._held(own)
        both_have_it.wait(10)
        return held

    monkeypatch.setattr(turn, "take", no_lease)
    both_at_once(files, filing_id)
    assert len(files.arrived()) == 2


def killed_after_the_call(files: Files, filing_id: int) -> None:
    """The worker dies when the answer has come and before it is saved."""

    def deliver_and_die(self: Digipoort, message: object) -> object:
        original(self, message)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGKILL)

    original = Digipoort.deliver

    def task() -> None:
        Digipoort.deliver = deliver_and_die  # type: ignore[method-assign,assignment]
        work(filing_id)

    assert not in_child(task, lambda _: None)


def test_a_worker_killed_with_the_answer_in_hand(files: Files) -> None:
    filing_id = files.approved(files.administration())
    killed_after_the_call(files, filing_id)
    assert files.row(filing_id).sent_at is not None
    files.let_time_pass(filing_id)
    files.work(filing_id, rounds=2)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED
    assert len(files.arrived()) == 1


def test_without_the_saved_attempt_it_is_delivered_twice(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing_id = files.approved(files.administration())
    save = HeldFiling.save

    def only_after(self: HeldFiling, attempt: Attempt) -> None:
        if attempt.receipt is not None:
            save(self, attempt)

    monkeypatch.setattr(HeldFiling, "save", only_after)
    killed_after_the_call(files, filing_id)
    files.let_time_pass(filing_id)
    files.work(filing_id)
    assert len(files.arrived()) == 2


def test_a_worker_that_slept_writes_nothing_and_sends_nothing(files: Files) -> None:
    filing_id = files.approved(files.administration())
    slept = turn.take(filing_id)
    assert slept is not None
    files.let_time_pass(filing_id)
    files.work(filing_id, rounds=2)
    attempt = replace(slept.attempt, sent_at=files.row(filing_id).created_at)
    session().rollback()
    with pytest.raises(LeaseLost):
        slept.save(attempt)
    assert len(files.arrived()) == 1


def test_a_worker_that_slept_after_saving_does_not_send(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another may look it up by now, so it stays unknown rather than be sent."""
    filing_id = files.approved(files.administration())
    clock = count(0, 60)
    monkeypatch.setattr(remote_write, "monotonic", lambda: next(clock))
    files.work(filing_id)
    monkeypatch.undo()
    assert files.arrived() == []
    for _ in range(3):
        files.let_time_pass(filing_id)
        files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.STOPPED, "delivery_absent")


def test_two_of_a_kind_never_pass_together(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lost answers of one kind and taxpayer could not be told apart."""
    administration = files.administration()
    ids = [files.approved(administration, month) for month in MONTHS[:2]]
    files.sandbox.fault("drop_after", path="aanleverservice")
    files.sandbox.control("options", {"pace": 3600})
    files.work(*ids, rounds=3)
    stages = [files.stage(one)[0] for one in ids]
    assert stages.count(FilingStage.DELIVERED) >= 1
    assert all(files.stage(one)[1] != "delivery_ambiguous" for one in ids)
    others = [files.approved(administration, month) for month in MONTHS[2:4]]
    monkeypatch.setattr(turn, "_refuse_beside_unknown", lambda _id: None)
    files.work(*others)
    files.work(*others)
    assert {files.stage(one)[1] for one in others} == {"delivery_ambiguous"}


def test_the_attempt_is_saved_before_the_call(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing_id = files.approved(files.administration())
    seen: list[bool] = []

    def look(self: Digipoort, _message: object) -> object:
        with db.engine.connect() as other:
            found = select(Filing.sent_at).where(Filing.id == filing_id)
            seen.append(other.execute(found).scalar_one() is not None)
        departed()
        raise delivery.OutcomeUnknown("outcome_unknown")

    monkeypatch.setattr(Digipoort, "deliver", look)
    files.work(filing_id)
    assert seen == [True]
    assert files.kinds(filing_id) == ["message"]


def restored_to_before_the_send(filing_id: int) -> None:
    """The database is of right after the approval."""
    row = session().get_one(Filing, filing_id)
    row.stage, row.code, row.sent_at, row.misses = FilingStage.APPROVED, "", None, 0
    row.delivery_reference, row.delivered_at = "", None
    session().execute(delete(Evidence).where(Evidence.filing_id == filing_id))
    session().commit()
    restores.begin(shared_now())
    session().commit()


@pytest.mark.parametrize("kind", [AUTOREPORT, DIGIPOORT])
def test_after_a_restore_a_declaration_is_found(files: Files, kind: str) -> None:
    """By our reference, which the backup has; nothing is delivered again."""
    filing_id = files.approved(files.administration(kind))
    files.work(filing_id)
    known = files.row(filing_id).delivery_reference
    restored_to_before_the_send(filing_id)
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.DELIVERED, "")
    assert files.row(filing_id).delivery_reference == known
    assert len(files.arrived(kind)) == 1


@pytest.mark.parametrize("kind", [AUTOREPORT, DIGIPOORT])
@pytest.mark.parametrize("guarded", [True, False])
def test_after_a_restore_an_unknown_one_goes_only_by_a_person(
    files: Files, monkeypatch: pytest.MonkeyPatch, kind: str, guarded: bool
) -> None:
    """It may have been prepared anew after the backup, under another reference."""
    restores.begin(shared_now())
    session().commit()
    if not guarded:
        monkeypatch.setattr(Delivery, "lost_since", lambda _: None)
    filing_id = files.approved(files.administration(kind))
    files.work(filing_id)
    assert (files.arrived(kind) == []) is guarded
    if guarded:
        stopped = (FilingStage.STOPPED, "filing_after_restore")
        assert files.stage(filing_id) == stopped
        filings.resend(files.row(filing_id), user_id=files.user.id)
        session().commit()
        files.work(filing_id)
        assert len(files.arrived(kind)) == 1
