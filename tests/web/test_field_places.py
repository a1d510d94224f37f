"""*Naar het veld* opens that very field, of every code that names one."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.models import Connection, Coupling
from core.runtime.extensions import koppelwerk
from core.texts import TEXTS
from core.web.views import fields
from core.web.views.display import is_solved_here
from plugins.eaccounting.models import EAccountingPaymentMapping, EAccountingVatMapping
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_configuration_pages import sample as configurable

sample = configurable
OF_RELATIONS = "relation"
"""Solved at an invoice's relation, not on Configuratie."""
PARAMS: tuple[Mapping[str, Any], ...] = (
    {},
    {"country": "DE", "rate": "19", "kind": "country"},
    {"country": "NL", "rate": "6"},
    {"country": "-", "rate": "0", "kind": "icp"},
    {"area": "CH", "rate": "8.1"},
    {"account": "8200"},
    {"rate": "9", "vat_code": "VL"},
    {"method": "PayPal"},
    {"country": "XX", "rate": "niets", "method": "Onbekend"},
)


def _place(site: Site, field: str, params: Mapping[str, Any]) -> str:
    with site.data() as session:
        coupling = session.get(Coupling, 1)
        with site.app.test_request_context():
            return fields.address(coupling, field, params)


def _fields(plugin: str) -> set[str]:
    registry = koppelwerk().registry
    every = {**TEXTS, **registry.plugins["kmoshops"].texts,
             **registry.plugins[plugin].texts}  # fmt: skip
    return {text.field for text in every.values() if is_solved_here(text.field)}


def _holds(client: FlaskClient, address: str) -> None:
    path, anchor = address.split("#")
    page = client.get(path)
    assert page.status_code == 200, address
    assert len(re.findall(f'id="{re.escape(anchor)}"', page.text)) == 1, address


@pytest.mark.parametrize("plugin", ["eaccounting", "eboekhouden"])
def test_every_field_that_a_code_names_is_on_the_page_that_opens(
    site: Site, sample: Sample, plugin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.data() as session:
        session.get(Connection, sample.package.id).plugin = plugin
        owned = {"tenant_id": 1, "coupling_id": 1}
        session.add_all((
            EAccountingVatMapping(**owned, sale_kind="country", country="DE",
                rate=Decimal(7), vat_code="de7", revenue_account="8200"),
            EAccountingPaymentMapping(**owned, method="PayPal",
                clearing_account="2000"),
        ))  # fmt: skip
    monkeypatch.setattr(fields, "current_user", _Dutch())
    client = site.client(sample.owner)
    with site.data():
        named = _fields(plugin) - {OF_RELATIONS}
    places = {_place(site, each, said) for each in named for said in PARAMS}
    assert len(places) > 15
    for address in sorted(places):
        _holds(client, address)


class _Dutch:
    home_country = "NL"


def test_country_and_rate_go_along(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "current_user", _Dutch())
    place = _place(site, "vat", PARAMS[1])
    assert place.endswith("/btw-andere-landen?land=DE&tarief=19#vat_code-DE-19")
    page = site.client(sample.owner).get(place.split("#")[0]).text
    assert re.search(r'id="vat_code-DE-19"[^>]*>.*?value="de19" selected', page, re.S)
