"""`flask doctor` names each fault of an installation with what ends it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import stamp
from sqlalchemy import column, table, text, update

from core.kit.mailcatcher.server import listen
from core.kit.mailcatcher.store import Store
from core.main import checkup
from core.main.app import create_app
from core.main.checkup import installation, services
from core.main.commands.doctor import doctor
from core.main.stack import Stack, free_port
from core.runtime import references, walls
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.runtime.vault import new_key
from tests.database import empty_database
from tests.full_disk import no_room

OWN = {
    "support_email": "hulp@voorbeeld.nl",
    "mail_from": "Wij <wij@voorbeeld.nl>",
    "seller_name": "Wij B.V.",
    "seller_address": "Straat 1",
    "seller_vat_number": "NL123456782B90",
    "seller_chamber_number": "12345678",
    "seller_iban": "NL91ABNA0417164300",
}
REGISTERED = {
    "ACCOUNTVIEW_CLIENT_ID": "x",
    "ACCOUNTVIEW_CLIENT_SECRET": "x",
    "AUTOREPORT_CLIENT_ID": "x",
    "AUTOREPORT_CLIENT_SECRET": "x",
}


@pytest.fixture
def sound(settings: Settings, sandboxes: Stack, tmp_path: Path) -> Settings:
    """Settings of an installation that is as it should be, on this machine."""
    var = tmp_path / "var"
    var.mkdir(mode=0o700)
    port = free_port()
    return replace(
        settings,
        public_url=f"http://127.0.0.1:{port}",
        redis_url=sandboxes.settings.redis,
        environ={**settings.environ, **REGISTERED},
    )


@contextmanager
def made(settings: Settings) -> Iterator[Flask]:
    """An application that leaves no connection open."""
    app = create_app(settings)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def found(settings: Settings, *, migrated: bool = True) -> dict[str, list[Any]]:
    """Return what doctor finds, by part, and hold its exit code to it."""
    with made(settings) as app:
        with app.app_context():
            _prepared(migrated=migrated)
        done = app.test_cli_runner().invoke(doctor, ["--json"])
    parts: dict[str, list[Any]] = json.loads(done.stdout)
    is_wrong = any(one["is_wrong"] for each in parts.values() for one in each)
    assert done.exit_code == int(is_wrong), done.output
    for each in parts.values():
        assert all(one["action"] for one in each)
    return parts


def _prepared(*, migrated: bool) -> None:
    empty_database()
    if db.engine.url.get_backend_name() == "sqlite":
        Path(str(db.engine.url.database)).chmod(0o600)
    with db.engine.begin() as connection:
        references.build(connection)
    stamp(revision="heads" if migrated else "base")
    db.session.remove()


def wrong(parts: dict[str, list[Any]], name: str) -> str:
    """Return what is wrong with a part."""
    return "; ".join(one["what"] for one in parts[name] if one["is_wrong"])


def noted(parts: dict[str, list[Any]], name: str) -> str:
    return "; ".join(one["what"] for one in parts[name] if not one["is_wrong"])


def forgiving(settings: Settings) -> bool:
    """Whether the tests' own server forgets on purpose (tests.postgres)."""
    return settings.database_url.startswith("postgresql")


def test_a_sound_installation_has_nothing_wrong(sound: Settings) -> None:
    parts = found(sound)
    assert set(parts) == set(checkup.CHECKS)
    faults = {name: wrong(parts, name) for name in parts if wrong(parts, name)}
    assert set(faults) == ({"database"} if forgiving(sound) else set())
    assert "nobody answers" in noted(parts, "address")
    assert "nobody serves" in noted(parts, "workers")


def test_a_server_that_forgets_is_named(sound: Settings) -> None:
    if not forgiving(sound):
        pytest.skip("of PostgreSQL")
    said = wrong(found(sound), "database")
    assert "fsync=off" in said
    assert "full_page_writes=off" in said


@pytest.mark.parametrize(
    ("values", "part", "said"),
    [
        ({"public_url": "http://hub.voorbeeld.nl"}, "address", "is http"),
        ({"public_url": "hub.voorbeeld.nl"}, "address", "no address of a site"),
        ({"public_url": "https://127.0.0.1:9"}, "address", "TRUSTED_PROXIES is 0"),
        ({"secret_keys": f"a:{'A' * 43}="}, "keys", "key a is not random"),
        ({"log_level": "LOUD"}, "settings", "LOG_LEVEL is LOUD"),
        ({"metrics_token": "kort"}, "settings", "METRICS_TOKEN can be guessed"),
        ({"lease_seconds": 20}, "settings", "LEASE_SECONDS is not longer"),
        ({"disk_least_mb": 10**9}, "disk", "MB left of"),
        ({"redis_url": "redis://127.0.0.1:9"}, "redis", "does not answer"),
        ({"smtp_url": "smtp://127.0.0.1:9"}, "mail", "cannot be used"),
        ({"smtp_url": "http://x"}, "mail", "cannot be used"),
    ],
)
def test_each_fault_is_named(
    sound: Settings, values: dict[str, Any], part: str, said: str
) -> None:
    parts = found(replace(sound, **values))
    assert said in wrong(parts, part)


def test_what_is_fine_for_a_trial_is_wrong_for_a_site(sound: Settings) -> None:
    real = replace(
        sound, public_url="https://hub.invalid", trusted_proxies=1, bench_route=True
    )
    parts = found(real)
    assert "BENCH_ROUTE is set" in wrong(parts, "settings")
    assert "particulars are the sample's" in wrong(parts, "settings")
    assert "SMTP_URL is not set" in wrong(parts, "mail")
    assert "a simulator" in wrong(parts, "plugins")
    assert "TRUSTED_PROXIES" not in wrong(parts, "address")
    own = found(replace(real, **OWN, bench_route=False, secret_keys=new_key()))
    assert wrong(own, "settings") == ""
    assert own["keys"] == []


def test_registrations_and_misspelt_settings_are_named(sound: Settings) -> None:
    environ = {**sound.environ, "EACCOUNTING_CLIENT_SECRET": "", "KMOSHOPS_NAAM": "1"}
    parts = found(replace(sound, environ=environ))
    said = wrong(parts, "plugins")
    assert "EACCOUNTING_CLIENT_SECRET is not set" in said
    assert "no setting is called KMOSHOPS_NAAM" in said
    environ = {**environ, "EACCOUNTING_CLIENT_ID": ""}
    assert "eaccounting cannot be connected" in noted(
        found(replace(sound, environ=environ)), "plugins"
    )
    environ = {**sound.environ, "EACCOUNTING_CALLS_PER_MINUTE": "veel"}
    assert "eaccounting did not load" in wrong(
        found(replace(sound, environ=environ)), "plugins"
    )


def test_files_that_others_may_read_are_named(sound: Settings) -> None:
    found(sound)
    (sound.var / "mails").mkdir()
    (sound.var / "mails").chmod(0o755)
    (sound.var / installation.KEY_FILE).chmod(0o644)
    parts = found(sound)
    assert "mode 755" in wrong(parts, "files")
    assert "the secret keys" in wrong(parts, "keys")


def test_a_database_that_is_away_is_named_without_its_password(
    sound: Settings,
) -> None:
    address = "postgresql+psycopg://u:geheim@127.0.0.1:9/x"
    with made(replace(sound, database_url=address)) as app:
        done = app.test_cli_runner().invoke(doctor, [])
    assert done.exit_code == 1
    assert "WRONG  database: it does not answer" in done.output
    assert "WRONG  migrations: this could not be looked at" in done.output
    assert "geheim" not in done.output


def test_tables_that_are_missing_old_or_newer_are_named(sound: Settings) -> None:
    assert "no tables yet" in wrong(found(sound, migrated=False), "migrations")
    assert wrong(found(sound), "migrations") == ""
    with made(sound) as app, app.app_context():
        versions = table("alembic_version", column("version_num"))
        for name, said in (("core_0001", "are older"), ("core_9999", "are of a newer")):
            newest = versions.c.version_num.like("core_%")
            with db.engine.begin() as connection:
                connection.execute(
                    update(versions).where(newest).values(version_num=name)
                )
            assert said in "; ".join(one.what for one in services.migrations())
        stamp(revision="base", purge=True)


def test_walls_between_tenants_that_are_missing_are_named(sound: Settings) -> None:
    with made(sound) as app, app.app_context():
        _prepared(migrated=True)
        with system_scope():
            assert list(services.tenants()) == []
            with db.engine.begin() as connection:
                references.drop(connection)
            (one,) = services.tenants()
            assert "own_rows_" in one.what
            assert "db upgrade heads" in one.action
            with db.engine.begin() as connection:
                references.build(connection)
                if connection.dialect.name == "sqlite":
                    return
                connection.execute(text('DROP POLICY own_tenant ON "coupling"'))
            (one,) = services.tenants()
            assert "(coupling)" in one.what
            with db.engine.begin() as connection:
                walls.build(connection)


def test_a_role_that_sees_through_the_walls_is_named(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no roles")
    monkeypatch.setattr(walls, "is_walled", lambda _: False)
    (one,) = services.tenants()
    assert "BYPASSRLS" in one.action


def test_a_clock_that_is_off_is_named(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name == "sqlite":
        assert list(services.clock()) == []
        pytest.skip("SQLite has no clock of its own")
    assert list(services.clock()) == []
    late = datetime.now(UTC) + timedelta(minutes=3)
    monkeypatch.setattr(services, "utcnow", lambda: late)
    (one,) = services.clock()
    assert "180 seconds apart" in one.what or "179 seconds apart" in one.what


def test_a_database_that_takes_nothing_is_named(app: Flask) -> None:
    stamp(revision="heads")
    if db.engine.dialect.name == "sqlite":
        with no_room():
            (one,) = services.database()
        assert one.what == "nothing can be stored (full)"
        assert "Make room" in one.action
    stamp(revision="base")


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    controller = listen(Store(tmp_path / "mails"), "127.0.0.1", port)
    yield port
    controller.stop()


def test_a_mail_server_that_answers_is_well(sound: Settings, mail_server: int) -> None:
    url = f"smtp://127.0.0.1:{mail_server}"
    assert found(replace(sound, smtp_url=url))["mail"] == []
