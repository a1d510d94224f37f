"""The first page tells what to try in a demo, and only there."""

from dataclasses import replace

from core.runtime.settings import Settings
from tests.web.conftest import Site

PAGES = "kmoshops=http://127.0.0.1:8101 mails=http://127.0.0.1:8025"


def home(site: Site, demo_pages: str) -> str:
    sample = site.sample()
    parts = site.app.extensions["koppelwerk"]
    settings = replace(parts.settings, demo_pages=demo_pages)
    site.app.extensions["koppelwerk"] = replace(parts, settings=settings)
    try:
        return site.client(sample.owner).get("/").text
    finally:
        site.app.extensions["koppelwerk"] = parts


def test_a_demo_invites_to_its_pages_and_ours(site: Site) -> None:
    page = home(site, PAGES)
    tour = page[page.index('id="tour"') :].split("</section>")[0]
    for address in ("http://127.0.0.1:8101/", "/fouten", "/welkom"):
        assert f'href="{address}"' in tour
    assert 'href="http://127.0.0.1:8025"' in tour


def test_a_sandbox_that_does_not_run_is_not_invited_to(site: Site) -> None:
    page = home(site, "eaccounting=http://127.0.0.1:8102")
    assert 'id="tour"' in page
    assert "Plaats een bestelling" not in page
    assert "Lees de mails" not in page


def test_outside_a_demo_there_is_no_tour(site: Site) -> None:
    assert 'id="tour"' not in home(site, Settings.demo_pages)
    assert Settings.from_environ({}).demo_addresses == {}


def test_who_closed_the_tour_finds_it_at_the_foot(site: Site) -> None:
    sample = site.sample()
    parts = site.app.extensions["koppelwerk"]
    settings = replace(parts.settings, demo_pages=PAGES)
    site.app.extensions["koppelwerk"] = replace(parts, settings=settings)
    try:
        owner, colleague = site.client(sample.owner), site.client(sample.colleague)
        assert owner.post("/rondleiding").status_code == 303
        closed = owner.get("/").text
        assert "Probeer het uit" not in closed
        assert closed.index('id="overview"') < closed.index("Rondleiding tonen")
        assert "Probeer het uit" in colleague.get("/").text
        owner.post("/rondleiding", data={"open": "1"})
        assert "Probeer het uit" in owner.get("/").text
    finally:
        site.app.extensions["koppelwerk"] = parts
