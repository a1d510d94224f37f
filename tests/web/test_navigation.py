"""The main menu: groups by what people do, and one place for every page."""

import re

import pytest
from flask import Flask

from core.models import Connection, TenantPlugin
from core.web import navigation, policy
from core.web.navigation import DESK, WITH_SHOP, WITHOUT_SHOP
from tests.web import accounts
from tests.web.conftest import Site
from tests.web.samples import Sample

SHOP = ["Rapportage", "Fouten", "Open", "Configuratie"]
SETTINGS = ["Koppelingen", "Profiel", "Logboek"]
NOWHERE = {
    "accountview", "belastingdienst", "bench", "health", "install", "peppol",
    "plugin_files", "public", "search", "session",
}  # fmt: skip
"""Blueprints whose pages have no entry, or one of their plugin's own."""


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def menu_of(page: str) -> dict[str, list[str]]:
    """Return the entries by group, as they stand on a page."""
    menu = page.split('<nav id="menu"')[1].split("</nav>")[0]
    groups = re.findall(r'menu-title"[^>]*>([^<]+)</p>(.*?)</ul>', menu, re.DOTALL)
    return {
        title: re.findall(r"<a [^>]*>\s*([^<]+?)\s*<", items) for title, items in groups
    }


def test_the_menu_is_grouped_by_what_people_do(site: Site, sample: Sample) -> None:
    assert menu_of(site.client(sample.owner).get("/").text) == {
        "Vandaag": ["Overzicht"],
        "Winkel": SHOP,
        "Boekhouding": ["Relaties", "Facturen"],
        "Instellingen": SETTINGS,
    }


def _without_shop(site: Site, sample: Sample) -> None:
    with site.data() as session:
        session.delete(session.get(type(sample.coupling), sample.coupling.id))
        session.flush()
        session.delete(session.get(Connection, sample.shop.id))
        for row in session.query(TenantPlugin).filter_by(plugin="kmoshops"):
            session.delete(row)


def test_who_has_no_shop_begins_with_relations_and_invoices(
    site: Site, sample: Sample
) -> None:
    _without_shop(site, sample)
    client = site.client(sample.owner)
    assert menu_of(client.get("/").text) == {
        "Vandaag": ["Overzicht"],
        "Boekhouding": ["Relaties", "Facturen", "Rapportage", "Fouten", "Open"],
        "Instellingen": SETTINGS,
    }
    client.post("/plugins/kmoshops", data={"enabled": "1"})
    assert "Winkel" in menu_of(client.get("/").text)
    client.post("/plugins/kmoshops", data={})
    assert "Winkel" in menu_of(client.get("/").text)  # its orders are still there


def test_a_plugin_brings_its_entry_into_a_group(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    client.post("/plugins/belastingdienst", data={"enabled": "1"})
    page = client.get("/aangifte").text
    assert menu_of(page)["Boekhouding"] == ["Relaties", "Facturen", "Aangifte"]
    assert 'aria-current="page">Aangifte' in page


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Overzicht"),
        ("/fouten", "Fouten"),
        ("/relaties/nieuw", "Relaties"),
        ("/koppelingen/eaccounting", "Koppelingen"),
        ("/instellingen/rechten", "Koppelingen"),
        ("/meldingen", "Profiel"),
        ("/log", "Logboek"),
    ],
)
def test_the_menu_shows_where_one_is(
    site: Site, sample: Sample, path: str, title: str
) -> None:
    page = site.client(sample.owner).get(path).text
    menu = page.split('<nav id="menu"')[1].split("</nav>")[0]
    assert re.findall(r'aria-current="page">\s*(\w+)', menu) == [title]


def test_an_operator_sees_the_desk(site: Site, sample: Sample) -> None:
    page = accounts.operator(site).get("/beheer/klanten").text
    titles = ["Overzicht", "Klanten", "Meldingen", "Aanvragen", "Mails", "Facturen"]
    assert menu_of(page) == {"Beheer": titles, "Uzelf": ["Beveiliging"]}
    assert 'aria-current="page">Klanten' in page


@pytest.mark.parametrize("groups", [WITH_SHOP, WITHOUT_SHOP, DESK])
def test_every_entry_is_there_and_no_page_belongs_to_two(
    site: Site, groups: tuple[navigation.Group, ...]
) -> None:
    items = [item for group in groups for item in group.items]
    names = [name for item in items for name in {item.endpoint, *item.pages}]
    assert len(names) == len(set(names))
    assert {item.endpoint for item in items} <= set(site.app.view_functions)


def test_every_page_of_a_tenant_has_its_place(site: Site) -> None:
    homeless = {endpoint for endpoint in _pages(site.app) if not _has_place(endpoint)}
    assert homeless == set()


def _pages(app: Flask) -> set[str]:
    return {
        entry.endpoint
        for entry in policy.table(app)
        if entry.access in ("login", "owner", "maker") and "GET" in entry.methods
    }


def _has_place(endpoint: str) -> bool:
    is_nowhere = endpoint.partition(".")[0] in NOWHERE or endpoint.endswith("_part")
    is_counter = endpoint == "pages.counters"
    return is_nowhere or is_counter or bool(navigation.place_of(endpoint, WITH_SHOP))


def test_the_language_is_chosen_on_top(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    page = client.get("/open").text
    assert page.index('name="language" value="en"') < page.index("<main")
    client.post("/taal", data={"language": "en", "next": "/open"})
    page = client.get("/open").text
    assert list(menu_of(page)) == ["Today", "Shop", "Bookkeeping", "Settings"]
    assert page.index('name="language" value="nl"') < page.index("<main")


@pytest.mark.parametrize("where", ["/connections/1/inkoop/btw", "/nergens"])
def test_where_only_a_form_goes_the_language_leads_home(
    site: Site, sample: Sample, where: str
) -> None:
    """A refused form stands at an address that cannot be opened."""
    client = site.client(sample.owner)
    answer = client.post("/taal", data={"language": "en", "next": where})
    assert client.get(answer.location).status_code == 200


def test_the_search_stands_on_top_once_it_is_there(site: Site, sample: Sample) -> None:
    page = site.client(sample.owner).get("/").text
    has_search = navigation.SEARCH in site.app.view_functions
    assert ('name="zoek"' in page.split("<main")[0]) is has_search
