"""Customers and suppliers: rules, numbers, replacing and removing."""

from typing import Any

import pytest

from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor

NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_a_customer_is_stored_and_recorded(vendor: Vendor, make: Maker) -> None:
    body = make.customer(EmailAddress="s@example.com", CustomerNumber="K-1")
    vendor.contract.check_request("POST", "/v2/customers", body)
    added = vendor.post("/customers", body)
    assert {key: added[key] for key in body} == body
    assert added["CurrencyCode"] == "EUR"
    assert added["TermsOfPayment"]["NumberOfDays"] == 14
    assert vendor.get(f"/customers/{added['Id']}") == added
    entry = vendor.ledger("customer")[0]["body"]
    assert (entry["company"], entry["action"]) == ("demo", "create")
    assert entry["document"] == added


def test_the_vendor_numbers_when_we_do_not(make: Maker) -> None:
    make.add_customer(CustomerNumber="1001")
    numbers = [make.add_customer()["CustomerNumber"] for _ in range(2)]
    assert numbers == ["1000", "1002"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Name": "x" * 51},
        {"Name": None},
        {"Name": " "},
        {"InvoiceCity": None},
        {"InvoicePostalCode": "x" * 11},
        {"CustomerNumber": "x" * 17},
        {"IsActive": "true"},
        {"DiscountPercentage": 2},
        {"InvoiceCountryCode": "QQ"},
        {"CurrencyCode": "XXX"},
        {"Surname": "Fischer"},
        {"TermsOfPaymentId": "14 dagen"},
        {"VatNumber": "123"},
        {"VatNumber": "US123456789"},
        {"VatNumber": "DE123456789", "InvoiceCountryCode": None},
        {"ReverseChargeOnConstructionServices": True, "IsPrivatePerson": False},
        {"ReverseChargeOnConstructionServices": True, "VatNumber": "NL123456789B01"},
        {"ForceBookkeepVat": True, "InvoiceCountryCode": "BE"},
        {"EmailAddresses": ["a@example.com"]},
        {"EmailAddress": "a@example.com", "EmailAddresses": ["b"] * 6},
        {"DeliveryBasedVat": True, "DeliveryCity": "Gent", "DeliveryCountryCode": "BE"},
    ],
)
def test_field_rules(vendor: Vendor, make: Maker, wrong: dict[str, Any]) -> None:
    refused = vendor.refused("POST", "/customers", make.customer(**wrong))
    assert (refused.status, refused.code) == (400, 2000)
    assert refused.body["Errors"][0]["Field"]
    assert vendor.get("/customers")["Data"] == []
    assert vendor.ledger("customer") == []


def test_all_faults_are_named(vendor: Vendor) -> None:
    refused = vendor.refused("POST", "/customers", {})
    assert {fault["Field"] for fault in refused.body["Errors"]} == {
        "InvoiceCity", "InvoicePostalCode", "IsActive", "IsPrivatePerson", "Name",
        "TermsOfPaymentId",
    }  # fmt: skip


def test_unknown_terms_are_3000(vendor: Vendor, make: Maker) -> None:
    body = make.customer(TermsOfPaymentId=NOWHERE)
    assert vendor.refused("POST", "/customers", body).code == 3000


def test_a_vat_number_that_vies_refuses(vendor: Vendor, make: Maker) -> None:
    number = "BE0123456789"
    good = make.customer(
        VatNumber=number, InvoiceCountryCode="BE", IsPrivatePerson=False
    )
    vendor.control("settings", {"invalid_vat_numbers": [number]})
    assert vendor.refused("POST", "/customers", good).code == 2000
    vendor.control("settings", {"invalid_vat_numbers": []})
    assert vendor.post("/customers", good)["VatNumber"] == number


def test_a_number_is_given_once(vendor: Vendor, make: Maker) -> None:
    first = make.add_customer(CustomerNumber="K1")
    again = vendor.refused("POST", "/customers", make.customer(CustomerNumber="K1"))
    assert again.code == 4000
    same = make.customer(CustomerNumber="K1", Name="Nieuw")
    assert vendor.call("PUT", f"/customers/{first['Id']}", same)["Name"] == "Nieuw"
    vendor.control("settings", {"allow_duplicate_numbers": True})
    assert make.add_customer(CustomerNumber="K1")["Id"] != first["Id"]


def test_put_replaces(vendor: Vendor, make: Maker) -> None:
    old = make.add_customer(EmailAddress="a@example.com", Telephone="06", Note="x")
    new = vendor.call("PUT", f"/customers/{old['Id']}", make.customer(Telephone="07"))
    assert (new["EmailAddress"], new["Telephone"], new["Note"]) == (None, "07", None)
    assert new["CustomerNumber"] == old["CustomerNumber"]
    assert new["ChangedUtc"] > old["ChangedUtc"]


def test_read_only_fields_are_ignored(make: Maker) -> None:
    added = make.add_customer(Id=NOWHERE, UnpaidInvoicesAmount=5)
    assert (added["Id"] != NOWHERE, added["UnpaidInvoicesAmount"]) == (True, 0)


def test_a_customer_with_documents_stays(vendor: Vendor, make: Maker) -> None:
    free, busy = make.add_customer(), make.add_customer()
    vendor.post("/customerinvoicedrafts", make.draft(busy, []))
    assert vendor.refused("DELETE", f"/customers/{busy['Id']}").code == 4001
    assert vendor.call("DELETE", f"/customers/{free['Id']}") is None
    assert [c["Id"] for c in vendor.get("/customers")["Data"]] == [busy["Id"]]


def test_companies_do_not_see_each_other(vendor: Vendor, make: Maker) -> None:
    mine = make.add_customer(CustomerNumber="K1")
    vendor.use("tweede")
    assert vendor.get("/customers")["Data"] == []
    assert vendor.refused("GET", f"/customers/{mine['Id']}").code == 3000
    assert make.add_customer(CustomerNumber="K1")["Id"] != mine["Id"]


def test_other_currency_company(vendor: Vendor) -> None:
    vendor.use("kronor")
    settings = vendor.get("/companysettings")
    assert (settings["CurrencyCode"], settings["CountryCode"]) == ("SEK", "SE")
    assert vendor.get("/accounts/standardaccounts")["Data"] == []


def test_a_body_must_be_json(vendor: Vendor) -> None:
    for data, status in ((b"{", 400), (b"[]", 400)):
        answer = vendor.session.post(
            f"{vendor.url}/v2/customers",
            data=data,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == status
    plain = vendor.session.post(f"{vendor.url}/v2/customers", data="Name=x")
    assert plain.status_code == 415


def supplier(vendor: Vendor, **fields: Any) -> dict[str, Any]:
    terms = vendor.find("/termsofpayments", Name="30 dagen")
    return {"Name": "Leverancier", "TermsOfPaymentId": terms["Id"], **fields}


def test_suppliers(vendor: Vendor) -> None:
    body = supplier(vendor, SupplierNumber="C1", BankIban="NL91ABNA0417164300")
    vendor.contract.check_request("POST", "/v2/suppliers", body)
    added = vendor.post("/suppliers", body)
    assert (added["CountryCode"], added["BankCountryCode"]) == ("NL", "NL")
    path = f"/suppliers/{added['Id']}"
    changed = vendor.call("PUT", path, supplier(vendor, City="Gent"))
    assert (changed["BankIban"], changed["SupplierNumber"]) == (None, "C1")
    assert changed["CreatedUtc"] == added["CreatedUtc"] < changed["ModifiedUtc"]
    assert vendor.refused("POST", "/suppliers", body).code == 4000
    vendor.call("DELETE", path)
    assert vendor.refused("DELETE", path).status == 404
    assert vendor.refused("GET", path).status == 400
    actions = [entry["body"]["action"] for entry in vendor.ledger("supplier")]
    assert actions == ["create", "update", "delete"]


@pytest.mark.parametrize(
    "wrong",
    [{"Name": None}, {"BankIban": "NL91 ABNA 0417 1643 00"}, {"BankBic": "ABC"},
     {"ContactPersonName": "x" * 51}, {"BankFeeCode": 4}],
)  # fmt: skip
def test_supplier_rules(vendor: Vendor, wrong: dict[str, Any]) -> None:
    body = supplier(vendor, **wrong)
    assert vendor.refused("POST", "/suppliers", body).code == 2000
