"""The page of e-Boekhouden.nl: its calls, what it cannot tell, what a choice costs."""

import re
from typing import Any

import pytest

from core.domain.clock import utcnow
from core.models import Connection, ConnectionState
from core.runtime.database import session, transaction
from core.services.connections import connections
from plugins.eboekhouden.budget import RUNS_OUT
from plugins.eboekhouden.models import EBoekhoudenCalls
from plugins.eboekhouden.reference import ACCOUNT
from tests.web.conftest import Site
from tests.web.samples import Sample

STATUS = "/koppelingen/eboekhouden"
PAGE = f"{STATUS}/instellingen"
PATH = "/connections/{}/onderdeel/{}"


def connected(site: Site, sample: Sample, calls: int = 0, **facts: Any) -> int:
    """An administration that is connected and was checked well; return its id."""
    tenant_id = sample.tenant.id
    with site.data(), transaction() as current:
        connections.switch_plugin(tenant_id, "eboekhouden", enabled=True)
        made = connections.create(tenant_id, "eboekhouden")
        made.state = ConnectionState.CONNECTED
        made.external_id, made.external_name = "x" * 40, "Optiek Fischer"
        made.checked_at = utcnow()
        made.facts = {"interface": "soap", **facts}
        made.cursor = {ACCOUNT: utcnow().isoformat()}
        current.add(
            EBoekhoudenCalls(
                tenant_id=tenant_id,
                connection_id=made.id,
                month=utcnow().strftime("%Y-%m"),
                calls=calls,
            )
        )
        return made.id


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def page(site: Site, sample: Sample, path: str = PAGE) -> str:
    answer = site.client(sample.owner).get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_the_calls_of_the_month_are_shown_with_limit_and_forecast(
    site: Site, sample: Sample
) -> None:
    connected(site, sample, calls=12)
    text = page(site, sample)
    assert "<dt>Deze maand gedaan</dt><dd>12</dd>" in text
    assert "<dt>Toegestaan per maand</dt><dd>5.000</dd>" in text
    assert "Verwacht aan het eind van de maand" in text


def test_a_month_that_runs_out_is_said_in_words(site: Site, sample: Sample) -> None:
    key = connected(site, sample, calls=4990)
    with site.data(), transaction():
        connections.warn(key, RUNS_OUT)
    text = page(site, sample, STATUS)
    assert "Verbonden, maar let op." in text
    assert "Zo zijn de verzoeken van deze maand op voordat de maand om is." in text


def test_an_access_token_has_no_known_limit(site: Site, sample: Sample) -> None:
    connected(site, sample, calls=12, interface="rest")
    text = page(site, sample)
    assert "geen grens bekend" in text
    assert "5.000" not in text


def test_every_interval_says_what_it_costs(site: Site, sample: Sample) -> None:
    connected(site, sample)
    text = page(site, sample)
    assert "Elke vier uur (ongeveer 744 verzoeken per maand)" in text
    over = "Elk kwartier (ongeveer 9.114 verzoeken per maand, meer dan de 5.000 die"
    assert over in text


def test_it_says_that_customers_and_suppliers_are_one(
    site: Site, sample: Sample
) -> None:
    connected(site, sample)
    text = page(site, sample)
    assert "niet of een relatie klant of leverancier is" in text
    for name in ("kinds_in", "first_code", "last_code", "person_name"):
        assert f'name="{name}"' in text
    assert 'name="creditors_in"' not in text


def test_what_comes_in_is_the_users_choice_and_is_kept(
    site: Site, sample: Sample
) -> None:
    key = connected(site, sample)
    form = {
        "debtors_in": "y", "out": "y", "kinds_in": "organisation",
        "first_code": "10000", "last_code": "", "debtors_type": "client",
        "person_name": "full", "manager": "",
    }  # fmt: skip
    client = site.client(sample.owner)
    assert client.post(PATH.format(key, "relations"), data=form).status_code == 303
    with site.data():
        chosen = session().get_one(Connection, key).settings["relations"]
    assert (chosen["kinds_in"], chosen["first_code"]) == ("organisation", 10000)
    assert (chosen["last_code"], chosen["person_name"]) == (None, "full")
