"""Security of accounts: throttle, second step, first passwords, links, re-asking."""

import re
import time

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from core.models import LinkKind, Role, Tenant, Throttle, User
from core.rules import passwords
from core.runtime import throttle
from core.runtime.database import session as database
from core.services.people import accounts, links
from core.web import policy
from core.web.views import session as session_views
from tests.web.accounts import (
    OPERATOR,
    codes,
    link,
    mails,
    operator,
    row,
    with_two_factor,
)
from tests.web.conftest import Site
from tests.web.samples import PASSWORD

NEW = "paard batterij nietje"
NEW_FORM = {"password": NEW, "again": NEW}


# Throttle


def test_the_throttle_counts_over_processes_and_starts_again(site: Site) -> None:
    window = session_views.WINDOW
    with time_machine.travel(time.time(), tick=False) as clock:
        answers = []
        for _ in range(4):
            with site.app.app_context():  # a session of its own, as in another process
                answers.append(throttle.allow("k", 3, window))
        with site.app.app_context():
            assert throttle.allow("other", 3, window)
        clock.shift(window.total_seconds() + 1)
        with site.app.app_context():
            answers.append(throttle.allow("k", 3, window))
    assert answers == [True, True, True, False, True]


def test_throttle_keys_are_kept_as_hashes_and_swept(site: Site) -> None:
    site.client().post("/login", data={"email": "x@example.com", "password": "y"})
    with site.data() as session:
        kept = session.scalars(select(Throttle)).all()
        assert len(kept) == 2
        assert not any("example" in one.key_hash for one in kept)
        throttle.sweep(max(one.until for one in kept).replace(year=2100))
    with site.data() as session:
        assert session.scalars(select(Throttle)).all() == []


def test_one_address_cannot_go_on_guessing_for_ever(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_views, "MOST_PER_ADDRESS", 3)
    sample = site.sample()
    right = {"email": sample.owner, "password": PASSWORD}
    for number in range(3):
        wrong = {"email": f"{number}@example.com", "password": "verkeerd"}
        site.client().post("/login", data=wrong)
    assert site.client().post("/login", data=right).status_code == 401
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    answer = site.client().post("/login", data=right, environ_base=elsewhere)
    assert answer.status_code == 303


def test_right_logins_are_not_counted(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_views, "MOST_PER_EMAIL", 2)
    sample = site.sample()
    for _ in range(4):
        site.client(sample.owner)


# The second step


def test_the_password_alone_opens_nothing_with_two_factor(site: Site) -> None:
    sample = site.sample()
    secret = with_two_factor(site, sample.owner)
    client = site.client()
    form = {"email": sample.owner, "password": PASSWORD, "next": "/open"}
    assert client.post("/login", data=form).location == "/login/code?next=/open"
    assert client.get("/open").location == "/login?next=/open"
    assert client.get("/login?next=/open").location == "/login/code?next=/open"
    assert client.get("/login/code").status_code == 200
    wrong = client.post("/login/code", data={"code": "12345"})
    assert wrong.status_code == 401
    code = {"code": pyotp.TOTP(secret).now(), "next": "/open"}
    assert client.post("/login/code", data=code).location == "/open"
    assert client.get("/open").status_code == 200


def test_a_code_works_in_one_browser_only(site: Site) -> None:
    sample = site.sample()
    secret = with_two_factor(site, sample.owner)
    with time_machine.travel(time.time(), tick=False):
        code = {"code": pyotp.TOTP(secret).now()}
        one, other = site.client(sample.owner), site.client(sample.owner)
        assert one.post("/login/code", data=code).status_code == 303
        assert other.post("/login/code", data=code).status_code == 401


def test_the_second_step_is_late_after_five_minutes(site: Site) -> None:
    sample = site.sample()
    secret = with_two_factor(site, sample.owner)
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        clock.shift(301)
        code = {"code": pyotp.TOTP(secret).now()}
        answer = client.post("/login/code", data=code)
        assert answer.location.startswith("/login")
        assert client.get("/open").status_code == 303


def test_codes_cannot_be_guessed_for_ever(site: Site) -> None:
    sample = site.sample()
    secret = with_two_factor(site, sample.owner)
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(session_views.MOST_CODES):
            client = site.client(sample.owner)
            client.post("/login/code", data={"code": "000000"})
        clock.shift(60)
        client = site.client(sample.owner)
        code = {"code": pyotp.TOTP(secret).now()}
        assert client.post("/login/code", data=code).location.startswith("/login")
        assert client.get("/open").status_code == 303
    # of all signs of a stolen password the surest: it was right
    assert codes(site).count("code_failures") == 1


def test_a_session_begun_by_a_link_still_asks_for_the_code(site: Site) -> None:
    sample = site.sample()
    secret = with_two_factor(site, sample.owner)

    @policy.access("public")
    def begin() -> str:
        user = accounts.find_by_email(sample.owner)
        assert user
        session_views.begin(user)
        database().commit()
        return "begun"

    site.app.add_url_rule("/begin", "begin", begin)
    client = site.client()
    client.get("/begin")
    assert client.get("/open").status_code == 303
    client.post("/login/code", data={"code": pyotp.TOTP(secret).now()})
    assert client.get("/open").status_code == 200
    # the link is no password: what matters asks for it
    assert client.get("/wachtwoord").location == "/bevestig?next=/wachtwoord"


def test_two_factor_is_set_up_with_a_qr_code_and_shows_its_codes_once(
    site: Site,
) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    other = site.client(sample.owner)
    assert client.post("/tweestaps").status_code == 303
    page = client.get("/tweestaps").text
    assert 'src="/tweestaps/qr.svg"' in page
    picture = client.get("/tweestaps/qr.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    secret = page.split('class="secret">')[1].split("<")[0]
    answer = client.post("/tweestaps/bevestigen", data={"code": "000"})
    assert answer.status_code == 422
    code = {"code": pyotp.TOTP(secret).now()}
    shown = client.post("/tweestaps/bevestigen", data=code).text
    assert shown.count("<li><code>") == 8
    assert secret not in client.get("/tweestaps").text
    assert client.get("/tweestaps/qr.svg").status_code == 404
    # the session goes on here under a new key, and ends elsewhere
    assert client.get("/open").status_code == 200
    assert other.get("/open").status_code == 303
    assert mails(site, "account_changed")[0][0] == sample.owner
    assert client.post("/tweestaps/uit").status_code == 303
    assert row(site, sample.owner).totp_secret is None


# First passwords


@pytest.fixture
def first(site: Site) -> str:
    """Return the first password that the owner was given."""
    sample = site.sample()
    with site.data():
        user = accounts.find_by_email(sample.owner)
        return accounts.give_first_password(user, session_views.WINDOW)


def test_a_first_password_opens_the_page_that_replaces_it_only(
    site: Site, first: str
) -> None:
    client = site.client("owner1@example.com", first)
    for path in ("/", "/open", "/profiel", "/configuratie", "/tweestaps", "/bevestig"):
        assert client.get(path).location.startswith("/wachtwoord?next="), path
    assert client.post("/fouten/verwerk").location == "/wachtwoord"
    part = client.get("/deel/tellers", headers={"HX-Request": "true"})
    assert part.status_code == 403
    assert "HX-Refresh" not in part.headers  # or the form would be gone every poll
    assert client.get("/wachtwoord").status_code == 200
    answer = client.post("/wachtwoord", data={**NEW_FORM, "next": "/open"})
    assert answer.location == "/open"
    assert client.get("/open").status_code == 200
    assert site.client("owner1@example.com", NEW).get("/open").status_code == 200


def test_the_guard_of_first_passwords_is_what_holds_them(
    site: Site, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.client("owner1@example.com", first)
    assert client.get("/open").status_code == 303
    monkeypatch.setattr(policy, "held_at", lambda: "")
    assert client.get("/open").status_code == 200


def test_who_has_a_first_password_may_log_out(site: Site, first: str) -> None:
    client = site.client("owner1@example.com", first)
    assert client.post("/logout").location == "/login"


def test_a_first_password_that_is_too_old_is_refused(site: Site, first: str) -> None:
    form = {"email": "owner1@example.com", "password": first}
    with time_machine.travel(time.time(), tick=False) as clock:
        clock.shift(session_views.WINDOW.total_seconds())
        assert site.client().post("/login", data=form).status_code == 401


# Passwords


@pytest.mark.parametrize(
    ("password", "code"),
    [("elf tekens.", "password_short"), ("Owner@Example.com", "password_is_email"),
     ("Wachtwoord123", "password_common"), ("ababababababab", "password_common"),
     (NEW, "")],
)  # fmt: skip
def test_which_passwords_are_good(password: str, code: str) -> None:
    assert passwords.problem(password, "owner@example.com") == code


def test_changing_a_password_ends_the_other_sessions(site: Site) -> None:
    sample = site.sample()
    client, other = site.client(sample.owner), site.client(sample.owner)
    with client.session_transaction() as before:
        sid = before["sid"]
    refused = client.post("/wachtwoord", data={"password": "kort", "again": "kort"})
    assert refused.status_code == 422
    differs = client.post("/wachtwoord", data={"password": NEW, "again": "anders"})
    assert "niet gelijk" in differs.text
    assert client.post("/wachtwoord", data=NEW_FORM).status_code == 303
    with client.session_transaction() as after:
        assert after["sid"] != sid
    assert client.get("/open").status_code == 200
    assert other.get("/open").status_code == 303
    wrong = {"email": sample.owner, "password": PASSWORD}
    assert site.client().post("/login", data=wrong).status_code == 401
    assert "password_changed" in codes(site)


def test_a_forgotten_password_gets_the_same_answer_for_unknown_addresses(
    site: Site,
) -> None:
    sample = site.sample()
    answers = [
        site.client().post("/wachtwoord/vergeten", data={"email": email})
        for email in (sample.owner, "nobody@example.com")
    ]
    texts = [answer.text.split("<main")[1].split("</main>")[0] for answer in answers]
    assert texts[0].replace(sample.owner, "x") == texts[1].replace(
        "nobody@example.com", "x"
    )
    assert [address for address, _text in mails(site, "password")] == [sample.owner]


def test_a_forgotten_password_of_nobody_is_as_much_work(site: Site) -> None:
    """All but the link and the line in the log, which are two small statements."""
    sample = site.sample()
    written: list[set[str]] = []
    for email in (sample.owner, "nobody@example.com"):
        with site.queries() as sent:
            site.client().post("/wachtwoord/vergeten", data={"email": email})
        written.append({s.split()[2] for s in sent if s.startswith("INSERT")})
    known, unknown = written
    assert known - unknown == {"log_entry", "one_time_link"}
    assert len(mails(site, "password")) == 1


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(
    site: Site,
) -> None:
    sample = site.sample()
    logged_in = site.client(sample.owner)
    site.client().post("/wachtwoord/vergeten", data={"email": sample.owner})
    path = link(site, "password")
    with site.data() as session:
        kept = session.scalars(select(links.OneTimeLink)).one()
        assert path.rpartition("/")[2] not in kept.token_hash
    client = site.client()
    assert client.get(path).status_code == 200
    assert client.post(path, data={"password": "kort"}).status_code == 422
    assert client.post(path, data=NEW_FORM).location == "/login"
    assert client.post(path, data=NEW_FORM).status_code == 410
    assert client.get(path).status_code == 410
    assert logged_in.get("/open").status_code == 303
    assert site.client(sample.owner, NEW).get("/open").status_code == 200


def test_a_link_is_of_one_kind_and_for_a_while(site: Site) -> None:
    sample = site.sample()
    site.client().post("/wachtwoord/vergeten", data={"email": sample.owner})
    path = link(site, "password")
    as_invitation = path.replace("/wachtwoord/nieuw/", "/uitnodiging/")
    assert site.client().post(as_invitation, data=NEW_FORM).status_code == 410
    with time_machine.travel(time.time(), tick=False) as clock:
        clock.shift(3601)
        assert site.client().post(path, data=NEW_FORM).status_code == 410


def test_only_a_few_links_are_mailed_to_one_address(site: Site) -> None:
    sample = site.sample()
    for _ in range(5):
        site.client().post("/wachtwoord/vergeten", data={"email": sample.owner})
    assert len(mails(site, "password")) == 3


def test_two_requests_cannot_share_a_link(site: Site) -> None:
    sample = site.sample()
    with site.data():
        user = accounts.find_by_email(sample.owner)
        token = links.make(LinkKind.INSTALL, user, session_views.WINDOW)
    with site.data():
        assert links.peek(token, LinkKind.INSTALL)
        assert links.use(token, LinkKind.INSTALL)
        assert links.use(token, LinkKind.INSTALL) is None
        assert links.peek(token, LinkKind.INSTALL) is None


# Showing again who you are


SENSITIVE = [
    "/wachtwoord", "/tweestaps", "/tweestaps/uit", "/tweestaps/herstelcodes",
    "/profiel/inlogadres", "/profiel/extra-adres", "/profiel/collegas",
    "/profiel/privacy/export", "/profiel/privacy/klant",
    "/profiel/privacy/klant/export", "/profiel/privacy/klant/wissen",
    "/profiel/privacy/wissen", "/profiel/licenties/1/beeindigen",
    "/profiel/collegas/1/rol", "/profiel/collegas/1/verwijderen",
]  # fmt: skip


@pytest.mark.parametrize("path", SENSITIVE)
def test_what_matters_asks_for_the_password_after_ten_minutes(
    site: Site, path: str
) -> None:
    sample = site.sample()
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        clock.shift(601)
        answer = client.post(path, headers={"Referer": "http://localhost/profiel"})
        assert answer.location == "/bevestig?next=/profiel"
        foreign = client.post(path, headers={"Referer": "http://evil.example/x"})
        assert foreign.location in ("/bevestig?next=", "/bevestig")


def test_what_was_filled_in_is_there_after_the_password(site: Site) -> None:
    sample = site.sample()
    page = "/instellingen/api"
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        clock.shift(601)
        data = {"name": "Ons CRM", "scopes": ["relations:read"]}
        referer = {"Referer": f"http://localhost{page}"}
        client.post(f"{page}/tokens", data=data, headers=referer)
        assert "Ons CRM" not in client.get(page).text
        client.post("/bevestig", data={"password": PASSWORD, "next": page})
        shown = client.get(page).text
        assert 'value="Ons CRM"' in shown
        assert re.search(r'<input checked[^>]*value="relations:read"', shown)
        assert "Ons CRM" not in client.get(page).text


def test_the_password_opens_it_again_under_a_new_session_id(site: Site) -> None:
    sample = site.sample()
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        clock.shift(601)
        with client.session_transaction() as before:
            sid = before["sid"]
        assert client.get("/wachtwoord").location == "/bevestig?next=/wachtwoord"
        assert client.get("/bevestig").status_code == 200
        wrong = client.post("/bevestig", data={"password": "verkeerd"})
        assert wrong.status_code == 401
        form = {"password": PASSWORD, "next": "/wachtwoord"}
        assert client.post("/bevestig", data=form).location == "/wachtwoord"
        assert client.get("/wachtwoord").status_code == 200
        with client.session_transaction() as after:
            assert after["sid"] != sid


def test_who_has_two_factor_gives_the_code_too(site: Site) -> None:
    sample = site.sample()
    secret = with_two_factor(site, sample.owner)
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        client.post("/login/code", data={"code": pyotp.TOTP(secret).now()})
        clock.shift(660)
        form = {"password": PASSWORD, "next": "/wachtwoord"}
        assert client.post("/bevestig", data=form).status_code == 401
        code = pyotp.TOTP(secret).at(int(time.time()))
        answer = client.post("/bevestig", data={**form, "code": code})
        assert answer.location == "/wachtwoord"


def test_the_password_cannot_be_guessed_there_either(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    for _ in range(10):
        client.post("/bevestig", data={"password": "verkeerd"})
    for _ in range(2):
        answer = client.post("/bevestig", data={"password": PASSWORD})
        assert answer.status_code == 401
    assert codes(site).count("proof_failures") == 1


# Operators


def test_an_operator_needs_two_factor_before_anything_opens(site: Site) -> None:
    runner = site.app.test_cli_runner()
    printed = runner.invoke(args=["users", "add-operator", OPERATOR]).output
    client = site.client(OPERATOR, printed.split()[-1])
    assert client.get("/").location.startswith("/wachtwoord")
    assert client.post("/wachtwoord", data=NEW_FORM).status_code == 303
    for path in ("/", "/open", "/profiel"):
        assert client.get(path).location.startswith("/tweestaps"), path
    begin = client.post("/beheer/klanten/1/meekijken", data={"reason": "x"})
    assert begin.location == "/tweestaps"
    client.post("/tweestaps")
    page = client.get("/tweestaps").text
    secret = page.split('class="secret">')[1].split("<")[0]
    code = {"code": pyotp.TOTP(secret).now()}
    assert client.post("/tweestaps/bevestigen", data=code).status_code == 200
    assert not client.get("/open").location
    assert client.post("/tweestaps/uit").status_code == 403
    assert client.post("/logout").location == "/login"


def test_an_operator_has_no_tenant_pages_and_no_links(site: Site) -> None:
    client = operator(site)
    for path in ("/open", "/profiel", "/profiel/privacy"):
        assert client.get(path).status_code == 403, path
    client.post("/logout")
    site.client().post("/wachtwoord/vergeten", data={"email": OPERATOR})
    assert mails(site, "password") == []


def test_users_are_given_a_new_password_by_command(site: Site) -> None:
    sample = site.sample()
    runner = site.app.test_cli_runner()
    printed = runner.invoke(args=["users", "new-password", sample.owner])
    client = site.client(sample.owner, printed.output.split()[-1])
    assert client.get("/open").location.startswith("/wachtwoord")
    again = runner.invoke(args=["users", "add-operator", sample.owner])
    assert "logs in already" in again.output
    assert again.exit_code == 1
    missing = runner.invoke(args=["users", "new-password", "no@example.com"])
    assert missing.exit_code == 1


def test_two_people_cannot_log_in_with_one_address(site: Site) -> None:
    sample = site.sample()
    with site.data() as session:
        tenant = session.scalar(select(Tenant))
        with pytest.raises(accounts.EmailTaken):
            accounts.create_user(tenant, email=sample.owner.upper(), role=Role.OWNER)
    with site.data() as session:
        assert len(session.scalars(select(User)).all()) == 2


def test_many_failures_are_in_the_log(site: Site) -> None:
    sample = site.sample()
    for _ in range(5):
        wrong = {"email": sample.owner, "password": "verkeerd"}
        site.client().post("/login", data=wrong)
    assert codes(site) == ["login_failures"]
