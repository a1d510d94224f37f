"""What a process says of itself: no password of an address, whoever writes the line."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from core.domain import redact as redaction
from core.domain.redact import redact, secrets_in
from core.main.app import create_app
from core.plugin.settings import secrets_of
from core.runtime import key_file
from core.runtime.process_logs import RedactedRecord
from core.runtime.settings import Settings
from core.runtime.vault import new_key
from plugins.digitalefactuur.client import Credentials, DigitaleFactuur

WORD = "Zandkasteel"
ADDRESSES = {
    "smtp_url": f"smtp://jan:p%40{WORD}1@mail.example.nl:587?tls=1",
    "redis_url": f"redis://:{WORD}2@127.0.0.1:6379/0",
    "database_url": f"postgresql+psycopg://jan:a/{WORD}3@127.0.0.1:9/koppelwerk",
}


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_registered", redaction._registered)


@pytest.fixture
def told(settings: Settings) -> Settings:
    return replace(settings, **ADDRESSES, secret_keys=new_key())


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        (ADDRESSES["smtp_url"], {f"p%40{WORD}1", f"p@{WORD}1"}),
        (ADDRESSES["redis_url"], {f"{WORD}2"}),
        (ADDRESSES["database_url"], {f"a/{WORD}3"}),
        ("smtp://u:a@b@mail.nl", {"a", "a@b"}),
        ("postgresql://db/x?user=u&password=w%20w", {"w w"}),
        ("https://example.nl:8000/a@b", {"8000/a"}),
        ("https://example.nl/a:b@c?state=d", set()),
        ("Koppelwerk <info@koppelwerk.example>", set()),
    ],
)
def test_the_passwords_of_an_address(address: str, secrets: set[str]) -> None:
    assert secrets_in(address) == secrets


def test_settings_show_no_value_of_theirs(told: Settings) -> None:
    assert WORD not in repr(told)
    assert told.secret_keys not in repr(told)
    assert {f"{WORD}2", told.secret_keys.partition(":")[2]} <= secrets_of(told)


def test_the_keys_of_the_file_are_masked_too(settings: Settings) -> None:
    create_app(settings)
    key = key_file.read(settings.var).partition(":")[2]
    assert key not in redact(f"de sleutel {key} staat hier")


def _said(told: Settings, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    """Yield what each way of writing a line says about each address."""
    create_app(replace(told, log_level="DEBUG"))
    bare = [part for address in ADDRESSES.values() for part in secrets_in(address)]
    for each in (*ADDRESSES.values(), *bare, f"nested {bare[0]}"):
        structlog.get_logger("a").error(
            "x", why=each, deep={"a": [each]}, e=OSError(each)
        )
        record = logging.getLogRecordFactory()(
            "rq.worker", logging.ERROR, "f", 1, "%s went wrong", (each,), None
        )
        yield logging.Formatter().format(record)
        try:
            raise OSError(each)
        except OSError:
            structlog.get_logger("a").exception("y")
            record = logging.getLogRecordFactory()(
                "rq.worker", logging.ERROR, "f", 1, "z", (), sys.exc_info()
            )
            yield logging.Formatter().format(record)
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    yield "".join(capsys.readouterr())


def test_no_password_of_an_address_is_written(
    told: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "\n".join(_said(told, capsys))
    assert said.count("***") > 30
    assert WORD not in said


def test_without_the_registered_words_they_would_be(
    told: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.main.app.register_secret", lambda _secret: None)
    assert WORD in "\n".join(_said(told, capsys))


def test_an_error_of_the_database_holds_no_values(app: Flask) -> None:
    engine = app.extensions["sqlalchemy"].engine
    with engine.connect() as connection, pytest.raises(Exception, match="no_such") as e:
        connection.execute(text("SELECT * FROM no_such WHERE a = :a"), {"a": WORD})
    assert WORD not in str(e.value)


def test_an_address_with_keys_in_its_path_is_masked_in_any_error() -> None:
    """Also where a library puts it into words: account id and code are its path."""
    credentials = Credentials("4711", f"{WORD}-code")
    client = DigitaleFactuur("http://127.0.0.1:9/api", credentials)
    with pytest.raises(Exception) as caught:  # noqa: PT011  any is told
        client.check()
    kind, error, trace = type(caught.value), caught.value, caught.tb
    record = RedactedRecord("a", 40, "f", 1, "x", (), (kind, error, trace))
    said = logging.Formatter().format(record)
    assert WORD not in said
    assert "4711" not in said
    assert redact(f"url: /api/4711/{WORD}-code/x") == "url: /api/***/x"


def test_a_command_that_cannot_reach_the_database_says_no_password(
    told: Settings,
) -> None:
    """The whole way: another process, whatever it says."""
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "keys", "status"]
    environ = {**told.as_environ(), "PYTHONPATH": "."}
    done = subprocess.run(words, env=environ, capture_output=True, text=True)
    assert done.returncode != 0
    assert "connect" in done.stderr
    assert WORD not in done.stdout + done.stderr
