"""Reference lists, paging, filters, order and selection."""

from decimal import Decimal
from typing import Any

import pytest

from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor


@pytest.mark.parametrize(
    "path",
    ["/companysettings", "/fiscalyears", "/accounts", "/accounts/standardaccounts",
     "/vatcodes", "/articleaccountcodings", "/units", "/termsofpayments",
     "/countries", "/countries/NL", "/currencies", "/customers", "/suppliers",
     "/articles", "/customerinvoicedrafts", "/orders", "/customerledgeritems",
     "/vouchers"],
)  # fmt: skip
def test_every_list_fits_the_contract(vendor: Vendor, path: str) -> None:
    assert vendor.get(path)


def test_single_reference_resources(vendor: Vendor) -> None:
    for path in ("/fiscalyears", "/vatcodes", "/units", "/termsofpayments",
                 "/articleaccountcodings"):  # fmt: skip
        item = vendor.get(path)["Data"][0]
        assert vendor.get(f"{path}/{item['Id']}") == item
    year = vendor.get("/fiscalyears")["Data"][0]["Id"]
    account = vendor.get(f"/accounts/{year}/1300")
    assert (account["Name"], account["FiscalYearId"]) == ("Debiteuren", year)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/units/x", 404), ("/fiscalyears/x", 404), ("/vatcodes/x", 404),
     ("/customers/x", 400), ("/termsofpayments/x", 400), ("/countries/XX", 400),
     ("/accounts/x", 400), ("/nonsense", 404)],
)  # fmt: skip
def test_unknown_ids(vendor: Vendor, path: str, status: int) -> None:
    refused = vendor.refused("GET", path)
    assert (refused.status, refused.code) == (status, 3000)


def test_oss_codes_only_with_oss(vendor: Vendor) -> None:
    german = vendor.find("/vatcodes", Code="OSS-DE-19")
    assert (german["VatRate"], german["OssCodeType"]) == (19, 1)
    vendor.control("company", {"UsesMoss": False})
    codes = vendor.get("/vatcodes", **{"$pagesize": 1000})["Data"]
    assert {code["OssCodeType"] for code in codes} == {0}


def test_standard_accounts_name_the_debtors(vendor: Vendor) -> None:
    found = vendor.find("/accounts/standardaccounts", AccountType="AccountsReceivable")
    assert found["AccountNumber"] == 1300


def test_a_vat_code_can_be_added(vendor: Vendor) -> None:
    added = vendor.control("vatcodes", {"country": "DE", "rate": "16"})
    code = vendor.get(f"/vatcodes/{added['Id']}")
    assert (code["VatRate"], code["OssCodeType"]) == (16, 1)
    coding = vendor.get(f"/articleaccountcodings/{added['CodingId']}")
    assert coding["VatRatePercent"] == 16
    british = vendor.control("vatcodes", {"country": "GB", "rate": Decimal("17.5")})
    assert british["VatRate"] == Decimal("17.5")


def numbers(vendor: Vendor, **query: Any) -> list[str]:
    return [c["CustomerNumber"] for c in vendor.get("/customers", **query)["Data"]]


@pytest.fixture
def five(vendor: Vendor, make: Maker) -> list[Any]:
    names = ("Anna", "Bob", "Chris", "D'Arc", "Eva")
    return [
        make.add_customer(CustomerNumber=f"K{i}", Name=name, IsPrivatePerson=i % 2 == 0)
        for i, name in enumerate(names)
    ]


def test_paging(vendor: Vendor, five: list[Any]) -> None:
    page = vendor.get("/customers", **{"$page": 2, "$pagesize": 2})
    assert [c["Id"] for c in page["Data"]] == [five[2]["Id"], five[3]["Id"]]
    assert (page["Meta"]["TotalNumberOfPages"], page["Meta"]["PageSize"]) == (3, 2)
    assert page["Meta"]["TotalNumberOfResults"] == 5
    assert vendor.get("/countries")["Meta"]["PageSize"] == 50


@pytest.mark.parametrize(
    "query",
    [{"$pagesize": 1001}, {"$pagesize": 0}, {"$page": 0}, {"$page": "x"},
     {"$top": 5}, {"$skip": 5}, {"$orderby": "EmailAddress"}],
)  # fmt: skip
def test_bad_options_are_refused(vendor: Vendor, query: dict[str, Any]) -> None:
    assert vendor.refused("GET", "/customers", **query).code == 2000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CustomerNumber eq 'K1'", ["K1"]),
        ("CustomerNumber ne 'K1' and IsPrivatePerson eq false", ["K3"]),
        ("Name eq 'D''Arc'", ["K3"]),
        ("contains(Name,'VA')", ["K4"]),
        ("Name eq 'Bob' or (Name eq 'Eva' and IsActive eq true)", ["K1", "K4"]),
        ("ChangedUtc gt 2010-01-01", ["K0", "K1", "K2", "K3", "K4"]),
        ("ChangedUtc lt 2010-01-01T00:00:00Z", []),
        ("CustomerNumber gt 'K2'", ["K3", "K4"]),
        ("CorporateIdentityNumber eq null and Name eq 'Anna'", ["K0"]),
    ],
)
def test_filters(vendor: Vendor, five: list[Any], text: str, found: list[str]) -> None:
    assert numbers(vendor, **{"$filter": text}) == found


def test_filter_on_an_id(vendor: Vendor, five: list[Any]) -> None:
    assert numbers(vendor, **{"$filter": f"Id eq {five[2]['Id'].upper()}"}) == ["K2"]


@pytest.mark.parametrize(
    "text",
    ["EmailAddress eq 'a@b.nl'", "CustomerNumber eq K1", "Name eq 5",
     "IsActive eq 'true'", "Name like 'x'", "Name eq 'x", "(Name eq 'x'",
     "Name eq 'x' Name", "ChangedUtc gt yesterday", "Name eq", "Id eq 'x'"],
)  # fmt: skip
def test_bad_filters_are_refused(vendor: Vendor, five: list[Any], text: str) -> None:
    refused = vendor.refused("GET", "/customers", **{"$filter": text})
    assert (refused.status, refused.code) == (400, 2000)


def test_settings_change_what_can_be_filtered(vendor: Vendor, make: Maker) -> None:
    make.add_customer(CustomerNumber="1", EmailAddress="a@example.com")
    query = {"$filter": "EmailAddress eq 'a@example.com'"}
    vendor.control("settings", {"also_filterable": ["EmailAddress"]})
    assert numbers(vendor, **query) == ["1"]
    vendor.control("settings", {"not_filterable": ["orders.YourReference"]})
    drafts = vendor.get("/customerinvoicedrafts", **{"$filter": "YourReference eq '1'"})
    assert drafts["Data"] == []
    refused = vendor.refused("GET", "/orders", **{"$filter": "YourReference eq '1'"})
    assert refused.code == 2000


def test_order_and_selection(vendor: Vendor, five: list[Any]) -> None:
    assert numbers(vendor, **{"$orderby": "CustomerNumber desc"})[0] == "K4"
    query = {"$orderby": "IsPrivatePerson asc, Name desc", "$select": "Name"}
    names = vendor.get("/customers", **query)["Data"]
    assert names[:2] == [{"Name": "D'Arc"}, {"Name": "Bob"}]
