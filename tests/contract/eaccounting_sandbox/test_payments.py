"""Payment vouchers: what a receivable may be, its side, and how much."""

from decimal import Decimal as D
from typing import Any

import pytest

from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor
from tests.contract.eaccounting_sandbox.test_ledger import ITEMS, OURS, ROWS, Sales

PATH = "/paymentvoucher"


@pytest.fixture
def item(vendor: Vendor, make: Maker) -> dict[str, Any]:
    body = Sales(vendor, make).item(ROWS, "72.60", "12.60")
    return dict(vendor.post(ITEMS, body, **OURS))


def payment(key: str, amount: str, account: int = 1300, **fields: Any) -> Any:
    """Money in for an item; negative goes back."""
    value = D(amount)
    into = {"DebitAmount": value} if value > 0 else {"CreditAmount": -value}
    off = {"CreditAmount": value} if value > 0 else {"DebitAmount": -value}
    return {
        "VoucherDate": "2010-12-02",
        "VoucherText": "Betaling",
        "Rows": [
            {"AccountNumber": 2000, **into},
            {"AccountNumber": account, **off, "ReceivableId": key},
        ],
        **fields,
    }


def left(vendor: Vendor, item: dict[str, Any]) -> D:
    found = vendor.get(f"/customerledgeritems/{item['Id']}")
    return D(found["RemainingAmountInvoiceCurrency"])


def test_a_payment_settles_and_may_be_taken_back(
    vendor: Vendor, item: dict[str, Any]
) -> None:
    body = payment(item["Id"], "72.60")
    vendor.contract.check_request("POST", f"/v2{PATH}", body)
    voucher = vendor.post(PATH, body, **OURS)
    assert voucher["Rows"][1]["CreditAmount"] == D("72.60")
    assert left(vendor, item) == 0
    vendor.post(PATH, payment(item["Id"], "-72.60"), **OURS)
    assert left(vendor, item) == D("72.60")


def test_what_is_refused(vendor: Vendor, item: dict[str, Any]) -> None:
    key = item["Id"]
    for body in (
        payment(key, "72.61"),
        payment(key, "-0.01"),
        payment(key, "10.00", 1200),
        payment(key, "10.00", VoucherDate="2999-01-01"),
    ):
        assert vendor.refused("POST", PATH, body, **OURS).code == 2000
    assert left(vendor, item) == D("72.60")


def test_the_id_of_an_item_or_of_its_invoice_never_both(
    vendor: Vendor, item: dict[str, Any]
) -> None:
    [invoice] = vendor.get("/customerinvoices")["Data"]
    by_invoice, by_item = (payment(each["Id"], "1.00") for each in (invoice, item))
    assert vendor.refused("POST", PATH, by_invoice, **OURS).code == 3000
    vendor.control("settings", {"receivable": "customer_invoice"})
    assert vendor.refused("POST", PATH, by_item, **OURS).code == 3000
    vendor.post(PATH, by_invoice, **OURS)
    assert left(vendor, item) == D("71.60")


def test_a_licence_for_invoicing_has_none(vendor: Vendor, item: dict[str, Any]) -> None:
    vendor.control("company", {"ProductVariant": 2})
    refused = vendor.refused("POST", PATH, payment(item["Id"], "1.00"), **OURS)
    assert refused.code == 4002
