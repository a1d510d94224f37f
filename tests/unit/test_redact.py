"""No secret and no forged line reaches a log or a stored exchange."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import redact as module
from core.domain.redact import (
    is_sensitive,
    redact,
    redact_cut,
    redact_url,
    register_secret,
)

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnZWhlaW0ifQ.c2lnbmF0dXJl_geheim-x"

SECRETS = [
    "Authorization: Bearer geheim.token-1",
    "authorization: Basic Z2VoZWltOmdlaGVpbQ== \r\nAccept: x",
    "{'Authorization': 'Bearer geheim-token'}",
    "curl -H 'Authorization: Bearer geheim-token' x",
    "Proxy-Authorization=geheim",
    "Cookie: session=geheim; other=geheim2",
    "Set-Cookie: session=geheim; HttpOnly",
    '{"access_token":"geheim","refresh_token" : "geheim"}',
    '{"access_token": "ge\\"heim geheim"}',
    '{"refresh_token": "geheim afgekapt',
    '{"client_secret":"geheim", "password":"geheim met spatie"}',
    "{'refresh_token': 'geheim'}",
    '"{\\"access_token\\":\\"geheim\\",\\"x\\":1}"',
    "grant_type=refresh_token&refresh_token=geheim&client_secret=geheim",
    "grant_type=authorization_code&code=geheim&state=geheim",
    "https://x.nl/cb?code=geheim&state=geheim",
    "code=geheim",
    '{"code": "geheimgeheimgeheim"}',
    "token secret_geheimgeheim in tekst",
    "Bearer geheim-token-x",
    f"antwoord {JWT} einde",
    "<SecurityCode1>geheim</SecurityCode1>",
    "<ns1:SessionID xsi:type='x'>geheim</ns1:SessionID>",
    "X-Api-Key: geheim",
    "api_key=geheim",
    "ApiToken: geheim",
    "https://jan:geheim@example.nl/pad",
    "redis://:geheim@127.0.0.1:6379/0",
    "smtp://jan:p@geheim@mail.example.nl:587",
    "postgresql+psycopg://jan:geheim@db/koppelwerk",
    "postgresql://db/koppelwerk?user=jan&password=geheim",
    "host=db user=jan password=geheim dbname=koppelwerk",
    "next=redis%3A%2F%2F%3Ageheim%40127.0.0.1%2F0",
    "wachtwoord=geheim",
    "Tokens(access_token='geheim', refresh_token='geheim')",
]


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_are_masked(text):
    clean = redact(text)
    assert "geheim" not in clean
    assert "Z2VoZWlt" not in clean
    assert "***" in clean


@pytest.mark.parametrize(
    "text",
    [
        '{"CountryCode":"NL","VatCode":"05","code":"21","State":"open"}',
        '{"Total":121.10,"VatNumber":"NL123456789B01","Number":20260001}',
        '{"Token_count": 3}',
        "GET /v2/orders?$filter=Number eq '12'&$page=1",
        "ErrorId 7d444840-9dc0-11d1-b245-5ffdce74fad2 at 2026-03-01T12:00:00Z",
        "Factuur AB12CDEF34567890123 voor Jansen & Zn.",
        "grant_type=authorization_code",
        "a@b is geen adres",
        "",
    ],
)
def test_what_a_reader_needs_stays(text):
    assert redact(text) == text


def test_neighbours_of_a_secret_stay():
    text = '{"access_token":"geheim","expires_in":3600,"scope":"ea:api"}'
    assert redact(text) == '{"access_token":"***","expires_in":3600,"scope":"ea:api"}'
    assert redact("a=1&refresh_token=geheim&b=2") == "a=1&refresh_token=***&b=2"
    assert redact("<Token>geheim</Token><A>1</A>") == "<Token>***</Token><A>1</A>"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail jan.jansen+x@example.co.uk.", "mail j***@example.co.uk."),
        ('"Email":"info@winkel.nl"', '"Email":"i***@winkel.nl"'),
        ("q=jan%40example.nl", "q=j***%40example.nl"),
        ("a@example.nl,b@example.nl", "a***@example.nl,b***@example.nl"),
        ("zoë@example.nl", "z***@example.nl"),
    ],
)
def test_mail_addresses_keep_their_first_sign_and_domain(text, clean):
    assert redact(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("IBAN NL91ABNA0417164300.", "IBAN NL***."),
        ("NL91 ABNA 0417 1643 00 van Jan", "NL*** van Jan"),
        ("NL91ABNA0417164300 THIS", "NL*** THIS"),
        ("be68539007547034", "be***"),
        ("DE89 3704 0044 0532 0130 00", "DE***"),
        ("NL92ABNA0417164300", "NL92ABNA0417164300"),
    ],
)
def test_account_numbers(text, clean):
    assert redact(text) == clean


def test_registered_strings_are_masked_as_written_and_in_addresses(monkeypatch):
    monkeypatch.setattr(module, "_registered", ())
    register_secret("pa/ss wo+rd")
    register_secret("kort")
    assert redact("x pa/ss wo+rd y") == "x *** y"
    assert redact("?a=pa%2Fss%20wo%2Brd&b=pa%2Fss+wo%2Brd") == "?a=***&b=***"
    assert redact("kort") == "kort"


def test_a_secret_that_holds_another_goes_whole(monkeypatch):
    monkeypatch.setattr(module, "_registered", ())
    register_secret("geheim")
    register_secret("geheim-langer")
    assert redact("geheim-langer") == "***"


def test_control_characters_cannot_forge_a_line():
    text = "naam\r\n2026-01-01 ERROR vals\x1b[31m\x00\u2028\u202e\x85\t"
    clean = redact(text)
    assert clean.startswith("naam\\r\\n2026-01-01 ERROR vals\\x1b[31m\\x00")
    assert clean.isprintable()


@given(st.text())
def test_always_one_printable_line(text):
    assert len(redact(text).splitlines()) <= 1


@given(st.lists(st.sampled_from([*SECRETS, "x", " ", "&", "\n", '"', "{"]), max_size=6))
def test_no_neighbourhood_uncovers_a_secret(parts):
    assert "geheim" not in redact("\n".join(parts))


@pytest.mark.parametrize(
    "unit", ["a", "a.", "a@", "NL91 ", '"token":"', "eyJ", "<a ", "\\"]
)
def test_no_text_takes_for_ever(unit):
    """Eight times the text takes some eight times the work.

    For a pattern that goes back over its text it would be sixty-four times or more.
    """
    short, long = work(unit, 2_000), work(unit, 16_000)
    assert long < 24 * max(short, 0.001)


def work(unit, length):
    """The CPU seconds a text of this length takes, at best of three."""
    text = unit * (length // len(unit)) + " x"
    used = []
    for _ in range(3):
        before = process_time()
        assert redact(text) != ""
        used.append(process_time() - before)
    return min(used)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        (
            "https://x.nl/cb?code=g&state=g&b=1",
            "https://x.nl/cb?code=***&state=***&b=1",
        ),
        ("https://x.nl/v3/1?token=g&q=", "https://x.nl/v3/1?token=***&q="),
        ("https://u:g@x.nl/a", "https://***@x.nl/a"),
        ("https://x.nl/a#access_token=g", "https://x.nl/a"),
        ("/hooks/kmoshops/9f8e7d", "/hooks/kmoshops/***"),
        ("https://x.nl/o?$filter=a%20eq%20'b'", "https://x.nl/o?$filter=a%20eq%20'b'"),
        ("https://x.nl/?mail=jan@example.nl", "https://x.nl/?mail=j***@example.nl"),
        ("https://[kapot/?a=1", "https://[kapot/?a=1"),
    ],
)
def test_addresses(url, clean):
    assert redact_url(url, secrets={"9f8e7d"}) == clean


def test_a_cut_leaves_no_half_secret():
    for length in range(60, 140):
        text = "x" * length + ' {"a":1,"refresh_token":"' + "geheim" * 20 + '"}'
        assert "geh" not in redact_cut(text, 60)


def test_a_short_text_is_not_cut():
    assert redact_cut("kort", 10) == "kort"
    assert redact_cut("precies 10", 10) == "precies 10"
    assert redact_cut("te lang is dit", 10) == "te lang is…"
    assert len(redact_cut("woord " * 10_000, 1000)) == 1001


def test_names_of_secrets():
    secret = ("access_token", "Authorization", "client_secret", "wachtwoord", "Cookie")
    plain = ("code", "state", "tokens_left", "connection", "number")
    assert [is_sensitive(name) for name in secret] == [True] * 5
    assert [is_sensitive(name) for name in plain] == [False] * 5
