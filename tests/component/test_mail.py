"""Addresses of mail servers and people, permanent errors, and the catcher."""

import smtplib
from pathlib import Path

import pytest

from core.kit.mailcatcher.app import create_page, pieces
from core.kit.mailcatcher.store import KEPT, Store
from core.plugin.mail import BadAddress
from core.services.mailing import smtp
from core.services.mailing.mail import plain_address
from core.services.mailing.smtp import MailServerUnusable, Server, server_of


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", Server("127.0.0.1", 8025, "", "", False, False)),
        ("smtp://mail.example", Server("mail.example", 25, "", "", False, False)),
        (
            "smtp://u:p%40s@mail.example?tls=1",
            Server("mail.example", 587, "u", "p@s", False, True),
        ),
        (
            "smtps://u:p@mail.example",
            Server("mail.example", 465, "u", "p", True, False),
        ),
        (
            "smtps://u:p@mail.example:2465?tls=1",
            Server("mail.example", 2465, "u", "p", True, False),
        ),
        ("smtp://u:p@localhost:25", Server("localhost", 25, "u", "p", False, False)),
    ],
)
def test_the_address_of_the_server(url: str, server: Server) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "smtp://user:geheim@mail.example", "smtp://user:geheim@mail.example?tls=0",
        "http://mail.example", "mail.example:25", "smtp://:25", "smtp://x:port",
        "smtp://x:99999",
    ],
)  # fmt: skip
def test_an_unusable_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(MailServerUnusable) as caught:
        server_of(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no")}), True),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"later")}), False),
        (smtplib.SMTPDataError(554, b"no"), True),
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPSenderRefused(550, b"no", "x"), True),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (TimeoutError("silence"), False),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), True),
        (ValueError("wiped"), True),
    ],
)
def test_which_errors_are_final(error: Exception, permanent: bool) -> None:
    assert smtp.is_permanent(error) is permanent


@pytest.mark.parametrize(
    "address", ["a@example.com", "a.b+c@sub.example.com", "o'neill@example.com"]
)
def test_plain_addresses(address: str) -> None:
    assert plain_address(address) == address


@pytest.mark.parametrize(
    ("address", "goes"),
    [
        ("jan@münchen.example", "jan@xn--mnchen-3ya.example"),
        ("o'neill@STRASSE.例え.example", "o'neill@strasse.xn--r8jz45g.example"),
        ("a@straße.example", "a@xn--strae-oqa.example"),
    ],
)
def test_a_domain_goes_in_its_ascii_form(address: str, goes: str) -> None:
    assert plain_address(address) == goes


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@example.com", "a b@example.com", "a@example.com,b@example.com",
     "a@example.com\r\nBcc: x@example.com", "<a@example.com>", "a@exa\0mple.com",
     '"ab"@example.com', "jörg@example.com", "a@mün chen.example", "a@-é.example"],
)  # fmt: skip
def test_what_is_no_plain_address(address: str) -> None:
    with pytest.raises(BadAddress):
        plain_address(address)


MAIL = (
    b"From: Koppelwerk <info@koppelwerk.example>\r\nTo: a@example.com\r\n"
    b"Subject: =?utf-8?q?Caf=C3=A9?=\r\nMessage-ID: <1@x>\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\n"
    b"Kijk op http://localhost/a?b=c&d=e.\r\n<script>alert(1)</script>\r\n"
)


def test_caught_mails_are_read_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "mails")
    store.add(MAIL, ["a@example.com", "hidden@example.com"])
    store.add(MAIL, ["b@example.com"])
    newest, oldest = store.all()
    assert (newest.to, oldest.to) == (
        "b@example.com",
        "a@example.com, hidden@example.com",
    )
    assert newest.subject == "Café"
    assert newest.links == ["http://localhost/a?b=c&d=e"]
    assert [one.to for one in store.all("hidden@example.com")] == [oldest.to]
    assert store.find(newest.id) == newest
    assert store.find("../../etc/passwd") is None


def test_only_the_newest_mails_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(KEPT + 3):
        store.add(MAIL, [f"u{number}@example.com"])
    found = [one.to for one in store.all()]
    assert len(found) == KEPT
    assert found[0] == f"u{KEPT + 2}@example.com"


def test_the_page_shows_mails_and_escapes_them(tmp_path: Path) -> None:
    store = Store(tmp_path)
    client = create_page(store).test_client()
    assert "nog geen mail" in client.get("/").text
    store.add(MAIL, ["a@example.com"])
    found = client.get("/mails.json?to=a@example.com").json
    assert found[0]["links"] == ["http://localhost/a?b=c&d=e"]
    assert client.get("/mails.json?to=x@example.com").json == []
    assert "Café" in client.get("/").text
    page = client.get(f"/mail/{found[0]['id']}")
    assert '<a href="http://localhost/a?b=c&amp;d=e">' in page.text
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert client.get("/mail/1").status_code == 404
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_addresses_in_a_text_are_found() -> None:
    assert pieces("Zie http://a.nl/x, of (https://b.nl).") == [
        (False, "Zie "), (True, "http://a.nl/x"), (False, ", of ("),
        (True, "https://b.nl"), (False, ")."),
    ]  # fmt: skip
