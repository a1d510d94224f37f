"""What the sandbox accepts and refuses, asked without the client."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from conftest import FIRST, Package

from moneybird.sandbox.data import ACCOUNTS, TAX_RATES

Ask = Callable[..., requests.Response]
LINE = {
    "description": "Stoel",
    "price": "12.10",
    "amount": "10",
    "tax_rate_id": TAX_RATES[0]["id"],
    "ledger_account_id": ACCOUNTS[0]["id"],
}
INACTIVE, PURCHASE = TAX_RATES[6]["id"], TAX_RATES[7]["id"]


@pytest.fixture
def ask(package: Package) -> Ask:
    """Call the interface with a token that is good."""
    token = package.grant().access_token

    def call(path: str, body: Any = None) -> requests.Response:
        return requests.request(
            "GET" if body is None else "POST",
            f"{package.url}/api/v2/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )

    return call


def test_who_has_no_token_is_refused(package: Package) -> None:
    answer = requests.get(f"{package.url}/api/v2/administrations.json", timeout=5)
    assert answer.status_code == 401


def test_an_administration_of_somebody_else_is_not_found(ask: Ask) -> None:
    answer = ask("123/contacts.json")
    assert (answer.status_code, answer.json()["error"]) == (404, "record not found")


def test_lists_come_in_pages_with_a_link(ask: Ask) -> None:
    first = ask(f"{FIRST}/tax_rates.json?per_page=5")
    assert 'rel="next"' in first.headers["Link"]
    rest = ask(f"{FIRST}/tax_rates.json?per_page=5&page=2")
    assert "Link" not in rest.headers
    found = [each["id"] for each in first.json() + rest.json()]
    assert found == [each["id"] for each in TAX_RATES]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, 201),
        ({"reference": ""}, 422),
        ({"date": "3 maart"}, 422),
        ({"details_attributes": []}, 422),
        ({"contact_id": "404"}, 422),
        ({"details_attributes": [{**LINE, "tax_rate_id": "404"}]}, 422),
        ({"details_attributes": [{**LINE, "tax_rate_id": INACTIVE}]}, 422),
        ({"details_attributes": [{**LINE, "tax_rate_id": PURCHASE}]}, 422),
        ({"details_attributes": [{**LINE, "ledger_account_id": "404"}]}, 422),
        ({"details_attributes": [{**LINE, "price": "veel"}]}, 422),
        ({"colour": "red"}, 400),
    ],
)
def test_an_invoice_is_taken_whole_or_not_at_all(
    package: Package, ask: Ask, values: dict[str, Any], status: int
) -> None:
    path = f"{FIRST}/external_sales_invoices.json"
    made = ask(f"{FIRST}/contacts.json", {"contact": {"lastname": "Klant"}})
    body = {
        "contact_id": made.json()["id"],
        "reference": "KW-1",
        "date": "2026-03-03",
        "prices_are_incl_tax": True,
        "details_attributes": [LINE],
        **values,
    }
    answer = ask(path, {"external_sales_invoice": body})
    assert answer.status_code == status, answer.text
    taken = package.ledger("external_sales_invoice")
    totals = [
        (each["total_price_incl_tax"], each["total_price_excl_tax"]) for each in taken
    ]
    assert totals == ([("121.00", "100.00")] if status == 201 else [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"contact": {"company_name": "Klant BV"}}, 201),
        ({"contact": {"city": "Delft"}}, 422),
        ({"contact": {"lastname": "Klant", "country": "Nederland"}}, 422),
        ({"contact": {"lastname": "K", "send_invoices_to_email": "geen"}}, 422),
        ({"lastname": "Klant"}, 400),
    ],
)
def test_a_contact_has_a_name(ask: Ask, body: dict[str, Any], status: int) -> None:
    assert ask(f"{FIRST}/contacts.json", body).status_code == status


def test_without_a_period_invoices_of_this_year_are_listed(ask: Ask) -> None:
    made = ask(f"{FIRST}/contacts.json", {"contact": {"lastname": "Klant"}})
    path = f"{FIRST}/external_sales_invoices.json"
    body = {
        "contact_id": made.json()["id"],
        "reference": "KW-1",
        "date": "2020-01-02",
        "details_attributes": [LINE],
    }
    assert ask(path, {"external_sales_invoice": body}).status_code == 201
    assert ask(path).json() == []
    assert len(ask(f"{path}?filter=period:20200102..20200102").json()) == 1
    assert ask(f"{path}?filter=reference:KW-1").status_code == 400


def test_after_150_calls_in_five_minutes_it_refuses(ask: Ask, package: Package) -> None:
    for _ in range(150):
        assert ask("administrations.json").status_code == 200
    refused = ask("administrations.json")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    package.control("clock", {"seconds": 300})
    assert ask("administrations.json").status_code == 200
