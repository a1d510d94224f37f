"""Mails with files: sealed until they go, sent whole, and wiped afterwards."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.domain.clock import utcnow
from core.models import Mail, MailAttachment, MailState
from core.plugin.mail import Attachment
from core.runtime.database import session, transaction
from core.services.mailing import mail, smtp
from tests.integration.test_outbox import _make_due, _rows, _server, scope

__all__ = ["scope"]
PDF = Attachment("factuur 2026é.pdf", "application/pdf", b"%PDF-1.4 \x00\xff" * 1000)
UBL = Attachment("2026.xml", "application/xml", b"<Invoice/>")


def _queue(**values) -> None:
    given = {"report": "7", "name": "", "message": "m", "answer": "a", **values}
    with transaction():
        mail.queue(
            "klant@example.com", "problem_answer", language="nl", tenant_id=None,
            **given,
        )  # fmt: skip


def _files() -> int:
    return session().scalar(select(func.count()).select_from(MailAttachment)) or 0


def test_files_go_with_the_mail_and_are_wiped(scope: Flask) -> None:
    _queue(
        attachments=[PDF, UBL],
        reply_to="winkel@example.com",
        sender="De Fietsenmaker, B.V.",
    )
    stored = session().scalars(select(MailAttachment)).all()
    assert all(b"PDF" not in row.content for row in stored)
    with _server(scope) as server:
        smtp.deliver()
    message = server.mails[0].message
    assert message["Reply-To"] == "winkel@example.com"
    assert message["From"].addresses[0].display_name == "De Fietsenmaker, B.V."
    assert message["From"].addresses[0].addr_spec == "info@koppelwerk.example"
    parts = list(message.iter_attachments())
    assert [part.get_filename() for part in parts] == [PDF.filename, UBL.filename]
    assert parts[0].get_content() == PDF.content
    assert parts[1].get_content_type() == "application/xml"
    assert (_rows()[0].state, _files()) == (MailState.SENT, 0)


def test_a_key_sends_one_mail_with_its_files(scope: Flask) -> None:
    for _ in range(2):
        _queue(attachments=[PDF], dedup_key="invoice:1")
    assert (len(_rows()), _files()) == (1, 1)
    assert mail.state_of("invoice:1") == MailState.QUEUED
    with _server(scope) as server:
        smtp.deliver()
        smtp.deliver()
    assert len(server.mails) == 1
    assert mail.state_of("invoice:1") == MailState.SENT


def test_a_refused_mail_keeps_its_files_until_it_is_forgotten(scope: Flask) -> None:
    _queue(attachments=[PDF])
    with _server(scope) as server:
        server.to_data = "552 too large"
        smtp.deliver()
        assert (_rows()[0].state, _files()) == (MailState.FAILED, 1)
        with transaction():
            mail.retry(_rows()[0].id)
        server.to_data = "250 OK"
        _make_due()
        smtp.deliver()
    assert len(server.mails) == 1
    _queue(attachments=[PDF])
    with transaction() as current:
        row = current.scalars(select(Mail).where(Mail.state == "queued")).one()
        row.state, row.due_at = MailState.FAILED, utcnow() - timedelta(days=99)
    mail.forget(utcnow())
    assert _files() == 0


def test_a_file_opens_with_its_own_mail_only(scope: Flask) -> None:
    _queue(attachments=[PDF])
    _queue(attachments=[UBL])
    first, second = _rows()
    with transaction() as current:
        for row in current.scalars(select(MailAttachment)):
            row.mail_id = second.id if row.mail_id == first.id else first.id
    with _server(scope) as server:
        smtp.deliver()
    assert server.mails == []
    assert {row.state for row in _rows()} == {MailState.FAILED}


@pytest.mark.parametrize("sender", ["A\r\nBcc: dief@example.com", 'Jan "de" <x@y.nl>'])
def test_a_name_or_file_name_adds_no_header(scope: Flask, sender: str) -> None:
    file = Attachment("a\r\nBcc: dief@example.com.pdf", "application/pdf", b"x")
    _queue(attachments=[file], sender=sender)
    with _server(scope) as server:
        smtp.deliver()
    message = server.mails[0].message
    assert server.mails[0].recipients == ["klant@example.com"]
    assert message["Bcc"] is None
    assert len(message["From"].addresses) == 1
