"""Drafts and orders: VAT from article and customer, totals, rules."""

from decimal import Decimal as D
from typing import Any

import pytest

from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor

DRAFTS = "/customerinvoicedrafts"
NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_private_prices_include_vat(vendor: Vendor, make: Maker) -> None:
    customer = make.add_customer(InvoiceAddress1="Stationsstraat 12")
    high = make.add_article()
    low = make.add_article("Goederen 9 %", Number="SKU-2")
    rows = [make.row(high, D("104.90")), make.row(low, D("5.00"), 2)]
    body = make.draft(customer, rows, YourReference="90498")
    vendor.contract.check_request("POST", f"/v2{DRAFTS}", body)
    draft = vendor.post(DRAFTS, body)
    assert draft["IncludesVat"] is True
    assert (draft["TotalAmount"], draft["TotalVatAmount"]) == (D("114.90"), D("19.04"))
    assert draft["InvoiceAddress1"] == "Stationsstraat 12"
    assert draft["InvoiceCustomerName"] == "Sophie Fischer"
    assert [row["VatRate"] for row in draft["Rows"]] == [21, 9]
    assert [row["LineNumber"] for row in draft["Rows"]] == [0, 1]
    assert draft["Rows"][0]["Text"] == "Overhemd"
    assert draft["DueDate"][:10] == "2010-12-15"
    entry = vendor.ledger("draft")[0]["body"]
    assert entry["document"]["InvoiceDate"][:10] == "2010-12-01"
    assert entry["vat_per_rate"] == {
        "21": {"net": D("86.69"), "vat": D("18.21")},
        "9": {"net": D("9.17"), "vat": D("0.83")},
    }


def test_company_prices_exclude_vat(vendor: Vendor, make: Maker) -> None:
    customer = make.add_customer(IsPrivatePerson=False)
    rows = [make.row(make.add_article(), D("10.05"), 3, DiscountPercentage=D("0.1"))]
    draft = vendor.post(DRAFTS, make.draft(customer, rows))
    assert draft["IncludesVat"] is False
    assert draft["Rows"][0]["Amount"] == D("27.14")  # 27.135, half away from zero
    assert (draft["TotalAmount"], draft["TotalVatAmount"]) == (D("32.84"), D("5.70"))


def test_company_setting_shows_private_prices_without_vat(
    vendor: Vendor, make: Maker
) -> None:
    vendor.control("company", {"ShowPricesExclVatPC": True})
    rows = [make.row(make.add_article(), 100)]
    draft = vendor.post(DRAFTS, make.draft(make.add_customer(), rows))
    assert (draft["IncludesVat"], draft["TotalAmount"]) == (False, 121)


@pytest.mark.parametrize(
    ("fields", "rate"),
    [
        ({"InvoiceCountryCode": "DE", "IsPrivatePerson": True}, 21),
        ({"InvoiceCountryCode": "DE", "IsPrivatePerson": False}, 21),
        ({"InvoiceCountryCode": "DE", "IsPrivatePerson": False,
          "VatNumber": "DE123456789"}, 0),
        ({"InvoiceCountryCode": "CH", "IsPrivatePerson": True}, 0),
        ({"InvoiceCountryCode": "CH", "ForceBookkeepVat": True}, 21),
        ({"InvoiceCountryCode": "NL", "IsPrivatePerson": False,
          "VatNumber": "NL123456789B01"}, 21),
        ({"DeliveryBasedVat": True, "DeliveryCountryCode": "US",
          "DeliveryCity": "Boston", "DeliveryPostalCode": "02101"}, 0),
    ],
)  # fmt: skip
def test_where_vat_is_due(
    vendor: Vendor, make: Maker, fields: dict[str, Any], rate: int
) -> None:
    customer = make.add_customer(**fields)
    rows = [make.row(make.add_article(), 100)]
    draft = vendor.post(DRAFTS, make.draft(customer, rows))
    assert draft["Rows"][0]["VatRate"] == rate


def test_vat_per_row_is_a_setting(vendor: Vendor, make: Maker) -> None:
    customer, article = make.add_customer(), make.add_article()
    body = make.draft(customer, [make.row(article, D("0.10")) for _ in range(5)])
    assert vendor.post(DRAFTS, body)["TotalVatAmount"] == D("0.09")
    vendor.control("settings", {"vat_per_row": True})
    assert vendor.post(DRAFTS, body)["TotalVatAmount"] == D("0.10")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ArticleId": None}, 2000),
        ({"ArticleId": NOWHERE}, 3000),
        ({"UnitPrice": D("1.005")}, 2000),
        ({"Quantity": D("1.005")}, 2000),
        ({"DiscountPercentage": D("1.5")}, 2000),
        ({"Text": "x" * 2001}, 2000),
        ({"IsTextRow": True, "ArticleId": None, "Text": ""}, 2000),
        ({"ReversedConstructionServicesVatFree": True}, 2000),
        ({"ReversedConstructionServicesVatFree": None}, 2000),
        ({"IsVatFree": True}, 2000),
        ({"ProjectId": NOWHERE}, 3000),
        ({"LineNumber": 1001}, 2000),
    ],
)
def test_draft_row_rules(
    vendor: Vendor, make: Maker, wrong: dict[str, Any], code: int
) -> None:
    row = make.row(make.add_article(), 1) | wrong
    body = make.draft(make.add_customer(), [row])
    refused = vendor.refused("POST", DRAFTS, body)
    assert refused.code == code
    assert vendor.ledger("draft") == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"CustomerId": NOWHERE}, 3000),
        ({"CustomerId": None}, 2000),
        ({"RotReducedInvoicingType": 1}, 2000),
        ({"EuThirdParty": None}, 2000),
        ({"YourReference": "x" * 101}, 2000),
        ({"DeliveryCustomerName": "x" * 51}, 2000),
        ({"ElectronicReference": "x"}, 2000),
        ({"TermsOfPaymentId": NOWHERE}, 3000),
        ({"InvoiceDate": "01-12-2010"}, 2000),
    ],
)
def test_draft_rules(
    vendor: Vendor, make: Maker, wrong: dict[str, Any], code: int
) -> None:
    body = make.draft(make.add_customer(), [], **wrong)
    assert vendor.refused("POST", DRAFTS, body).code == code


def test_foreign_prices_have_four_decimals(vendor: Vendor, make: Maker) -> None:
    customer = make.add_customer(InvoiceCountryCode="BE")
    rows = [make.row(make.add_article(), D("1.2345"), 100)]
    draft = vendor.post(DRAFTS, make.draft(customer, rows))
    assert draft["TotalAmount"] == D("123.45")


def test_text_rows_have_no_vat(vendor: Vendor, make: Maker) -> None:
    text = {"IsTextRow": True, "IsWorkCost": False, "Text": "Dank u",
            "ReversedConstructionServicesVatFree": False}  # fmt: skip
    draft = vendor.post(DRAFTS, make.draft(make.add_customer(), [text]))
    assert (draft["Rows"][0]["VatRate"], draft["TotalAmount"]) == (None, 0)


def test_reading_a_draft_shows_today_unless_the_date_is_kept(
    vendor: Vendor, make: Maker
) -> None:
    draft = vendor.post(DRAFTS, make.draft(make.add_customer(), []))
    assert draft["InvoiceDate"][:10] == "2010-12-01"
    path = f"{DRAFTS}/{draft['Id']}"
    assert vendor.get(path)["InvoiceDate"] > "2026"
    vendor.control("company", {"KeepOriginalDraftDate": True})
    assert vendor.get(path) == draft


def test_a_draft_is_replaced_and_removed(vendor: Vendor, make: Maker) -> None:
    customer, article = make.add_customer(), make.add_article()
    rows = [make.row(article, 10)]
    draft = vendor.post(DRAFTS, make.draft(customer, rows, YourReference="1"))
    path = f"{DRAFTS}/{draft['Id']}"
    changed = vendor.call("PUT", path, make.draft(customer, rows * 2))
    assert (changed["TotalAmount"], changed["YourReference"]) == (20, None)
    vendor.call("DELETE", path)
    assert vendor.refused("GET", path).code == 3000
    assert vendor.get(DRAFTS)["Data"] == []


def test_a_cent_can_be_shifted(vendor: Vendor, make: Maker) -> None:
    vendor.control("faults", {"kind": "shift_cent", "times": 1})
    body = make.draft(make.add_customer(), [make.row(make.add_article(), 10)])
    totals = [vendor.post(DRAFTS, body)["TotalAmount"] for _ in range(2)]
    assert totals == [D("10.01"), 10]


def test_orders_keep_the_totals_we_supply(vendor: Vendor, make: Maker) -> None:
    customer = make.add_customer()
    row = make.order_row(make.add_article(), D("121"), ArticleNumber="SKU-1")
    body = make.order(customer, [row], Amount=D("121"), VatAmount=D("21"),
                      RoundingsAmount=0, YourReference="ORD.1")  # fmt: skip
    vendor.contract.check_request("POST", "/v2/orders", body)
    order = vendor.post("/orders", body)
    assert (order["Amount"], order["VatAmount"], order["Number"]) == (121, 21, None)
    assert (order["InvoiceCustomerName"], order["Rows"][0]["VatRate"]) == (
        "Sophie Fischer", 21,
    )  # fmt: skip
    found = vendor.get("/orders", **{"$filter": "YourReference eq 'ORD.1'"})["Data"]
    assert found == [order]
    entry = vendor.ledger("order")[0]["body"]
    assert (entry["computed"]["total"], entry["computed"]["vat"]) == (121, 21)


def test_an_ongoing_order_has_a_number(vendor: Vendor, make: Maker) -> None:
    customer, row = make.add_customer(), make.order_row(make.add_article(), 1)
    order = vendor.post("/orders", make.order(customer, [row], Status=2))
    assert order["Number"] == 1
    path = f"/orders/{order['Id']}"
    shipped = vendor.call("PUT", path, make.order(customer, [row], Status=3))
    assert (shipped["Number"], shipped["IsNotDelivered"]) == (1, False)
    assert vendor.refused("DELETE", path).code == 4001


def test_a_draft_order_is_removed(vendor: Vendor, make: Maker) -> None:
    order = vendor.post("/orders", make.order(make.add_customer(), []))
    vendor.call("DELETE", f"/orders/{order['Id']}")
    assert vendor.get("/orders")["Data"] == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"Status": 0}, 2000),
        ({"Status": 5}, 2000),
        ({"Status": "Draft"}, 2000),
        ({"RotReducedInvoicingType": "Normal"}, 2000),
        ({"CurrencyCode": "USD"}, 2000),
        ({"CurrencyCode": None}, 2000),
        ({"OrderDate": None}, 2000),
        ({"OrderDate": "1999-01-01"}, 3001),
        ({"Amount": D("1.005")}, 2000),
        ({"Amount": -1}, 2000),
        ({"DeliveryAdres": "Stationsstraat 12"}, 2000),
        ({"CustomerId": NOWHERE}, 3000),
        ({"ReverseChargeOnConstructionServices": None}, 2000),
    ],
)
def test_order_rules(
    vendor: Vendor, make: Maker, wrong: dict[str, Any], code: int
) -> None:
    row = make.order_row(make.add_article(), 1)
    body = make.order(make.add_customer(), [row], **wrong)
    assert vendor.refused("POST", "/orders", body).code == code


@pytest.mark.parametrize(
    "wrong",
    [{"LineNumber": None}, {"LineNumber": 1001}, {"IsWorkCost": None},
     {"Quantity": D("1.00005")}, {"Description": "x"}, {"Quantity": -1},
     {"EligibleForReverseChargeOnVat": True}],
)  # fmt: skip
def test_order_row_rules(vendor: Vendor, make: Maker, wrong: dict[str, Any]) -> None:
    row = make.order_row(make.add_article(), 1) | wrong
    body = make.order(make.add_customer(), [row])
    assert vendor.refused("POST", "/orders", body).code == 2000
