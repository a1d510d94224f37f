"""Rechten: green and red blocks, and what happens without the right."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Connection, LogEntry, PluginRight, Role, TransferState
from core.runtime.tenancy import tenant_scope
from core.services.linking import oauth_flow
from core.services.people import rights
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

PACKAGE, SHOP = "eaccounting", "kmoshops"


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def click(site: Site, sample: Sample, role: str, plugin: str, right: str) -> Any:
    return site.client(sample.owner).post(
        "/instellingen/rechten",
        data={"rol": role, "koppeling": plugin, "recht": right},
    )


def block(page: str, role: str, plugin: str) -> tuple[str, str]:
    """Return the colour and the pressed state of a block."""
    item = page[page.index(f'id="{role}-{plugin}"') :]
    found = re.search(r'class="right (\w+)"[^>]*aria-pressed="(\w+)"', item)
    assert found
    return found[1], found[2]


def _addresses(sample: Sample) -> list[tuple[str, str]]:
    """Return everything about the package that is there to see or to press."""
    package = sample.package.id
    return [
        ("GET", f"/koppelingen/{PACKAGE}"),
        ("GET", f"/configuratie/{sample.coupling.id}"),
        ("POST", f"/plugins/{PACKAGE}"),
        ("POST", f"/connect/{package}"),
        ("POST", f"/connections/{package}/check"),
        ("POST", f"/connections/{package}/run"),
        ("POST", f"/connections/{package}/settings"),
        ("POST", f"/connections/{package}/interval"),
        ("POST", f"/connections/{package}/onderdeel/x"),
        ("GET", f"/connections/{package}/credentials"),
        ("GET", f"/connections/{package}/disconnect"),
        ("POST", f"/connections/{package}/disconnect"),
    ]


def test_blocks_are_grouped_and_say_in_words_what_they_are(
    site: Site, sample: Sample
) -> None:
    page = site.client(sample.owner).get("/instellingen/rechten").text
    for words in ("Koppelingen - Financieel", "Koppelingen - Webwinkels"):
        assert words in page
    assert block(page, "owner", PACKAGE) == ("green", "true")
    assert block(page, "colleague", PACKAGE) == ("mixed", "mixed")
    assert "Mag maken en zien" in page
    assert "Mag alleen bekijken" in page


def test_a_click_turns_a_block(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    for right, wanted in (
        ("nee", ("red", "false")),
        ("ja", ("green", "true")),
        ("standaard", ("mixed", "mixed")),
    ):
        assert click(site, sample, "colleague", PACKAGE, right).status_code == 303
        page = client.get("/instellingen/rechten").text
        assert block(page, "colleague", PACKAGE) == wanted
    with site.data() as session:
        assert session.scalars(select(PluginRight)).all() == []
        codes = session.scalars(select(LogEntry.code).order_by(LogEntry.id))
        told = [code for code in codes if "right" in code]
    words = ("taken", "given", "default")
    assert told == [f"colleagues_right_{word}" for word in words]


@pytest.mark.parametrize(
    ("role", "plugin", "right"),
    [("operator", PACKAGE, "ja"), ("owner", "nope", "ja"), ("owner", PACKAGE, "x")],
)
def test_nonsense_is_refused(
    site: Site, sample: Sample, role: str, plugin: str, right: str
) -> None:
    assert click(site, sample, role, plugin, right).status_code == 400


def test_only_owners_give_rights(site: Site, sample: Sample) -> None:
    client = site.client(sample.colleague)
    assert client.get("/instellingen/rechten").status_code == 403
    assert client.post("/instellingen/rechten", data={}).status_code == 403


@pytest.mark.parametrize("role", ["owner", "colleague"])
def test_without_the_right_a_connection_is_not_there(
    site: Site, sample: Sample, role: str
) -> None:
    click(site, sample, role, PACKAGE, "nee")
    client = site.client(getattr(sample, role))
    for method, path in _addresses(sample):
        assert client.open(path, method=method).status_code == 404, path
    for path in ("/koppelingen", "/", "/deel/overzicht"):
        page = client.get(path).text
        assert "/configuratie/" not in page, path
        assert "De Fietsenmaker 1" not in page or path == "/koppelingen"
    page = client.get("/koppelingen").text
    assert "KMO Shops" in page
    assert "Visma eAccounting" not in page
    assert client.get("/configuratie").status_code == 200


@pytest.mark.parametrize("role", ["owner", "colleague"])
def test_the_orders_tabs_stay_visible(site: Site, sample: Sample, role: str) -> None:
    with site.data():
        samples.transfer(sample, "D1", TransferState.DONE, booked_at=utcnow())
        samples.transfer(sample, "F1", TransferState.FAILED, "order_empty")
        samples.transfer(sample, "W1", TransferState.WAITING, "order_unpaid")
    click(site, sample, role, PACKAGE, "nee")
    client = site.client(getattr(sample, role))
    for path, number in (("/rapportage", "D1"), ("/fouten", "F1"), ("/open", "W1")):
        assert number in client.get(path).text
    assert client.get("/bestelling/1").status_code == 200


def test_a_colleague_may_look_and_run_but_not_make(site: Site, sample: Sample) -> None:
    client = site.client(sample.colleague)
    allowed = {
        f"/koppelingen/{PACKAGE}",
        f"/configuratie/{sample.coupling.id}",
        f"/connections/{sample.package.id}/run",
    }
    for method, path in _addresses(sample):
        status = client.open(path, method=method).status_code
        assert status in ((200, 303) if path in allowed else (403,)), path
    pair = {"pair": f"{sample.shop.id}-{sample.package.id}"}
    assert client.post("/koppelingen", data=pair).status_code == 403
    page = client.get(f"/koppelingen/{PACKAGE}").text
    assert "niet het recht" in page
    assert "Status controleren" not in page


def test_a_colleague_with_the_right_may_make(site: Site, sample: Sample) -> None:
    click(site, sample, "colleague", PACKAGE, "ja")
    client = site.client(sample.colleague)
    answer = client.post(f"/connect/{sample.package.id}")
    assert answer.status_code == 303
    assert "/authorize?" in answer.location
    assert client.post(f"/connect/{sample.shop.id}").status_code == 403
    off = {"enabled": "0", "next": f"/koppelingen/{PACKAGE}"}
    assert client.post(f"/plugins/{PACKAGE}", data=off).location == off["next"]
    with site.data() as session:
        assert session.get(Connection, sample.package.id).enabled is False


def test_a_right_that_was_taken_meanwhile_ends_a_login_under_way(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(
        oauth_flow, "exchange_code", lambda *_: called.append("exchange")
    )
    client = site.client(sample.owner)
    address = client.post(f"/connect/{sample.package.id}").location
    click(site, sample, "owner", PACKAGE, "nee")
    state = re.search(r"state=([\w-]+)", address)[1]
    answer = client.get("/oauth/callback", query_string={"state": state, "code": "c"})
    assert (answer.status_code, called) == (400, [])


def test_rights_are_a_tenants_own(site: Site, sample: Sample) -> None:
    other = site.sample("Ander", 2)
    click(site, sample, "owner", PACKAGE, "nee")
    assert site.client(other.owner).get(f"/koppelingen/{PACKAGE}").status_code == 200
    with site.data():
        for tenant, allowed in ((sample.tenant, False), (other.tenant, True)):
            with tenant_scope(tenant.id):
                assert rights.allows(Role.OWNER, PACKAGE) is allowed
                assert rights.allows(Role.COLLEAGUE, PACKAGE) is False
