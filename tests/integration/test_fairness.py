"""Fairness between tenants and kinds of work, counted in turns by a clock of our own.

Each guard is also switched off: the others then wait.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, true

from core.domain.clock import utcnow
from core.main import tasks
from core.models import (
    Backfill,
    BackfillState,
    Connection,
    ConnectionState,
    Coupling,
    ImportState,
    Mail,
    MailState,
    RelationImport,
    RelationRun,
    RelationSync,
    RunState,
    Tenant,
    WebhookDelivery,
    WebhookEndpoint,
)
from core.plugin.engine import LeasedWork, fairness, turns
from core.runtime import jobs
from core.runtime.database import session, shared_now, transaction
from core.runtime.tenancy import system_scope
from core.services.api import webhook_sending
from core.services.api.webhook_sending import Outcome
from core.services.backfill import backfill_run, backfills
from core.services.crm import relation_import
from core.services.invoicing import open_items, waiting_sends
from core.services.mailing import smtp
from core.services.syncing import relation_sync
from plugins.belastingdienst.sending import run
from tests.invoices import waiting

EARLIER = utcnow() - timedelta(hours=1)


@pytest.fixture
def scope(app: Flask) -> Iterator[Flask]:
    with system_scope():
        yield app


@pytest.fixture
def big(scope: Flask) -> int:
    """The tenant with a lot of work, all of it older than the others'."""
    return _tenant("Groot")


@pytest.fixture
def small(big: int) -> int:
    return _tenant("Klein")


def _tenant(name: str) -> int:
    row = Tenant(name=name)
    session().add(row)
    session().commit()
    return row.id


@dataclass
class World:
    """A clock that moves when something is sent, and who was sent to."""

    now: float = 1000.0
    sent: list[int] = field(default_factory=list)
    """Tenants, in the order of the sends; 0: ourselves."""
    endpoints: list[int] = field(default_factory=list)
    woken: list[tuple[Any, ...]] = field(default_factory=list)
    seconds: float = 0.1
    slow: dict[int, float] = field(default_factory=dict)
    """Seconds that an endpoint takes."""

    def attempt(self, endpoint: WebhookEndpoint, _message: Any) -> Outcome:
        self.endpoints.append(endpoint.id)
        self.sent.append(endpoint.tenant_id)
        self.now += self.slow.get(endpoint.id, self.seconds)
        return Outcome(True, 200)

    def mailed(self, row: Mail) -> EmailMessage:
        self.sent.append(row.tenant_id or 0)
        self.now += self.seconds
        return EmailMessage()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    for module in (turns, webhook_sending):
        monkeypatch.setattr(module, "monotonic", lambda: made.now)
    monkeypatch.setattr(webhook_sending, "attempt", made.attempt)
    monkeypatch.setattr(smtp, "message_of", made.mailed)
    monkeypatch.setattr(smtp, "_connected", _line)
    monkeypatch.setattr(jobs, "wake", lambda *args: made.woken.append(args))
    return made


@contextmanager
def _line(_server: Any) -> Iterator[Any]:
    class Line:
        sock = True

        def send_message(self, *_: Any) -> None:
            """Take it; whose it is was noted already."""

    yield Line()


def _endpoint(tenant_id: int, messages: int, age: int = 0) -> int:
    """An endpoint with messages that wait, the greater the age the longer."""
    with transaction() as current:
        row = WebhookEndpoint(tenant_id=tenant_id, url="https://x", secret=b"x")
        current.add(row)
        current.flush()
        current.execute(
            insert(WebhookDelivery),
            [
                {
                    "tenant_id": tenant_id,
                    "endpoint_id": row.id,
                    "message_id": f"m{number}",
                    "event": "x",
                    "payload": "{}",
                    "due_at": EARLIER - timedelta(minutes=age),
                }
                for number in range(messages)
            ],
        )
    return row.id


def _unfair(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Let the oldest row go first, whose ever it is."""

    def oldest(rows: turns.Turns[Any]) -> Any:
        return rows.rows.take_next(true())

    monkeypatch.setattr(turns.Turns, "_take", oldest)
    monkeypatch.setattr(module, name, replace(getattr(module, name), fair=False))


def _by_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let endpoints take no turns."""
    monkeypatch.setattr(webhook_sending, "_called_longest_ago", lambda _: ())


# --- webhooks -------------------------------------------------------------------------


@pytest.mark.parametrize("guarded", [True, False])
def test_600_changes_of_one_do_not_hold_up_the_others_one(
    big: int, small: int, world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    _endpoint(big, 600, age=1)
    _endpoint(small, 1)
    world.seconds = 0.5
    if not guarded:
        _by_age(monkeypatch)
        _unfair(monkeypatch, webhook_sending, "MESSAGES")
        monkeypatch.setattr(webhook_sending, "SHARE_SECONDS", 1000)
    webhook_sending.deliver()
    assert (small in world.sent[:2]) is guarded
    assert world.woken == [("bulk", "webhooks")]


@pytest.mark.parametrize("guarded", [True, False])
def test_slow_endpoints_cost_another_tenant_one_turn(
    big: int, small: int, world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    world.slow = {_endpoint(big, 3, age=1): 9.0 for _ in range(10)}
    _endpoint(small, 3)
    if not guarded:
        _by_age(monkeypatch)
        _unfair(monkeypatch, webhook_sending, "MESSAGES")
        monkeypatch.setattr(webhook_sending, "SHARE_SECONDS", 1000)
    webhook_sending.deliver()
    assert (world.sent.count(small) == 3) is guarded
    if guarded:
        assert world.sent.count(big) == 2  # its share: ten seconds, begun sends end
    assert world.now - 1000 <= webhook_sending.RUN_SECONDS + 9


def test_without_shares_a_tenant_has_the_whole_wake_up(
    big: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard above, off."""
    world.slow = {_endpoint(big, 3): 9.0 for _ in range(10)}
    monkeypatch.setattr(webhook_sending, "SHARE_SECONDS", 1000)
    webhook_sending.deliver()
    assert world.sent == [big] * 3
    assert world.woken == [("bulk", "webhooks")]


def test_a_wake_up_that_sent_all_wakes_nothing(small: int, world: World) -> None:
    _endpoint(small, 3)
    webhook_sending.deliver()
    assert (len(world.sent), world.woken) == (3, [])


@pytest.mark.parametrize("guarded", [True, False])
def test_a_slow_endpoint_is_spared_and_others_are_not(
    small: int, world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    slow, quick = _endpoint(small, 5, age=1), _endpoint(small, 5)
    world.slow[slow] = 4.0
    if not guarded:
        monkeypatch.setattr(webhook_sending, "_spared_until", lambda *_: None)
    before = shared_now()
    webhook_sending.deliver()
    assert (world.endpoints.count(slow) == 1) is guarded
    rows = {key: session().get_one(WebhookEndpoint, key) for key in (slow, quick)}
    assert rows[quick].not_before is None
    if guarded:
        assert world.endpoints.count(quick) == 5
        pause = (rows[slow].not_before or before) - before
        assert timedelta(seconds=20) <= pause < timedelta(seconds=40)


@pytest.mark.parametrize("guarded", [True, False])
def test_messages_to_one_endpoint_do_not_follow_each_other_while_another_waits(
    small: int, world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    many, few = _endpoint(small, 20, age=1), _endpoint(small, 2)
    if not guarded:
        _by_age(monkeypatch)
    webhook_sending.deliver()
    assert (world.endpoints[:4].count(few) == 2) is guarded
    assert world.endpoints.count(many) == 20


# --- mail -----------------------------------------------------------------------------


def _mails(tenant_id: int | None, number: int, age: int = 0) -> None:
    due_at = EARLIER - timedelta(minutes=age)
    with transaction() as current:
        for _ in range(number):
            current.add(
                Mail(tenant_id=tenant_id, recipient="a@example.com", kind="x",
                     due_at=due_at, state=MailState.QUEUED)
            )  # fmt: skip


@pytest.mark.parametrize("guarded", [True, False])
def test_hundreds_of_mails_cost_another_tenant_one_turn(
    big: int, small: int, world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    _mails(big, 200, age=1)
    _mails(small, 1)
    _mails(None, 1)  # to ourselves: a turn of its own
    world.seconds = 0.2
    if not guarded:
        _unfair(monkeypatch, smtp, "MAILS")
    smtp.deliver()
    assert (set(world.sent[:3]) == {0, big, small}) is guarded
    assert world.now - 1000 <= smtp.RUN_SECONDS + 1
    assert world.woken == [("bulk", "mail")]


def test_who_books_all_the_time_still_gets_its_mail(
    big: int, small: int, world: World
) -> None:
    """Each kind has turns of its own."""
    _mails(big, 3)
    _mails(small, 3)
    with transaction():
        fairness.served("mail", big, utcnow() - timedelta(minutes=2))
        fairness.served("mail", small, utcnow() - timedelta(minutes=1))
        fairness.served("connection", big, utcnow())
    smtp.deliver()
    assert world.sent == [big, small] * 3


# --- what is woken row by row ---------------------------------------------------------


def _an_import(tenant_id: int) -> int:
    return _added(
        RelationImport(tenant_id=tenant_id, filename="x", state=ImportState.READING)
    )


def _a_connection(tenant_id: int) -> Connection:
    row = Connection(
        tenant_id=tenant_id,
        plugin="eaccounting",
        state=ConnectionState.CONNECTED,
        external_id=str(session().query(Connection).count()),
    )
    session().add(row)
    session().flush()
    return row


def _a_coupling(tenant_id: int) -> int:
    target = _a_connection(tenant_id).id
    _added(Coupling(tenant_id=tenant_id, target_id=target, reads_open_items=True))
    return target


def _a_sync(tenant_id: int) -> int:
    key = _a_connection(tenant_id).id
    session().add(RelationSync(tenant_id=tenant_id, connection_id=key))
    _added(
        RelationRun(
            tenant_id=tenant_id,
            connection_id=key,
            state=RunState.RUNNING,
            due_at=EARLIER,
        )
    )
    return key


def _added(row: Any) -> int:
    session().add(row)
    session().commit()
    return int(row.id)


ROW_BY_ROW = {
    "relation_import": (relation_import, "IMPORTS", "_serve", _an_import),
    "waiting_invoices": (waiting_sends, "WAITING", "_serve", waiting),
    "open_items": (open_items, "READINGS", "_serve", _a_coupling),
    "relation_sync": (relation_sync, "SYNCS", "_take_on", _a_sync),
}


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("task", ROW_BY_ROW)
def test_ten_of_one_tenant_cost_another_one_turn(
    big: int, small: int, monkeypatch: pytest.MonkeyPatch, task: str, guarded: bool
) -> None:
    module, rows, serve, make = ROW_BY_ROW[task]
    woken = [make(owner) for owner in (*[big] * 10, small)]
    if not guarded:
        _unfair(monkeypatch, module, rows)
    turns_of: list[int] = []
    monkeypatch.setattr(module, serve, lambda lease: turns_of.append(lease.owner))
    for key in woken:
        tasks.TASKS[task](key)
    assert Counter(turns_of) == {big: 10, small: 1}  # nothing that was woken is left
    assert (small in turns_of[:2]) is guarded


def test_migration_runs_take_turns(
    big: int, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [_a_run(owner) for owner in (*[big] * 3, small)]
    waits = session().get_one(Backfill, runs[0])
    later = (utcnow() + timedelta(minutes=1)).isoformat()
    waits.cursor = {"not_before": later}
    session().commit()
    went: list[int] = []
    monkeypatch.setattr(backfill_run, "advance", went.append)
    for key in (*runs, *runs):
        tasks.TASKS["backfill"](key)
    owners = dict(zip(runs, (big, big, big, small), strict=True))
    assert [owners[key] for key in went] == [big, small] * 4
    assert runs[0] not in went
    assert set(went) == set(runs[1:])
    monkeypatch.setattr(backfills, "WORKING", ())
    assert backfills.whose_turn(runs[1], utcnow()) is None


def _a_run(tenant_id: int) -> int:
    coupling = Coupling(tenant_id=tenant_id, target_id=_a_connection(tenant_id).id)
    session().add(coupling)
    session().flush()
    return _added(
        Backfill(
            tenant_id=tenant_id,
            coupling_id=coupling.id,
            first_on=EARLIER.date(),
            last_on=EARLIER.date(),
            state=BackfillState.RUNNING,
        )
    )


def test_every_kind_of_the_core_that_takes_leases_is_fair() -> None:
    unfair = {
        kind.task
        for kind in tasks.KINDS
        if isinstance(kind, LeasedWork) and not kind.rows.fair
    }
    assert unfair == set()
    assert run.DUE.queue != "bulk"  # a declaration waits for nobody's files
