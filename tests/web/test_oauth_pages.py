"""Connect and its callback: a state counts once, here, and for ten minutes."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser, RetryLater
from core.domain.packages import Identity
from core.models import Connection, ConnectionState, LogEntry, OAuthState
from core.net.oauth import Tokens
from core.plugin.capabilities import ReferenceData
from core.services.linking import oauth_flow
from tests.capabilities import bringing
from tests.web.conftest import Site
from tests.web.samples import Sample


class Outside:
    """The identity server and the package: how often called, what they say."""

    def __init__(self) -> None:
        self.calls = 0
        self.found = [Identity("eaccounting-1", "De Fietsenmaker BV", {})]
        self.error: Exception | None = None

    def exchange(self, *_: object) -> Tokens:
        self.calls += 1
        if self.error:
            raise self.error
        return Tokens("access", "refresh", utcnow())


@pytest.fixture
def outside(site: Site, monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside = Outside()
    monkeypatch.setattr(oauth_flow, "exchange_code", outside.exchange)
    registry = site.app.extensions["koppelwerk"].registry
    for name in ("eaccounting", "kmoshops"):
        plugin = registry.get(name)
        monkeypatch.setattr(
            type(plugin.connector), "identify", lambda _self, _tokens: outside.found
        )
    monkeypatch.setitem(
        registry.plugins,
        "eaccounting",
        bringing(registry.get("eaccounting"), ReferenceData(load=lambda _: None)),
    )
    return outside


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def _start(client, sample: Sample) -> str:
    answer = client.post(f"/connect/{sample.package.id}")
    assert answer.status_code == 303
    parts = urlsplit(answer.location)
    query = parse_qs(parts.query)
    assert query["redirect_uri"] == ["http://localhost/oauth/callback"]
    assert query["response_type"] == ["code"]
    return query["state"][0]


def _back(client, **query: str):
    return client.get("/oauth/callback", query_string=query)


def _state_of(site: Site, sample: Sample) -> Connection:
    with site.data() as session:
        return session.get(Connection, sample.package.id)


def test_a_good_callback_connects(site: Site, sample: Sample, outside: Outside) -> None:
    client = site.client(sample.owner)
    answer = _back(client, state=_start(client, sample), code="c")
    assert (answer.status_code, answer.location) == (
        303,
        f"/koppelingen/eaccounting#status-{sample.package.id}",
    )
    connection = _state_of(site, sample)
    assert connection.state == ConnectionState.CONNECTED
    assert connection.external_name == "De Fietsenmaker BV"
    assert "Verbonden met De Fietsenmaker BV." in client.get("/koppelingen").text


def test_the_state_is_kept_as_a_hash_only(
    site: Site, sample: Sample, outside: Outside
) -> None:
    state = _start(site.client(sample.owner), sample)
    with site.data() as session:
        row = session.scalars(select(OAuthState)).one()
        assert state not in (row.state_hash, row.session_hash)
        assert len(state) >= 43


@pytest.mark.parametrize(
    "query", [{}, {"state": "made-up", "code": "c"}, {"code": "c"}]
)
def test_without_our_state_nothing_is_called(
    site: Site, sample: Sample, outside: Outside, query: dict[str, str]
) -> None:
    client = site.client(sample.owner)
    _start(client, sample)
    answer = _back(client, **query)
    assert (answer.status_code, outside.calls) == (400, 0)
    assert "verlopen of al gebruikt" in answer.text


def test_a_state_counts_once(site: Site, sample: Sample, outside: Outside) -> None:
    client = site.client(sample.owner)
    state = _start(client, sample)
    assert _back(client, state=state, code="c").status_code == 303
    assert _back(client, state=state, code="c").status_code == 400
    assert outside.calls == 1


def test_a_state_lives_ten_minutes(
    site: Site, sample: Sample, outside: Outside
) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        client = site.client(sample.owner)
        state = _start(client, sample)
        clock.shift(601)
        assert _back(client, state=state, code="c").status_code == 400
    assert outside.calls == 0


def test_a_state_belongs_to_its_browser_and_tenant(
    site: Site, sample: Sample, outside: Outside
) -> None:
    other = site.sample("Other", 2)
    state = _start(site.client(sample.owner), sample)
    for client in (site.client(sample.owner), site.client(other.owner), site.client()):
        assert _back(client, state=state, code="c").status_code == 400
    assert outside.calls == 0


def test_a_state_of_another_plugin_is_refused(
    site: Site, sample: Sample, outside: Outside
) -> None:
    client = site.client(sample.owner)
    state = _start(client, sample)
    with site.data() as session:
        session.scalars(select(OAuthState)).one().plugin = "kmoshops"
    assert _back(client, state=state, code="c").status_code == 400
    assert outside.calls == 0


def test_a_refusal_by_the_user_is_explained_and_uses_the_state_up(
    site: Site, sample: Sample, outside: Outside
) -> None:
    client = site.client(sample.owner)
    state = _start(client, sample)
    answer = _back(client, state=state, error="access_denied")
    assert "Visma eAccounting geen toestemming gegeven" in answer.text
    assert _back(client, state=state, code="c").status_code == 400
    assert outside.calls == 0


def test_another_company_is_refused_and_named(
    site: Site, sample: Sample, outside: Outside
) -> None:
    outside.found = [Identity("another", "Bakker BV", {})]
    client = site.client(sample.owner)
    answer = _back(client, state=_start(client, sample), code="c")
    assert answer.status_code == 400
    assert "Bakker BV" in answer.text
    assert _state_of(site, sample).external_id == "eaccounting-1"


def test_a_company_of_another_tenant_is_refused(
    site: Site, sample: Sample, outside: Outside
) -> None:
    other = site.sample("Other", 2)
    with site.data() as session:
        connection = session.get(Connection, other.package.id)
        connection.external_id, connection.state = None, ConnectionState.NEW
    client = site.client(other.owner)
    answer = _back(client, state=_start(client, other), code="c")
    assert answer.status_code == 400
    assert "al aan een andere omgeving gekoppeld" in answer.text
    assert _state_of(site, other).state == ConnectionState.NEW


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AskUser("company_taken", name="X"), "al aan een andere omgeving"),
        (RetryLater("remote_timeout", service="Visma"), "antwoordde niet op tijd"),
    ],
)
def test_failures_outside_are_explained(
    site: Site, sample: Sample, outside: Outside, error: Exception, words: str
) -> None:
    outside.error = error
    client = site.client(sample.owner)
    answer = _back(client, state=_start(client, sample), code="c")
    assert (answer.status_code, words in answer.text) == (400, True)


def test_disconnecting_asks_first_and_wipes_the_tokens(
    site: Site, sample: Sample, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    monkeypatch.setattr(oauth_flow, "revoke", lambda _p, token: left.append(token))
    client = site.client(sample.owner)
    _back(client, state=_start(client, sample), code="c")
    registry = site.app.extensions["koppelwerk"].registry
    monkeypatch.setattr(
        type(registry.get("eaccounting").connector),
        "disconnect",
        lambda _self, tokens: left.append(tokens.access_token),
    )
    address = f"/connections/{sample.package.id}/disconnect"
    assert "beëindigen?" in client.get(address).text
    assert _state_of(site, sample).state == ConnectionState.CONNECTED
    client.post(address)
    assert _state_of(site, sample).state == ConnectionState.ENDED
    assert left == ["access", "refresh"]


def test_run_now_makes_the_connection_due(site: Site, sample: Sample) -> None:
    answer = site.client(sample.colleague).post(
        f"/connections/{sample.shop.id}/run", data={"next": "/configuratie/1"}
    )
    assert answer.location == "/configuratie/1"
    with site.data() as session:
        assert session.get(Connection, sample.shop.id).next_run_at <= utcnow()


def test_switching_a_plugin_on_makes_its_connection(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    client.post("/plugins/eaccounting", data={"enabled": "0"})
    assert _state_of(site, sample).enabled is False
    client.post("/plugins/eaccounting", data={"enabled": "1"})
    assert _state_of(site, sample).enabled is True
    assert client.post("/plugins/nope", data={"enabled": "1"}).status_code == 404
    with site.data() as session:
        codes = set(session.scalars(select(LogEntry.code)))
    assert {"plugin_disabled", "plugin_enabled"} <= codes
