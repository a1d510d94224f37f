"""An unknown rate is solved, with all that waits, in three clicks from Fouten."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Coupling, Transfer, TransferState
from core.services.linking import configuration, healing
from plugins.eaccounting.models import EAccountingVatMapping
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_configuration_pages import sample as configurable

sample = configurable


@pytest.fixture(autouse=True)
def unknown_rate(site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three orders at a German rate that is not in the table."""
    monkeypatch.setattr(
        healing,
        "_judge",
        lambda coupling, package: (
            lambda _order: any(
                (key, line.rate) == ("DE", Decimal(19))
                for key, line in configuration.saved_lines(coupling, package)
            )
        ),
    )
    with site.data() as session:
        coupling = session.get(Coupling, 1)
        coupling.configured_at = coupling.saved_at = utcnow()
        session.add(EAccountingVatMapping(
            tenant_id=1, coupling_id=1, sale_kind="country", country="NL",
            rate=Decimal(21), vat_code="vh", revenue_account="8000",
        ))  # fmt: skip
        for number in range(3):
            samples.transfer(
                sample, f"DE{number}", TransferState.FAILED, "vat_rate_not_configured",
                params={"country": "DE", "rate": "19", "kind": "country", "line": "x"},
                changed_at=utcnow() - timedelta(hours=1),
            )  # fmt: skip


def test_three_clicks_and_the_whole_group_goes(page: Page, site: Site) -> None:
    page.goto("/fouten")
    page.get_by_role("link", name="Naar het veld").first.click()
    page.wait_for_selector("#vat_code-DE-19")
    assert page.input_value("#vat_code-DE-19") == "de19"
    page.get_by_role("button", name="Opslaan").click()
    page.get_by_role("button", name="Verwerk 3").click()
    page.wait_for_url("**/fouten?volg=*")
    with site.data() as session:
        states = set(session.scalars(select(Transfer.state)))
    assert TransferState.FAILED not in states


def test_what_was_not_saved_is_not_left_without_a_word(page: Page) -> None:
    page.goto("/configuratie/1/debiteuren")
    page.select_option("#unit", "")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.click("text=← Configuratie")
    page.wait_for_url("**/configuratie/1")
    assert asked == ["beforeunload"]
