"""One login that opens several administrations: who may choose, what, and how long."""

import time
from collections.abc import Mapping
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from playwright.sync_api import Page
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import InputRequired

from core.domain.clock import utcnow
from core.domain.packages import Identity
from core.models import (
    Connection,
    ConnectionChoice,
    ConnectionState,
    Credential,
    TenantPlugin,
)
from core.net.oauth import Tokens
from core.plugin.capabilities import FormConnector, Manifest, Plugin, ReferenceData
from core.services.connections import credentials
from core.services.linking import oauth_flow
from core.services.operations import cleaning
from tests.browsing import check
from tests.capabilities import bringing
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_oauth_pages import _back, _start

FIRST = Identity("adm-1", "Fietsen BV", {"administration": "11"})
SECOND = Identity("adm-2", "Holding BV", {"administration": "22"})
WANTED, LATE = "Kies de administratie", 3601


class Outside:
    """What the login opens."""

    def __init__(self) -> None:
        self.found = [FIRST, SECOND]

    def exchange(self, *_: object) -> Tokens:
        return Tokens("geheim-access", "geheim-refresh")


@pytest.fixture
def outside(site: Site, monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside = Outside()
    monkeypatch.setattr(oauth_flow, "exchange_code", outside.exchange)
    registry = site.app.extensions["koppelwerk"].registry
    plugin = registry.get("eaccounting")
    monkeypatch.setattr(
        type(plugin.connector), "identify", lambda _self, _tokens: outside.found
    )
    unread = bringing(plugin, ReferenceData(load=lambda _: None))
    monkeypatch.setitem(registry.plugins, "eaccounting", unread)
    return outside


@pytest.fixture
def sample(site: Site, outside: Outside) -> Sample:
    """A tenant whose package is yet to be connected."""
    sample = site.sample()
    _renewed(site, sample)
    return sample


def _renewed(site: Site, sample: Sample) -> None:
    with site.data() as session:
        connection = session.get(Connection, sample.package.id)
        connection.external_id, connection.state = None, ConnectionState.NEW


def _page(sample: Sample) -> str:
    return f"/connections/{sample.package.id}/administratie"


def _connection(site: Site, sample: Sample) -> Connection:
    with site.data() as session:
        return session.get(Connection, sample.package.id)


def _left(site: Site) -> list[ConnectionChoice]:
    with site.data() as session:
        return list(session.scalars(select(ConnectionChoice)))


def _logged_in(site: Site, sample: Sample) -> FlaskClient:
    client = site.client(sample.owner)
    answer = _back(client, state=_start(client, sample), code="c")
    assert (answer.status_code, answer.location) == (303, _page(sample))
    return client


def _choose(client: FlaskClient, sample: Sample, chosen: str) -> Any:
    return client.post(_page(sample), data={"administration": chosen})


def test_the_one_that_is_chosen_is_connected(site: Site, sample: Sample) -> None:
    client = _logged_in(site, sample)
    assert _connection(site, sample).state == ConnectionState.NEW
    page = client.get(_page(sample)).text
    assert WANTED in page
    assert "Fietsen BV" in page
    assert "Holding BV" in page
    answer = _choose(client, sample, "adm-2")
    assert (answer.status_code, answer.location) == (
        303,
        f"/koppelingen/eaccounting#status-{sample.package.id}",
    )
    made = _connection(site, sample)
    assert made.state == ConnectionState.CONNECTED
    assert (made.external_id, made.external_name) == ("adm-2", "Holding BV")
    assert made.facts == {"administration": "22"}
    assert "Verbonden met Holding BV." in client.get("/koppelingen").text
    with site.data() as session:
        kept = credentials.load(session.get(Connection, sample.package.id))
        assert kept.refresh_token == "geheim-refresh"


def test_a_choice_counts_once(site: Site, sample: Sample) -> None:
    client = _logged_in(site, sample)
    _choose(client, sample, "adm-2")
    assert _left(site) == []
    answer = _choose(client, sample, "adm-1")
    assert answer.status_code == 400
    assert "niets meer te kiezen" in answer.text
    assert _connection(site, sample).external_id == "adm-2"


@pytest.mark.parametrize("chosen", ["", "adm-3", "Fietsen BV"])
def test_only_what_was_found_can_be_chosen(
    site: Site, sample: Sample, chosen: str
) -> None:
    client = _logged_in(site, sample)
    assert _choose(client, sample, chosen).status_code == 400
    assert _connection(site, sample).state == ConnectionState.NEW
    assert WANTED in client.get(_page(sample)).text


def test_what_waits_is_sealed(site: Site, sample: Sample) -> None:
    _logged_in(site, sample)
    (row,) = _left(site)
    for word in (b"geheim", b"Fietsen", b"adm-1"):
        assert word not in row.secret
    with site.data() as session:
        assert session.get(Credential, sample.package.id) is None


def test_it_survives_a_closed_browser(site: Site, sample: Sample) -> None:
    _logged_in(site, sample)
    client = site.client(sample.owner)
    for page in ("/koppelingen/eaccounting", "/configuratie"):
        shown = client.get(page, follow_redirects=True).text
        assert f'href="{_page(sample)}"' in shown, page
    assert _choose(client, sample, "adm-1").status_code == 303
    assert _connection(site, sample).external_id == "adm-1"
    assert WANTED not in client.get("/koppelingen/eaccounting").text


def test_after_an_hour_it_is_over_and_forgotten(site: Site, sample: Sample) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        client = _logged_in(site, sample)
        clock.shift(LATE - 10)
        with site.app.app_context():
            cleaning.clean(utcnow())
        assert WANTED in client.get(_page(sample)).text
        clock.shift(10)
        answer = _choose(client, sample, "adm-1")
        assert (answer.status_code, len(_left(site))) == (400, 1)
        assert WANTED not in client.get("/koppelingen/eaccounting").text
        with site.app.app_context():
            cleaning.clean(utcnow())
    assert _left(site) == []
    assert _connection(site, sample).state == ConnectionState.NEW


def test_nobody_else_sees_or_makes_the_choice(site: Site, sample: Sample) -> None:
    other = site.sample("Ander", 2)
    _logged_in(site, sample)
    for client, status in (
        (site.client(sample.colleague), 403),
        (site.client(other.owner), 404),
        (site.client(), 303),
    ):
        for answer in (client.get(_page(sample)), _choose(client, sample, "adm-1")):
            assert answer.status_code == status
            assert "Fietsen BV" not in answer.text
    shown = site.client(sample.colleague).get("/koppelingen/eaccounting").text
    assert WANTED not in shown
    assert _connection(site, sample).state == ConnectionState.NEW


def test_another_site_cannot_make_the_choice(site: Site, sample: Sample) -> None:
    client = _logged_in(site, sample)
    site.app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert _choose(client, sample, "adm-1").status_code == 400
    finally:
        site.app.config["WTF_CSRF_ENABLED"] = False
    assert _connection(site, sample).state == ConnectionState.NEW


def test_without_the_plugin_nothing_is_chosen(site: Site, sample: Sample) -> None:
    client = _logged_in(site, sample)
    client.post("/plugins/eaccounting", data={"enabled": "0"})
    assert _choose(client, sample, "adm-1").status_code == 400
    assert _connection(site, sample).state == ConnectionState.NEW


def test_one_that_another_has_is_refused_and_the_choice_stays(
    site: Site, sample: Sample
) -> None:
    other = site.sample("Ander", 2)
    with site.data() as session:
        session.get(Connection, other.package.id).external_id = "adm-1"
    client = _logged_in(site, sample)
    answer = _choose(client, sample, "adm-1")
    assert answer.status_code == 400
    assert "al aan een andere omgeving gekoppeld" in answer.text
    assert "Holding BV" in answer.text
    assert _choose(client, sample, "adm-2").status_code == 303


def test_a_new_login_replaces_what_waited(
    site: Site, sample: Sample, outside: Outside
) -> None:
    _logged_in(site, sample)
    outside.found = [SECOND, Identity("adm-3", "Winkel VOF")]
    client = _logged_in(site, sample)
    assert "Fietsen BV" not in client.get(_page(sample)).text
    assert _choose(client, sample, "adm-1").status_code == 400
    assert _choose(client, sample, "adm-3").status_code == 303


def test_a_reconnect_takes_the_one_of_before_without_asking(
    site: Site, sample: Sample, outside: Outside
) -> None:
    client = _logged_in(site, sample)
    _choose(client, sample, "adm-2")
    answer = _back(client, state=_start(client, sample), code="c")
    assert (answer.status_code, answer.location) == (
        303,
        f"/koppelingen/eaccounting#status-{sample.package.id}",
    )
    assert _connection(site, sample).external_id == "adm-2"
    assert client.post(f"/connections/{sample.package.id}/check").status_code == 303
    assert "Holding BV antwoordt" in client.get("/koppelingen").text
    outside.found = [FIRST, Identity("adm-3", "Winkel VOF")]
    answer = _back(client, state=_start(client, sample), code="c")
    assert answer.status_code == 400
    assert "Fietsen BV, Winkel VOF" in answer.text
    assert _connection(site, sample).external_id == "adm-2"


def test_ending_the_connection_forgets_what_waits(site: Site, sample: Sample) -> None:
    client = _logged_in(site, sample)
    client.post(f"/connections/{sample.package.id}/disconnect")
    assert _left(site) == []
    assert _choose(client, sample, "adm-1").status_code == 400


def test_a_login_that_opens_nothing_is_explained(
    site: Site, sample: Sample, outside: Outside
) -> None:
    outside.found = []
    client = site.client(sample.owner)
    answer = _back(client, state=_start(client, sample), code="c")
    assert answer.status_code == 400
    assert "geen toegang tot een winkel of administratie" in answer.text


class Codes(FlaskForm):  # type: ignore[misc]
    """A made-up package's code."""

    code = StringField("Code", [InputRequired()])


class Package(FormConnector):
    """A made-up package whose code opens two administrations."""

    credential_form = Codes

    def check(self, values: Mapping[str, str]) -> list[Identity]:
        return [FIRST, SECOND]


def test_codes_that_open_several_ask_as_well(site: Site, sample: Sample) -> None:
    manifest = Manifest("codes", "Pakket", "x", "1", "accounting", auth="form")
    registry = site.app.extensions["koppelwerk"].registry
    registry.plugins["codes"] = Plugin(manifest, connector=Package())
    with site.data() as session:
        session.add(TenantPlugin(tenant_id=sample.tenant.id, plugin="codes"))
        made = Connection(tenant_id=sample.tenant.id, plugin="codes")
        session.add(made)
        session.flush()
        key = made.id
    client = site.client(sample.owner)
    form = f"/connections/{key}/credentials"
    tried = client.post(form, data={"action": "test", "code": "geheim"})
    assert "Fietsen BV, Holding BV antwoordt" in tried.text
    assert _left(site) == []
    answer = client.post(form, data={"action": "connect", "code": "geheim"})
    page = f"/connections/{key}/administratie"
    assert (answer.status_code, answer.location) == (303, page)
    client.post(page, data={"administration": "adm-1"})
    with site.data() as session:
        row = session.get(Connection, key)
        assert (row.state, row.external_id) == (ConnectionState.CONNECTED, "adm-1")
        assert row.checked_at is not None
        assert credentials.values_of(row) == {"code": "geheim"}


def test_the_page_can_be_used_at_phone_width(
    site: Site, sample: Sample, page: Page
) -> None:
    _logged_in(site, sample)
    page.goto(_page(sample))
    check(page, "choose")
    page.get_by_label("Holding BV").check()
    page.get_by_role("button", name="Verbinden").click()
    page.wait_for_url("**/koppelingen/eaccounting#*")
    assert _connection(site, sample).external_id == "adm-2"
