"""Payment vouchers: what was paid on a ledger item (contract 3.12).

Stricter than the contract says: a row that names a receivable stands on the debtors
account, turns the sides of the item, and never brings it past settled or past open.
Whether the id of a ledger item serves as `ReceivableId`, or only that of the customer
invoice that Visma makes of it, is not known: the setting `receivable` of the sandbox
says which (`ledger_item`, `customer_invoice`); the other is refused.
"""

from decimal import Decimal
from typing import Any

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox import ledger, vouchers
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import invalid, unknown
from plugins.eaccounting.sandbox.fields import Body, Shape
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import json_body, refuse_references
from plugins.eaccounting.sandbox.shapes_ledger import PAYMENT, PAYMENT_ROW
from plugins.eaccounting.sandbox.world import (
    Company,
    record,
    stable_id,
    today,
    utc_text,
    world,
)

_KIND = 10
"""VoucherType of a deposit."""
_INVOICE = Shape("Id uuid ro\nVoucherId uuid ro")


def _invoice_id(item: Body) -> str:
    return stable_id("customerinvoice", item["Id"])


def _item(company: Company, key: str) -> Body | None:
    by_invoice = world().settings["receivable"] == "customer_invoice"
    for item in company.table(ledger.NAME).all():
        if key == (_invoice_id(item) if by_invoice else item["Id"]):
            return dict(item)
    return None


def _settled(company: Company, row: Body, field: str) -> Body | None:
    """Return the item that a row settles, with what is left of it then."""
    if row["ReceivableId"] is None:
        return None
    item = _item(company, row["ReceivableId"])
    if item is None:
        raise unknown(field, row["ReceivableId"])
    if row["AccountNumber"] != company.receivables:
        raise invalid(field, "a receivable is settled on the debtors account")
    whole = Decimal(item["TotalAmountInvoiceCurrency"])
    left = Decimal(item["RemainingAmountInvoiceCurrency"]) - vouchers.net(row)
    if not min(whole, Decimal(0)) <= left <= max(whole, Decimal(0)):
        raise invalid(field, f"{left} would be left of {whole}")
    return item | {"RemainingAmountInvoiceCurrency": left, "ModifiedUtc": utc_text()}


def _check(company: Company, sent: Any) -> list[Body]:
    body = PAYMENT.check(sent)
    if body["VoucherDate"][:10] > today():
        raise invalid("VoucherDate", "a payment is not in the future")
    rows = PAYMENT_ROW.rows(body["Rows"])
    changed: list[Body] = []
    for index, row in enumerate(rows):
        refuse_references(row, "CostCenterItemId1", "PayableId")
        item = _settled(company, row, f"Rows[{index}].ReceivableId")
        if item is not None:
            if item["Id"] in {each["Id"] for each in changed}:
                raise invalid("Rows", "one item is settled by one row")
            changed.append(item)
    return changed


@endpoint("/paymentvoucher", "paymentvoucher", "POST")
def add_payment(company: Company) -> Response:
    """Book a payment; the answer is its voucher."""
    sent = json_body()
    changed = _check(company, sent)
    plain = {
        **sent,
        "Rows": [
            {k: v for k, v in row.items() if k not in ("ReceivableId", "PayableId")}
            for row in sent["Rows"]
        ],
    }
    voucher = vouchers.book(company, vouchers.checked(company, plain, _KIND))
    for item in changed:
        company.table(ledger.NAME).save(item)
        record(company, "payment", "create", item, voucher=voucher)
    return json_response(voucher, 201)


@endpoint("/customerinvoices", ledger.NAME)
def invoices(company: Company) -> Response:
    """List the customer invoices that ledger items show as (unverified, 3.11)."""
    found = [
        {
            "Id": _invoice_id(item),
            "VoucherId": item["VoucherId"],
            "CustomerId": item["CustomerId"],
            "IsQuickInvoice": True,
            "EuThirdParty": False,
            "RotReducedInvoicingType": 0,
            "Rows": [],
        }
        for item in company.table(ledger.NAME).all()
    ]
    return listing(found, "customerinvoices", _INVOICE)
