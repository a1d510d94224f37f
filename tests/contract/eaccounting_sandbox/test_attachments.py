"""Attachments: what is taken, refused, linked and freed."""

import base64
from typing import Any

import pytest

from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor
from tests.contract.eaccounting_sandbox.test_ledger import (
    ITEMS,
    NOWHERE,
    OURS,
    ROWS,
    Sales,
)

DATA = base64.b64encode(b"%PDF-1.7").decode()


def upload(**fields: Any) -> dict[str, Any]:
    return {
        "ContentType": "application/pdf", "FileName": "Factuur_1", "Data": DATA,
        "Comment": "ours", **fields,
    }  # fmt: skip


@pytest.fixture
def entry(vendor: Vendor, make: Maker) -> Any:
    """A booked ledger item."""
    sales = Sales(vendor, make)
    return vendor.post(ITEMS, sales.item(ROWS, "72.60", "12.60"), **OURS)


def link(voucher: str, *ids: str, **fields: Any) -> dict[str, Any]:
    return {
        "DocumentId": voucher, "DocumentType": 3, "AttachmentIds": list(ids), **fields,
    }  # fmt: skip


def test_a_file_is_unmatched_until_it_is_linked(vendor: Vendor, entry: Any) -> None:
    made = vendor.post("/attachments", upload())
    assert (made["AttachmentStatus"], made["DocumentId"]) == (1, None)
    vendor.post("/attachmentlinks", link(entry["VoucherId"], made["Id"]))
    found = vendor.get(f"/attachments/{made['Id']}")
    assert (found["AttachmentStatus"], found["DocumentId"]) == (0, entry["VoucherId"])
    assert vendor.get("/attachments", includeMatched="false")["Data"] == []
    assert len(vendor.get("/attachments")["Data"]) == 1
    [entry] = vendor.ledger("attachment")
    assert entry["body"]["size"] == 8


@pytest.mark.parametrize(
    "fields",
    [
        {"ContentType": "text/xml"}, {"FileName": "factuur.pdf"},
        {"FileName": "factuur 1"}, {"FileName": "a" * 201}, {"FileName": ""},
        {"Data": "not base64!"}, {"Data": None}, {"Data": None, "Url": "https://x.nl"},
        {"Extra": 1},
    ],
)  # fmt: skip
def test_what_the_contract_does_not_allow_is_refused(
    vendor: Vendor, fields: dict[str, Any]
) -> None:
    assert vendor.refused("POST", "/attachments", upload(**fields)).code == 2000
    assert vendor.ledger("attachment") == []


def test_a_link_needs_a_voucher_and_free_files(vendor: Vendor, entry: Any) -> None:
    made = vendor.post("/attachments", upload())["Id"]
    voucher = entry["VoucherId"]
    for body, code in (
        (link(NOWHERE, made), 3000),
        (link(voucher, NOWHERE), 3000),
        (link(voucher), 2000),
        (link(voucher, made, DocumentType=1), 2000),
    ):
        assert vendor.refused("POST", "/attachmentlinks", body).code == code
    vendor.post("/attachmentlinks", link(voucher, made))
    again = vendor.refused("POST", "/attachmentlinks", link(voucher, made))
    assert again.code == 4000
    assert vendor.refused("DELETE", f"/attachments/{made}").code == 4001


def test_a_freed_file_can_be_removed(vendor: Vendor, entry: Any) -> None:
    made = vendor.post("/attachments", upload())["Id"]
    vendor.post("/attachmentlinks", link(entry["VoucherId"], made))
    vendor.call("DELETE", f"/attachmentlinks/{made}")
    vendor.call("DELETE", f"/attachments/{made}")
    assert vendor.refused("GET", f"/attachments/{made}").code == 3000


def test_reading_takes_no_more_than_a_right_to_read(vendor: Vendor) -> None:
    vendor.use(scope="ea:api ea:accounting_readonly")
    assert vendor.get("/attachments")["Data"] == []
    refused = vendor.refused("POST", "/attachments", upload())
    assert (refused.status, refused.code) == (403, 4006)


def test_a_write_off_brings_an_item_nearer_to_zero(vendor: Vendor, entry: Any) -> None:
    before = entry["ModifiedUtc"]
    vendor.control("payments", {"id": entry["Id"], "amount": "70"})
    found = vendor.get(f"/customerledgeritems/{entry['Id']}")
    assert str(found["RemainingAmountInvoiceCurrency"]) == "2.60"
    assert found["ModifiedUtc"] > before
