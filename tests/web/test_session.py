"""Logging in: passwords, throttle, sessions that end."""

import re
import time

import pytest
import time_machine
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import User
from core.web.views.session import own_path
from tests.web.conftest import Site
from tests.web.samples import PASSWORD


def _user(site: Site) -> User:
    with site.data() as session:
        user: User = session.scalar(select(User).where(User.email.like("owner%")))
    return user


def _plain(page: str, email: str) -> str:
    """Return a page without what differs by itself: tokens and what was typed."""
    return re.sub(r'(csrf_token" value=|X-CSRFToken": )"[^"]+"', "", page).replace(
        email, ""
    )


@pytest.mark.usefixtures("strong_passwords")
def test_passwords_are_kept_as_argon2id_with_enough_work(site: Site) -> None:
    site.sample()
    assert _user(site).password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.usefixtures("strong_passwords")
def test_an_older_hash_is_renewed_at_login(site: Site) -> None:
    from argon2 import PasswordHasher

    sample = site.sample()
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with site.data() as session:
        session.scalar(
            select(User).where(User.email == sample.owner)
        ).password_hash = weak
    site.client(sample.owner)
    assert "m=19456,t=2,p=1" in _user(site).password_hash


def test_unknown_and_wrong_get_the_same_answer(site: Site) -> None:
    sample = site.sample()
    answers = []
    for email in (sample.owner, "nobody@example.com"):
        form = {"email": email, "password": "verkeerd"}
        answer = site.client().post("/login", data=form)
        answers.append((answer.status_code, _plain(answer.text, email)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


@pytest.mark.usefixtures("strong_passwords")
def test_unknown_users_cost_the_same_work(site: Site) -> None:
    sample = site.sample()

    def seconds(email: str) -> float:
        began = time.process_time()
        site.client().post("/login", data={"email": email, "password": "x"})
        return time.process_time() - began

    seconds("warm-up@example.com")
    known = min(seconds(sample.owner) for _ in range(3))
    unknown = min(seconds("nobody@example.com") for _ in range(3))
    assert unknown > known / 4


def test_failures_slow_down_and_the_right_password_waits_too(site: Site) -> None:
    sample = site.sample()
    wrong = {"email": sample.owner, "password": "verkeerd"}
    right = {"email": sample.owner, "password": PASSWORD}
    pauses = []
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(12):
            site.client().post("/login", data=wrong)
            blocked = _user(site).blocked_until
            pauses.append((blocked - utcnow()).total_seconds() if blocked else 0)
            clock.shift(pauses[-1])
        site.client().post("/login", data=wrong)
        assert site.client().post("/login", data=right).status_code == 401
        clock.shift(61)
        assert site.client().post("/login", data=right).status_code == 303
    assert pauses == [0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60]
    assert _user(site).failed_logins == 0


def test_login_starts_a_new_session(site: Site) -> None:
    sample = site.sample()
    client = site.client()
    with client.session_transaction() as before:
        before["sid"] = "fixed"
        before["planted"] = "1"
    client.post("/login", data={"email": sample.owner, "password": PASSWORD})
    with client.session_transaction() as after:
        assert after["sid"] != "fixed"
        assert "planted" not in after


def test_logout_ends_every_copy_of_the_session(site: Site) -> None:
    sample = site.sample()
    client, other = site.client(sample.owner), site.client(sample.owner)
    stolen = client.get_cookie("session").value
    assert client.post("/logout").status_code == 303
    client.set_cookie("session", stolen)
    for browser in (client, other):
        assert browser.get("/").location.startswith("/login")


@pytest.mark.parametrize(("hours", "alive"), [(1, True), (3, False)])
def test_a_session_ends_when_nobody_is_there(
    site: Site, hours: int, alive: bool
) -> None:
    sample = site.sample()
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        clock.shift(hours * 3600)
        assert (client.get("/").status_code == 200) is alive


def test_a_page_that_refreshes_itself_keeps_no_session_alive(site: Site) -> None:
    sample = site.sample()
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        for _ in range(5):
            clock.shift(1800)
            poll = client.get("/deel/tellers", headers={"HX-Request": "true"})
        assert poll.status_code == 401


def test_a_session_ends_after_half_a_day_anyhow(site: Site) -> None:
    sample = site.sample()
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        statuses = []
        for _ in range(13):
            clock.shift(3600)
            statuses.append(client.get("/open").status_code)
    assert statuses == [200] * 12 + [303]


def test_the_cookie_is_locked_down_on_https(strict_site: Site) -> None:
    answer = strict_site.app.test_client().get("/login", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil", "https:evil", "https://e.example", "/a\r\nX: y",
     "\\\\evil", "/\tx", "javascript:alert(1)", "", " /x"],
)  # fmt: skip
def test_only_own_paths_are_gone_to_after_login(wanted: str) -> None:
    assert own_path(wanted) == ""


def test_login_goes_on_to_the_page_that_was_asked(site: Site) -> None:
    sample = site.sample()
    client = site.client()
    assert client.get("/log?niveau=error").location == "/login?next=/log?niveau%3Derror"
    form = {"email": sample.owner, "password": PASSWORD, "next": "/log?niveau=error"}
    assert client.post("/login", data=form).location == "/log?niveau=error"


def test_the_language_can_be_chosen(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    assert b'<html lang="nl">' in client.get("/open").data
    client.post("/taal", data={"language": "en", "next": "/open"})
    assert b'<html lang="en">' in client.get("/open").data


def test_an_operator_without_tenant_sees_no_tenant_pages(site: Site) -> None:
    sample = site.sample()
    with site.data() as session:
        user = session.scalar(select(User).where(User.email == sample.owner))
        user.tenant_id = None
    assert site.client(sample.owner).get("/open").status_code == 403
