"""Tab Configuratie with a package that offers a little of everything."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.domain.orders import SaleKind
from core.models import Coupling, LogEntry, ShopOrder, Transfer, TransferState
from core.plugin.capabilities import Choice, Choices, DebtorSearch, Orders, Proposal
from core.rules.vatrates import MEMBER_STATES
from plugins.eaccounting.models import (
    EAccountingPaymentMapping,
    EAccountingVatMapping,
)
from tests.capabilities import bringing
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

FAR = Choice("d999", "1999 · Bob Lee · bob@example.com")
"""A debtor behind the first ones."""
CHOICES = Choices(
    vat_codes=[
        Choice("vh", "VH hoog", "21 NL"),
        Choice("vl", "VL laag", "9 NL"),
        Choice("de19", "OSS DE 19", "19 DE"),
        Choice("icp", "ICP", "icp"),
        Choice("exp", "Export", "international"),
    ],
    revenue_accounts=[
        Choice("8000", "8000 Omzet", "21 NL 9 NL"),
        Choice("8030", "8030 ICP", "icp"),
        Choice("8040", "8040 Export", "international"),
        Choice("8200", "8200 OSS", "19 DE"),
    ],
    receivables_accounts=[Choice("1300", "1300 Debiteuren")],
    clearing_accounts=[Choice("2000", "2000 iDEAL")],
    payment_terms=[Choice("t30", "30 dagen")],
    units=[Choice("pce", "Stuk")],
    proposals={"vat": Proposal("Omdat het zo is.")},
    debtors=[Choice("d1", "Balieverkoop")],
    debtor_search=DebtorSearch(
        find=lambda text: [FAR] if text in FAR.label else [],
        get=lambda value: FAR if value == FAR.value else None,
    ),
)
SETTINGS = {
    "target_kind": "sales_entry",
    "receivables_account": "1300",
    "payment_terms": "t30",
    "unit": "pce",
    "duplicate_debtor": "ask",
    "starts_on": "2026-01-01",
}


@pytest.fixture
def sample(site: Site) -> Iterator[Sample]:
    """A coupling that is yet to be configured."""
    registry = site.app.extensions["koppelwerk"].registry
    plugin = registry.plugins["eaccounting"]
    orders = replace(plugin.find(Orders), choices=lambda _connection: CHOICES)
    registry.plugins["eaccounting"] = bringing(plugin, orders)
    made = site.sample()
    with site.data() as session:
        session.get(Coupling, made.coupling.id).configured_at = None
    yield made
    registry.plugins["eaccounting"] = plugin


def settle(client: FlaskClient) -> None:
    """Post the two pages of settings."""
    for part in ("bestellingen", "debiteuren"):
        answer = client.post(f"/configuratie/1/{part}", data=SETTINGS)
        assert answer.status_code == 303


def _rows(*rows: tuple[str, str, str, str]) -> dict[str, list[str]]:
    names = ("group", "rate", "vat_code", "revenue_account")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def _saved(site: Site) -> set[tuple[str, str, Decimal, str, str]]:
    with site.data() as session:
        return {
            (row.sale_kind, row.country, row.rate, row.vat_code, row.revenue_account)
            for row in session.scalars(select(EAccountingVatMapping))
        }


def _configured(site: Site) -> bool:
    with site.data() as session:
        return session.scalars(select(Coupling)).one().configured_at is not None


def test_all_countries_are_listed_by_their_dutch_names(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    page = client.get("/configuratie/1/btw-andere-landen").text
    for country in MEMBER_STATES:
        shown = f'id="group-{country}"' in page or f'id="offer-{country}"' in page
        assert shown == (country != "NL")
    assert "25,5%" in page  # Finland
    assert page.index('id="offer-ICP"') < page.index('id="offer-INT"')
    offered = page[page.index('class="countries"') :]
    names = re.findall(r"<span>([^<]+) <span", offered)
    assert names == sorted(names)
    assert 'id="group-NL"' in client.get("/configuratie/1/btw").text


def test_suggestions_are_shown_with_their_reason_but_not_saved(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    home = client.get("/configuratie/1/btw").text
    assert re.findall(r'value="(\w+)" selected', home) == ["vh", "8000", "vl", "8000"]
    assert re.findall(r'name="rate"[^>]*value="([^"]+)"', home) == ["21", "9"]
    assert "Omdat het zo is." in home
    page = client.get("/configuratie/1/debiteuren").text
    assert 'selected value="1300"' in page
    assert "De enige keuze in uw pakket." in page
    assert _saved(site) == set()


def test_saving_keeps_what_is_set_and_shows_only_that(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    rows = _rows(
        ("NL", "21", "vh", "8000"),
        ("NL", "9", "", ""),
        ("DE", "19,0", "de19", "8200"),
        ("ICP", "0", "icp", "8030"),
        ("INT", "0", "exp", "8040"),
    )
    assert client.post("/configuratie/1/btw", data=rows).status_code == 303
    assert _saved(site) == {
        (SaleKind.COUNTRY, "NL", Decimal(21), "vh", "8000"),
        (SaleKind.COUNTRY, "DE", Decimal(19), "de19", "8200"),
        (SaleKind.ICP, "", Decimal(0), "icp", "8030"),
        (SaleKind.INTERNATIONAL, "", Decimal(0), "exp", "8040"),
    }
    page = client.get("/configuratie/1/btw-andere-landen").text
    assert "OSS DE 19" in page
    assert "Niet ingestelde landen (26)" in page
    assert 'id="group-' not in page
    edit = client.get("/configuratie/1/btw-andere-landen?land=DE").text
    assert set(re.findall(r'id="group-(\w+)"', edit)) == {"DE"}


def test_a_page_replaces_its_own_groups_only(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    client.post("/configuratie/1/btw", data=_rows(("NL", "21", "vh", "8000")))
    abroad = _rows(("DE", "19", "de19", "8200"))
    client.post("/configuratie/1/btw-andere-landen", data=abroad)
    client.post("/configuratie/1/btw", data=_rows(("NL", "9", "vl", "8000")))
    found = {(country, rate) for _kind, country, rate, *_rest in _saved(site)}
    assert found == {("NL", Decimal(9)), ("DE", Decimal(19))}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("NL", "21", "vh", ""), "kies BTW-code én omzetrekening"),
        (("NL", "x", "vh", "8000"), "geen percentage"),
        (("NL", "-1", "vh", "8000"), "geen percentage"),
        (("NL", "101", "vh", "8000"), "geen percentage"),
        (("NL", "NaN", "vh", "8000"), "geen percentage"),
        (("NL", "1.2345", "vh", "8000"), "geen percentage"),
        (("NL", "21", "gone", "8000"), "bestaat niet"),
        (("US", "21", "vh", "8000"), "Onbekend land"),
    ],
)
def test_mistakes_are_named_and_nothing_is_saved(
    site: Site, sample: Sample, row: tuple[str, str, str, str], words: str
) -> None:
    client = site.client(sample.owner)
    answer = client.post(
        "/configuratie/1/btw", data=_rows(row, ("ICP", "0", "icp", "8030"))
    )
    assert (answer.status_code, words in answer.text) == (200, True)
    (field,) = re.findall(r'<li><a href="#([^"]+)">', answer.text)
    if row[0] == "NL":
        assert f'aria-describedby="error-{field}"' in answer.text
        assert f'id="error-{field}"' in answer.text
    assert _saved(site) == set()


def test_a_rate_counts_once_per_country(site: Site, sample: Sample) -> None:
    rows = _rows(("NL", "21", "vh", "8000"), ("NL", "21.0", "vl", "8000"))
    answer = site.client(sample.owner).post("/configuratie/1/btw", data=rows)
    assert "heeft twee keer" in answer.text
    assert _saved(site) == set()


def test_a_country_and_an_extra_rate_can_be_opened(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    part = client.get("/configuratie/1/btw/DE", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert 'value="de19" selected' in part
    line = client.get("/configuratie/1/btw/DE/regel").text
    assert 'name="group" value="DE"' in line
    assert client.get("/configuratie/1/btw/XX").status_code == 404
    page = client.get("/configuratie/1/btw-andere-landen?land=DE&tarief=12.5").text
    assert 'id="vat_code-DE-12.5"' in page


def test_orders_go_once_everything_is_filled_in(site: Site, sample: Sample) -> None:
    with site.data():
        key = samples.transfer(
            sample, "W", TransferState.WAITING, "coupling_not_configured"
        ).id
    client = site.client(sample.owner)
    assert "Dit ontbreekt nog" in client.get("/configuratie/1").text
    settle(client)
    client.post("/configuratie/1/btw", data=_rows(("NL", "21", "vh", "8000")))
    assert not _configured(site)  # the user says when
    client.post("/configuratie/1/begin")
    assert _configured(site)
    assert "De configuratie is compleet." in client.get("/configuratie/1").text
    with site.data() as session:
        assert session.get(Transfer, key).state == TransferState.QUEUED
        coupling = session.scalars(select(Coupling)).one()
        assert coupling.version == 4
        assert coupling.settings["receivables_account"] == "1300"
        assert coupling.starts_on.isoformat() == "2026-01-01"
        codes = set(session.scalars(select(LogEntry.code)))
    assert {"configuration_saved", "vat_saved", "coupling_configured"} <= codes


def test_settings_with_a_mistake_are_shown_again(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    for part, wrong in (
        ("debiteuren", {"unit": ""}), ("bestellingen", {"starts_on": "gisteren"}),
        ("debiteuren", {"unit": "no-such"}),
    ):  # fmt: skip
        answer = client.post(f"/configuratie/1/{part}", data=SETTINGS | wrong)
        (name,) = wrong
        assert answer.status_code == 200
        assert f'<li><a href="#{name}">' in answer.text
        assert (
            f'aria-describedby="error-{name}" aria-invalid="true"' in answer.text
            or (f'aria-invalid="true" aria-describedby="error-{name}"' in answer.text)
        )
    with site.data() as session:
        assert session.scalars(select(Coupling)).one().settings == {}


def test_businesses_are_invoiced_here_only_where_invoices_are_booked(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    asked = SETTINGS | {"invoices_businesses": "on"}
    refused = client.post("/configuratie/1/bestellingen", data=asked)
    assert '<li><a href="#invoices_businesses">' in refused.text
    with site.data() as session:
        coupling = session.scalars(select(Coupling)).one()
        assert not coupling.invoices_businesses
        session.add(
            Coupling(tenant_id=coupling.tenant_id, target_id=coupling.target_id)
        )
    client.post("/configuratie/1/bestellingen", data=asked)
    with site.data() as session:
        assert session.get_one(Coupling, 1).invoices_businesses
    client.post("/configuratie/1/debiteuren", data=SETTINGS)
    with site.data() as session:
        assert session.get_one(Coupling, 1).invoices_businesses


def test_fields_that_are_not_in_the_form_change_nothing(
    site: Site, sample: Sample
) -> None:
    extra = {"tenant_id": "2", "configured_at": "2026-01-01", "version": "99"}
    site.client(sample.owner).post("/configuratie/1/debiteuren", data=SETTINGS | extra)
    with site.data() as session:
        coupling = session.scalars(select(Coupling)).one()
    assert (coupling.tenant_id, coupling.configured_at) == (sample.tenant.id, None)
    assert not set(extra) & set(coupling.settings)


def test_deleting_vat_asks_first_and_holds_new_orders(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    settle(client)
    client.post("/configuratie/1/btw", data=_rows(("NL", "21", "vh", "8000")))
    assert "verwijderen?" in client.get("/configuratie/1/btw-verwijderen").text
    assert len(_saved(site)) == 1
    client.post("/configuratie/1/btw-verwijderen")
    assert _saved(site) == set()
    assert not _configured(site)


def test_payment_methods_of_orders_are_offered_and_saved(
    site: Site, sample: Sample
) -> None:
    with site.data():
        for number, method in enumerate(("iDEAL", "PayPal", "iDEAL")):
            samples.transfer(
                sample, f"P{number}", TransferState.DONE,
                order_values={"payment_method": method},
            )  # fmt: skip
    client = site.client(sample.owner)
    page = client.get("/configuratie/1/betaalmethoden").text
    offered = re.findall(r'type="hidden" name="method" value="([^"]+)"', page)
    assert offered == ["PayPal", "iDEAL"]
    form = {
        "method": ["iDEAL", "PayPal", "Cadeaubon", ""],
        "clearing_account": ["2000", "", "", ""],
        "fixed_debtor": ["", "d1", "", ""],
    }
    assert client.post("/configuratie/1/betaalmethoden", data=form).status_code == 303
    with site.data() as session:
        rows = session.scalars(select(EAccountingPaymentMapping))
        found = {row.method: (row.clearing_account, row.fixed_debtor) for row in rows}
    assert found == {"iDEAL": ("2000", ""), "PayPal": ("", "d1")}


def test_purses_are_offered_once_an_order_was_paid_with_them(
    site: Site, sample: Sample
) -> None:
    """Store credit never is the order's own method; nor is it a debtor."""
    client = site.client(sample.owner)
    with site.data():
        samples.transfer(sample, "W-1", TransferState.DONE, "")
    assert "Winkeltegoed" not in client.get("/configuratie/1/betaalmethoden").text
    with site.data() as session:
        for row in session.scalars(select(ShopOrder)):
            paid = {"method": "store_credit", "amount": "5.00"}
            row.payload = {**row.payload, "payments": [paid]}
    page = client.get("/configuratie/1/betaalmethoden").text
    assert "Tussenrekening voor Winkeltegoed" in page
    assert "Vaste debiteur voor Winkeltegoed" not in page
    assert "Spaarpunten" not in page
    form = {"method": "store_credit", "clearing_account": "2000", "fixed_debtor": ""}
    assert client.post("/configuratie/1/betaalmethoden", data=form).status_code == 303
    assert (
        client.get("/configuratie/1/betaalmethoden").text.count("voor Winkeltegoed")
        == 1
    )


def test_a_debtor_behind_the_first_ones_is_found_and_kept(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    options = client.get(
        "/configuratie/1/zoek/debtors?veld=fixed_debtor&zoek=bob@"
    ).text
    assert f'value="d999" selected>{FAR.label}' in options
    assert "Niets gevonden voor" in client.get(
        "/configuratie/1/zoek/debtors?veld=fixed_debtor&zoek=niemand"
    ).text  # fmt: skip
    form = {"method": "PayPal", "clearing_account": "", "fixed_debtor": "d999"}
    assert client.post("/configuratie/1/betaalmethoden", data=form).status_code == 303
    page = client.get("/configuratie/1/betaalmethoden").text
    assert f'value="d999" selected>{FAR.label}' in page
    assert "Van een verkoopboeking wordt een betaling met een tussenrekening" in page
    assert site.client(sample.colleague).get(
        "/configuratie/1/zoek/debtors?veld=fixed_debtor&zoek=bob"
    ).status_code == 403  # fmt: skip


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"method": "", "clearing_account": "2000", "fixed_debtor": ""}, "Vul ook"),
        ({"method": "A", "clearing_account": "9", "fixed_debtor": ""}, "bestaat niet"),
        (
            {"method": ["A", "A"], "clearing_account": ["", ""],
             "fixed_debtor": ["d1", "d1"]},
            "twee keer",
        ),
    ],
)  # fmt: skip
def test_mistakes_in_payment_methods_are_named(
    site: Site, sample: Sample, form: dict[str, Any], words: str
) -> None:
    answer = site.client(sample.owner).post("/configuratie/1/betaalmethoden", data=form)
    assert (answer.status_code, words in answer.text) == (200, True)


def test_the_largest_form_fits_the_limits(site: Site, sample: Sample) -> None:
    rows = [
        (country, str(rate), "vh", "8000")
        for country in MEMBER_STATES
        for rate in range(10)
    ]
    answer = site.client(sample.owner).post("/configuratie/1/btw", data=_rows(*rows))
    assert answer.status_code == 303
    assert len(_saved(site)) == 270


def test_a_colleague_sees_it_all_and_changes_nothing(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.colleague)
    page = client.get("/configuratie/1/btw").text
    assert "wijzigen kan alleen de eigenaar" in page
    assert "disabled" in page
    answer = client.post("/configuratie/1/btw", data=_rows(("NL", "21", "vh", "8000")))
    assert (answer.status_code, _saved(site)) == (403, set())


def test_the_shops_own_form_is_saved_with_its_connection(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    form = {"payment_statuses": ["PAID", "AWAITING_PAYMENT"],
            "fulfilment_statuses": ["SHIPPED"], "next": "/configuratie/1"}  # fmt: skip
    address = f"/connections/{sample.shop.id}/settings"
    assert client.post(address, data=form).location == "/configuratie/1"
    with site.data() as session:
        shop = session.get(samples.Connection, sample.shop.id)
        assert shop.settings["payment_statuses"] == ["PAID", "AWAITING_PAYMENT"]
    client.post(address, data={"payment_statuses": []})
    assert "minstens één" in client.get("/configuratie/1").text


def test_two_connections_can_be_coupled_once(site: Site, sample: Sample) -> None:
    with site.data() as session:
        session.delete(session.scalars(select(Coupling)).one())
    client = site.client(sample.owner)
    assert "nog geen koppeling" in client.get("/configuratie").text
    pair = {"pair": f"{sample.shop.id}-{sample.package.id}"}
    assert f'value="{pair["pair"]}"' in client.get("/koppelingen").text
    answer = client.post("/koppelingen", data=pair)
    assert answer.location.startswith("/configuratie/")
    assert client.post("/koppelingen", data=pair).status_code == 400
    backwards = {"pair": f"{sample.package.id}-{sample.shop.id}"}
    assert client.post("/koppelingen", data=backwards).status_code == 400
