"""Who may use the API: tokens, tenants, limits; and the pages about it."""

import re

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.models import ApiToken, Tenant
from core.net.ratelimit import Limiter
from core.services.api import api_tokens
from core.web.api import gate
from tests.api.conftest import BOOT, Program, token
from tests.web.conftest import Site
from tests.web.samples import Sample


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic abc", "Bearer x"])
def test_without_a_token_nothing(program: Program, given: str) -> None:
    answer = program.get("/me", Authorization=given)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_a_browser_is_no_token(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    assert client.get("/api/v1/me").status_code == 401
    assert client.post("/api/v1/relations", json=BOOT).status_code == 401


def test_an_answer_sets_no_cookie_and_is_not_kept(program: Program) -> None:
    answer = program.get("/me")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_programs_need_no_csrf_token(strict_site: Site) -> None:
    sample = strict_site.sample()

    program = Program(strict_site, sample, token(strict_site, sample))
    answer = program.site.app.test_client().post(
        "/api/v1/relations",
        json=BOOT,
        headers={"Authorization": f"Bearer {program.token}"},
        base_url="https://localhost",
    )
    assert answer.status_code == 201


def test_a_revoked_token_is_refused(program: Program) -> None:
    assert program.get("/me").status_code == 200
    with program.site.data() as session:
        session.scalars(select(ApiToken)).one().ended_at = utcnow()
    answer = program.get("/me")
    assert (answer.status_code, answer.json["code"]) == (401, "api_token_unknown")


def test_a_tenant_that_left_is_refused(program: Program) -> None:
    with program.site.data() as session:
        session.execute(
            update(Tenant)
            .values(active=False)
            .execution_options(synchronize_session=False)
        )
    assert program.get("/me").status_code == 401


def test_a_token_is_kept_as_a_hash(program: Program) -> None:
    with program.site.data() as session:
        row = session.scalars(select(ApiToken)).one()
    assert program.token.startswith(api_tokens.PREFIX)
    assert program.token not in (row.token_hash, row.name)
    assert len(row.token_hash) == 64


def test_its_last_use_is_noted_once_a_minute(program: Program) -> None:
    program.get("/me")
    with program.site.queries() as sent:
        program.get("/me")
    assert not [s for s in sent if s.startswith("UPDATE")]
    with program.site.data() as session:
        assert session.scalars(select(ApiToken.used_at)).one() is not None


def test_another_tenants_rows_are_not_there(program: Program, other: Program) -> None:
    key = program.relation(name="Geheim")
    for method in ("GET", "PATCH", "DELETE"):
        body = {"name": "X"} if method == "PATCH" else None
        answer = other.call(method, f"/relations/{key}", body)
        assert (answer.status_code, answer.json["code"]) == (404, "api_not_found")
    replaced = other.call("PUT", f"/relations/{key}", BOOT, If_Match='"1"')
    assert replaced.status_code == 404
    assert other.get("/relations").json["items"] == []
    assert other.get("/relations?search=geheim").json["items"] == []
    assert program.get(f"/relations/{key}").json["name"] == "Geheim"


def test_a_token_asks_so_often_a_minute(program: Program) -> None:
    limited = Limiter("memory://", "3/minute", "koppelwerk-api")
    program.site.app.extensions[gate.LIMITER] = limited
    answers = [program.get("/me") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].json["code"] == "api_too_often"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nope", 404),
        ("GET", "/relations/99999999999999999999", 404),
        ("DELETE", "/invoices/99999999999999999999", 404),
        ("PATCH", "/orders/99999999999999999999", 404),
        ("GET", "/relations/x", 404),
        ("TRACE", "/relations", 405),
        ("DELETE", "/relations", 405),
    ],
)
def test_an_unknown_address_is_a_problem_too(
    program: Program, method: str, path: str, status: int
) -> None:
    answer = program.call(method, path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert ("Allow" in answer.headers) == (status == 405)


def test_a_body_that_is_too_large_is_a_problem(program: Program) -> None:
    answer = program.post("/relations", {"name": "x" * 5_100_000})
    assert (answer.status_code, answer.json["code"]) == (413, "api_too_large")


def test_the_owner_makes_a_token_and_sees_it_once(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    form = {"name": "Ons CRM", "scopes": ["relations:read"]}
    page = client.post("/instellingen/api/tokens", data=form)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    token = re.search(r"kw_[\w-]{43}", page.text)[0]
    assert token not in client.get("/instellingen/api").text
    program = Program(site, sample, token)
    assert program.get("/me").json["scopes"] == ["relations:read"]
    with site.data() as session:
        key = session.scalars(select(ApiToken.id)).one()
    assert client.post(f"/instellingen/api/tokens/{key}/intrekken").status_code == 303
    assert program.get("/me").status_code == 401
    assert "Er zijn nog geen tokens." in client.get("/instellingen/api").text


@pytest.mark.parametrize(
    "form", [{"name": "x"}, {"scopes": ["relations:read"]},
             {"name": "x", "scopes": ["all"]}]
)  # fmt: skip
def test_a_token_has_a_name_and_rights(
    site: Site, sample: Sample, form: dict[str, object]
) -> None:
    answer = site.client(sample.owner).post("/instellingen/api/tokens", data=form)
    assert answer.status_code == 422
    with site.data() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_the_password_is_asked_again_for_a_token(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    with client.session_transaction() as browser:
        browser["proved"] = 0
    form = {"name": "x", "scopes": ["relations:read"]}
    answer = client.post("/instellingen/api/tokens", data=form)
    assert (answer.status_code, "bevestig" in answer.location) == (303, True)


def test_the_document_and_its_page_are_for_everybody(site: Site) -> None:
    client = site.client()
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "http://localhost"}]
    page = client.get("/api/docs")
    assert page.status_code == 200
    for path, item in document["paths"].items():
        assert path in page.text
        for method in item:
            if method != "parameters":
                assert f'id="{item[method]["operationId"]}"' in page.text
    assert "curl -X POST" in page.text
