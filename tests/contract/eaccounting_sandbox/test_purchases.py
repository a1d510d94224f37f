"""Supplier invoice drafts: what the sandbox takes and refuses."""

from decimal import Decimal as D
from typing import Any

import pytest

from tests.contract.eaccounting_sandbox.conftest import Refused, Vendor

DRAFTS = "/supplierinvoicedrafts"
OURS = {"useDefaultVatCodes": "false", "duplicateCheckExtendedValidation": "true"}
NOWHERE = "00000000-0000-4000-8000-000000000000"
ROWS = ((4000, "100", "0"), (1590, "21", "0"), (1600, "0", "121"))


class Bought:
    """Makes drafts of one supplier."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        terms = vendor.find("/termsofpayments", Name="14 dagen")
        supplier = {"Name": "De Rol", "TermsOfPaymentId": terms["Id"]}
        self.supplier = vendor.post("/suppliers", supplier)["Id"]

    def draft(
        self, rows: tuple[tuple[int, str, str], ...] = ROWS, **fields: Any
    ) -> dict[str, Any]:
        return {
            "SupplierId": self.supplier, "IsCreditInvoice": False,
            "InvoiceNumber": "F-1", "InvoiceDate": "2026-11-03",
            "TotalAmount": D("121"), "Vat": D("21"),
            "Rows": [
                {"AccountNumber": account, "DebitAmount": D(debit),
                 "CreditAmount": D(credit)}
                for account, debit, credit in rows
            ],
            **fields,
        }  # fmt: skip

    def add(self, **fields: Any) -> Any:
        return self.vendor.post(DRAFTS, self.draft(**fields), **OURS)

    def refused(self, **fields: Any) -> Refused:
        return self.vendor.refused("POST", DRAFTS, self.draft(**fields), **OURS)


@pytest.fixture
def bought(vendor: Vendor) -> Bought:
    return Bought(vendor)


def test_a_draft_is_read_back_and_becomes_an_invoice(
    vendor: Vendor, bought: Bought
) -> None:
    made = bought.add()
    assert vendor.get(f"{DRAFTS}/{made['Id']}")["SupplierName"] == "De Rol"
    query = {"$filter": "InvoiceNumber eq 'F-1'"}
    assert len(vendor.get(DRAFTS, **query)["Data"]) == 1
    vendor.post(f"{DRAFTS}/{made['Id']}/convert", None)
    assert vendor.get(DRAFTS)["Data"] == []
    (invoice,) = vendor.get("/supplierinvoices", **query)["Data"]
    assert (invoice["SupplierId"], invoice["TotalAmount"]) == (bought.supplier, 121)
    assert bought.refused().code == 4000
    assert vendor.refused("GET", f"{DRAFTS}/{made['Id']}").status == 404


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"rows": ((4000, "100", "0"), (1600, "0", "121"))}, 4032),
        ({"rows": ((4000, "121", "0"),)}, 2000),
        ({"rows": ((4000, "121", "5"), (1600, "0", "116"))}, 2000),
        ({"rows": ((4000, "-121", "0"), (1600, "0", "-121"))}, 2000),
        ({"rows": ((4001, "121", "0"), (1600, "0", "121")), "Vat": 0}, 3002),
        ({"rows": ((8900, "121", "0"), (1600, "0", "121")), "Vat": 0}, 2000),
        ({"SupplierId": NOWHERE}, 3000),
        ({"SupplierId": None}, 2000),
        ({"InvoiceDate": "2009-12-31"}, 3001),
        ({"InvoiceNumber": "x" * 51}, 2000),
        ({"Message": "x" * 26}, 2000),
        ({"TotalAmount": D("121.001")}, 2000),
        ({"TotalAmount": D("200")}, 2000),
        ({"Vat": D("20")}, 2000),
        ({"CurrencyCode": "USD"}, 2000),
        ({"IsCreditInvoice": None}, 2000),
        ({"Kenmerk": "x"}, 2000),
        ({"AccountingTemplateId": NOWHERE}, 3000),
    ],
)
def test_a_draft_that_is_refused(
    vendor: Vendor, bought: Bought, fields: dict[str, Any], code: int
) -> None:
    assert bought.refused(**fields).code == code
    assert vendor.get(DRAFTS)["Data"] == []


def test_without_the_right_to_purchases_there_are_none(vendor: Vendor) -> None:
    vendor.use(scope="ea:api offline_access ea:sales ea:accounting")
    assert vendor.refused("GET", DRAFTS).code == 4006
