"""Nobody keeps an owner out: guessing is slowed down, but only for strangers."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pyotp
import pytest
import time_machine
from flask.testing import FlaskClient

from core.domain.clock import utcnow
from core.web import devices, visitors
from core.web.views import passwords
from core.web.views import session as session_views
from tests.web.accounts import OPERATOR, link, mails, operator, row, with_two_factor
from tests.web.conftest import Site
from tests.web.samples import PASSWORD, Sample

NEW = "paard batterij nietje"
NEW_FORM = {"password": NEW, "again": NEW}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still."""
    with time_machine.travel(time.time(), tick=False) as clock:
        yield clock


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def _guess(site: Site, email: str, number: int = 0, password: str = "verkeerd") -> int:
    """Log in as a stranger from an address of its own; return the status."""
    answer = site.client().post(
        "/login",
        data={"email": email, "password": password},
        environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
    )
    return answer.status_code


def _log_in(client: FlaskClient, email: str, password: str = PASSWORD) -> int:
    form = {"email": email, "password": password}
    return client.post("/login", data=form).status_code


@pytest.mark.usefixtures("clock")
def test_many_addresses_that_guess_at_one_account_are_slowed_down(
    site: Site, sample: Sample
) -> None:
    for number in range(session_views.MOST_PER_EMAIL + 10):
        _guess(site, sample.owner.upper(), number)
    assert _guess(site, sample.owner, 200, PASSWORD) == 401


@pytest.mark.usefixtures("clock")
def test_a_device_that_logged_in_before_is_not_slowed_down_by_strangers(
    site: Site, sample: Sample
) -> None:
    known = site.client(sample.owner)
    known.post("/logout")
    for number in range(session_views.MOST_PER_ADDRESS + 10):
        _guess(site, sample.owner, number % 200)
        site.client().post("/login", data={"email": sample.owner, "password": "x"})
    assert _log_in(site.client(), sample.owner) == 401
    assert _log_in(known, sample.owner) == 303


@pytest.mark.usefixtures("clock")
def test_a_device_that_logged_in_before_cannot_guess_for_ever(
    site: Site, sample: Sample
) -> None:
    known = site.client(sample.owner)
    known.post("/logout")
    for _ in range(session_views.MOST_PER_DEVICE):
        assert _log_in(known, sample.owner, "verkeerd") == 401
    assert _log_in(known, sample.owner) == 401
    # what it spoiled is its own: the account's other devices come in
    assert row(site, sample.owner).blocked_until is None
    assert _guess(site, sample.owner, 7, PASSWORD) == 303


@pytest.mark.usefixtures("clock")
def test_a_device_is_known_at_its_own_account_only(site: Site, sample: Sample) -> None:
    other = site.sample("Ander", 2)
    known_elsewhere = site.client(other.owner)
    known_elsewhere.post("/logout")
    for number in range(20):
        _guess(site, sample.owner, number)
    assert _log_in(known_elsewhere, sample.owner) == 401


def test_a_cookie_that_we_did_not_sign_is_no_device(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    cookie = client.get_cookie("device")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    for value in (f"e{cookie.value}", "", "e30.x.y"):
        with site.app.test_request_context(headers={"Cookie": f"device={value}"}):
            assert devices.name_for(sample.owner) == ""
    real = {"Cookie": f"device={cookie.value}"}
    with site.app.test_request_context(headers=real):
        assert devices.name_for(sample.owner)
        assert devices.name_for("nobody@example.com") == ""


@pytest.mark.usefixtures("clock")
def test_a_reset_link_always_lets_the_owner_in(site: Site, sample: Sample) -> None:
    def attack() -> None:
        for number in range(40):
            _guess(site, sample.owner, number)
            site.client().post("/login", data={"email": sample.owner, "password": "x"})

    attack()
    owner = site.client()
    owner.post("/wachtwoord/vergeten", data={"email": sample.owner})
    path = link(site, "password")
    attack()
    assert owner.post(path, data=NEW_FORM).location == "/login"
    attack()
    assert _log_in(site.client(), sample.owner, NEW) == 401  # a stranger waits still
    assert _log_in(owner, sample.owner, NEW) == 303
    assert owner.get("/open").status_code == 200


def test_who_may_ask_for_no_more_links_uses_up_nobody_elses(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "MOST_PER_ADDRESS", 1)
    for email in ("x@example.com", *[sample.owner] * 5):
        site.client().post("/wachtwoord/vergeten", data={"email": email})
    assert mails(site, "password") == []
    site.client().post(
        "/wachtwoord/vergeten",
        data={"email": sample.owner},
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    )
    assert len(mails(site, "password")) == 1


def test_the_second_step_of_a_known_device_is_its_own(
    site: Site, sample: Sample, clock: time_machine.Traveller
) -> None:
    secret = with_two_factor(site, sample.owner)
    known = site.client(sample.owner)
    known.post("/login/code", data={"code": pyotp.TOTP(secret).now()})
    known.post("/logout")
    clock.shift(60)
    for _ in range(session_views.MOST_CODES + 1):  # by who knows the password
        site.client(sample.owner).post("/login/code", data={"code": "000000"})
    stranger = site.client(sample.owner)
    code = {"code": pyotp.TOTP(secret).now()}
    assert stranger.post("/login/code", data=code).location.startswith("/login")
    assert _log_in(known, sample.owner) == 303
    assert known.post("/login/code", data=code).location == "/"


def _through_proxy(client: FlaskClient, email: str, password: str) -> int:
    answer = client.post(
        "/login",
        data={"email": email, "password": password},
        headers={"X-Forwarded-For": "203.0.113.9"},
        environ_base={"REMOTE_ADDR": "10.0.0.5"},
    )
    return answer.status_code


def test_the_address_of_a_proxy_locks_nobody_out(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_views, "MOST_PER_ADDRESS", 3)
    for number in range(10):
        _through_proxy(site.client(), f"{number}@example.com", "verkeerd")
    assert _through_proxy(site.client(), sample.owner, PASSWORD) == 303


def test_who_says_from_afar_to_be_a_proxy_is_counted(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_views, "MOST_PER_ADDRESS", 3)
    answers = [
        site.client().post(
            "/login",
            data={"email": sample.owner, "password": password},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
            environ_base={"REMOTE_ADDR": "8.8.8.8"},
        )
        for number, password in enumerate(["x", "x", "x", PASSWORD])
    ]
    assert answers[-1].status_code == 401


def test_a_proxy_that_is_not_counted_is_said_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Mock()
    monkeypatch.setattr(visitors, "logger", said)
    parts = site.app.extensions["koppelwerk"]

    def warnings(trusted_proxies: int) -> int:
        said.reset_mock()
        site.app.extensions.pop(visitors._WARNED, None)
        trusting = replace(parts.settings, trusted_proxies=trusted_proxies)
        site.app.extensions["koppelwerk"] = replace(parts, settings=trusting)
        for _ in range(3):
            headers = {"X-Forwarded-For": "203.0.113.9"}
            assert site.client().get("/health", headers=headers).text == "ok"
        return int(said.warning.call_count)

    assert warnings(trusted_proxies=0) == 1
    assert warnings(trusted_proxies=1) == 0


def test_the_desk_says_that_visitors_cannot_be_told_apart(site: Site) -> None:
    client = operator(site)
    assert row(site, OPERATOR).role == "operator"
    headers = {"X-Forwarded-For": "203.0.113.9"}
    assert "TRUSTED_PROXIES" in client.get("/beheer/", headers=headers).text
    assert "TRUSTED_PROXIES" not in client.get("/beheer/").text


def test_a_clock_that_was_ahead_keeps_nobody_out_once_it_is_right(
    site: Site, sample: Sample
) -> None:
    """Neither by pauses, nor by full windows, nor by a code that was used then."""
    secret = with_two_factor(site, sample.owner)

    def code() -> dict[str, str]:
        return {"code": pyotp.TOTP(secret).now()}

    with time_machine.travel(utcnow() + timedelta(days=2), tick=False) as ahead:
        client = site.client(sample.owner)
        assert client.post("/login/code", data=code()).status_code == 303
        for _ in range(session_views.MOST_PER_ADDRESS + 1):
            _guess(site, sample.owner)
            ahead.shift(1)
        assert _guess(site, sample.owner, password=PASSWORD) == 401
        _guess(site, sample.owner, 7)
        assert _guess(site, sample.owner, 8, password=PASSWORD) == 401
    with time_machine.travel(utcnow(), tick=False):
        assert _guess(site, sample.owner, password=PASSWORD) == 303
        client = site.client(sample.owner)
        assert client.post("/login/code", data=code()).status_code == 303
        assert client.get("/open").status_code == 200
        client = site.client(sample.owner)
        assert client.post("/login/code", data=code()).status_code == 401
