"""Vouchers and ledger items: balance, accounts, VAT, periods, signs."""

from decimal import Decimal as D
from typing import Any

import pytest

from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor

ITEMS = "/customerledgeritems/customerledgeritemswithvoucher"
OURS = {"useDefaultVatCodes": "false"}
NOWHERE = "00000000-0000-4000-8000-000000000000"
Row = tuple[int, str, str, str | None]
# account, debit, credit, VAT code
ROWS: list[Row] = [
    (1300, "72.60", "0", None),
    (8100, "0", "60.00", "VH"),
    (1520, "0", "12.60", None),
]


class Sales:
    """Makes sales entries for one customer."""

    def __init__(self, vendor: Vendor, make: Maker) -> None:
        codes = vendor.get("/vatcodes", **{"$pagesize": 1000})["Data"]
        self.codes = {code["Code"]: code["Id"] for code in codes}
        self.customer = make.add_customer()["Id"]

    def voucher(self, rows: list[Row], **fields: Any) -> dict[str, Any]:
        return {
            "VoucherDate": "2010-12-01",
            "VoucherText": "Bestelling ORD.UH.09875",
            "Rows": [
                {
                    "AccountNumber": account,
                    "DebitAmount": D(debit),
                    "CreditAmount": D(credit),
                    "TransactionText": "Overhemd",
                    "VatCodeId": self.codes[code] if code else None,
                }
                for account, debit, credit, code in rows
            ],
            **fields,
        }

    def item(self, rows: list[Row], total: str, vat: str, **fields: Any) -> Any:
        return {
            "CurrencyCode": "EUR",
            "CustomerId": self.customer,
            "InvoiceDate": "2010-12-01",
            "DueDate": "2010-12-01",
            "InvoiceNumber": 483938,
            "IsCreditInvoice": D(total) < 0,
            "PaymentReferenceNumber": "ORD.UH.09875",
            "TotalAmountInvoiceCurrency": D(total),
            "RemainingAmountInvoiceCurrency": D(total),
            "VATAmountInvoiceCurrency": D(vat),
            "RoundingsAmountInvoiceCurrency": 0,
            "Voucher": self.voucher(rows),
            **fields,
        }


@pytest.fixture
def sales(vendor: Vendor, make: Maker) -> Sales:
    return Sales(vendor, make)


def year_of(vendor: Vendor, year: int) -> str:
    return str(vendor.find("/fiscalyears", StartDate=f"{year}-01-01T00:00:00Z")["Id"])


def test_an_item_is_booked_with_its_voucher(vendor: Vendor, sales: Sales) -> None:
    body = sales.item(ROWS, "72.60", "12.60")
    vendor.contract.check_request("POST", f"/v2{ITEMS}", body)
    item = vendor.post(ITEMS, body, **OURS)
    assert item["RemainingAmountInvoiceCurrency"] == D("72.60")
    assert vendor.get(f"/customerledgeritems/{item['Id']}") == item
    path = f"/vouchers/{year_of(vendor, 2010)}/{item['VoucherId']}"
    voucher = vendor.get(path)
    assert (voucher["VoucherType"], voucher["SourceId"]) == (23, item["Id"])
    assert voucher["NumberAndNumberSeries"] == "V1"
    assert voucher["Rows"][1]["VatCodeAndPercent"] == "VH (21%)"
    entry = vendor.ledger("ledgeritem")[0]["body"]
    assert (entry["company"], entry["document"]) == ("demo", item)
    assert entry["vat_per_code"]["VH"] == {"rate": 21, "net": 60, "vat": D("12.60")}
    assert vendor.ledger("voucher")[0]["body"]["document"] == voucher


def test_default_vat_codes_override_ours(vendor: Vendor, sales: Sales) -> None:
    rows = [(1300, "109", "0", None), (8000, "0", "100", "VL"), (1530, "0", "9", None)]
    body = sales.item(rows, "109", "9")
    assert vendor.refused("POST", ITEMS, body).code == 2000
    assert vendor.post(ITEMS, body, **OURS)["VATAmountInvoiceCurrency"] == 9


def test_a_credit_item_turns_the_sides(vendor: Vendor, sales: Sales) -> None:
    rows = [(1300, "0", "121", None), (8100, "100", "0", "VH"), (1520, "21", "0", None)]
    item = vendor.post(ITEMS, sales.item(rows, "-121", "-21"), **OURS)
    assert (item["IsCreditInvoice"], item["TotalAmountInvoiceCurrency"]) == (True, -121)


def test_an_oss_item(vendor: Vendor, sales: Sales) -> None:
    rows = [(1300, "119", "0", None), (8200, "0", "100", "OSS-DE-19"),
            (1546, "0", "19", "OSSB-DE-19")]  # fmt: skip
    vendor.post(ITEMS, sales.item(rows, "119", "19"), **OURS)
    entry = vendor.ledger("ledgeritem")[0]["body"]
    assert list(entry["vat_per_code"]) == ["OSS-DE-19"]


@pytest.mark.parametrize(("vat", "fits"), [("12.65", True), ("12.54", False)])
def test_vat_may_differ_five_cents(
    vendor: Vendor, sales: Sales, vat: str, fits: bool
) -> None:
    body = sales.item(ROWS, "72.60", vat)
    if fits:
        assert vendor.post(ITEMS, body, **OURS)["VATAmountInvoiceCurrency"] == D(vat)
    else:
        refused = vendor.refused("POST", ITEMS, body, **OURS)
        assert refused.body["Errors"][0]["Field"] == "VATAmountInvoiceCurrency"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"CustomerId": NOWHERE}, 3000),
        ({"CurrencyCode": "USD"}, 2000),
        ({"InvoiceNumber": 0}, 2000),
        ({"InvoiceNumber": 2**31}, 2000),
        ({"InvoiceNumber": "INV1"}, 2000),
        ({"InvoiceNumber": None}, 2000),
        ({"IsCreditInvoice": True}, 2000),
        ({"IsCreditInvoice": None}, 2000),
        ({"RemainingAmountInvoiceCurrency": 0}, 2000),
        ({"RoundingsAmountInvoiceCurrency": 2}, 2000),
        ({"PaymentReferenceNumber": "x" * 51}, 2000),
        ({"DueDate": None}, 2000),
        ({"VatAmountInvoiceCurrency": 0}, 2000),
        ({"VoucherId": NOWHERE}, 2000),
        ({"Voucher": None}, 2000),
    ],
)
def test_item_rules(
    vendor: Vendor, sales: Sales, wrong: dict[str, Any], code: int
) -> None:
    body = sales.item(ROWS, "72.60", "12.60", **wrong)
    assert vendor.refused("POST", ITEMS, body, **OURS).code == code
    assert vendor.ledger("voucher") == vendor.ledger("ledgeritem") == []


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (ROWS[:1], 2000),
        ([(1300, "72.60", "0", None), (8100, "0", "60", "VH")], 2000),
        ([(1300, "72.60", "72.60", None), *ROWS[1:]], 2000),
        ([(1300, "0", "0", None), *ROWS[1:]], 2000),
        ([(1300, "72.60", "-1", None), *ROWS[1:]], 2000),
        ([(1300, "72.605", "0", None), *ROWS[1:]], 2000),
        ([(1200, "72.60", "0", None), *ROWS[1:]], 2000),
        ([(1300, "70", "0", None), (1300, "2.60", "0", None), *ROWS[1:]], 2000),
        ([ROWS[0], (7777, "0", "60.00", "VH"), ROWS[2]], 3002),
        ([ROWS[0], (8900, "0", "60.00", "VH"), ROWS[2]], 2000),
        ([ROWS[0], (8950, "0", "60.00", "VH"), ROWS[2]], 2000),
        ([ROWS[0], (8100, "0", "60.00", "VL"), ROWS[2]], 2000),
    ],
)
def test_voucher_row_rules(
    vendor: Vendor, sales: Sales, rows: list[Row], code: int
) -> None:
    body = sales.item(rows, "72.60", "12.60")
    assert vendor.refused("POST", ITEMS, body, **OURS).code == code
    assert vendor.get("/vouchers")["Data"] == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"VoucherText": "x" * 1001}, 2000),
        ({"VoucherText": ""}, 2000),
        ({"VoucherDate": None}, 2000),
        ({"VoucherDate": "2009-12-31"}, 3001),
        ({"NumberSeries": "W"}, 2000),
    ],
)
def test_voucher_rules(
    vendor: Vendor, sales: Sales, wrong: dict[str, Any], code: int
) -> None:
    body = sales.voucher(ROWS, **wrong)
    assert vendor.refused("POST", "/vouchers", body, **OURS).code == code


def test_unknown_vat_code_and_long_text(vendor: Vendor, sales: Sales) -> None:
    body = sales.voucher(ROWS)
    body["Rows"][1]["VatCodeId"] = NOWHERE
    assert vendor.refused("POST", "/vouchers", body, **OURS).code == 3000
    body = sales.voucher(ROWS)
    body["Rows"][1]["TransactionText"] = "x" * 61
    assert vendor.refused("POST", "/vouchers", body, **OURS).code == 2000


def test_locked_year_and_period(vendor: Vendor, sales: Sales) -> None:
    body = sales.voucher(ROWS)
    vendor.control("fiscalyears", {"year": 2010, "locked": True})
    assert vendor.refused("POST", "/vouchers", body, **OURS).code == 4026
    vendor.control("fiscalyears", {"year": 2010, "locked": False})
    vendor.control("company", {"AccountingLockedTo": "2010-12-01T00:00:00Z"})
    assert vendor.refused("POST", "/vouchers", body, **OURS).code == 4026
    vendor.control("company", {"AccountingLockedTo": "2010-11-30T00:00:00Z"})
    assert vendor.post("/vouchers", body, **OURS)["VoucherType"] == 2


def test_automatic_vat_is_not_for_dutch_companies(vendor: Vendor, sales: Sales) -> None:
    query = {"useAutomaticVatCalculation": "true"}
    body = sales.voucher(ROWS)
    assert vendor.refused("POST", "/vouchers", body, **query).code == 2000


def test_a_plain_item_needs_a_manual_voucher(vendor: Vendor, sales: Sales) -> None:
    voucher = vendor.post("/vouchers", sales.voucher(ROWS), **OURS)
    body = sales.item(ROWS, "72.60", "12.60", VoucherId=voucher["Id"])
    del body["Voucher"]
    vendor.contract.check_request("POST", "/v2/customerledgeritems", body)
    assert vendor.post("/customerledgeritems", body)["VoucherId"] == voucher["Id"]
    other = vendor.post(ITEMS, sales.item(ROWS, "72.60", "12.60"), **OURS)
    body["VoucherId"] = other["VoucherId"]
    assert vendor.refused("POST", "/customerledgeritems", body).code == 2000


def test_the_vendor_guards_against_no_duplicates(vendor: Vendor, sales: Sales) -> None:
    body = sales.item(ROWS, "72.60", "12.60")
    ids = {vendor.post(ITEMS, body, **OURS)["Id"] for _ in range(2)}
    query = {"$filter": f"InvoiceNumber eq 483938 and CustomerId eq {sales.customer}"}
    found = vendor.get("/customerledgeritems", **query)["Data"]
    assert {item["Id"] for item in found} == ids
    assert len(ids) == 2


def test_shifts(vendor: Vendor, sales: Sales) -> None:
    vendor.control("faults", {"kind": "shift_cent", "times": 1})
    vendor.control("faults", {"kind": "shift_vat_code", "times": 1})
    body = sales.item(ROWS, "72.60", "12.60")
    item = vendor.post(ITEMS, body, **OURS)
    assert item["TotalAmountInvoiceCurrency"] == D("72.61")
    voucher = vendor.find("/vouchers", Id=item["VoucherId"])
    assert voucher["Rows"][1]["VatCodeId"] != sales.codes["VH"]
    again = vendor.post(ITEMS, body, **OURS)
    assert again["TotalAmountInvoiceCurrency"] == D("72.60")


def test_vouchers_of_a_year(vendor: Vendor, sales: Sales) -> None:
    voucher = vendor.post("/vouchers", sales.voucher(ROWS), **OURS)
    found = vendor.get(f"/vouchers/{year_of(vendor, 2010)}")["Data"]
    assert [item["Id"] for item in found] == [voucher["Id"]]
    other = year_of(vendor, 2011)
    assert vendor.get(f"/vouchers/{other}")["Data"] == []
    refused = vendor.refused("GET", f"/vouchers/{other}/{voucher['Id']}")
    assert refused.status == 404
