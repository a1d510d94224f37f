"""Koppelingen: a tile per plugin, and the log and settings behind it."""

import re
from datetime import timedelta

import pytest

from core.domain.clock import utcnow
from core.models import Connection, TenantPlugin, TransferState
from core.services.connections import connections
from plugins.vies.models import ViesConsultation
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


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
        "Aangifte": ["accountview", "belastingdienst"],
        "Diensten": ["vies", "peppol"],
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
    assert "Your own webshop" in page
    for plugin in registry.plugins.values():
        assert str(plugin.manifest.summary) not in page, plugin.name


def test_every_plugin_of_ours_has_a_mark(site: Site) -> None:
    registry = site.app.extensions["koppelwerk"].registry
    for name in registry.plugins:
        assert (registry.folder(name) / "static" / "mark.svg").exists(), name


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
    assert "Bestelling D1" in logs["eaccounting"]
    assert "e-Boekhouden.nl is aangezet." in logs["eboekhouden"]
    assert "Bestelling D1" not in logs["eboekhouden"]
    assert "Bestelling D2" not in logs["eaccounting"]
    assert "e-Boekhouden.nl is aangezet." not in logs["eaccounting"]


def test_a_plugins_settings_lead_to_those_of_its_couplings(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    page = client.get("/koppelingen/eaccounting/instellingen").text
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
    with site.data() as session:
        connections.run_finished(sample.shop.id)
        shop = session.get(Connection, sample.shop.id)
        assert shop.next_run_at - shop.last_run_at == timedelta(hours=1)
    page = client.get("/koppelingen/eaccounting/instellingen").text
    assert '<option value="1440"' in page
    assert "Minstens ieder uur" not in page
