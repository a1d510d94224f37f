"""`flask backup` and `flask restore`: what they need, refuse and leave."""

import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, select, text, true
from sqlalchemy.engine import make_url

from core.domain import jsontext
from core.domain.clock import utcnow
from core.main import backups, database_copies
from core.main.app import create_app
from core.models import (
    Connection,
    ConnectionState,
    DeliveryState,
    Mail,
    MailState,
    RestorePoint,
    Tenant,
    WebhookDelivery,
    WebhookEndpoint,
)
from core.plugin.engine import restored
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.runtime.vault import new_key
from core.services.api import webhook_sending
from core.services.invoicing import invoice_settings, numbers
from core.services.mailing import smtp
from core.services.operations import restores
from tests import postgres
from tests.migrating import migrate


def made(settings: Settings) -> Iterator[Flask]:
    """The application on a database that the migrations made."""
    app = create_app(settings)
    with app.app_context(), system_scope():
        if not database_copies.of(db.engine.url).is_filled():
            migrate()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def lite(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    address = f"sqlite:///{tmp_path / 'own.db'}"
    yield from made(replace(settings, database_url=address))


@pytest.fixture
def postgresql_app(
    postgresql: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    folder = postgres.binaries()
    assert folder is not None
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    name = f"backup_{uuid4().hex}"
    postgres.create_database(postgresql, name)
    address = postgresql.replace("/koppelwerk?", f"/{name}?")
    yield from made(replace(settings, database_url=address))
    postgres.drop_database(postgresql, name)


def run(app: Flask, *words: str) -> Result:
    db.session.remove()
    result = app.test_cli_runner().invoke(args=list(words))
    db.session.remove()
    db.engine.dispose()
    return result


def tenants() -> list[str]:
    found = list(session().scalars(select(Tenant.name).order_by(Tenant.id)))
    session().rollback()
    return found


def add(*names: str) -> None:
    with transaction() as current:
        current.add_all([Tenant(name=name) for name in names])


@pytest.mark.parametrize("kind", ["lite", "postgresql_app"])
def test_there_and_back(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    app: Flask = request.getfixturevalue(kind)
    folder = tmp_path / "backup"
    add("Eerst")
    said = run(app, "backup", str(folder))
    assert said.exit_code == 0, said.output
    assert "as of" in said.output
    assert "Restored" not in said.output
    add("Later")
    refused = run(app, "restore", str(folder))
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert tenants() == ["Eerst", "Later"]
    db.session.remove()
    db.engine.dispose()
    done = run(app, "restore", str(folder), "--replace")
    assert done.exit_code == 0, done.output
    assert tenants() == ["Eerst"]
    assert restores.current() is not None
    assert "what came later is looked for" in run(app, "restore").output
    assert run(app, "restore", "--done").exit_code == 0
    assert restores.current() is None
    assert run(app, "restore", "--done").exit_code == 1
    assert run(app, "backup", str(tmp_path / "again")).exit_code == 0


def test_what_it_leaves_is_closed_to_others(lite: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    run(lite, "backup", str(folder))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"manifest.json": 0o600, "database.sqlite": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    db.session.remove()
    db.engine.dispose()
    run(lite, "restore", str(folder), "--replace")
    path = Path(str(db.engine.url.database))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (aside,) = path.parent.glob("own.db.before-restore-*")
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert not list(path.parent.glob("*.restoring*"))


def test_the_manifest_names_the_keys_and_holds_none(
    lite: Flask, settings: Settings, tmp_path: Path
) -> None:
    run(lite, "backup", str(tmp_path / "backup"))
    text = (tmp_path / "backup" / "manifest.json").read_text()
    name, _, key = (settings.var / "secret.keys").read_text().partition(":")
    assert jsontext.loads(text)["key_ids"] == [name]
    assert key.strip() not in text
    copy = (tmp_path / "backup" / "database.sqlite").read_bytes()
    assert key.strip().encode() not in copy


@pytest.mark.parametrize("same_id", [False, True])
def test_without_its_keys_a_backup_is_refused(
    lite: Flask, settings: Settings, tmp_path: Path, same_id: bool
) -> None:
    add("Eerst")
    run(lite, "backup", str(tmp_path / "backup"))
    name = (settings.var / "secret.keys").read_text().partition(":")[0]
    other = new_key()
    if same_id:
        other = f"{name}:{other.partition(':')[2]}"
    address = f"sqlite:///{tmp_path / 'new.db'}"
    app = create_app(replace(settings, database_url=address, secret_keys=other))
    with app.app_context():
        refused = run(app, "restore", str(tmp_path / "backup"))
    assert refused.exit_code == 1
    assert name in refused.output
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"revisions": ["core_9999"]}, "of another version"),
        ({"dialect": "postgresql"}, "It is a backup of postgresql"),
        ({"format": 2}, "has format 2"),
        ({"size": 1}, "cut off"),
        ({"sha256": "00"}, "SHA-256"),
        ({"taken_at": "soon"}, "no complete backup"),
        ({"more": 1}, "no complete backup"),
    ],
)
def test_what_is_not_a_backup_of_ours_is_refused(
    lite: Flask, tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    folder = tmp_path / "backup"
    add("Eerst")
    run(lite, "backup", str(folder))
    manifest = folder / "manifest.json"
    said = {**jsontext.loads(manifest.read_text()), **changed}
    manifest.write_text(jsontext.dumps(said))
    refused = run(lite, "restore", str(folder), "--replace")
    assert refused.exit_code == 1
    assert words in refused.output
    assert tenants() == ["Eerst"]


def test_a_moment_that_has_not_come_is_refused(lite: Flask, tmp_path: Path) -> None:
    """Until it came all would be sent unseen, and mails would be held."""
    local = f"{utcnow() + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    refused = run(lite, "restore", "--look-since", local)
    assert (refused.exit_code, "later than now" in refused.output) == (1, True)
    assert restores.current() is None
    run(lite, "backup", str(tmp_path / "backup"))
    with time_machine.travel(utcnow() - timedelta(hours=1)):
        refused = run(lite, "restore", str(tmp_path / "backup"), "--replace")
    assert (refused.exit_code, "Set the clock right" in refused.output) == (1, True)
    now = f"{utcnow():%Y-%m-%dT%H:%M:%S}"
    assert run(lite, "restore", "--look-since", now).exit_code == 0
    assert restores.current() is not None


def test_a_backup_whose_clock_was_ahead_goes_back_from_its_true_moment(
    lite: Flask, tmp_path: Path
) -> None:
    now = utcnow()
    add("Eerst")
    with time_machine.travel(now + timedelta(days=300)):
        run(lite, "backup", str(tmp_path / "backup"))
    add("Later")
    words = ("restore", str(tmp_path / "backup"), "--replace", "--look-since")
    ahead = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}"
    refused = run(lite, *words, ahead)
    assert (refused.exit_code, "later than now" in refused.output) == (1, True)
    made = now - timedelta(minutes=5)
    done = run(lite, *words, f"{made:%Y-%m-%dT%H:%M:%S}")
    assert done.exit_code == 0, done.output
    assert tenants() == ["Eerst"]
    known = restores.current()
    assert known is not None
    assert known.taken_at == made.replace(microsecond=0)


@pytest.mark.parametrize("words", ["--replace", "--drop-held", "--next-invoice 0 1"])
def test_an_option_that_would_do_nothing_is_refused(lite: Flask, words: str) -> None:
    assert run(lite, "restore", *words.split()).exit_code == 2


@pytest.mark.parametrize("target", ["no/such/folder", "file/inside"])
def test_a_target_that_cannot_be_made_is_told_in_words(
    lite: Flask, tmp_path: Path, target: str
) -> None:
    (tmp_path / "file").touch()
    refused = run(lite, "backup", str(tmp_path / target))
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Error: {tmp_path / target}: ")


def test_a_target_that_is_there_is_not_written_over(
    lite: Flask, tmp_path: Path
) -> None:
    refused = run(lite, "backup", str(tmp_path))
    assert (refused.exit_code, "there already" in refused.output) == (1, True)
    assert restores.current() is None


@pytest.mark.parametrize("kind", ["lite", "postgresql_app"])
def test_nothing_is_restored_under_running_processes(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    app: Flask = request.getfixturevalue(kind)
    add("Eerst")
    run(app, "backup", str(tmp_path / "backup"))
    add("Later")
    db.engine.dispose()
    another = create_app(app.extensions["koppelwerk"].settings)
    with another.app_context():
        db.session.execute(text("SELECT 1 FROM tenant"))
        db.session.commit()
        with app.app_context():
            refused = run(app, "restore", str(tmp_path / "backup"), "--replace")
        db.session.remove()
        db.engine.dispose()
    assert refused.exit_code == 1
    assert "in use" in refused.output
    with app.app_context(), system_scope():
        assert tenants() == ["Eerst", "Later"]


def test_a_copy_is_whole_while_others_write(lite: Flask, tmp_path: Path) -> None:
    over = threading.Event()

    def write() -> None:
        with lite.app_context(), system_scope():
            while not over.is_set():
                add("a", "b")
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backups.take(tmp_path / str(number))
    finally:
        over.set()
        writer.join()
    for number in range(3):
        backups.read(tmp_path / str(number))
        copy = tmp_path / str(number) / "database.sqlite"
        engine = create_engine(f"sqlite:///{copy}")
        with engine.connect() as connection:
            count = connection.execute(text("SELECT count(*) FROM tenant")).scalar()
        engine.dispose()
        assert count % 2 == 0


def test_missing_programs_are_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(database_copies.shutil, "which", lambda _: None)
    url = make_url("postgresql+psycopg://x@/y")
    with pytest.raises(database_copies.Unusable, match="pg_dump is not installed"):
        database_copies.of(url).check()


def test_a_backup_that_failed_leaves_no_looking(
    lite: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(database_copies.SQLiteCopy, "save", full)
    with pytest.raises(database_copies.Unusable, match="no space left"):
        backups.take(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    point = session().scalars(select(RestorePoint)).one()
    assert point.finished_at is not None


# --- what is held ---------------------------------------------------------------------


def _restored(app: Flask) -> None:
    """A mail and a message wait; then a backup of them was restored."""
    with transaction() as current:
        tenant = Tenant(name="Winkel")
        current.add(tenant)
        current.flush()
        current.add(Mail(recipient="a@example.com", kind="x", due_at=utcnow()))
        endpoint = WebhookEndpoint(tenant_id=tenant.id, url="https://x", secret=b"x")
        current.add(endpoint)
        current.flush()
        current.add(_message(tenant.id, endpoint.id, "before"))
    with transaction():
        restores.begin(utcnow())
    with transaction() as current:
        current.add(Mail(recipient="b@example.com", kind="x", due_at=utcnow()))
        current.add(_message(tenant.id, endpoint.id, "after"))


def _message(tenant_id: int, endpoint_id: int, event: str) -> WebhookDelivery:
    return WebhookDelivery(
        tenant_id=tenant_id, endpoint_id=endpoint_id, message_id=event, event=event,
        payload="{}", due_at=utcnow(),
    )  # fmt: skip


def _due() -> tuple[int, int]:
    now = utcnow() + timedelta(seconds=1)
    return len(smtp.MAILS.due_keys(now)), len(webhook_sending.MESSAGES.due_keys(now))


@pytest.mark.parametrize("guarded", [True, False])
def test_what_waited_at_the_backup_is_held(
    lite: Flask, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    _restored(lite)
    if not guarded:
        monkeypatch.setattr(restored, "may_be_told", lambda *_: true())
    assert _due() == ((1, 1) if guarded else (2, 2))


def test_what_was_held_goes_out_in_the_end(lite: Flask) -> None:
    _restored(lite)
    found = restores.current()
    assert found is not None
    assert (found.held_mails, found.held_messages) == (1, 1)
    with transaction():
        assert restores.end("x")
    assert _due() == (2, 2)


def test_or_a_person_keeps_it_back(lite: Flask) -> None:
    _restored(lite)
    assert run(lite, "restore", "--done", "--drop-held").exit_code == 0
    assert _due() == (1, 1)
    states = session().scalars(select(Mail.state).order_by(Mail.id)).all()
    assert states == [MailState.FAILED, MailState.QUEUED]
    states = (
        session()
        .scalars(select(WebhookDelivery.state).order_by(WebhookDelivery.id))
        .all()
    )
    assert states == [DeliveryState.FAILED, DeliveryState.QUEUED]


def test_after_a_restore_every_connection_runs_at_once(lite: Flask) -> None:
    later = utcnow() + timedelta(hours=1)
    with transaction() as current:
        tenant = Tenant(name="Winkel")
        current.add(tenant)
        current.flush()
        current.add(
            Connection(
                tenant_id=tenant.id, plugin="kmoshops", external_id="x",
                state=ConnectionState.CONNECTED, next_run_at=later, run_until=later,
            )
        )  # fmt: skip
    with transaction():
        restores.begin(utcnow())
    row = session().scalars(select(Connection)).one()
    session().refresh(row)
    assert row.next_run_at is not None
    assert (row.next_run_at < later, row.run_until) == (True, None)


def test_invoice_numbers_go_on_above_those_that_were_sent(lite: Flask) -> None:
    add("Winkel")
    year = utcnow().year

    def drawn() -> int:
        with transaction():
            return numbers.draw(1, invoice_settings.SERIES, year).value

    assert run(lite, "restore", "--next-invoice", "1", "58").exit_code == 0
    assert drawn() == 58
    assert run(lite, "restore", "--next-invoice", "1", "7").exit_code == 0
    assert drawn() == 59
    assert run(lite, "restore", "--next-invoice", "9", "7").exit_code == 1
