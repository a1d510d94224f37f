"""The work engine's guards, on every use that registers itself.

Each guard is also switched off: what it keeps away then happens.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, true, update

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    LeaseLost,
    OutcomeUnknown,
    RetryLater,
    Stop,
    WaitUntil,
)
from core.domain.packages import Written
from core.domain.relations import RelationData
from core.domain.structured_invoices import Identifier
from core.main import tasks
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    ImportState,
    LineKind,
    Mail,
    Mark,
    RelationImport,
    RelationTrouble,
    Step,
    StepState,
    Tally,
    Tenant,
    TenantPlugin,
    WebhookDelivery,
    WebhookEndpoint,
)
from core.net.departures import departed
from core.plugin.capabilities import DueWork
from core.plugin.engine import (
    DueRows,
    LeasedWork,
    Next,
    RemoteWrite,
    decide,
    decision,
    kinds,
    lease,
    remote_write,
    wake_due,
)
from core.plugin.evidence import digest
from core.rules.sync import CreateOut
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.api import webhook_sending
from core.services.mailing import smtp
from core.services.syncing import relation_sync
from core.services.syncing.relation_lines import Kept, Line
from core.services.syncing.relation_putback_there import Removal, There
from core.services.syncing.relation_write import RecordWrite
from core.services.transfer import journal, leases, orders
from core.services.transfer.journal import StepRow
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.sending import delivery, turn
from plugins.belastingdienst.sending.delivery import Delivery
from plugins.peppol.channel import Outgoing, Receipt
from plugins.peppol.models import PeppolReceived, PeppolSending
from plugins.peppol.sending import run as peppol_run
from plugins.peppol.sending.delivery import PeppolWrite
from plugins.peppol.wire import DocumentKind
from tests.integration import relation_world
from tests.integration.filing_world import Files
from tests.integration.relation_world import MadeUp
from tests.integration.world import World
from tests.invoices import waiting

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVENT = pytest.FixtureRequest


@pytest.fixture
def scope(app: Flask) -> Iterator[Flask]:
    with system_scope():
        yield app


def _connection() -> Connection:
    tenant = Tenant(name="Winkel")
    session().add(tenant)
    session().flush()
    row = Connection(
        tenant_id=tenant.id,
        plugin="eaccounting",
        state=ConnectionState.CONNECTED,
        external_id="x",
    )
    session().add(row)
    session().flush()
    return row


def _stored(row: Any) -> int:
    session().add(row)
    session().commit()
    return int(row.id)


# --- a due row of every kind ----------------------------------------------------------


def a_connection_with_orders(request: EVENT) -> int:
    world: World = request.getfixturevalue("world")
    world.read(world.order(1))
    return world.target_id


def a_mail(request: EVENT) -> int:
    request.getfixturevalue("scope")
    return _stored(Mail(recipient="a@example.com", kind="x", due_at=utcnow()))


def a_message(request: EVENT) -> int:
    request.getfixturevalue("scope")
    tenant_id = _connection().tenant_id
    endpoint = WebhookEndpoint(tenant_id=tenant_id, url="https://x", secret=b"x")
    session().add(endpoint)
    session().flush()
    return _stored(
        WebhookDelivery(
            tenant_id=tenant_id,
            endpoint_id=endpoint.id,
            message_id="m",
            event="x",
            payload="{}",
            due_at=utcnow(),
        )
    )


def a_run(request: EVENT) -> int:
    request.getfixturevalue("scope")
    made = relation_world.made_up(MadeUp())
    world = made.__enter__()
    request.addfinalizer(lambda: made.__exit__(None, None, None))
    world.save(RelationData(False, "Jansen", debtor_number="1"))
    world.choose(out=True)
    return world.connection_id


def an_import(request: EVENT) -> int:
    request.getfixturevalue("scope")
    tenant_id = _connection().tenant_id
    return _stored(
        RelationImport(tenant_id=tenant_id, filename="x", state=ImportState.READING)
    )


def a_coupling(request: EVENT) -> int:
    request.getfixturevalue("scope")
    target = _connection()
    return _stored(
        Coupling(tenant_id=target.tenant_id, target_id=target.id, reads_open_items=True)
    )


def a_closing_count(request: EVENT) -> int:
    coupling = request.getfixturevalue("world").coupling
    due_at = utcnow() - timedelta(minutes=1)
    owned = {"tenant_id": coupling.tenant_id, "coupling_id": coupling.id}
    return _stored(Tally(**owned, due_at=due_at))


def a_waiting_invoice(request: EVENT) -> int:
    request.getfixturevalue("scope")
    return waiting(_connection().tenant_id)


def a_declaration(request: EVENT) -> int:
    files: Files = request.getfixturevalue("files")
    filing_id = files.approved(files.administration())
    files.make_due(filing_id)
    return filing_id


def an_e_invoice(request: EVENT) -> int:
    request.getfixturevalue("scope")
    connection = _connection()
    connection.plugin = "peppol"
    session().add(
        TenantPlugin(tenant_id=connection.tenant_id, plugin="peppol", enabled=True)
    )
    return _stored(
        PeppolSending(
            tenant_id=connection.tenant_id, number="1", reference="R",
            content=b"<x/>", sha256=digest(b"<x/>"), keep_until=NOW.date(),
            due_at=utcnow() - timedelta(minutes=1),
        )
    )  # fmt: skip


def a_received_document(request: EVENT) -> int:
    request.getfixturevalue("scope")
    return _stored(
        PeppolReceived(
            tenant_id=_connection().tenant_id, remote_id="x", receiver="0106:12345678",
            content=b"<x/>", sha256="", chain_hash="", received_at=NOW,
            keep_until=NOW.date(), due_at=utcnow() - timedelta(minutes=1),
        )
    )  # fmt: skip


MAKERS: dict[str, Callable[[EVENT], int]] = {
    "drain": a_connection_with_orders,
    "mail": a_mail,
    "webhooks": a_message,
    "relation_sync": a_run,
    "relation_import": an_import,
    "open_items": a_coupling,
    "tally": a_closing_count,
    "waiting_invoices": a_waiting_invoice,
    "belastingdienst.file": a_declaration,
    "peppol.send": an_e_invoice,
    "peppol.read": a_received_document,
}


@dataclass
class Use:
    """A kind of due work with one row that is due."""

    app: Flask
    rows: DueRows[Any]
    key: int

    def run_out(self) -> None:
        """Let the lease be over."""
        past = utcnow() - timedelta(seconds=1)
        until = {self.rows.columns.until: past}
        with transaction() as current:
            own = update(self.rows.model).where(self.rows.key == self.key)
            current.execute(own.values(**until))


def _leased() -> dict[str, DueRows[Any]]:
    return {
        kind.task: kind.rows for kind in tasks.kinds() if isinstance(kind, LeasedWork)
    }


@pytest.fixture(params=list(MAKERS))
def use(request: pytest.FixtureRequest) -> Use:
    key = MAKERS[request.param](request)
    app = request.getfixturevalue(
        "files" if request.param.startswith("belasting") else "app"
    )
    return Use(getattr(app, "app", app), _leased()[request.param], key)


@pytest.mark.usefixtures("app")
def test_every_kind_that_takes_leases_is_tested_here() -> None:
    same = {"drain_urgent": "drain"}
    assert {same.get(task, task) for task in _leased()} == MAKERS.keys()


# --- leases ---------------------------------------------------------------------------


@pytest.mark.parametrize("guarded", [True, False])
def test_who_lost_the_lease_writes_nothing(
    use: Use, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    mine = use.rows.take(use.key)
    assert mine is not None
    use.run_out()
    assert use.rows.take(use.key) is not None
    if not guarded:
        monkeypatch.setattr(lease.Lease, "hold", lambda _: None)
    try:
        with mine.work() as current:
            current.add(Mark(name="written", read_at=NOW))
    except LeaseLost:
        pass
    assert (session().get(Mark, "written") is None) is guarded


@pytest.mark.parametrize("guarded", [True, False])
def test_two_workers_never_hold_one_row(
    use: Use, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(lease, "is_free", lambda *_: true())
        monkeypatch.setattr(leases, "is_free", lambda *_: true())
    session().rollback()
    # Without the guard one after the other: PostgreSQL's row lock is a second guard.
    together = threading.Barrier(3 if guarded else 1)

    def take(_: int) -> bool:
        with use.app.app_context(), system_scope():
            together.wait(10)
            try:
                return use.rows.take(use.key) is not None
            finally:
                db.session.remove()

    with ThreadPoolExecutor(together.parties) as pool:
        taken = sum(pool.map(take, range(3)))
    assert (taken == 1) is guarded


def test_a_lease_that_ran_out_is_anothers_and_a_new_attempt(use: Use) -> None:
    first = use.rows.take(use.key)
    assert first is not None
    assert use.rows.take(use.key) is None
    use.run_out()
    second = use.rows.take(use.key)
    assert second is not None
    assert second.token != first.token
    if use.rows.columns.attempt:
        assert second.attempt == first.attempt + 1
    first.give_back()  # no longer its own to give
    assert use.rows.take(use.key) is None
    second.give_back()
    third = use.rows.take(use.key)
    assert third is not None


def test_what_is_held_is_not_woken_again(use: Use) -> None:
    now = utcnow() + timedelta(seconds=1)
    assert use.key in use.rows.due_keys(now)
    assert use.rows.take(use.key) is not None
    assert use.key not in use.rows.due_keys(now)


# --- sending --------------------------------------------------------------------------


class Outside:
    """Takes whatever is sent, by any of the ways."""

    sock = True

    def __init__(self) -> None:
        self.sent = 0

    def send_message(self, *_: Any) -> None:
        self.sent += 1

    def attempt(self, *_: Any) -> Any:
        self.sent += 1
        return webhook_sending.Outcome(True, 200)


@contextmanager
def _writing(
    request: EVENT, kind: str, sent_at: datetime | None = None, missed: bool = False
) -> Iterator[tuple[RemoteWrite[Any], list[int]]]:
    """A write of a use that was perhaps sent before; and what is sent."""
    sent: list[int] = []
    make = {
        "StepWrite": _step_write,
        "RecordWrite": _record_write,
        "PutBackWrite": _put_back_write,
        "Delivery": _filing_write,
        "PeppolWrite": _peppol_write,
    }[kind]
    with make(request, sent_at, missed, sent) as write:
        yield write, sent


@contextmanager
def _step_write(
    request: EVENT, sent_at: datetime | None, missed: bool, sent: list[int]
) -> Iterator[RemoteWrite[Any]]:
    a_connection_with_orders(request)
    batch = leases.take_batch()
    assert batch is not None
    (job,) = batch.jobs
    orders.attach([job])
    if sent_at is not None:
        missed_at = sent_at if missed else None
        state = StepState.UNKNOWN
        job.steps["x"] = StepRow("x", "R", state, sent_at, missed_at)
        _stored(
            Step(
                tenant_id=job.tenant_id,
                transfer_id=job.transfer_id,
                name="x",
                reference="R",
                state=state,
                attempt=1,
                sent_at=sent_at,
                missed_at=missed_at,
            )
        )

    def send(reference: str) -> Written:
        sent.append(1)
        return Written(reference)

    yield journal.StepWrite(job, "x", lambda: "R", send, lambda *_: None, False)


@contextmanager
def _record_write(
    request: EVENT, sent_at: datetime | None, missed: bool, sent: list[int]
) -> Iterator[RemoteWrite[Any]]:
    own = relation_sync.SYNCS.take(a_run(request))
    assert own is not None
    stretch = relation_sync._stretch(own)
    package = MadeUp()
    create = package.create

    def counted(*args: Any) -> Any:
        sent.append(1)
        return create(*args)

    package.create = counted  # type: ignore[method-assign]
    (key,) = _relations(stretch.tenant_id)
    data = RelationData(False, "Jansen", debtor_number="1")
    known = None
    if sent_at is not None:
        known = RelationTrouble(
            code="relation_unanswered",
            params={},
            # It keeps the moment from which a miss is certain.
            not_before=sent_at + RemoteWrite.recheck(None),  # type: ignore[arg-type]
            misses=int(missed),
        )
    with tenant_scope(stretch.tenant_id):
        local = package.local(str(key), data)
        action = CreateOut(local.key, "debtor", "1", local.values)
        line = Line(LineKind.MADE_THERE, key)
        yield RecordWrite(stretch, package, action, data, local, known, line)


@contextmanager
def _put_back_write(
    request: EVENT, sent_at: datetime | None, missed: bool, sent: list[int]
) -> Iterator[RemoteWrite[Any]]:
    own = relation_sync.SYNCS.take(a_run(request))
    assert own is not None
    stretch = relation_sync._stretch(own)
    package = MadeUp()
    package.remove = lambda *_: sent.append(1)  # type: ignore[method-assign]
    line = Kept(1, LineKind.MADE_THERE, None, "P1", "debtor", "1", "", {}, {}, {}, ())
    with tenant_scope(stretch.tenant_id):
        yield Removal(There(stretch, package, line, {}), package)


def _relations(tenant_id: int) -> list[int]:
    found = relation_world.relations.changed_since(
        datetime(2020, 1, 1, tzinfo=UTC), 0, 9, tenant_id=tenant_id
    )
    keys = [row.id for row in found]
    session().rollback()
    return keys


@contextmanager
def _filing_write(
    request: EVENT, sent_at: datetime | None, missed: bool, sent: list[int]
) -> Iterator[RemoteWrite[Any]]:
    filing_id = a_declaration(request)
    with transaction() as current:
        row = current.get_one(Filing, filing_id)
        row.sent_at, row.misses = sent_at, int(missed)
    held = turn.take(filing_id)
    assert held is not None

    class Channel:
        def look_up(self, *_: Any) -> None:
            return None

        def deliver(self, _message: Any) -> Any:
            sent.append(1)
            return delivery.Receipt("K", utcnow(), b"<x/>")

    yield Delivery(Channel(), held.attempt, utcnow(), (), held.save)  # type: ignore[arg-type]


@contextmanager
def _peppol_write(
    request: EVENT, sent_at: datetime | None, missed: bool, sent: list[int]
) -> Iterator[RemoteWrite[Any]]:
    key = an_e_invoice(request)
    with transaction() as current:
        row = current.get_one(PeppolSending, key)
        row.sent_at = row.first_sent_at = sent_at
        row.missed_at = sent_at if missed else None
    held = peppol_run.ROWS.take(key)
    assert held is not None
    (connection,) = session().scalars(select(Connection))

    class Channel:
        def find(self, *_: Any) -> None:
            return None

        def send(self, document: Outgoing) -> Receipt:
            sent.append(1)
            return Receipt(document.reference, "", b"{}")

    anybody = Identifier("0106", "12345678")
    kind = DocumentKind.INVOICE
    document = Outgoing("R", kind, anybody, anybody, "NL", b"<x/>")
    write = PeppolWrite(held, Channel(), document, connection.id, connection.version)  # type: ignore[arg-type]
    write.take_up(held.read())
    session().rollback()
    yield write


LOOKED_UP = ("StepWrite", "RecordWrite", "Delivery", "PeppolWrite")
WRITES = (*LOOKED_UP, "PutBackWrite")
"""What is put back is told by the record as it is read before each try."""


def test_every_remote_write_is_tested_here() -> None:
    assert {one.__name__ for one in RemoteWrite.__subclasses__()} == set(WRITES)


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("kind", WRITES)
def test_who_slept_after_preparing_does_not_send(
    request: EVENT, monkeypatch: pytest.MonkeyPatch, kind: str, guarded: bool
) -> None:
    with _writing(request, kind) as (write, sent):
        clock = count(0, 31)
        moment = (lambda: next(clock)) if guarded else (lambda: 0)
        monkeypatch.setattr(remote_write, "monotonic", moment)
        with suppress(LeaseLost):
            write.once()
        assert (sent == []) is guarded


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("task", ["mail", "webhooks"])
def test_who_slept_after_taking_does_not_send(
    request: EVENT, monkeypatch: pytest.MonkeyPatch, task: str, guarded: bool
) -> None:
    """Another has it by now; without the guard it goes out twice."""
    outside = Outside()
    key = MAKERS[task](request)
    use = Use(request.getfixturevalue("app"), _leased()[task], key)
    mine = use.rows.take(key)
    assert mine is not None
    use.run_out()
    assert use.rows.take(key) is not None
    mine.held_at -= 300
    if not guarded:
        monkeypatch.setattr(lease.Lease, "make_sure", lambda _: None)
    monkeypatch.setattr(smtp, "message_of", lambda _: EmailMessage())
    monkeypatch.setattr(webhook_sending, "attempt", outside.attempt)
    send = {"mail": lambda: smtp._send(outside, mine),  # type: ignore[arg-type]
            "webhooks": lambda: webhook_sending._tried(mine)}  # fmt: skip
    with suppress(LeaseLost):
        send[task]()
    assert outside.sent == (0 if guarded else 1)


def test_who_slept_right_after_making_sure_has_lost_it(
    request: EVENT, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = smtp.MAILS.take(a_mail(request))
    assert mine is not None
    clock = count(0, 40)
    mine.held_at = -100
    monkeypatch.setattr(lease, "monotonic", lambda: next(clock))
    with pytest.raises(LeaseLost):
        mine.make_sure()


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("mistaken", [True, False])
@pytest.mark.parametrize("kind", WRITES)
def test_what_fails_before_anything_left_fails_at_once(
    request: EVENT,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    mistaken: bool,
    guarded: bool,
) -> None:
    """Also where the client took it for a lost answer."""

    def build() -> None:
        if not guarded:
            departed()
        try:
            raise ValueError("a sign that XML does not hold")
        except ValueError as error:
            if mistaken:
                raise OutcomeUnknown("outcome_unknown") from error
            raise

    with _writing(request, kind) as (write, sent):
        monkeypatch.setattr(write, "send", build)
        with pytest.raises(Exception) as caught:  # noqa: PT011  judged below
            write.once()
        code = getattr(caught.value, "code", "")
        assert (isinstance(caught.value, AskUser)) is guarded
        assert (code == "message_not_built") is guarded
        if guarded:
            assert caught.value.params == {"cause": "ValueError"}  # type: ignore[attr-defined]
        assert sent == []


# --- look-ups -------------------------------------------------------------------------


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("kind", LOOKED_UP)
def test_one_miss_is_not_absent(
    request: EVENT, monkeypatch: pytest.MonkeyPatch, kind: str, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(RemoteWrite, "note_miss", lambda *_: None)
    with _writing(request, kind, utcnow() - timedelta(hours=1)) as (write, sent):
        assert _is_absent(write, sent) is not guarded


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("kind", LOOKED_UP)
def test_a_second_miss_too_early_is_not_absent(
    request: EVENT, monkeypatch: pytest.MonkeyPatch, kind: str, guarded: bool
) -> None:
    sent_at = utcnow() - timedelta(seconds=115)
    if not guarded:
        for owner in (RemoteWrite, Delivery):
            monkeypatch.setattr(owner, "recheck", lambda _: timedelta(seconds=60))
    with _writing(request, kind, sent_at, missed=True) as (write, sent):
        assert _is_absent(write, sent) is not guarded


@pytest.mark.parametrize("kind", LOOKED_UP)
def test_a_second_miss_in_time_is_absent(request: EVENT, kind: str) -> None:
    sent_at = utcnow() - timedelta(seconds=121)
    with _writing(request, kind, sent_at, missed=True) as (write, sent):
        assert _is_absent(write, sent)


def _is_absent(write: RemoteWrite[Any], sent: list[int]) -> bool:
    """Tell what a look-up without a find decides: wait, or send again, or ask."""
    try:
        write.once()
    except WaitUntil:
        missed = session().scalar(select(RelationTrouble.misses))
        assert write.has_missed or missed == 1
        assert sent == []
        return False
    except AskUser as error:
        assert (error.code, sent) == ("delivery_absent", [])  # noqa: PT017
        return True
    assert sent == [1]
    return True


# --- decisions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "then"),
    [
        (RetryLater("x"), Next.RETRY),
        (ValueError("a bug"), Next.RETRY),
        (WaitUntil("x", seconds=7), Next.WAIT),
        (OutcomeUnknown("x"), Next.LOOK_UP),
        (AskUser("x"), Next.ASK),
        (Stop("x"), Next.STOP),
        (AuthenticationLost("x"), Next.PAUSE),
    ],
)
@pytest.mark.usefixtures("app")
def test_the_class_of_an_error_decides(error: Exception, then: Next) -> None:
    found = decide(error, subject=1, failures=2, open_since=utcnow())
    assert found.next is then
    assert found.failures == (3 if then is Next.RETRY else 2)
    assert (found.seconds > 0) is (then in (Next.RETRY, Next.WAIT, Next.LOOK_UP))


@pytest.mark.usefixtures("app")
def test_failures_and_unknown_outcomes_end() -> None:
    assert decide(RetryLater("x"), subject=1, failures=4).next is Next.ASK
    old = utcnow() - decision.OLDEST_UNKNOWN - timedelta(minutes=1)
    found = decide(OutcomeUnknown("x"), subject=1, open_since=old)
    assert (found.next, found.code) == (Next.ASK, "outcome_unclear")


# --- the dispatcher -------------------------------------------------------------------


def _broken(_now: datetime) -> list[int]:
    raise RuntimeError("broken")


def test_one_failing_kind_stops_no_other(
    scope: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, str, int]] = []
    monkeypatch.setattr(kinds.wakeups, "wake", lambda *args: woken.append(args))
    wake_due(
        [DueWork("a", "bulk", _broken), DueWork("b", "bulk", lambda _: [1, 2])], NOW
    )
    assert woken == [("bulk", "b", 1), ("bulk", "b", 2)]
