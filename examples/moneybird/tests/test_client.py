"""The client against the sandbox: what is accepted, refused, lost."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from conftest import SECOND, Granted, Package

from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.net.ratelimit import Limiter
from moneybird.client import PAGE, Moneybird
from moneybird.sandbox.data import ACCOUNTS, TAX_RATES
from moneybird.wire import Invoice

DAY = date(2024, 12, 31)
LINE = {
    "description": "Stoel",
    "price": "121.00",
    "amount": "1",
    "tax_rate_id": TAX_RATES[0]["id"],
    "ledger_account_id": ACCOUNTS[0]["id"],
}
CONTACT = {"lastname": "Klant", "send_invoices_to_email": "a@example.com"}


def invoice(contact: str, **values: object) -> dict[str, Any]:
    return {
        "contact_id": contact,
        "reference": "KW-1",
        "date": DAY.isoformat(),
        "currency": "EUR",
        "prices_are_incl_tax": True,
        "details_attributes": [LINE],
        **values,
    }


def test_a_login_opens_two_administrations(api: Moneybird) -> None:
    found = [(each.name, each.currency) for each in api.administrations()]
    assert found == [("Demo Webwinkel", "EUR"), ("Demo Holding", "EUR")]


def test_rates_for_sales_and_revenue_accounts_are_read(api: Moneybird) -> None:
    assert [each.percentage for each in api.tax_rates()] == [21, 9, 0, 0, 0, 19]
    assert [each.country for each in api.tax_rates()][-2:] == ["", "DE"]
    assert [each.name for each in api.revenue_accounts()] == ["Omzet", "Verzendkosten"]


def test_an_invoice_of_another_year_is_found(api: Moneybird) -> None:
    contact = api.create_contact(CONTACT)
    assert api.invoice_with("KW-1", contact, DAY) is None
    made = api.create_invoice(invoice(contact))
    assert made == Invoice(made.id, "KW-1", contact, Decimal(121), Decimal(100))
    assert api.invoice_with("KW-1", contact, DAY) == made
    assert api.invoice_with("KW-2", contact, DAY) is None


def test_an_invoice_is_found_behind_a_full_page(api: Moneybird) -> None:
    contact = api.create_contact(CONTACT)
    for number in range(PAGE + 1):
        api.create_invoice(invoice(contact, reference=f"KW-{number}"))
    assert api.invoice_with(f"KW-{PAGE}", contact, DAY) is not None


def test_the_oldest_contact_with_exactly_the_address_is_found(api: Moneybird) -> None:
    longer = {**CONTACT, "send_invoices_to_email": "aa@example.com"}
    api.create_contact(longer)
    assert api.contact_with("a@example.com") is None
    oldest = api.create_contact(CONTACT)
    api.create_contact(CONTACT)
    assert api.contact_with("A@example.com") == oldest


def test_administrations_are_apart(
    api: Moneybird, package: Package, tokens: Granted
) -> None:
    contact = api.create_contact(CONTACT)
    other = Moneybird(f"{package.url}/api/v2/", tokens, SECOND)
    with other.http:
        assert other.contact_with("a@example.com") is None
        with pytest.raises(AskUser, match="moneybird_refused"):
            other.create_invoice(invoice(contact))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"contact_id": "404"}, "contact: must exist"),
        ({"details_attributes": []}, "details_attributes: can't be blank"),
        (
            {"details_attributes": [{**LINE, "tax_rate_id": "404"}]},
            "details.tax_rate: must exist",
        ),
        ({"colour": "red"}, "found unpermitted parameters: colour"),
    ],
)
def test_what_is_refused_asks_the_user_in_moneybirds_words(
    api: Moneybird, package: Package, values: dict[str, object], words: str
) -> None:
    body = {**invoice(api.create_contact(CONTACT)), **values}
    with pytest.raises(AskUser, match="moneybird_refused") as error:
        api.create_invoice(body)
    assert error.value.params["message"] == words
    assert package.ledger("external_sales_invoice") == []


@pytest.mark.parametrize("fault", ["html_after", "drop_after"])
def test_a_lost_answer_to_a_write_leaves_the_outcome_open(
    api: Moneybird, package: Package, fault: str
) -> None:
    contact = api.create_contact(CONTACT)
    package.fault(kind=fault, method="POST", times=1)
    with pytest.raises(OutcomeUnknown):
        api.create_invoice(invoice(contact))
    assert api.invoice_with("KW-1", contact, DAY) is not None


def test_a_lost_answer_to_a_read_is_tried_again(
    api: Moneybird, package: Package
) -> None:
    package.fault(kind="status", status=503, times=1)
    with pytest.raises(RetryLater):
        api.administrations()


def test_an_answer_that_is_odd_is_tried_again(api: Moneybird, package: Package) -> None:
    odd = [{"id": "1", "name": "X", "percentage": 21, "country": None}]
    package.fault(kind="status", status=200, body=odd, path="tax_rates", times=1)
    with pytest.raises(RetryLater, match="moneybird_nonsense"):
        api.tax_rates()


def test_an_unknown_token_means_that_the_login_is_lost(
    api: Moneybird, package: Package
) -> None:
    package.control("forget-access")
    with pytest.raises(AuthenticationLost):
        api.administrations()


def test_moneybirds_own_limit_is_waited_out(api: Moneybird) -> None:
    for _ in range(150):
        api.administrations()
    with pytest.raises(WaitUntil) as refused:
        api.administrations()
    assert 0 < refused.value.seconds <= 300


def test_our_limit_counts_all_calls_together(package: Package, tokens: Granted) -> None:
    limiter = Limiter("memory://", "2/5 minutes", "moneybird:1")
    client = Moneybird(f"{package.url}/api/v2/", tokens, SECOND, limiter)
    with client.http:
        client.tax_rates()
        client.revenue_accounts()
        with pytest.raises(WaitUntil) as full:
            client.create_contact(CONTACT)
    assert 0 < full.value.seconds <= 300
    assert sum(package.control("calls", verb="GET").values()) == 2
