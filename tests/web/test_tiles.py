"""Koppelingen: tiles, one plugin's page, the live check and what appears after it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired

from core.domain.clock import utcnow
from core.domain.errors import AskUser, AuthenticationLost, RetryLater
from core.domain.packages import Identity
from core.models import Connection, ConnectionState, TenantPlugin, TransferState
from core.net.oauth import Tokens
from core.plugin.capabilities import Choice, Choices, Manifest, Pages, Plugin, Section
from core.plugin.connections import filled_in
from core.services.connections import connections, credentials
from plugins.vies.models import ViesConsultation
from tests.web import samples
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


def tiles_of(page: str) -> dict[str, list[str]]:
    """Return the plugins whose tiles stand below each heading."""
    parts = re.split(r"<h2>([^<]+)</h2>", page)
    return {
        title: re.findall(r'<h3><a href="/koppelingen/(\w+)"', inside)
        for title, inside in zip(parts[1::2], parts[2::2], strict=True)
    }


def tile_of(page: str, name: str) -> str:
    """Return one plugin's tile, with single spaces."""
    tiles = page.split('<li class="plugin-tile">')[1:]
    found = next(one for one in tiles if f'/koppelingen/{name}"' in one)
    return re.sub(r"\s+", " ", found.split("</li>")[0])


def test_tiles_stand_by_what_they_are_for_and_what_is_on_comes_first(
    site: Site, sample: Sample
) -> None:
    with site.data() as session:
        row = session.query(TenantPlugin).filter_by(plugin="kmoshops").one()
        row.plugin = "ownshop"
    assert tiles_of(site.client(sample.owner).get("/koppelingen").text) == {
        "Winkels": ["ownshop", "kmoshops"],
        "Boekhouding": ["eaccounting", "digitalefactuur", "eboekhouden"],
        "Aangifte": ["accountview"],
        "Diensten": ["vies"],
        "Van winkel naar pakket": [],
    }


def test_a_tile_tells_how_a_plugin_does(site: Site, sample: Sample) -> None:
    with site.data():
        samples.transfer(sample, "F1", TransferState.FAILED, "order_empty")
        samples.transfer(sample, "D1", TransferState.DONE)
        other = samples.tenant("Een ander", 2)
        samples.transfer(other, "F2", TransferState.FAILED, "order_empty")
    page = site.client(sample.owner).get("/koppelingen").text
    for name in ("kmoshops", "eaccounting"):
        tile = tile_of(page, name)
        assert "1 document onder Fouten" in tile
        assert "Laatst uitgevoerd:" in tile
        assert 'role="switch" aria-checked="true"' in tile
        assert f"/static/plugins/{name}/mark.svg?v=" in tile
        assert f'href="/koppelingen/{name}/instellingen"' in tile
        assert f'href="/koppelingen/{name}/logboek"' in tile
    tile = tile_of(page, "eboekhouden")
    assert 'aria-checked="false"' in tile
    assert "Fouten" not in tile
    assert "/logboek" not in tile


def test_who_may_not_make_a_plugin_sees_no_switch(site: Site, sample: Sample) -> None:
    tile = tile_of(site.client(sample.colleague).get("/koppelingen").text, "kmoshops")
    assert 'role="switch"' not in tile
    assert '<span class="pill green">Aan</span>' in tile


def test_a_service_tells_who_uses_it_and_has_no_switch(
    site: Site, sample: Sample
) -> None:
    with site.data() as session:
        for tenant, days in ((sample.tenant.id, 1), (sample.tenant.id, 40), (0, 1)):
            tenant = tenant or samples.tenant("Een ander", 2).tenant.id
            at = utcnow() - timedelta(days=days)
            made = ViesConsultation(
                tenant_id=tenant, number="NL1", outcome="valid", asked_at=at
            )
            session.add(made)
    client = site.client(sample.owner)
    for page in ("/koppelingen", "/koppelingen/vies"):
        text = re.sub(r"\s+", " ", client.get(page).text)
        assert "1 nummer nagevraagd in de laatste 30 dagen." in text
        assert "Gebruikt door: Visma eAccounting, Relaties, Facturen." in text
    tile = tile_of(client.get("/koppelingen").text, "vies")
    assert "Altijd aan" in tile
    assert "switch" not in tile
    assert client.get("/koppelingen/vies/activeren").status_code == 404
    assert client.post("/plugins/vies", data={}).status_code == 404


def test_english_tiles_have_no_dutch(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    client.post("/taal", data={"language": "en"})
    page = client.get("/koppelingen").text
    registry = site.app.extensions["koppelwerk"].registry
    assert "Your own web shop" in page
    for plugin in registry.plugins.values():
        assert str(plugin.manifest.summary) not in page, plugin.name


def test_every_plugin_of_ours_has_a_mark(site: Site) -> None:
    registry = site.app.extensions["koppelwerk"].registry
    for name in registry.plugins:
        assert (registry.folder(name) / "static" / "mark.svg").exists(), name


def test_switching_says_what_changed(
    site: Site, sample: Sample, outside: Outside
) -> None:
    client = site.client(sample.owner)
    client.post("/plugins/codes", data={"enabled": "1"})
    assert "Pakket is aangezet." in client.get("/koppelingen").text
    client.post("/plugins/codes")
    assert "Pakket is uitgezet" in client.get("/koppelingen").text


def test_a_plugins_log_is_its_own(site: Site, sample: Sample) -> None:
    with site.data():
        other = samples.tenant("Een ander", 2)
        for each, number in ((sample, "D1"), (other, "D2")):
            to = each.package.id
            samples.note(each, "transfer_done", number=number, connection_id=to)
    client = site.client(sample.owner)
    client.post("/plugins/eboekhouden", data={"enabled": "1"})
    client.get("/koppelingen")  # it takes the message
    logs = {
        name: client.get(f"/koppelingen/{name}/logboek").text
        for name in ("eaccounting", "eboekhouden")
    }
    assert "D1" in logs["eaccounting"]
    assert "e-Boekhouden.nl is aangezet." in logs["eboekhouden"]
    assert "D1" not in logs["eboekhouden"]
    assert "D2" not in logs["eaccounting"]
    assert "e-Boekhouden.nl is aangezet." not in logs["eaccounting"]


def test_a_plugins_settings_lead_to_those_of_its_couplings(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    page = client.get(f"{PAGE}/instellingen").text
    assert "Bestellingen van KMO Shops De Fietsenmaker 1" in page
    assert f'href="/configuratie/{sample.coupling.id}#vat"' in page
    shop = client.get("/koppelingen/kmoshops/instellingen").text
    assert "Welke bestellingen gaan door" in shop
    assert "#vat" not in shop


def test_a_shop_is_looked_at_every_hour_at_least(site: Site, sample: Sample) -> None:
    with site.data() as session:
        session.get(Connection, sample.shop.id).interval_minutes = 1440  # once allowed
    client = site.client(sample.owner)
    page = client.get("/koppelingen/kmoshops/instellingen").text
    assert "Minstens ieder uur" in page
    assert re.findall(r'<option value="(\d+)"', page) == ["15", "30", "60"]
    path = f"/connections/{sample.shop.id}/interval"
    assert client.post(path, data={"minuten": "120"}).status_code == 400
    with site.data():
        connections.run_finished(sample.shop.id)
    shop = _connection(site, sample.shop.id)
    assert shop.next_run_at - shop.last_run_at == timedelta(hours=1)
    page = client.get(f"{PAGE}/instellingen").text
    assert '<option value="1440"' in page
    assert "Minstens ieder uur" not in page


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
