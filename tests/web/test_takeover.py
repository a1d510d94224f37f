"""An operator looks at a tenant's pages: only reading, for an hour, in its log."""

import re
import time
from typing import Any

import pytest
import time_machine
from flask import Flask, render_template
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Takeover, TransferState
from core.services.operations import cleaning
from core.services.people import accounts, takeovers
from core.web import policy
from tests.web import samples
from tests.web.accounts import OPERATOR, codes, operator
from tests.web.conftest import Site

REASON = "Belde over bestelling ORD-1"


def _begin(client: Any, tenant_id: int, reason: str = REASON) -> Any:
    path = f"/beheer/klanten/{tenant_id}/meekijken"
    return client.post(path, data={"reason": reason})


@pytest.fixture
def looking(site: Site) -> tuple[Any, dict[str, int]]:
    """An operator who looks at the first of two tenants, and ids of its rows."""
    sample, _other = site.sample(), site.sample("Canary", 2)
    with site.data():
        failed = samples.transfer(sample, "ORD-1", TransferState.FAILED, "order_empty")
        ids = {
            "transfer_id": failed.id,
            "connection_id": sample.shop.id,
            "coupling_id": sample.coupling.id,
            "tenant_id": sample.tenant.id,
        }
    client = operator(site)
    assert _begin(client, ids["tenant_id"]).location == "/"
    return client, ids


def test_the_tenants_pages_open_and_no_others(
    site: Site, looking: tuple[Any, dict[str, int]]
) -> None:
    client, ids = looking
    for path in ("/open", "/fouten", "/log", "/configuratie", "/profiel",
                 f"/bestelling/{ids['transfer_id']}"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code in (200, 303), path
        assert "De Fietsenmaker" in answer.text or answer.status_code == 303
        assert "Canary" not in answer.text


def _posts(app: Flask) -> list[tuple[str, str]]:
    return [
        (entry.endpoint, entry.rule)
        for entry in policy.table(app)
        if "POST" in entry.methods and entry.access not in ("webhook", "api")
    ]


ALLOWED = {"takeover.end", "session.log_out", "session.language"}


def test_nothing_can_be_changed_meanwhile(
    site: Site, looking: tuple[Any, dict[str, int]]
) -> None:
    client, ids = looking
    for endpoint, rule in _posts(site.app):
        path = re.sub(
            r"<(?:\w+:)?(\w+)>", lambda match: str(ids.get(match[1], "1")), rule
        )
        if endpoint not in ALLOWED:
            assert client.post(path).status_code == 403, rule
    with site.data() as session:
        state = session.get(samples.Transfer, ids["transfer_id"]).state
    assert state == TransferState.FAILED
    assert client.get("/oauth/callback?state=x&code=y").status_code == 403
    assert client.post("/taal", data={"language": "en"}).status_code == 303


def test_the_guard_is_what_refuses(
    site: Site,
    looking: tuple[Any, dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, ids = looking
    path = f"/bestelling/{ids['transfer_id']}/verwerk"
    assert client.post(path).status_code == 403
    monkeypatch.setattr(policy, "_would_change", lambda _kind: False)
    assert client.post(path).status_code == 303


def test_the_tenant_reads_who_looked_and_why(
    site: Site, looking: tuple[Any, dict[str, int]]
) -> None:
    client, _ids = looking
    owner = site.client("owner1@example.com")
    page = owner.get("/log").text
    assert "Ilse van Koppelwerk kijkt 60 minuten mee" in page
    assert REASON in page
    client.post("/beheer/meekijken/einde")
    assert "Ilse van Koppelwerk kijkt niet meer mee" in owner.get("/log").text
    assert REASON not in site.client("owner2@example.com").get("/log").text


def test_the_banner_says_why_and_until_when_and_ends_it(
    site: Site,
) -> None:
    @policy.access("login")
    def banner() -> str:
        return render_template("account/banner.html")

    site.app.add_url_rule("/banner", "banner", banner)
    sample, client = site.sample(), operator(site)
    _begin(client, sample.tenant.id)
    shown = client.get("/banner").text
    assert REASON in shown
    assert "De Fietsenmaker" in shown
    assert "<time" in shown
    assert 'action="/beheer/meekijken/einde"' in shown
    assert site.client("owner1@example.com").get("/banner").text.strip() == ""
    assert client.post("/beheer/meekijken/einde").status_code == 303
    assert client.get("/open").status_code == 403


def test_it_ends_by_itself(site: Site) -> None:
    sample = site.sample()
    with time_machine.travel(time.time(), tick=False) as clock:
        client = operator(site)
        _begin(client, sample.tenant.id)
        clock.shift(3599)
        assert client.get("/open").status_code == 200
        clock.shift(1)
        assert client.get("/open").status_code == 403
        with site.app.app_context():
            cleaning.clean(utcnow())
    with site.data() as session:
        assert session.scalars(select(Takeover)).one().ended_at is not None
    assert codes(site)[-1] == "takeover_ended"


def test_logging_out_ends_it(site: Site, looking: tuple[Any, dict[str, int]]) -> None:
    client, _ids = looking
    client.post("/logout")
    with site.data() as session:
        assert session.scalars(select(Takeover)).one().ended_at is not None


def test_a_reason_is_needed(site: Site) -> None:
    sample = site.sample()
    client = operator(site)
    assert _begin(client, sample.tenant.id, "  ").status_code == 303
    assert client.get("/open").status_code == 403
    assert _begin(client, 999999).status_code == 404


@pytest.mark.parametrize("email", ["owner1@example.com", "colleague1@example.com", ""])
def test_only_operators_may(site: Site, email: str) -> None:
    sample = site.sample()
    client = site.client(email)
    answer = _begin(client, sample.tenant.id)
    assert answer.status_code == (403 if email else 303)
    with site.data() as session:
        assert session.scalars(select(Takeover)).all() == []
        user = accounts.find_by_email("owner1@example.com")
        with pytest.raises(takeovers.NotAllowed):
            takeovers.begin(user, sample.tenant.id, REASON)


def test_one_at_a_time(site: Site) -> None:
    first, second = site.sample(), site.sample("De Bakker", 2)
    operator(site)
    with site.data() as session:
        mine = accounts.find_by_email(OPERATOR)
        takeovers.begin(mine, first.tenant.id, REASON)
        takeovers.begin(mine, second.tenant.id, REASON)
        running = takeovers.running(mine.id)
        assert running
        assert running.tenant.id == second.tenant.id
        open_ones = select(Takeover).where(Takeover.ended_at.is_(None))
        assert len(session.scalars(open_ones).all()) == 1
