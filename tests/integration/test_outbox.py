"""The outbox against mail servers that take, refuse, hang or are not there."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.models import (
    ConnectionState,
    LogLevel,
    Mail,
    MailState,
    Notice,
    TransferState,
    User,
)
from core.runtime import jobs, log
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope
from core.services.connections import connections
from core.services.mailing import mail, notices, smtp
from core.texts import explain
from tests.certificates import self_signed
from tests.integration.test_orders import order, place
from tests.product import Product
from tests.web import samples


@dataclass
class Received:
    """One mail as the server got it."""

    recipients: list[str]
    message: EmailMessage


class Taker:
    """A mail server's behaviour: takes mails, or answers as it is told to."""

    def __init__(self) -> None:
        self.mails: list[Received] = []
        self.to_data = "250 OK"
        self.to_recipient = "250 OK"
        self.delay = 0.0

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server, _session, envelope):
        if self.to_data.startswith("250"):
            parsed = message_from_bytes(envelope.original_content, policy=default)
            self.mails.append(Received(list(envelope.rcpt_tos), parsed))
        return self.to_data


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _server(app: Flask, **options: Any) -> Iterator[Taker]:
    taker = Taker()
    controller = Controller(taker, hostname="127.0.0.1", port=_free_port(), **options)
    controller.start()
    try:
        _use(app, f"smtp://127.0.0.1:{controller.port}")
        yield taker
    finally:
        controller.stop()


def _use(app: Flask, url: str) -> None:
    parts = app.extensions["koppelwerk"]
    app.extensions["koppelwerk"] = replace(
        parts, settings=replace(parts.settings, smtp_url=url)
    )


@pytest.fixture
def scope(app: Flask) -> Iterator[Flask]:
    with system_scope():
        yield app


def _add(recipient: str = "owner@example.com", **values: Any) -> None:
    given = {
        "report": "7", "name": "Anna", "message": "Hij doet het niet",
        "answer": "Nu wel", **values,
    }  # fmt: skip
    mail.queue(recipient, "problem_answer", language="nl", tenant_id=None, **given)


def _queue(recipient: str = "owner@example.com", **values: Any) -> None:
    with transaction():
        _add(recipient, **values)


def _rows() -> list[Mail]:
    session().expire_all()
    return list(session().scalars(select(Mail).order_by(Mail.id)))


def test_a_mail_is_sent_and_its_content_wiped(scope: Flask) -> None:
    _queue()
    row = _rows()[0]
    assert row.content is not None
    assert b"Hij doet" not in row.content
    with _server(scope) as server:
        jobs.run_task("mail", 0)
    sent = server.mails[0]
    assert sent.recipients == ["owner@example.com"]
    assert sent.message["To"] == "owner@example.com"
    assert sent.message["Subject"] == "Antwoord op uw melding 7"
    assert "Hij doet het niet" in sent.message.get_content()
    assert "http://localhost/meldingen" in sent.message.get_content()
    row = _rows()[0]
    assert (row.state, row.content) == (MailState.SENT, None)
    assert row.sent_at is not None


def _queue_and_fail() -> None:
    with transaction():
        _add()
        raise ZeroDivisionError


def test_nothing_goes_out_when_the_transaction_is_rolled_back(scope: Flask) -> None:
    with pytest.raises(ZeroDivisionError):
        _queue_and_fail()
    assert _rows() == []


def test_the_same_key_makes_one_mail(scope: Flask) -> None:
    long_key = "k" * 500
    for key in ("one", "one", long_key, long_key, long_key + "x"):
        _queue(dedup_key=key)
    assert len(_rows()) == 3


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\u2028"])
def test_values_cannot_add_headers(scope: Flask, break_: str) -> None:
    _queue(report=f"7{break_}Bcc: thief@example.com")
    with _server(scope) as server:
        smtp.deliver()
    sent = server.mails[0]
    assert sent.recipients == ["owner@example.com"]
    assert sent.message["Bcc"] is None
    assert "Bcc: thief@example.com" in sent.message["Subject"]


@pytest.mark.parametrize(
    "address",
    ["a@example.com\nBcc: b@example.com", "a@example.com, b@example.com", "", "niemand",
     "Anna <a@example.com>", "a@example.com "],
)  # fmt: skip
def test_only_one_plain_address_is_taken(scope: Flask, address: str) -> None:
    with pytest.raises(mail.BadAddress):
        _queue(address)


def test_a_text_is_sent_as_it_is_in_any_language(scope: Flask) -> None:
    _queue(message="Prijs < € 10 & 'meer'\n.\nnog een regel")
    with _server(scope) as server:
        smtp.deliver()
    content = server.mails[0].message.get_content().replace("\r\n", "\n")
    assert "Prijs < € 10 & 'meer'\n.\nnog een regel" in content


def test_no_mail_needs_more_than_a_plain_server(scope: Flask) -> None:
    parts = scope.extensions["koppelwerk"]
    ours = replace(parts.settings, mail_from="Zoë <info@zoë.example>")
    scope.extensions["koppelwerk"] = replace(parts, settings=ours)
    _queue("jan@münchen.example", reply_to="hai@例え.example", sender="Café")
    _queue("an@münchen.example")
    with transaction() as current:  # as an older version queued it
        current.execute(
            update(Mail).where(Mail.id == 2).values(recipient="an@münchen.example")
        )
    with _server(scope, enable_SMTPUTF8=False) as server:
        smtp.deliver()
    first, second = server.mails
    assert first.recipients == ["jan@xn--mnchen-3ya.example"]
    assert first.message["Reply-To"] == "hai@xn--r8jz45g.example"
    assert first.message["From"] == "Café <info@xn--zo-ija.example>"
    assert second.recipients == ["an@xn--mnchen-3ya.example"]
    assert second.message["From"] == "Zoë <info@xn--zo-ija.example>"


def test_a_dead_server_costs_one_attempt_for_all_mails(scope: Flask) -> None:
    _use(scope, f"smtp://127.0.0.1:{_free_port()}")
    for number in range(3):
        _queue(f"u{number}@example.com")
    smtp.deliver()
    rows = _rows()
    assert {row.state for row in rows} == {MailState.QUEUED}
    assert {row.failures for row in rows} == {1}
    assert min(row.due_at for row in rows) > utcnow() + timedelta(seconds=50)
    assert "ConnectionRefused" in rows[0].reason
    with _server(scope) as server:
        smtp.deliver()
        assert server.mails == []
        _make_due()
        smtp.deliver()
    assert len(server.mails) == 3


def _make_due() -> None:
    for row in _rows():
        row.due_at = utcnow() - timedelta(seconds=1)
        row.lease_until = None
    session().commit()


def test_a_hanging_server_holds_no_lock(
    scope: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Booking goes on while the mail server says nothing at all."""
    monkeypatch.setattr(smtp, "SECONDS", 240)
    _queue()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _use(scope, f"smtp://127.0.0.1:{silent.getsockname()[1]}")

        def send() -> None:
            with scope.app_context(), system_scope():
                smtp.deliver()

        thread = threading.Thread(target=send)
        thread.start()
        connection, _ = silent.accept()
        sample = samples.tenant()
        assert sample.tenant.id is not None
        assert thread.is_alive()
        connection.close()
        thread.join()
    assert (_rows()[0].state, _rows()[0].failures) == (MailState.QUEUED, 1)


def test_a_hanging_server_is_left_in_time(
    scope: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an end to the waiting this test would never end."""
    monkeypatch.setattr(smtp, "SECONDS", 0.2)
    _queue()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _use(scope, f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        smtp.deliver()
    assert (_rows()[0].state, _rows()[0].failures) == (MailState.QUEUED, 1)


def test_the_pauses_grow_and_end(scope: Flask) -> None:
    _use(scope, f"smtp://127.0.0.1:{_free_port()}")
    _queue()
    waits = []
    for _ in range(9):
        _make_due()
        smtp.deliver()
        waits.append(round((_rows()[0].due_at - utcnow()).total_seconds() / 60))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    row = _rows()[0]
    row.failures = smtp.MOST_FAILURES - 1
    session().commit()
    _make_due()
    smtp.deliver()
    assert _rows()[0].state == MailState.FAILED


def test_a_refused_mail_fails_at_once_and_can_be_sent_again(scope: Flask) -> None:
    with _server(scope) as server:
        server.to_recipient = "550 5.1.1 user unknown"
        _queue("gone@example.com")
        _queue("too@example.com")
        smtp.deliver()
        rows = _rows()
        assert {row.state for row in rows} == {MailState.FAILED}
        assert "gone@" not in rows[0].reason
        assert "550" in rows[0].reason
        server.to_recipient = "250 OK"
        with transaction():
            assert mail.retry(rows[0].id)
        smtp.deliver()
    assert [sent.recipients for sent in server.mails] == [["gone@example.com"]]
    assert [row.state for row in _rows()] == [MailState.SENT, MailState.FAILED]
    with transaction():
        assert not mail.retry(rows[0].id)


def test_a_passing_refusal_is_tried_again(scope: Flask) -> None:
    with _server(scope) as server:
        server.to_data = "451 4.3.0 try later"
        _queue()
        smtp.deliver()
        assert (_rows()[0].state, _rows()[0].failures) == (MailState.QUEUED, 1)
        server.to_data = "250 OK"
        _make_due()
        smtp.deliver()
    assert len(server.mails) == 1


def test_one_refused_mail_does_not_hold_up_the_next(scope: Flask) -> None:
    with _server(scope) as server:
        _queue("a@example.com")
        _queue("b@example.com")
        answers = iter(["554 5.6.0 not this one", "250 OK"])

        async def refuse_first(_server, _session, envelope):
            return next(answers)

        server.handle_DATA = refuse_first
        smtp.deliver()
    assert [row.state for row in _rows()] == [MailState.FAILED, MailState.SENT]


def test_a_crash_after_the_servers_yes_sends_again_with_the_same_id(
    scope: Flask,
) -> None:
    _queue()
    with _server(scope) as server:
        died = patch.object(smtp, "_finish", side_effect=SystemExit)
        with died, pytest.raises(SystemExit):
            smtp.deliver()
        smtp.deliver()
        assert len(server.mails) == 1, "the worker that died still holds it"
        _make_due()
        smtp.deliver()
    ids = [sent.message["Message-ID"] for sent in server.mails]
    assert len(ids) == 2
    assert ids[0] == ids[1]
    assert ids[0].endswith("@koppelwerk.example>")


def test_two_workers_never_take_the_same_mail(scope: Flask) -> None:
    for number in range(10):
        _queue(f"u{number}@example.com")
    with _server(scope) as server:

        def send() -> None:
            with scope.app_context(), system_scope():
                smtp.deliver()

        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    got = sorted(sent.recipients[0] for sent in server.mails)
    assert got == sorted(f"u{number}@example.com" for number in range(10))


@pytest.fixture
def tls(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    certificate, private = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return certificate, context


def _check(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        b"user", b"p@ss/word",
    )  # fmt: skip
    return AuthResult(success=right, handled=False)


@pytest.mark.parametrize("password", ["p%40ss%2Fword", "wrong-password"])
def test_it_logs_in_over_starttls(
    scope: Flask,
    tls: tuple[Path, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
    password: str,
) -> None:
    certificate, context = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _queue()
    with _server(
        scope,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=_check,
    ) as server:
        port = smtp.server_of(scope.extensions["koppelwerk"].settings.smtp_url).port
        _use(scope, f"smtp://user:{password}@127.0.0.1:{port}?tls=1")
        smtp.deliver()
    row = _rows()[0]
    if password.startswith("p"):
        assert (row.state, len(server.mails)) == (MailState.SENT, 1)
    else:
        assert (row.state, server.mails) == (MailState.QUEUED, [])
        assert password not in row.reason


def test_a_server_with_a_certificate_we_do_not_know_gets_nothing(
    scope: Flask, tls: tuple[Path, ssl.SSLContext]
) -> None:
    _queue()
    with _server(scope, tls_context=tls[1]) as server:
        port = smtp.server_of(scope.extensions["koppelwerk"].settings.smtp_url).port
        _use(scope, f"smtp://127.0.0.1:{port}?tls=1")
        smtp.deliver()
    assert server.mails == []
    assert _rows()[0].state == MailState.QUEUED


def test_owners_and_the_extra_address_get_it_in_their_language(scope: Flask) -> None:
    sample = samples.tenant()
    with transaction():
        sample.tenant.extra_email = "boekhouder@example.com"
        mail.to_tenant(
            sample.tenant.id, "connection_paused", dedup_key="p1", plugin="kmoshops",
            name="Fietsen",
        )  # fmt: skip
        mail.to_tenant(
            sample.tenant.id, "connection_paused", dedup_key="p1", plugin="kmoshops",
            name="Fietsen",
        )  # fmt: skip
    assert [row.recipient for row in _rows()] == [
        sample.owner, "boekhouder@example.com",
    ]  # fmt: skip


def test_an_extra_address_that_is_none_keeps_nobody_from_theirs(scope: Flask) -> None:
    sample = samples.tenant()
    with transaction():
        sample.tenant.extra_email = "geen adres"
        mail.to_tenant(
            sample.tenant.id, "connection_paused", plugin="kmoshops", name="Fietsen"
        )
    assert [row.recipient for row in _rows()] == [sample.owner]


def _told() -> list[tuple[str, str]]:
    """Return subject and text of each mail about documents, oldest first."""
    return [mail.content_of(row) for row in _rows() if row.kind == "errors_today"]


def _fail(sample: samples.Sample, number: str, code: str, **values: Any) -> Any:
    """Let a document come under Fouten, with its line in the log."""
    state = values.pop("state", TransferState.FAILED)
    row = samples.transfer(sample, number, state, code, **values)
    _log_error(sample, row)
    return row


def test_what_fails_together_is_one_mail_and_the_next_comes_an_hour_later(
    scope: Flask,
) -> None:
    sample = samples.tenant()
    with transaction():
        for number in ("1", "2", "3"):
            _fail(sample, number, "order_empty")
        for number, country in (("F1", "FR"), ("F2", "FR"), ("D1", "DE")):
            params = {"country": country, "rate": "20"}
            _fail(sample, number, "vat_rate_not_configured", params=params)
        _fail(sample, "4", "total_mismatch", state=TransferState.DONE)
    now = utcnow()
    notices.tick(now)
    assert _told() == [], "others may follow"
    notices.tick(now + timedelta(minutes=6))
    [(subject, text)] = _told()
    assert subject == "6 documenten vragen uw aandacht"
    assert "3 bestellingen: De bestelling heeft geen regels." in text
    assert "2 bestellingen: Voor 20% BTW in Frankrijk" in text
    assert "oorzaak=order_empty" in text
    with transaction():
        _fail(sample, "5", "order_empty")  # told today
        _fail(sample, "6", "currency_not_eur", params={"currency": "USD"})
        solved = _fail(sample, "7", "country_unknown")
    for minutes in (10, 40, 60):
        notices.tick(now + timedelta(minutes=minutes))
        assert len(_told()) == 1
    with transaction():
        solved.state = TransferState.DONE
    notices.tick(now + timedelta(minutes=70))
    assert [subject for subject, _text in _told()[1:]] == [
        "6: De bestelling is in USD."
    ]
    notices.tick(now + timedelta(minutes=200))
    assert len(_told()) == 2


def test_a_mail_says_of_what_was_booked_what_happened(scope: Flask) -> None:
    sample = samples.tenant()
    with transaction():
        params = {"booked": "72.80", "now": "70.00"}
        _fail(sample, "T1", "changed_after_booking", state=TransferState.HELD,
              params=params)  # fmt: skip
    now = utcnow()
    notices.tick(now)
    notices.tick(now + timedelta(minutes=6))
    [(subject, text)] = _told()
    assert subject == "T1: De bestelling is gewijzigd nadat ze was geboekt."
    assert "Geboekt is €\xa072,80; de winkel zegt nu €\xa070,00." in text
    assert "niet doorgezet" not in subject + text


def test_what_was_told_is_forgotten(scope: Flask) -> None:
    sample = samples.tenant()
    with transaction():
        _fail(sample, "1", "order_empty")
    now = utcnow()
    notices.tick(now)
    notices.tick(now + timedelta(minutes=6))
    assert session().scalars(select(Notice.told_at)).one() is not None
    notices.tick(now + timedelta(days=31))
    assert session().scalars(select(Notice)).all() == []


def test_one_message_per_pause(scope: Flask) -> None:
    sample = samples.tenant()
    now = utcnow()
    for minutes in (0, 2):
        with transaction():
            sample.package.state = ConnectionState.CONNECTED
            session().flush()
            connections.pause(sample.package.id, "authentication_lost")
        notices.tick(now + timedelta(minutes=minutes))
        notices.tick(now + timedelta(minutes=minutes, seconds=30))
    assert [row.kind for row in _rows()] == ["connection_paused"] * 2


def _log_error(sample: samples.Sample, row: Any) -> None:
    log.write(
        sample.tenant.id,
        "order_empty",
        level=LogLevel.ERROR,
        transfer_id=row.id,
        connection_id=sample.package.id,
        number=row.number,
    )


def test_the_dispatcher_tells_and_wakes(
    scope: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, str]] = []
    monkeypatch.setattr(
        jobs, "wake", lambda queue, task, argument=0: woken.append((queue, task))
    )
    sample = samples.tenant()
    with transaction():
        connections.pause(sample.shop.id, "authentication_lost")
    jobs.run_task("dispatch", 0)
    assert [row.kind for row in _rows()] == ["connection_paused"]
    assert ("bulk", "mail") in woken


def test_old_mails_are_forgotten(scope: Flask) -> None:
    for number in range(3):
        _queue(f"u{number}@example.com")
    now = utcnow()
    rows = _rows()
    ages = (timedelta(days=400), timedelta(days=40), timedelta(days=1))
    for row, age in zip(rows, ages, strict=True):
        row.state = MailState.FAILED
        row.due_at = now - age
    session().commit()
    mail.forget(now)
    rows = _rows()
    assert [row.content is None for row in rows] == [True, False]


def test_an_english_owner_reads_english(scope: Flask) -> None:
    sample = samples.tenant()
    with force_locale("en"):
        wanted = explain("order_empty").what
    assert wanted != explain("order_empty").what
    with transaction():
        owner = session().scalars(select(User).where(User.email == sample.owner)).one()
        owner.language = "en"
        session().flush()
        mail.to_tenant(
            sample.tenant.id, "errors_today", count=1,
            causes=[{"code": "order_empty", "params": {}, "number": "1", "count": 1,
                     "key": "order_empty", "packages": [], "are_invoices": False}],
        )  # fmt: skip
    assert wanted in mail.content_of(_rows()[0])[1]
    assert explain("order_empty").what != wanted, "the caller's language is kept"


def test_the_local_catcher_takes_what_the_product_sends(connected: Product) -> None:
    recipient = "aan@example.com"
    _queue(recipient, message="Café in het postvak")
    jobs.run_task("mail", 0)
    page = connected.stack.mail_page
    found = requests.get(f"{page}/mails.json?to={recipient}", timeout=5).json()
    assert [one["subject"] for one in found] == ["Antwoord op uw melding 7"]
    assert "Café in het postvak" in found[0]["text"]
    assert found[0]["links"][0].endswith("/meldingen")
    shown = requests.get(f"{page}/mail/{found[0]['id']}", timeout=5)
    assert "Café in het postvak" in shown.text
    assert _rows()[0].state == MailState.SENT


def test_booking_goes_on_while_the_mail_server_hangs(connected: Product) -> None:
    """Three orders are booked before the sender has given up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _use(connected.app, f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        _queue()

        def send() -> None:
            with connected.app.app_context(), system_scope():
                smtp.deliver()

        thread = threading.Thread(target=send)
        thread.start()
        for _ in range(3):
            place(connected, order())
        states = {row.state for row in connected.transfers().values()}
        was_hanging = thread.is_alive()
        silent.accept()[0].close()
        session().rollback()  # the sender writes down that it failed
        thread.join(smtp.SECONDS)
    assert was_hanging
    assert not thread.is_alive()
    assert states == {TransferState.DONE}
    assert _rows()[0].state == MailState.QUEUED
