"""Customer ledger items: sales entries with a voucher.

The vendor guards against no duplicates here: the same InvoiceNumber may come twice.
"""

from decimal import Decimal
from typing import Any

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox import vouchers
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import invalid
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import (
    company_currency_only,
    existing,
    json_body,
)
from plugins.eaccounting.sandbox.sales import shifted
from plugins.eaccounting.sandbox.shapes_ledger import LEDGER_ITEM
from plugins.eaccounting.sandbox.world import Company, new_id, record, utc_text

NAME = "customerledgeritems"
_TOLERANCE = Decimal("0.05")
_LINKABLE = (vouchers.MANUAL, 9)


def _check_item(company: Company, body: Body) -> None:
    existing(company, "customers", body["CustomerId"], "CustomerId")
    company_currency_only(body, company)
    total = body["TotalAmountInvoiceCurrency"]
    if body["RemainingAmountInvoiceCurrency"] != total:
        raise invalid("RemainingAmountInvoiceCurrency", "differs from the total")
    if total == 0 or (total < 0) != body["IsCreditInvoice"]:
        raise invalid("IsCreditInvoice", "does not agree with the sign of the total")


def _check_voucher(company: Company, body: Body, rows: list[Body]) -> None:
    total = body["TotalAmountInvoiceCurrency"]
    debtors = [r for r in rows if r["AccountNumber"] == company.receivables]
    if len(debtors) != 1 or -vouchers.net(debtors[0]) != total:
        raise invalid(
            "Voucher.Rows",
            f"one row on account {company.receivables} must hold the total {total}",
        )
    codes = vouchers.vat_by_code(company, rows).values()
    vat = sum((code["vat"] for code in codes), Decimal(0))
    if abs(vat - body["VATAmountInvoiceCurrency"]) > _TOLERANCE:
        raise invalid(
            "VATAmountInvoiceCurrency",
            f"{body['VATAmountInvoiceCurrency']} is not the rows' VAT, {vat}",
        )


def _save(company: Company, body: Body, voucher: Body) -> Body:
    shift = shifted()
    body |= {
        "ModifiedUtc": utc_text(),
        "VoucherId": voucher["Id"],
        "CurrencyRate": 1,
        "CurrencyRateUnit": 1,
        "TotalAmountInvoiceCurrency": body["TotalAmountInvoiceCurrency"] + shift,
        "RemainingAmountInvoiceCurrency": body["RemainingAmountInvoiceCurrency"]
        + shift,
    }
    company.table(NAME).save(body)
    record(company, "ledgeritem", "create", body, voucher=voucher,
           vat_per_code=vouchers.vat_by_code(company, voucher["Rows"]))  # fmt: skip
    return body


def _checked_item(company: Company, sent: Any) -> Body:
    body = LEDGER_ITEM.blank() | LEDGER_ITEM.check(sent) | {"Id": new_id()}
    _check_item(company, body)
    return body


def write_off(company: Company, key: str, amount: Decimal) -> Body:
    """Bring what is left of an item nearer to zero by an amount; answer the item."""
    item = company.table(NAME).get(key)
    if item is None:
        raise KeyError(key)
    sign = -1 if item["IsCreditInvoice"] else 1
    left = Decimal(item["RemainingAmountInvoiceCurrency"]) - sign * amount
    changed = item | {
        "RemainingAmountInvoiceCurrency": left,
        "ModifiedUtc": utc_text(),
    }
    company.table(NAME).save(changed)
    record(company, "writeoff", "update", changed)
    return changed


@endpoint("/customerledgeritems", NAME)
def items(company: Company) -> Response:
    """List the ledger items."""
    return listing(company.table(NAME).all(), NAME, LEDGER_ITEM)


@endpoint("/customerledgeritems/<key>", NAME)
def item(company: Company, key: str) -> Response:
    """Answer one ledger item; an unknown id is a 400."""
    return json_response(existing(company, NAME, key, "customerLedgerItemId"))


@endpoint("/customerledgeritems", NAME, "POST")
def add_item(company: Company) -> Response:
    """Add an item to a voucher that was booked before (manual or SIE import)."""
    body = _checked_item(company, json_body())
    voucher = existing(company, "vouchers", body["VoucherId"], "VoucherId")
    if voucher["VoucherType"] not in _LINKABLE:
        raise invalid("VoucherId", "the voucher must be of type 2 or 9")
    _check_voucher(company, body, voucher["Rows"])
    return json_response(_save(company, body, voucher), 201)


@endpoint("/customerledgeritems/customerledgeritemswithvoucher", NAME, "POST")
def add_item_with_voucher(company: Company) -> Response:
    """Book an item and its voucher at once; the answer has the VoucherId."""
    sent = json_body()
    if not isinstance(sent, dict) or not isinstance(sent.get("Voucher"), dict):
        raise invalid("Voucher", "is required")
    if "VoucherId" in sent:
        raise invalid("VoucherId", "is not a field of this resource")
    plain = {k: v for k, v in sent.items() if k != "Voucher"}
    body = _checked_item(company, plain | {"VoucherId": new_id()})
    credit = body["IsCreditInvoice"]
    kind = vouchers.LEDGER_CREDIT if credit else vouchers.LEDGER_DEBIT
    voucher = vouchers.checked(company, sent["Voucher"], kind)
    _check_voucher(company, body, voucher["Rows"])
    return json_response(
        _save(company, body, vouchers.book(company, voucher, body["Id"])), 201
    )
