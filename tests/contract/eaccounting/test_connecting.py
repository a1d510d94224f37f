"""Connecting a company, and the local index of what it has."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.domain.errors import AskUser
from core.models import ConnectionState
from core.net.oauth import authorize_address
from core.plugin.capabilities import Orders
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.linking import oauth_flow
from plugins.eaccounting import configuration, reference
from plugins.eaccounting.connector import EAccountingConnector
from plugins.eaccounting.models import EAccountingRecord
from tests.contract.eaccounting.conftest import Coupled, Package


def test_the_login_asks_for_the_company_and_for_no_more_than_is_needed(
    product: Flask,
) -> None:
    provider = EAccountingConnector().provider()
    address = authorize_address(
        provider, redirect_uri="http://localhost/oauth/callback", state="s"
    )
    asked = parse_qs(urlsplit(str(address)).query)
    assert asked["prompt"] == ["select_account"]
    assert asked["acr_values"] == ["service:44643EB1-3F76-4C1C-A672-402AE8085934"]
    assert asked["scope"] == [
        "ea:api offline_access ea:sales ea:accounting ea:purchase"
    ]


def test_a_company_says_who_it_is_and_what_it_takes(
    package: Package, product: Flask
) -> None:
    (identity,) = EAccountingConnector().identify(package.grant())
    assert identity.name == "Demo Webwinkel B.V. sandbox"
    assert identity.facts == {
        "currency": "EUR",
        "country": "NL",
        "target_kinds": ["sales_entry", "draft_invoice", "order"],
        "company_number": "12345678",
    }


@pytest.mark.parametrize(
    ("company", "change", "code"),
    [
        ("kronor", {}, "company_currency_not_eur"),
        ("boekhouden", {}, "licence_without_sales"),
        ("demo", {"CompanyStatus": 2}, "visma_company_inactive"),
        ("demo", {"startup_done": False}, "visma_startup_guide"),
    ],
)
def test_a_company_that_cannot_take_orders_is_refused(
    package: Package, product: Flask, company: str, change: Any, code: str
) -> None:
    if change:
        package.control("company", {"company": company, **change})
    with pytest.raises(AskUser) as caught:
        EAccountingConnector().identify(package.grant(company))
    assert caught.value.code == code


def test_disconnecting_gives_the_grant_back_once(
    package: Package, coupled: Coupled
) -> None:
    oauth_flow.disconnect(coupled.connection)
    calls = package.calls("POST")
    assert [n for path, n in calls.items() if "revocation" in path] == [1]
    assert package.control("revoke") == {"revoked": 0}


def test_the_index_holds_what_the_package_has(coupled: Coupled) -> None:
    rows = session().execute(
        select(EAccountingRecord.kind, func.count()).group_by(EAccountingRecord.kind)
    )
    counts = dict(rows.all())
    assert counts["fiscal_year"] == 18
    assert counts["unit"] == counts["terms"] == 5
    assert counts["company"] == 1
    years = reference.records(coupled.package_id, reference.FISCAL_YEAR)
    accounts = reference.accounts_of(coupled.package_id, years[0].external_id)
    assert counts["account"] == 18 * len(accounts)
    assert accounts["1300"]["Name"] == "Debiteuren"


def test_a_delta_reads_only_what_changed(coupled: Coupled, api: Any) -> None:
    terms = reference.records(coupled.package_id, reference.TERMS)[0].external_id
    body = {
        "Name": "Nieuw", "EmailAddress": "Nieuw@Example.com", "InvoiceCity": "Delft",
        "InvoicePostalCode": "2611 AB", "TermsOfPaymentId": terms,
        "IsPrivatePerson": True, "IsActive": True,
    }  # fmt: skip
    made = api.create_customer(body)
    coupled.load()
    found = reference.by_key(
        coupled.package_id, reference.CUSTOMER, ["nieuw@example.com"]
    )
    [record] = found["nieuw@example.com"]
    assert (record.external_id, record.name) == (made["Id"], "Nieuw")
    assert set(record.data) == {
        "IsPrivatePerson", "IsActive", "VatNumber", "CustomerNumber",
        "InvoiceCountryCode", "DeliveryBasedVat", "DeliveryCountryCode",
        "ForceBookkeepVat", "IsNorthernIreland",
    }  # fmt: skip


def test_the_schedule_pauses_the_connection_when_the_login_is_lost(
    package: Package, coupled: Coupled
) -> None:
    package.control("revoke")
    coupled.load()
    connection = coupled.connection
    assert connection.state == ConnectionState.PAUSED
    assert connection.reason == "grant_refused"


def test_a_passing_fault_keeps_the_index_and_comes_back(
    package: Package, coupled: Coupled
) -> None:
    before = len(reference.records(coupled.package_id, reference.VAT_CODE))
    package.fault(kind="status", status=503, path="vatcodes", times=1)
    coupled.load()
    connection = coupled.connection
    assert connection.last_run_error == "remote_fault"
    assert connection.next_run_at is not None
    assert connection.last_run_at is not None
    assert (connection.next_run_at - connection.last_run_at).seconds <= 600
    assert len(reference.records(coupled.package_id, reference.VAT_CODE)) == before


def test_the_screens_offer_what_the_company_has(coupled: Coupled) -> None:
    offered = configuration.choices(coupled.connection)
    assert [choice.value for choice in offered.target_kinds] == [
        "sales_entry", "draft_invoice", "order",
    ]  # fmt: skip
    assert offered.proposals["receivables_account"].value == "1300"
    assert offered.units[0].hint == "PCE"
    numbers = {choice.value for choice in offered.revenue_accounts}
    assert "8000" in numbers
    assert not {"8900", "8950", "1300"} & numbers


def test_a_licence_without_orders_does_not_offer_them(
    package: Package, coupled: Coupled
) -> None:
    package.control("company", {"ProductVariant": 4})
    coupled.load()
    offered = configuration.choices(coupled.connection)
    assert [choice.value for choice in offered.target_kinds] == [
        "sales_entry", "draft_invoice",
    ]  # fmt: skip


def test_what_is_missing_is_named(coupled: Coupled) -> None:
    assert configuration.problems(coupled.coupling) == []
    coupled.configure(unit="", receivables_account="")
    assert configuration.problems(coupled.coupling) == [
        "receivables_account_missing", "unit_missing",
    ]  # fmt: skip


def test_the_plugin_takes_orders_and_declares_its_task(product: Flask) -> None:
    plugin = koppelwerk().registry.get("eaccounting")
    assert plugin.find(Orders) is not None
    assert set(plugin.all_tasks) == {"load_reference"}
    assert plugin.sender("order")
    assert plugin.sender("invoice")
