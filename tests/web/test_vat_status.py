"""Tab Configuratie: the seller's VAT status by day, and what is no turnover."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from core.domain.orders import LineKind, Purse
from core.models import Coupling, Tenant, Transfer, TransferState
from core.plugin.capabilities import Choice, Choices, Orders
from core.plugin.setups import no_turnover, seller_of
from core.rules.sale_checks import GiftCards
from core.rules.seller import DistanceSales
from core.texts import explain
from plugins.eaccounting.setup import Setup
from tests.capabilities import bringing
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

CHOICES = Choices(
    liability_accounts=[Choice("1700", "1700 Cadeaubonnen"), Choice("2000", "2000")],
    revenue_accounts=[Choice("8000", "8000 Omzet")],
)
WHY = {
    "area": "livigno", "area_source": "2006/112/EC art. 6(2)(e)", "sure": "A",
    "country": "IT", "scheme": "export", "rule": "leaves_the_area",
    "source": "2006/112/EC art. 146(1)(a)", "assumed": "oss_assumed",
    "on": "2026-05-31",
    "lines": [
        {"line": "Mok", "rate": "0", "vat_code": "", "account": "8040"},
        {"line": "Bon", "rate": "0", "code": "gift_card_not_configured"},
    ],
}  # fmt: skip


@pytest.fixture
def sample(site: Site) -> Iterator[Sample]:
    registry = site.app.extensions["koppelwerk"].registry
    plugin = registry.plugins["eaccounting"]
    orders = replace(plugin.find(Orders), choices=lambda _connection: CHOICES)
    registry.plugins["eaccounting"] = bringing(plugin, orders)
    yield site.sample()
    registry.plugins["eaccounting"] = plugin


def test_gift_cards_deposits_and_tips_get_accounts(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    given = {"gift_cards": "many", "gift_card": "1700", "deposit": "", "tip": "8000"}
    assert client.post("/configuratie/1/geen-omzet", data=given).status_code == 303
    with site.data() as session:
        coupling = session.get(Coupling, 1)
        said = no_turnover(coupling)
        assert said.gift_cards == GiftCards.MANY
        assert said.accounts == {LineKind.GIFT_CARD: "1700", LineKind.TIP: "8000"}
        tenant = session.get(Tenant, coupling.tenant_id)
        setup = Setup.load(coupling, tenant)
        assert setup.clearing_accounts[Purse.GIFT_CARD] == "1700"
    page = client.get("/configuratie/1/geen-omzet").text
    assert '<option value="many" selected>' in page
    assert '<option value="1700" selected>' in page


@pytest.mark.parametrize(
    "given",
    [
        {"gift_cards": "many", "gift_card": ""},
        {"gift_cards": "one", "deposit": "9999"},
        {"gift_cards": "one", "gift_card": "8000"},
    ],
)
def test_half_a_choice_and_unknown_accounts_are_not_saved(
    site: Site, sample: Sample, given: dict[str, str]
) -> None:
    typed = {**given, "names_deposit": "Statiegeld"}
    answer = site.client(sample.owner).post("/configuratie/1/geen-omzet", data=typed)
    assert ">statiegeld</textarea>" in answer.text.casefold()
    with site.data() as session:
        assert session.get(Coupling, 1).no_turnover == {}


def test_the_vat_status_has_a_history_by_day(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    for day, choice in (("2026-06-01", "oss"), ("2025-01-01", "home")):
        given = {"starts_on": day, "distance_sales": choice}
        client.post("/configuratie/1/btw-status", data=given)
    client.post("/configuratie/1/btw-status", data={"starts_on": "morgen"})
    with site.data() as session:
        seller = seller_of(session.get(Tenant, sample.coupling.tenant_id))
    assert len(seller.statuses) == 2
    assert seller.status(date(2026, 5, 31)).distance_sales == DistanceSales.HOME
    assert seller.status(date(2026, 6, 1)).distance_sales == DistanceSales.OSS
    assert seller.status(date(2024, 1, 1)).distance_sales == DistanceSales.UNKNOWN
    assert "1 jun 2026" in client.get("/configuratie/1/btw-status").text
    given = {"starts_on": "2026-06-01"}
    client.post("/configuratie/1/btw-status/verwijderen", data=given)
    assert "1 jun 2026" not in client.get("/configuratie/1/btw-status").text


def test_it_may_be_said_without_a_coupling(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    given = {"starts_on": "2026-06-01", "distance_sales": "", "small_business": "1"}
    answer = client.post("/btw-situatie", data=given)
    assert answer.location == "/btw-situatie#vat_status"
    assert "1 jun 2026" in client.get("/btw-situatie").text
    assert "1 jun 2026" in client.get("/configuratie/1/btw-status").text
    client.post("/btw-situatie/verwijderen", data={"starts_on": "2026-06-01"})
    assert "1 jun 2026" not in client.get("/btw-situatie").text
    looks = site.client(sample.colleague)
    assert looks.post("/btw-situatie", data=given).status_code == 403


def test_why_this_vat_is_shown_with_the_document(site: Site, sample: Sample) -> None:
    with site.data() as session:
        made = samples.transfer(sample, "W-1", TransferState.DONE, "")
        session.get(Transfer, made.id).reasoning = WHY
    page = site.client(sample.owner).get("/bestelling/1").text
    for words in ("Waarom deze BTW", "Livigno", "2006/112/EC art. 146(1)(a)",
                  "Uitvoer uit de EU", "gelezen in de wettekst", "31 mei 2026",
                  "8040", "buiten de BTW", "niet ingesteld"):  # fmt: skip
        assert words in page


def test_a_text_names_the_country_the_area_and_the_purse(site: Site) -> None:
    with site.app.test_request_context():
        said = explain("vat_rate_not_configured", {"rate": "20", "country": "XI"})
        assert said.what.endswith("BTW in Noord-Ierland is nog geen BTW-code gekozen.")
        said = explain("vat_charged_outside", {"rate": "21", "area": "livigno"})
        assert "(Livigno)" in said.what
        said = explain("eboekhouden_clearing_missing", {"method": "store_credit"})
        assert "van Winkeltegoed" in said.what
