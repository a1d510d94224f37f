"""One plugin's page at Koppelingen: the live check and what appears after it."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired

from core.domain.clock import utcnow
from core.domain.errors import AskUser, AuthenticationLost, RetryLater
from core.domain.packages import Identity
from core.models import Connection, ConnectionState, TenantPlugin
from core.net.oauth import Tokens
from core.plugin.capabilities import Choice, Choices, Manifest, Pages, Plugin, Section
from core.plugin.connections import filled_in
from core.services.connections import connections, credentials
from tests.web.conftest import Site
from tests.web.samples import Sample

PAGE = "/koppelingen/eaccounting"
STATUS, SETTINGS = "/koppelingen/codes", "/koppelingen/codes/instellingen"


class SyncForm(FlaskForm):  # type: ignore[misc]
    """Settings of a made-up section."""

    both_ways = BooleanField("Ook terug")
    label = StringField("Etiket", [InputRequired("Vul een etiket in.")])
    unit = SelectField("Eenheid", validate_choice=False)


class Codes(FlaskForm):  # type: ignore[misc]
    """A made-up package's codes."""

    steps = ("Open Beheer.",)
    code = StringField("Code", [InputRequired()])


class Outside:
    """A made-up package and what it says."""

    credential_form = Codes

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.found = [Identity("adm-1", "De Fietsenmaker BV", {"extra": "1"})]
        self.saved: list[dict[str, Any]] = []
        self.offers = True

    def check(self, values: Mapping[str, str]) -> list[Identity]:
        if self.error:
            raise self.error
        return self.found

    def connected(self, connection: Connection) -> None:
        pass

    def disconnect(self, tokens: Any) -> None:
        pass


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


@pytest.fixture
def outside(site: Site) -> Outside:
    made = Outside()
    manifest = Manifest("codes", "Pakket", "Een pakket.", "1", "accounting",
                        auth="form", interval=240)  # fmt: skip
    sections = (
        Section(
            name="sync",
            title="Synchronisatie relaties",
            form=SyncForm,
            is_offered=lambda _connection: made.offers,
            choices=lambda _connection: Choices(units=[Choice("PCE", "Per stuk")]),
            saved=lambda _connection, values: made.saved.append(values),
        ),
        Section(
            name="items",
            title="Openstaande saldi",
            template="parts/count.html",
            context=lambda _connection: {"name": "failed"},
        ),
        Section(name="never", title="Nooit", is_offered=lambda _connection: False),
    )
    plugin = Plugin(manifest, connector=made, brings=(Pages(sections=sections),))
    site.app.extensions["koppelwerk"].registry.plugins["codes"] = plugin
    return made


@pytest.fixture
def connection_id(site: Site, sample: Sample, outside: Outside) -> int:
    with site.data() as session:
        session.add(TenantPlugin(tenant_id=sample.tenant.id, plugin="codes"))
        made = Connection(
            tenant_id=sample.tenant.id, plugin="codes", external_id="adm-1",
            state=ConnectionState.CONNECTED, interval_minutes=240,
        )  # fmt: skip
        session.add(made)
        session.flush()
        credentials.store(made, filled_in({"code": "x"}))
        return made.id


def _connection(site: Site, connection_id: int) -> Connection:
    with site.data() as session:
        return session.get(Connection, connection_id)


def test_switching_says_what_changed(
    site: Site, sample: Sample, outside: Outside
) -> None:
    client = site.client(sample.owner)
    client.post("/plugins/codes", data={"enabled": "1"})
    assert "Pakket is aangezet." in client.get("/koppelingen").text
    client.post("/plugins/codes")
    assert "Pakket is uitgezet" in client.get("/koppelingen").text


def test_the_switch_activates_a_plugin_and_makes_its_connection(
    site: Site, sample: Sample, outside: Outside
) -> None:
    client = site.client(sample.owner)
    page = client.get("/koppelingen/codes").text
    assert "Koppeling activeren" in page
    assert ">Testen<" not in page
    data = {"enabled": "1", "next": "/koppelingen/codes"}
    assert client.post("/plugins/codes", data=data).location == "/koppelingen/codes"
    page = client.get("/koppelingen/codes").text
    assert ">Testen<" in page
    assert "Open Beheer." in page
    assert 'name="code"' in page
    client.post("/plugins/codes", data={"next": "/koppelingen/codes"})
    assert ">Testen<" not in client.get("/koppelingen/codes").text


def test_an_unknown_plugin_has_no_page(site: Site, sample: Sample) -> None:
    assert site.client(sample.owner).get("/koppelingen/nope").status_code == 404


def test_options_appear_after_a_good_check_only(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    assert "Druk op Status controleren" in client.get(STATUS).text
    page = client.get(SETTINGS).text
    assert "Synchronisatie relaties" not in page
    check = f"/connections/{connection_id}/check"
    client.post(check, data={"next": "/koppelingen/codes"})
    page = client.get(SETTINGS).text
    assert "antwoordt" in page
    assert "Synchronisatie relaties" in page
    assert "Openstaande saldi" in page
    assert "Nooit" not in page
    assert _connection(site, connection_id).facts == {"extra": "1"}
    outside.offers = False
    page = client.get(SETTINGS).text
    assert "Synchronisatie relaties" not in page


@pytest.mark.parametrize(
    ("error", "words", "state", "is_good"),
    [
        (AskUser("company_inactive"), "company_inactive", "connected", False),
        (AuthenticationLost("authentication_lost", service="Pakket"), "", "paused",
         False),
        (RetryLater("remote_timeout", service="Pakket"), "antwoordde niet op tijd",
         "connected", True),
    ],
)  # fmt: skip
def test_a_bad_answer_is_said_and_the_options_stay(
    site: Site, sample: Sample, outside: Outside, connection_id: int,
    error: Exception, words: str, state: str, is_good: bool,
) -> None:  # fmt: skip
    client = site.client(sample.owner)
    check = f"/connections/{connection_id}/check"
    client.post(check)
    outside.error = error
    client.post(check, data={"next": "/koppelingen/codes"})
    page = client.get(SETTINGS).text
    assert words in page
    assert "Synchronisatie relaties" in page
    assert (_connection(site, connection_id).checked_at is not None) is is_good
    assert _connection(site, connection_id).state == state


def test_another_company_that_answers_is_no_good_check(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    outside.found = [Identity("adm-2", "Een ander")]
    client = site.client(sample.owner)
    client.post(f"/connections/{connection_id}/check")
    assert "Een ander" in client.get("/koppelingen").text
    assert _connection(site, connection_id).checked_at is None


def test_switching_asks_first_and_says_what_it_touches(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    assert "/koppelingen/codes/activeren" in client.get(STATUS).text
    page = client.get("/koppelingen/codes/activeren").text
    assert "de verbinding met" in page
    assert "niets meer opgehaald" in page
    page = client.get("/koppelingen/codes/activeren?enabled=1").text
    assert "weer lopen" in page
    assert "codes" in client.get("/koppelingen").text
    assert client.get("/koppelingen/nope/activeren").status_code == 404
    other = site.client(sample.colleague)
    assert other.get("/koppelingen/codes/activeren").status_code == 403


def test_coupling_again_leaves_the_options(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    client.post(f"/connections/{connection_id}/check")
    with site.data() as session:
        connection = session.get(Connection, connection_id)
        connections.complete(connection, Identity("adm-1", "Zaak"), Tokens("again"))
    page = client.get(SETTINGS).text
    assert "Synchronisatie relaties" in page
    page = client.get(STATUS).text
    assert "Sinds het koppelen is nog niet goed gecontroleerd" in page
    client.post(f"/connections/{connection_id}/check")
    assert "Sinds het koppelen" not in client.get(STATUS).text


def test_connecting_by_form_is_a_check(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    path = f"/connections/{connection_id}/credentials"
    client.post(path, data={"action": "connect", "code": "y"})
    assert _connection(site, connection_id).checked_at is not None
    assert "Synchronisatie relaties" in client.get(SETTINGS).text


def test_a_sections_form_is_kept_under_its_name(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    path = f"/connections/{connection_id}/onderdeel/sync"
    data = {"both_ways": "y", "label": "A", "unit": "PCE"}
    assert client.post(path, data=data).status_code == 404  # not checked yet
    client.post(f"/connections/{connection_id}/check")
    page = client.get(SETTINGS).text
    assert '<option value="PCE">Per stuk</option>' in page
    page = client.post(path, data={"both_ways": "y", "label": ""}).text
    assert "Vul een etiket in." in page
    assert (_connection(site, connection_id).settings, outside.saved) == ({}, [])
    answer = client.post(path, data=data)
    assert answer.location == "/koppelingen/codes/instellingen#sync"
    wanted = {"both_ways": True, "label": "A", "unit": "PCE"}
    assert _connection(site, connection_id).settings == {"sync": wanted}
    assert outside.saved == [wanted]
    assert 'value="A"' in client.get(SETTINGS).text
    for name in ("items", "never", "nope"):
        other = f"/connections/{connection_id}/onderdeel/{name}"
        assert client.post(other, data=data).status_code == 404


def test_the_interval_is_adjusted_from_the_list_only(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    path = f"/connections/{connection_id}/interval"
    assert client.post(path, data={"minuten": "60"}).status_code == 303
    assert _connection(site, connection_id).interval_minutes == 60
    for minutes in ("1", "", "x", "-60"):
        assert client.post(path, data={"minuten": minutes}).status_code == 400
    assert _connection(site, connection_id).interval_minutes == 60


def test_a_connection_by_oauth_is_asked_with_its_tokens(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    registry = site.app.extensions["koppelwerk"].registry

    def identify(_self: Any, tokens: Tokens) -> list[Identity]:
        used.append(tokens.access_token)
        if len(used) == 1:
            raise AuthenticationLost("authentication_lost", service="Visma")
        return [Identity("eaccounting-1", "De Fietsenmaker BV")]

    connector = type(registry.get("eaccounting").connector)
    monkeypatch.setattr(connector, "identify", identify)
    fresh = Tokens("new", "refresh", utcnow())
    monkeypatch.setattr(credentials, "refresh", lambda *_: fresh)
    with site.data() as session:
        package = session.get(Connection, sample.package.id)
        credentials.store(package, Tokens("old", "refresh"))
    client = site.client(sample.owner)
    client.post(f"/connections/{sample.package.id}/check", data={"next": PAGE})
    assert "De Fietsenmaker BV antwoordt" in client.get(PAGE).text
    assert used == ["old", "new"]
    connection = _connection(site, sample.package.id)
    assert connection.checked_at is not None
    assert connection.state == ConnectionState.CONNECTED


def test_a_plugin_that_failed_is_told_with_its_reason_and_its_connection_stays(
    site: Site,
) -> None:
    sample = site.sample()
    registry = site.app.extensions["koppelwerk"].registry
    registry.fail("eaccounting", RuntimeError("out of order"))
    client = site.client(sample.owner)
    page = client.get("/koppelingen").text
    assert "Visma eAccounting kon niet worden geladen." in page
    assert "RuntimeError: out of order" in page
    assert PAGE not in page
    for path in ("/", "/rapportage", "/configuratie", "/fouten", "/open", "/relaties"):
        assert client.get(path).status_code in (200, 302, 303), path
    assert client.get(PAGE).status_code == 404
