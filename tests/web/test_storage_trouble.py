"""No room, no database, another writer: told apart, 503, in words; /ready knows.

What the disk does to work that is under way: `tests/integration/test_full_disk.py`.
"""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from flask_migrate import stamp
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.domain import jsontext
from core.domain.clock import utcnow
from core.main.app import create_app
from core.models import InboxEvent
from core.runtime import extensions
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.trouble import Trouble, trouble_of
from core.services.api import api_tokens
from core.services.operations import readiness
from core.services.people import accounts
from plugins.kmoshops import views
from plugins.kmoshops.checks import signature
from tests.full_disk import low_water_mark, no_room
from tests.web.conftest import Site
from tests.web.samples import Sample

FULL = "Er kan bij ons nu niets worden opgeslagen."
AWAY = "Wij kunnen nu even niet bij de gegevens."
LOCKED = "Het is bij ons nu even te druk om dit op te slaan."


@pytest.fixture
def on_sqlite(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("the server's disk is another process's")


@pytest.fixture
def migrated(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that looks at its disk each time it is asked."""
    monkeypatch.setattr(readiness, "REMEMBERED_SECONDS", -1)
    monkeypatch.setattr(readiness, "_redis_answers", lambda: True)
    with site.app.app_context():
        stamp(revision="heads")
    yield site
    with site.app.app_context():
        stamp(revision="base")  # a server keeps its tables between tests


def _webhook(site: Site, number: int) -> int:
    created, event_id = int(utcnow().timestamp()), f"event-{number}"
    body = {
        "eventId": event_id, "eventCreated": created, "storeId": "kmoshops-1",
        "entityId": number, "eventType": "order.created",
    }  # fmt: skip
    signed = signature("sandbox-secret", created, event_id)
    answer = site.app.test_client().post(
        "/webhooks/kmoshops",
        data=jsontext.dumps(body),
        headers={views.SIGNATURE: signed},
        content_type="application/json",
    )
    return answer.status_code


@pytest.mark.usefixtures("on_sqlite")
def test_without_room_what_writes_says_so_and_what_reads_goes_on(
    migrated: Site,
) -> None:
    sample = migrated.sample()
    client = migrated.client(sample.owner)
    with no_room():
        forgotten = client.post("/wachtwoord/vergeten", data={"email": sample.owner})
        assert client.get("/").status_code == 200
        assert _webhook(migrated, 1) == 503
        ready = client.get("/ready")
    assert forgotten.status_code == 503
    assert FULL in forgotten.text
    assert forgotten.headers["Retry-After"] == "900"
    assert "Content-Security-Policy" in forgotten.headers
    assert ready.status_code == 503
    assert (ready.json["disk"], ready.json["database"]) == (False, True)
    assert ready.json["trouble"] == "full"
    assert client.get("/ready").status_code == 200
    assert _webhook(migrated, 2) == 200
    with migrated.data() as data:
        kept = data.scalars(select(InboxEvent.event_id)).all()
    assert kept == ["event-2"]


def _token(site: Site, sample: Sample) -> str:
    scopes = ["relations:read", "relations:write"]
    with site.data():
        user = accounts.find_by_email(sample.owner)
        assert user is not None
        return api_tokens.make(sample.tenant.id, "x", scopes, user_id=user.id)


@pytest.mark.usefixtures("on_sqlite")
def test_the_api_says_it_in_its_own_way_and_counts_it(migrated: Site) -> None:
    token = _token(migrated, migrated.sample())
    before = _full(migrated)  # others of this process may have counted too
    with no_room():
        answer = migrated.client().post(
            "/api/v1/relations",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
            json={"name": "Acme"},
        )
    assert answer.status_code == 503
    assert answer.json["code"] == "storage_full"
    assert answer.json["title"] == "We cannot store anything at the moment."
    assert answer.headers["Retry-After"] == "900"
    assert _full(migrated) == before + 1


def _full(site: Site) -> float:
    told = site.client().get("/metrics").text
    counted = re.search(r'storage_trouble_total\{trouble="full"\} (\S+)', told)
    return float(counted[1]) if counted else 0


@pytest.mark.usefixtures("on_sqlite")
def test_below_the_low_water_mark_nothing_comes_in_and_people_go_on(
    migrated: Site,
) -> None:
    sample = migrated.sample()
    client = migrated.client(sample.owner)
    low_water_mark(migrated.app, 10**12)
    ready = client.get("/ready")
    assert (ready.status_code, ready.json["disk"]) == (503, False)
    assert ready.json["trouble"] == "full"
    assert client.get("/").status_code == 200
    assert (
        client.post("/wachtwoord/vergeten", data={"email": "x@y.nl"}).status_code < 400
    )
    file = {"bestand": (BytesIO(b"name\nAcme"), "relaties.csv")}
    headers = {"Authorization": f"Bearer {_token(migrated, sample)}"}
    upload = client.post("/relaties/importeren", data=file)
    for refused in (
        upload,
        client.post("/api/v1/relations", headers=headers, json={"name": "Acme"}),
        client.post("/webhooks/kmoshops", data=b"{}"),
    ):
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "900"
    assert FULL in upload.text
    assert _webhook(migrated, 1) == 503
    told = client.get("/metrics").text
    assert re.search(r'koppelwerk_disk_short\{folder="[^"]+"\} 1.0', told)
    assert client.get("/api/v1/relations", headers=headers).status_code == 200
    low_water_mark(migrated.app, 0)
    assert client.get("/ready").status_code == 200
    assert _webhook(migrated, 1) == 200


@contextmanager
def _another_writer(site: Site) -> Iterator[None]:
    with site.app.app_context():
        path = db.engine.url.database
    with closing(sqlite3.connect(str(path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.usefixtures("on_sqlite")
def test_another_writer_is_no_full_disk(
    migrated: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extensions, "BUSY_SECONDS", 0)
    monkeypatch.setattr(extensions, "IMPATIENT_SECONDS", 0)
    with migrated.app.app_context():
        db.engine.dispose()
    sample = migrated.sample()
    client = migrated.client(sample.owner)
    with _another_writer(migrated):
        answer = client.post("/wachtwoord/vergeten", data={"email": sample.owner})
        ready = client.get("/ready")
        assert _webhook(migrated, 1) == 503
    assert answer.status_code == 503
    assert LOCKED in answer.text
    assert ready.json["trouble"] == "locked"
    assert ready.status_code == 200  # a restart of what waits its turn helps nobody


def test_a_database_that_is_away_is_said_so_without_asking_it(
    settings: Settings,
) -> None:
    nowhere = replace(
        settings, database_url="postgresql+psycopg://u:geheim@127.0.0.1:9/x"
    )
    client = create_app(nowhere).test_client()
    with client.session_transaction() as session:
        now = int(utcnow().timestamp())
        session.update(_user_id="1:key", begun=now, seen=now)
    answer = client.get("/")
    assert answer.status_code == 503
    assert AWAY in answer.text
    assert "geheim" not in answer.text
    assert "Content-Security-Policy" in answer.headers
    english = client.get("/", headers={"Accept-Language": "en"})
    assert "We cannot reach the data" in english.text
    api = client.get("/api/v1/couplings", headers={"Authorization": "Bearer x"})
    assert (api.status_code, api.json["code"]) == (503, "storage_away")
    ready = client.application.test_client().get("/ready")
    assert (ready.status_code, ready.json["trouble"]) == (503, "away")


def test_other_faults_stay_what_they_are(site: Site) -> None:
    with site.app.app_context(), pytest.raises(DBAPIError) as raised:
        db.session.execute(text("SELECT * FROM nowhere"))
    assert trouble_of(raised.value) is None
    assert trouble_of(ValueError("disk full")) is None
    assert trouble_of(OSError(2, "no such file")) is None
    assert trouble_of(OSError(28, "No space left on device")) is Trouble.FULL


def test_a_standby_and_a_lock_of_the_server_are_told_apart(
    site: Site, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--database") != "postgresql":
        pytest.skip("of PostgreSQL")
    with site.app.app_context():
        for before, statement, trouble in (
            ("SET TRANSACTION READ ONLY", "DELETE FROM mark", Trouble.AWAY),
            ("SET LOCAL statement_timeout=1", "SELECT pg_sleep(1)", Trouble.LOCKED),
            ("SELECT 1", _raising("disk_full"), Trouble.FULL),
            ("SELECT 1", _raising("too_many_connections"), Trouble.AWAY),
            ("SELECT 1", _raising("unique_violation"), None),
        ):
            db.session.execute(text(before))
            with pytest.raises(DBAPIError) as raised:
                db.session.execute(text(statement))
            db.session.rollback()
            assert trouble_of(raised.value) is trouble, statement


def _raising(condition: str) -> str:
    return f"DO $$ BEGIN RAISE {condition}; END $$"


def test_asking_often_writes_seldom(
    migrated: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "REMEMBERED_SECONDS", 600)
    client = migrated.client()
    with migrated.queries() as sent:
        answers = {client.get("/ready").status_code for _ in range(20)}
    assert answers == {200}
    assert len([each for each in sent if "INSERT" in each]) == 1


def test_a_log_that_finds_no_room_fails_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import structlog

    from core.runtime.process_logs import configure_logs

    configure_logs(Settings(log_level="INFO"))
    with (tmp_path / "log").open("w", buffering=1) as log:
        monkeypatch.setattr(sys, "stdout", log)
        with no_room():
            structlog.get_logger().warning("into nothing")
        structlog.get_logger().warning("heard again")
    assert "heard again" in (tmp_path / "log").read_text()


def test_a_row_of_each_process_is_added_up(site: Site) -> None:
    from core.runtime.counters import Counters

    found = Counters(3)
    for row in range(3):
        found.use_row(row)
        found.add("logins_failed")
    assert found.totals()["logins_failed",] == 3
