"""How a document is found in its package, wherever its number is shown."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import force_locale

from core.models import Transfer
from core.models import TransferState as State
from core.runtime.extensions import koppelwerk
from core.runtime.languages import LANGUAGES
from core.web.views.display import how_to_find
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

HOW = "Zoek in Visma eAccounting bij de verkoopboekingen op factuurnummer 20260001."
KNOWN = {"number": "20260001", "order": "A-1", "id": "7f-1"}


@pytest.fixture
def booked(site: Site) -> tuple[Sample, Transfer]:
    sample = site.sample()
    with site.data():
        row = samples.transfer(
            sample, "A-1", State.DONE, document="sales_entry", external_id="7f-1",
            external_number="20260001", booked_at=datetime(2026, 3, 1, tzinfo=UTC),
        )  # fmt: skip
    return sample, row


@pytest.mark.parametrize(
    "page",
    ["/rapportage", "/zoeken?zoek=A-1", "/bestelling/{id}", "/bestelling/{id}/regel"],
)
def test_every_page_with_the_number_says_how_to_find_it(
    site: Site, booked: tuple[Sample, Transfer], page: str
) -> None:
    sample, row = booked
    text = site.client(sample.owner).get(page.format(id=row.id)).text
    assert HOW in text


def test_an_address_of_its_own_goes_before_words(
    site: Site, booked: tuple[Sample, Transfer]
) -> None:
    sample, row = booked
    with site.data() as data:
        data.get_one(Transfer, row.id).external_url = "https://package.example/1"
    text = site.client(sample.owner).get("/rapportage").text
    assert HOW not in text
    assert 'href="https://package.example/1"' in text


@pytest.mark.parametrize(
    ("plugin", "values", "wanted"),
    [
        ("eaccounting", {}, HOW),
        ("eaccounting", {"external_number": ""}, ""),
        ("eaccounting", {"external_id": ""}, ""),
        ("eaccounting", {"document": "unheard_of"}, ""),
        ("gone", {}, ""),
    ],
)
def test_nothing_is_guessed(
    app: Flask, plugin: str, values: dict[str, str], wanted: str
) -> None:
    given = {
        "document": "sales_entry", "external_id": "7f-1", "number": "A-1",
        "external_number": "20260001", "external_url": "",
    }  # fmt: skip
    with app.test_request_context():
        assert how_to_find(Transfer(**{**given, **values}), plugin) == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_of_every_plugin_can_be_found(app: Flask, language: str) -> None:
    with app.app_context():
        plugins = koppelwerk().registry.plugins.values()
    assert {"eaccounting", "eboekhouden", "digitalefactuur"} <= {
        plugin.name for plugin in plugins if plugin.documents
    }
    with app.test_request_context(), force_locale(language):
        for plugin in plugins:
            assert plugin.how_to_find.keys() == plugin.documents.keys(), plugin.name
            for words in plugin.how_to_find.values():
                told = str(words) % KNOWN
                assert any(value in told for value in KNOWN.values()), told
