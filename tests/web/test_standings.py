"""One truth: what a coupling's state says is the same on every page and in the API."""

from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from core.domain.clock import utcnow
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    Licence,
    LicenceState,
    LogLevel,
    ServiceInvoice,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import Orders
from core.services.licensing import invoices, licences
from core.services.people import install
from tests.api.conftest import token
from tests.capabilities import bringing
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_public import mails

OVER = "De proefperiode is voorbij. Er wordt niets geboekt."
REMOVED = "De app is in uw winkel verwijderd. Er wordt niets meer opgehaald en niets"


@dataclass
class World:
    """A tenant with a coupling on trial."""

    site: Site
    sample: Sample
    licence_id: int

    @property
    def pages(self) -> list[str]:
        """Where the state is said."""
        return [
            "/", "/open", "/fouten", f"/configuratie/{self.sample.coupling.id}",
            "/profiel", "/koppelingen", "/koppelingen/kmoshops",
            f"/installatie/{self.licence_id}",
        ]  # fmt: skip

    def text(self, path: str, client: FlaskClient | None = None) -> str:
        """What stands on a page, as it is read."""
        client = client or self.site.client(self.sample.owner)
        page = " ".join(unescape(client.get(path).text).split())
        return page.replace("</strong> ", "</strong>")

    def set(self, **values: object) -> None:
        """Change the licence, as the calendar would."""
        with self.site.data() as session:
            row = session.get(Licence, self.licence_id)
            for name, value in values.items():
                setattr(row, name, value)
            session.flush()
            licences.align(row.tenant_id)

    def end_trial(self, days_left: int) -> None:
        """Let so many days be left; below nil the dispatcher finds it over."""
        with self.site.data() as session:
            row = session.get(Licence, self.licence_id)
            row.ends_on = utcnow().date() + timedelta(days=days_left)
            session.commit()
            licences.look(utcnow())

    def remove_app(self) -> None:
        """The owner removes the app from the shop."""
        with self.site.data() as session:
            shop = session.get(Connection, self.sample.shop.id)
            shop.state, shop.reason = ConnectionState.ENDED, "app_uninstalled"
            session.commit()
            licences.look(utcnow())

    def connect_shop(self) -> Licence:
        """The same shop is connected again."""
        with self.site.data() as session:
            shop = session.get(Connection, self.sample.shop.id)
            shop.state, shop.reason = ConnectionState.CONNECTED, ""
            session.flush()
            install.connected(shop)
        with self.site.data() as session:
            return session.get(Licence, self.licence_id)

    def order_year(self, *, pays: bool) -> None:
        """Order a year, and pay it or not."""
        with self.site.data() as session:
            row = session.get(Licence, self.licence_id)
            tenant = session.get(Tenant, row.tenant_id)
            quote = invoices.quote(tenant, row, None)
            invoice = invoices.order(row, quote, user_id=None)
            if pays:
                licences.pay(invoice)


@pytest.fixture
def world(site: Site, monkeypatch: pytest.MonkeyPatch) -> World:
    registry = site.app.extensions["koppelwerk"].registry
    plugin = registry.get("eaccounting")
    complete = replace(plugin.find(Orders), problems=lambda _coupling: [])
    monkeypatch.setitem(registry.plugins, "eaccounting", bringing(plugin, complete))
    sample = site.sample()
    with site.data() as session:
        tenant = session.get(Tenant, sample.tenant.id)
        tenant.terms_accepted_at = utcnow()
        made = licences.begin(tenant, "kmoshops", "eaccounting")
        licences.attach(made, session.get(Coupling, sample.coupling.id))
        return World(site, sample, made.id)


def test_a_trial_counts_down_and_may_be_ordered_from_the_first_day(
    world: World,
) -> None:
    client = world.site.client(world.sample.owner)
    for path in ("/", "/profiel", "/koppelingen", "/koppelingen/kmoshops"):
        page = world.text(path, client)
        assert "nog 30 dagen" in page, path
        assert f'href="/licentie/{world.licence_id}/bestellen">Bestel' in page, path
        assert "banner" not in page, path
    assert "Alles staat goed" in world.text("/", client)
    colleague = world.text("/", world.site.client(world.sample.colleague))
    assert "nog 30 dagen" in colleague
    assert "/bestellen" not in colleague


def test_every_page_says_in_red_that_a_trial_is_over(world: World) -> None:
    world.end_trial(-1)
    client = world.site.client(world.sample.owner)
    for path in world.pages:
        page = world.text(path, client)
        assert OVER in page, path
        assert 'class="dot red"' in page or "notice error" in page, path
        assert f'href="/licentie/{world.licence_id}/bestellen">Bestel' in page, path
        assert "Alles staat goed" not in page, path
    for path in ("/rapportage", "/relaties", "/log"):
        page = world.text(path, client)
        assert "notice error" in page, path
        assert OVER in page, path
    done = world.text(f"/installatie/{world.licence_id}", client)
    assert "maar er wordt niets geboekt" in done
    assert "Koppeling uitvoeren" not in done
    colleague = world.text("/", world.site.client(world.sample.colleague))
    assert OVER in colleague
    assert "Vraag het de eigenaar" in colleague


@pytest.mark.parametrize(
    ("left", "dot", "banner"),
    [(8, "green", False), (7, "amber", False), (1, "amber", True), (0, "amber", True)],
)
def test_the_last_days_are_amber_and_the_very_last_on_every_page(
    world: World, left: int, dot: str, banner: bool
) -> None:
    world.end_trial(left)
    client = world.site.client(world.sample.owner)
    home = world.text("/", client)
    assert f'class="dot {dot}"' in home
    assert ("loopt bijna af" in home) == (dot == "amber")
    assert ("notice warning" in world.text("/rapportage", client)) == banner


def test_removing_the_app_is_said_everywhere_and_connecting_goes_on(
    world: World,
) -> None:
    world.end_trial(12)
    world.remove_app()
    client = world.site.client(world.sample.owner)
    for path in [*world.pages[:-1], "/rapportage"]:
        page = world.text(path, client)
        assert REMOVED in page, path
        assert "Koppelen" in page, path
    assert "nog 12 dagen" in world.text("/", client)
    licence = world.connect_shop()
    assert (licence.state, licence.reason) == (LicenceState.TRIAL, "")
    assert "Alles staat goed" in world.text("/", client)
    world.remove_app()
    assert REMOVED in world.text("/open", client)


def test_a_new_installation_of_the_same_pair_is_the_removed_one(world: World) -> None:
    world.remove_app()
    client = world.site.client(world.sample.owner)
    answer = client.post("/installatie/nieuw/kmoshops/eaccounting")
    assert answer.location == f"/installatie/{world.licence_id}"
    world.set(reason="ended_by_user")
    again = client.post("/installatie/nieuw/kmoshops/eaccounting")
    assert again.location != f"/installatie/{world.licence_id}"


def test_a_paid_year_outlives_the_removal(world: World) -> None:
    world.order_year(pays=True)
    world.remove_app()
    licence = world.connect_shop()
    assert licence.state == LicenceState.PAID
    assert (licence.ends_on - utcnow().date()).days > 365


def test_a_trial_that_ended_meanwhile_stays_ended(world: World) -> None:
    world.end_trial(3)
    world.remove_app()
    world.set(ends_on=utcnow().date() - timedelta(days=2))
    licence = world.connect_shop()
    assert (licence.state, licence.reason) == (LicenceState.EXPIRED, "trial_over")
    with world.site.data() as session:
        assert session.get(Coupling, world.sample.coupling.id).licensed is False


def test_what_its_user_ended_does_not_go_on_by_itself(world: World) -> None:
    with world.site.data() as session:
        licences.cancel(session.get(Licence, world.licence_id), licences.ENDED_BY_USER)
    assert world.connect_shop().state == LicenceState.CANCELLED
    assert "U hebt de licentie beëindigd." in world.text("/")


def test_an_open_invoice_is_what_there_is_to_do(world: World) -> None:
    world.end_trial(-1)
    world.order_year(pays=False)
    page = world.text("/")
    assert f'href="/licentie/{world.licence_id}">Naar de factuur' in page
    assert "Betaal de factuur" in page
    with world.site.data() as session:
        number = session.query(ServiceInvoice).one().number
    world.set(state=LicenceState.TRIAL, reason="")
    world.remove_app()
    text = next(
        each[-1] for each in mails(world.site) if each[1] == "licence_cancelled"
    )
    assert f"Factuur {number} staat nog open." in text
    assert "een jaar vanaf de betaling" in world.text(f"/licentie/{world.licence_id}")
    assert "Koppelen" in text


def test_an_order_that_waits_leads_to_the_licence(world: World) -> None:
    with world.site.data():
        samples.transfer(world.sample, "1001", TransferState.QUEUED)
    world.end_trial(-1)
    with world.site.data() as session:
        assert session.query(Transfer).one().code == "licence_ended"
    page = world.text("/open")
    assert "Wordt vannacht opnieuw bekeken" not in page
    line = page[page.index('id="item-') :]
    assert f'href="/licentie/{world.licence_id}/bestellen">Bestel</a>' in line


def test_the_api_says_the_same(world: World) -> None:
    secret = token(world.site, world.sample)

    def asked(language: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {secret}", "Accept-Language": language}
        answer = world.site.app.test_client().get("/api/v1/couplings", headers=headers)
        (item,) = answer.json["items"]
        return item

    good = asked("nl")
    assert (good["state"], good["books"], good["code"]) == (
        "green",
        True,
        "status_good",
    )
    assert good["source"]["plugin"] == "kmoshops"
    world.end_trial(-1)
    over = asked("nl")
    assert (over["state"], over["books"]) == ("red", False)
    assert (over["code"], over["cause"]) == ("status_licence_over", "trial_over")
    assert over["text"] == OVER
    assert over["text"] in world.text("/")
    assert asked("en")["text"] == "The trial is over. Nothing is being booked."


def test_nothing_runs_while_the_plugin_is_off(world: World) -> None:
    client = world.site.client(world.sample.owner)
    switched = client.post("/plugins/kmoshops", follow_redirects=True)
    assert "KMO Shops is uitgezet" in switched.text
    shop_id = world.sample.shop.id
    with world.site.data() as session:
        before = session.get(Connection, shop_id).next_run_at
    answer = client.post(f"/connections/{shop_id}/run", follow_redirects=True)
    assert "Er is niets uitgevoerd. Uitgezet" in answer.text
    assert "wordt nu uitgevoerd" not in answer.text
    with world.site.data() as session:
        assert session.get(Connection, shop_id).next_run_at == before
    page = world.text(f"/configuratie/{world.sample.coupling.id}", client)
    assert page.count("Koppeling uitvoeren") == 1
    assert "Koppeling activeren" in page
    on = client.post("/plugins/kmoshops", data={"enabled": "1"}, follow_redirects=True)
    assert "KMO Shops is aangezet" in on.text


def test_an_installation_has_one_way_forward(site: Site, world: World) -> None:
    client = site.client(world.sample.owner)
    visited = client.get(f"/installatie/{world.licence_id}")
    assert "geïnstalleerd" in visited.text
    with site.data() as session:
        session.get(Connection, world.sample.shop.id).enabled = False
    client.get(f"/installatie/{world.licence_id}")
    assert "bezig met een installatie" not in world.text("/open", client)
    assert "bezig met een installatie" not in world.text(
        f"/configuratie/{world.sample.coupling.id}", client
    )
    with site.data() as session:
        session.get(Connection, world.sample.shop.id).enabled = True
        session.get(Coupling, world.sample.coupling.id).configured_at = None
    page = world.text("/", client)
    assert page.count("Ga verder met de installatie") == 1
    assert "Naar Koppelingen" not in page


def test_a_new_tenant_sees_the_next_step_and_no_logins(site: Site) -> None:
    sample = site.sample()
    with site.data() as session:
        session.delete(session.get(Coupling, sample.coupling.id))
        tenant = session.get(Tenant, sample.tenant.id)
        made = licences.begin(tenant, "kmoshops", "eaccounting")
        samples.note(sample, "logged_in", LogLevel.INFO, name="owner1@example.com")
    client = site.client(sample.owner)
    page = client.get("/").text
    assert page.count(f'href="/installatie/{made.id}"') == 1
    assert "Stap 1 van 4:" in page
    assert "Begin met een koppeling" not in page
    assert "Geen fouten" not in page
    assert "heeft ingelogd" not in page
    empty = client.get("/configuratie", follow_redirects=True).text
    assert f'href="/installatie/{made.id}"' in empty
    assert "Naar Koppelingen" not in empty


def test_a_chart_needs_two_days(world: World) -> None:
    client = world.site.client(world.sample.owner)
    now = utcnow()
    for number, on in (("1", now), ("2", now - timedelta(days=1))):
        with world.site.data():
            done = TransferState.DONE
            samples.transfer(world.sample, number, done, ordered_at=on)
        assert ('class="chart"' in client.get("/").text) == (number == "2")
