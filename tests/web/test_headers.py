"""What every answer carries, and what our own files may hold."""

import json
import re
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from core.main.app import ROOT
from core.models import TransferState, User
from core.web import incoming, policy
from tests.web import samples
from tests.web.conftest import Site

STATIC = ROOT / "core" / "web" / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted(
    (ROOT / "plugins").glob("*/templates/**/*.html")
)
PATHS = ["/login", "/", "/static/app.css", "/nope", "/bestelling/1", "/oauth/callback"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(strict_site: Site, path: str) -> None:
    answer = strict_site.app.test_client().get(path, base_url="https://localhost")
    answer.close()
    csp = answer.headers["Content-Security-Policy"]
    assert csp.startswith("default-src 'none'; script-src 'self'")
    for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self' "):
        assert part in csp
    assert "unsafe" not in csp
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Permissions-Policy" in answer.headers
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_errors_have_them_too_and_tell_nothing(site: Site) -> None:
    sample = site.sample()

    def broken() -> str:
        raise RuntimeError("secret inside")

    broken.access = "login"  # type: ignore[attr-defined]
    site.app.add_url_rule("/broken", "broken", broken)
    answer = site.client(sample.owner).get("/broken")
    assert answer.status_code == 500
    assert "Content-Security-Policy" in answer.headers
    assert b"secret inside" not in answer.data
    assert b"Traceback" not in answer.data
    assert re.search(rb"Kenmerk: [0-9a-f]{8}", answer.data)


def test_nothing_for_developers_is_there(site: Site) -> None:
    """E15: no debugger, no route of the bench, and nobody who can log in yet."""
    assert not site.app.debug
    assert not site.app.testing
    rules = {rule.rule for rule in site.app.url_map.iter_rules()}
    assert not {rule for rule in rules if "bench" in rule or "_control" in rule}
    assert site.client().get("/?__debugger__=yes&cmd=resource").status_code == 303
    with site.data() as session:
        assert session.query(User).count() == 0


def test_no_page_tells_what_broke_in_it(site: Site) -> None:
    """C13, on every route there is."""
    sample = site.sample()
    client = site.client(sample.owner)

    def broken(*_args: object, **_given: object) -> str:
        raise RuntimeError("secret inside /srv/secret SELECT secret")

    views, checked = site.app.view_functions, 0
    for entry in policy.table(site.app):
        address = re.sub(r"<[^>]+>", "1", entry.rule)
        broken.access = entry.access  # type: ignore[attr-defined]
        own = views[entry.endpoint]
        views[entry.endpoint] = broken
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} & set(entry.methods):
            answer = client.open(address, method=method)
            assert b"secret" not in answer.data.lower().replace(b"client_secret", b"")
            assert b"Traceback" not in answer.data
            checked += answer.status_code == 500
        views[entry.endpoint] = own
    assert checked > 150


def test_forms_may_end_at_the_oauth_servers_only(site: Site) -> None:
    csp = site.client().get("/login").headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:9" in csp


def test_pages_of_users_stay_out_of_caches(site: Site) -> None:
    client = site.client(site.sample().owner)
    for path in ("/", "/fouten", "/nope", "/deel/tellers"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "HX-Request" in answer.headers["Vary"]


def test_other_hosts_are_refused(site: Site) -> None:
    answer = site.client().get("/login", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil.example" not in answer.data
    assert "Content-Security-Policy" in answer.headers


def test_posts_without_a_token_are_refused(strict_site: Site) -> None:
    client = strict_site.app.test_client()
    form = {"email": "a@example.com", "password": "x"}
    for path in ("/login", "/taal", "/fouten/verwerk", "/connect/1"):
        answer = client.post(path, data=form, base_url="https://localhost")
        assert answer.status_code == 400, path


def test_a_page_has_the_token_htmx_sends(strict_site: Site) -> None:
    client = strict_site.app.test_client()
    home = "https://localhost"
    page = client.get("/login", base_url=home).text
    token = json.loads(re.search(r"<body hx-headers='([^']+)'", page)[1])
    headers = {**token, "Referer": f"{home}/login"}
    answer = client.post(
        "/taal", data={"language": "en"}, headers=headers, base_url=home
    )
    assert answer.status_code == 303


def test_posts_from_other_sites_are_refused(site: Site) -> None:
    client = site.client(site.sample().owner)
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/fouten/verwerk", headers=headers).status_code == 403


def test_htmx_evaluates_nothing(site: Site) -> None:
    page = site.client().get("/login").text
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])
    assert config == {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "allowScriptTags": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    forbidden = (
        r"<style", r"\sstyle=", r"\son\w+=", r"hx-on", r"js:", r"javascript:",
        r"<script(?! src=)", r"\|\s*safe", r"https?://",
        r"hx-trigger=\"[^\"]*\[",
    )  # fmt: skip
    found = [pattern for pattern in forbidden if re.search(pattern, text)]
    assert found == []


def test_vendored_files_are_the_ones_we_recorded() -> None:
    record = tomllib.loads((STATIC / "vendor.toml").read_text(encoding="utf-8"))
    for item in record.values():
        assert (
            sha256((STATIC / item["file"]).read_bytes()).hexdigest() == (item["sha256"])
        )
        assert (STATIC / item["licence_file"]).is_file()


def test_our_style_sheet_loads_nothing_from_elsewhere() -> None:
    text = (STATIC / "app.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import", text)


def test_shop_text_is_always_escaped(site: Site) -> None:
    sample = site.sample()
    nasty = "<script>alert('x')</script>\"' onload=x"
    with site.data():
        row = samples.transfer(
            sample,
            nasty,
            TransferState.FAILED,
            "vat_number_missing",
            params={"company": nasty},
            order_values={
                "description": nasty, "name": nasty, "payment_method": nasty,
                "email": nasty, "vat_number": nasty,
            },
        )  # fmt: skip
        samples.step(row, samples.StepState.REJECTED, exchange=nasty)
        samples.note(sample, "vat_number_missing", company=nasty, number=nasty)
        key = row.id
    client = site.client(sample.owner)
    paths = ["/", "/fouten", f"/bestelling/{key}", "/log",
             "/configuratie/1/betaalmethoden", f"/bestelling/{key}/regel"]  # fmt: skip
    for path in paths:
        page = client.get(path).text
        assert "<script>alert" not in page, path
        assert "\"' onload" not in page, path
        assert "&lt;script&gt;alert" in page, path


@pytest.mark.parametrize("body", ["a&" * 10_000, "a=" + "x" * 600_000])
def test_a_form_of_more_than_any_page_has_is_refused_unread(
    site: Site, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """Anybody may post one: millions of fields took seconds of a thread."""
    form = {"content_type": incoming.URLENCODED}
    at_most = "&".join(["a"] * incoming.MOST_FIELDS)
    assert site.client().post("/login", data=at_most, **form).status_code == 401
    assert site.client().post("/login", data=body, **form).status_code == 413
    monkeypatch.setattr(incoming.Incoming, "_refuse_many_fields", lambda _: None)
    assert site.client().post("/login", data=body, **form).status_code == 401


def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    client = site.client(site.sample().owner)
    answer = client.post("/fouten/verwerk", data={"id": "1" * 5_100_000})
    assert answer.status_code == 413
