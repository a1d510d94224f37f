"""The install link and the steps: once, for its owner, in its own tenant."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.packages import Identity
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    Licence,
    LicenceState,
    OneTimeLink,
    Tenant,
    TrialUse,
    User,
)
from core.net.oauth import Tokens
from core.plugin.capabilities import Orders, ReferenceData
from core.services.linking import oauth_flow
from tests.capabilities import bringing
from tests.web.conftest import Site
from tests.web.test_public import FORM, PATH, mails

NEW_PASSWORD = "paard batterij nietje correct"


@dataclass
class Outside:
    """What the outside systems say: which shop and which company it is."""

    shop: str = "shop-77"
    company: str = "company-77"


@dataclass
class Begun:
    """Somebody who signed up: the browser, the link and the first password."""

    client: FlaskClient
    token: str
    password: str
    licence_id: int

    @property
    def wizard(self) -> str:
        """The address of the installation."""
        return f"/installatie/{self.licence_id}"


@pytest.fixture
def outside(site: Site, monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside = Outside()
    monkeypatch.setattr(
        oauth_flow, "exchange_code", lambda *_: Tokens("access", "refresh", utcnow())
    )
    registry = site.app.extensions["koppelwerk"].registry
    for name, field in (("kmoshops", "shop"), ("eaccounting", "company")):
        monkeypatch.setattr(
            type(registry.get(name).connector),
            "identify",
            lambda _self, _tokens, field=field: [
                Identity(
                    getattr(outside, field), f"Naam van {getattr(outside, field)}", {}
                )
            ],
        )
    monkeypatch.setitem(
        registry.plugins,
        "eaccounting",
        bringing(registry.get("eaccounting"), ReferenceData(load=lambda _: None)),
    )
    return outside


def sign_up(site: Site, email: str = "anna@example.com") -> Begun:
    """Sign up and read the mail."""
    client = site.client()
    client.post(PATH, data={**FORM, "email": email})
    *_, text = mails(site)[-1]
    token = re.search(r"/installeren/(\S+)", text)[1]
    password = re.search(r"^(\w{5}(?:-\w{5}){3})$", text, re.MULTILINE)[1]
    with site.data() as session:
        licence_id = session.scalars(select(Licence.id).order_by(-Licence.id)).first()
    return Begun(client, token, password, licence_id)


def install(site: Site, email: str = "anna@example.com") -> Begun:
    """Sign up, open the link and choose a password."""
    begun = sign_up(site, email)
    answer = begun.client.post(
        f"/installeren/{begun.token}", data={"password": begun.password}
    )
    assert answer.status_code == 303
    chosen = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    answer = begun.client.post(answer.location, data=chosen)
    assert answer.location == begun.wizard
    return begun


def connect(begun: Begun, side: str) -> str:
    """Press Connect in the wizard and come back; return where to."""
    answer = begun.client.post(f"{begun.wizard}/verbind/{side}")
    assert answer.status_code == 303
    state = re.search(r"state=([\w-]+)", answer.location)[1]
    back = begun.client.get(
        "/oauth/callback", query_string={"state": state, "code": "c"}
    )
    return back.location


def licence_of(site: Site, begun: Begun) -> Licence:
    """The licence, fresh from the database."""
    with site.data() as session:
        return session.get(Licence, begun.licence_id)


def test_the_link_asks_the_mailed_password_and_leads_to_a_new_one(site: Site) -> None:
    begun = sign_up(site)
    page = begun.client.get(f"/installeren/{begun.token}")
    assert "anna@example.com" in page.text
    answer = begun.client.post(
        f"/installeren/{begun.token}", data={"password": begun.password}
    )
    assert answer.location == f"/wachtwoord?next={begun.wizard}"
    assert begun.client.get(begun.wizard).location.startswith("/wachtwoord")


def test_looking_or_a_wrong_password_does_not_use_the_link_up(site: Site) -> None:
    begun = sign_up(site)
    path = f"/installeren/{begun.token}"
    for _ in range(2):
        begun.client.get(path)
        assert begun.client.post(path, data={"password": "wrong"}).status_code == 401
    with site.data() as session:
        assert session.scalars(select(OneTimeLink)).one().used_at is None
    good = begun.client.post(path, data={"password": begun.password})
    assert good.status_code == 303


def test_a_link_is_good_once(site: Site) -> None:
    begun = install(site)
    path = f"/installeren/{begun.token}"
    other = site.client()
    for password in (begun.password, NEW_PASSWORD):
        assert other.post(path, data={"password": password}).status_code == 410
    assert other.get(path).status_code == 410
    assert other.get("/").status_code == 303


def test_a_link_is_worthless_once_the_password_was_chosen_otherwise(site: Site) -> None:
    """Else it would be a way in that two-factor login does not guard."""
    begun = sign_up(site)
    client = site.client("anna@example.com", begun.password)
    chosen = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    client.post("/wachtwoord", data=chosen)
    answer = site.client().post(
        f"/installeren/{begun.token}", data={"password": NEW_PASSWORD}
    )
    assert answer.status_code == 410


def test_a_link_and_its_password_live_a_week(site: Site) -> None:
    begun = sign_up(site)
    path = f"/installeren/{begun.token}"
    with time_machine.travel(utcnow() + timedelta(days=6), tick=False):
        assert "verlopen" not in begun.client.get(path).text
        answer = begun.client.post(path, data={"password": begun.password})
        assert answer.status_code == 303


def test_a_link_is_worthless_after_a_week(site: Site) -> None:
    begun = sign_up(site)
    path = f"/installeren/{begun.token}"
    with time_machine.travel(utcnow() + timedelta(days=8), tick=False):
        assert begun.client.get(path).status_code == 410


def test_a_new_mail_may_be_asked_for_a_few_times(site: Site) -> None:
    begun = sign_up(site)
    path = f"/installeren/{begun.token}"
    assert begun.client.post(f"{path}/opnieuw").status_code == 200
    assert begun.client.get(path).status_code == 410
    assert [who for who, *_ in mails(site)] == ["anna@example.com"] * 2
    *_, text = mails(site)[-1]
    newest = re.search(r"/installeren/(\S+)", text)[1]
    assert begun.client.get(f"/installeren/{newest}").status_code == 200
    for _ in range(5):
        *_, text = mails(site)[-1]
        newest = re.search(r"/installeren/(\S+)", text)[1]
        begun.client.post(f"/installeren/{newest}/opnieuw")
    assert len(mails(site)) == 3


def test_a_link_opened_in_another_tenants_session_changes_nothing(site: Site) -> None:
    sample = site.sample("Ander Bedrijf", 2)
    begun = sign_up(site)
    client = site.client(sample.owner)
    path = f"/installeren/{begun.token}"
    page = client.get(path)
    assert page.status_code == 409
    assert "Ander Bedrijf" in page.text
    assert 'action="/logout"' in page.text
    assert client.post(path, data={"password": begun.password}).status_code == 409
    assert client.post(f"{path}/opnieuw").status_code == 409
    assert client.get(begun.wizard).status_code == 404
    assert client.post(f"{begun.wizard}/verbind/source").status_code == 404
    with site.data() as session:
        assert session.scalars(select(OneTimeLink)).one().used_at is None
        licence = session.get(Licence, begun.licence_id)
        assert (licence.source_id, licence.coupling_id) == (None, None)
        assert licence.tenant_id != sample.tenant.id
    assert "Ander Bedrijf" in client.get("/").text
    client.post("/logout")
    assert client.get(path).status_code == 200


def test_the_steps_lead_from_connect_to_a_coupling(
    site: Site, outside: Outside
) -> None:
    begun = install(site)
    page = begun.client.get(begun.wizard)
    assert page.text.count('class="red">Koppelen') == 2
    assert connect(begun, "source") == begun.wizard
    assert licence_of(site, begun).coupling_id is None
    assert connect(begun, "target") == begun.wizard
    licence = licence_of(site, begun)
    with site.data() as session:
        coupling = session.get(Coupling, licence.coupling_id)
        names = {
            session.get(Connection, key).external_id
            for key in (coupling.source_id, coupling.target_id)
        }
        assert names == {"shop-77", "company-77"}
        assert (coupling.licensed, coupling.configured_at) == (True, None)
        assert coupling.tenant_id == licence.tenant_id
    page = begun.client.get(begun.wizard)
    assert f"/configuratie/{licence.coupling_id}" in page.text
    assert (
        "Dit ontbreekt nog"
        in begun.client.get(f"/configuratie/{licence.coupling_id}").text
    )


def test_the_order_of_the_sides_does_not_matter(site: Site, outside: Outside) -> None:
    begun = install(site)
    connect(begun, "target")
    connect(begun, "source")
    assert licence_of(site, begun).coupling_id is not None


def test_it_can_be_left_and_gone_on_with_in_another_browser(
    site: Site, outside: Outside
) -> None:
    begun = install(site)
    connect(begun, "source")
    begun.client = site.client("anna@example.com", NEW_PASSWORD)
    assert f'href="{begun.wizard}"' in begun.client.get("/").text
    connect(begun, "target")
    assert licence_of(site, begun).coupling_id is not None


def test_it_is_installed_when_the_dots_are_green_and_all_is_saved(
    site: Site, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = install(site)
    connect(begun, "source")
    connect(begun, "target")
    registry = site.app.extensions["koppelwerk"].registry
    plugin = registry.get("eaccounting")
    complete = replace(plugin.find(Orders), problems=lambda _coupling: [])
    monkeypatch.setitem(registry.plugins, "eaccounting", bringing(plugin, complete))
    part = {"HX-Request": "true"}
    assert "niet opgeslagen" in begun.client.get(begun.wizard).text
    assert (
        "HX-Refresh"
        not in begun.client.get(f"{begun.wizard}/stappen", headers=part).headers
    )
    with site.data() as session:
        coupling = session.scalars(select(Coupling)).one()
        coupling.configured_at = utcnow()
    configuration = begun.client.get(f"/configuratie/{coupling.id}").text
    assert f'href="{begun.wizard}"' in configuration
    answer = begun.client.get(f"{begun.wizard}/stappen", headers=part)
    assert answer.headers["HX-Refresh"] == "true"
    assert "geïnstalleerd" in begun.client.get(begun.wizard).text
    assert begun.wizard not in begun.client.get("/").text
    with site.data() as session:
        session.scalars(select(Connection)).first().state = ConnectionState.PAUSED
    assert "geïnstalleerd" not in begun.client.get(begun.wizard).text


def test_a_refused_connect_is_explained_and_leads_back(
    site: Site, outside: Outside
) -> None:
    begun = install(site)
    answer = begun.client.post(f"{begun.wizard}/verbind/source")
    state = re.search(r"state=([\w-]+)", answer.location)[1]
    page = begun.client.get(
        "/oauth/callback", query_string={"state": state, "error": "access_denied"}
    )
    assert page.status_code == 400
    assert "geen toestemming" in page.text
    assert f'href="{begun.wizard}"' in page.text
    assert connect(begun, "source") == begun.wizard


def test_a_shop_of_another_tenant_is_refused(site: Site, outside: Outside) -> None:
    connect(install(site), "source")
    second = install(site, "boris@example.com")
    answer = second.client.post(f"{second.wizard}/verbind/source")
    state = re.search(r"state=([\w-]+)", answer.location)[1]
    page = second.client.get(
        "/oauth/callback", query_string={"state": state, "code": "c"}
    )
    assert page.status_code == 400
    assert licence_of(site, second).coupling_id is None


@pytest.mark.parametrize("same", ["shop", "company"])
def test_a_second_trial_with_another_address_but_the_same_side_gets_none(
    site: Site, outside: Outside, same: str
) -> None:
    first = install(site)
    connect(first, "source")
    connect(first, "target")
    with site.data() as session:
        for row in session.scalars(select(Connection)):
            row.state, row.external_id = ConnectionState.ENDED, None
    if same == "shop":
        outside.company = "company-88"
    else:
        outside.shop = "shop-88"
    second = install(site, "boris@example.com")
    connect(second, "source")
    connect(second, "target")
    licence = licence_of(site, second)
    assert (licence.state, licence.reason) == (LicenceState.EXPIRED, "trial_used")
    first_licence = licence_of(site, first)
    assert first_licence.state == LicenceState.TRIAL
    with site.data() as session:
        assert session.get(Coupling, licence.coupling_id).licensed is False
        holders = session.scalars(select(TrialUse.licence_key)).all()
    assert holders == [first_licence.key] * 2
    page = second.client.get(second.wizard).text
    assert "geen proefperiode" in page
    assert f"/licentie/{licence.id}" in page
    assert [who for who, kind, *_ in mails(site) if kind == "trial_refused"] == [
        "boris@example.com"
    ]


def test_connecting_again_does_not_cost_the_trial(site: Site, outside: Outside) -> None:
    begun = install(site)
    connect(begun, "source")
    connect(begun, "target")
    assert connect(begun, "target") == begun.wizard
    licence = licence_of(site, begun)
    assert (licence.state, licence.reason) == (LicenceState.TRIAL, "")


def test_another_shop_on_the_same_licence_has_its_trial_looked_at(
    site: Site, outside: Outside
) -> None:
    first = install(site)
    connect(first, "source")
    connect(first, "target")
    with site.data() as session:
        for row in session.scalars(select(Connection)):
            row.state, row.external_id = ConnectionState.ENDED, None
    outside.shop, outside.company = "shop-88", "company-88"
    second = install(site, "boris@example.com")
    connect(second, "source")
    connect(second, "target")
    assert licence_of(site, second).state == LicenceState.TRIAL
    with site.data() as session:
        row = session.get(Connection, licence_of(site, second).source_id)
        row.state, row.external_id = ConnectionState.ENDED, None
    outside.shop = "shop-77"
    connect(second, "source")
    assert licence_of(site, second).reason == "trial_used"


def test_a_second_installation_uses_what_is_connected_or_something_new(
    site: Site, outside: Outside
) -> None:
    begun = install(site)
    connect(begun, "source")
    connect(begun, "target")
    answer = begun.client.post("/installatie/nieuw/kmoshops/eaccounting")
    second = Begun(begun.client, "", "", int(answer.location.rsplit("/")[-1]))
    assert second.licence_id != begun.licence_id
    first = licence_of(site, begun)
    used = begun.client.post(
        f"{second.wizard}/gebruik/target", data={"connection_id": first.target_id}
    )
    assert used.location == second.wizard
    both = begun.client.post(
        f"{second.wizard}/gebruik/source", data={"connection_id": first.source_id}
    )
    assert both.location == second.wizard
    assert "al gekoppeld" in begun.client.get(second.wizard).text
    assert licence_of(site, second).source_id is None
    outside.shop = "shop-99"
    connect(second, "source")
    licence = licence_of(site, second)
    assert licence.target_id == first.target_id
    assert licence.coupling_id not in (None, first.coupling_id)
    assert licence.reason == "trial_used"


def test_foreign_connections_cannot_be_used(site: Site, outside: Outside) -> None:
    sample = site.sample("Ander", 2)
    begun = install(site)
    path = f"{begun.wizard}/gebruik/source"
    foreign = begun.client.post(path, data={"connection_id": sample.shop.id})
    assert foreign.status_code == 404
    assert begun.client.post(path, data={"connection_id": "x"}).status_code == 404
    assert licence_of(site, begun).source_id is None


def test_terms_are_asked_of_who_never_accepted_them(site: Site) -> None:
    begun = install(site)
    with site.data() as session:
        session.scalars(select(Tenant)).one().terms_accepted_at = None
    assert "Ik ga akkoord" in begun.client.get(begun.wizard).text
    begun.client.post(f"{begun.wizard}/voorwaarden")
    with site.data() as session:
        accepted = session.scalars(select(Tenant)).one().terms_accepted_at
    assert accepted.date() >= date(2026, 1, 1)
    assert "Ik ga akkoord" not in begun.client.get(begun.wizard).text


def test_the_session_begins_anew_at_the_link(site: Site) -> None:
    begun = sign_up(site)
    with begun.client.session_transaction() as kept:
        kept["sid"], kept["after_connect"] = "old", "/elsewhere"
    begun.client.post(f"/installeren/{begun.token}", data={"password": begun.password})
    with begun.client.session_transaction() as kept:
        assert kept["sid"] != "old"
        assert "after_connect" not in kept
    with site.data() as session:
        assert session.scalars(select(User)).one().must_change_password
