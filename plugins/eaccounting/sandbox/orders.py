"""Orders: the sender supplies the totals, the vendor keeps them as they are.

The ledger entry also holds what the vendor works out itself (`computed`).
"""

from typing import Any

from flask import Response

from core.kit.sandbox.app import json_response, sandbox
from plugins.eaccounting.sandbox import errors
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import ApiError, invalid
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import (
    check_country,
    company_currency_only,
    existing,
    json_body,
    refer,
)
from plugins.eaccounting.sandbox.sales import (
    check_rot,
    complete_rows,
    document_totals,
    fill_from_customer,
    includes_vat,
    shifted,
)
from plugins.eaccounting.sandbox.shapes_sales import ORDER, ORDER_ROW
from plugins.eaccounting.sandbox.world import Company, new_id, record, utc_text

NAME = "orders"
_DRAFT, _SHIPPED = 1, 3


def _check(company: Company, sent: Any) -> tuple[Body, Body]:
    body = ORDER.check(sent)
    body["Rows"] = body["Rows"] or []
    customer = existing(company, "customers", body["CustomerId"], "CustomerId")
    check_rot(body)
    company_currency_only(body, company)
    check_country(body, "DeliveryCountryCode", "InvoiceCountryCode")
    refer(body, "TermsOfPaymentId", company.terms)
    if company.year_of(body["OrderDate"]) is None:
        raise ApiError(errors.NO_FISCAL_YEAR, "OrderDate is outside all fiscal years")
    if body["Amount"] < 0:
        raise invalid("Amount", "the total of an order must not be negative")
    return body, customer


def _complete(company: Company, sent: Any, key: str) -> Body:
    body, customer = _check(company, sent)

    def check_row(row: Body, prefix: str) -> None:
        if row["EligibleForReverseChargeOnVat"] and not customer["VatNumber"]:
            field = f"{prefix}EligibleForReverseChargeOnVat"
            raise invalid(field, "the customer has no VAT number")

    fill_from_customer(
        body,
        customer,
        "InvoiceAddress1",
        "InvoiceAddress2",
        "InvoiceCity",
        "InvoicePostalCode",
        "InvoiceCountryCode",
    )
    body["InvoiceCustomerName"] = body["InvoiceCustomerName"] or customer["Name"]
    body["TermsOfPaymentId"] = body["TermsOfPaymentId"] or customer["TermsOfPaymentId"]
    body["Rows"] = complete_rows(company, customer, body, ORDER_ROW, check_row)
    body |= {
        "CustomerNumber": customer["CustomerNumber"],
        "CustomerName": customer["Name"],
        "CustomerIsPrivatePerson": customer["IsPrivatePerson"],
        "IncludesVat": includes_vat(company, customer),
        "IsNotDelivered": body["Status"] < _SHIPPED,
    }
    return ORDER.blank() | body | {"Id": key}


def _number(company: Company, body: Body, old: Body | None) -> int | None:
    if old and old["Number"] is not None:
        return int(old["Number"])
    if body["Status"] == _DRAFT:
        return None
    return sandbox().store.next_number(
        f"order:{company.key}", company.settings["NextOrderNumber"]
    )


def _save(company: Company, body: Body, action: str, old: Body | None) -> Body:
    moment = utc_text()
    sums = document_totals(company, body["Rows"], body["IncludesVat"])
    if sums.amount < 0:
        raise invalid("Rows", "the total of an order must not be negative")
    body |= {
        "Amount": body["Amount"] + shifted(),
        "Number": _number(company, body, old),
        "CreatedUtc": old["CreatedUtc"] if old else moment,
        "ModifiedUtc": moment,
    }
    company.table(NAME).save(body)
    computed = {"total": sums.amount, "vat": sums.vat, "roundings": sums.roundings}
    record(company, "order", action, body, computed=computed,
           vat_per_rate=sums.per_rate)  # fmt: skip
    return body


@endpoint("/orders", NAME)
def orders(company: Company) -> Response:
    """List the orders."""
    return listing(company.table(NAME).all(), NAME, ORDER)


@endpoint("/orders", NAME, "POST")
def add_order(company: Company) -> Response:
    """Add an order; a draft (status 1) has no number."""
    body = _complete(company, json_body(), new_id())
    return json_response(_save(company, body, "create", None), 201)


@endpoint("/orders/<key>", NAME)
def order(company: Company, key: str) -> Response:
    """Answer one order; an unknown id is a 400."""
    return json_response(existing(company, NAME, key))


@endpoint("/orders/<key>", NAME, "PUT")
def change_order(company: Company, key: str) -> Response:
    """Replace an order, its rows too."""
    old = existing(company, NAME, key)
    body = _complete(company, json_body(), old["Id"])
    return json_response(_save(company, body, "update", old))


@endpoint("/orders/<key>", NAME, "DELETE")
def remove_order(company: Company, key: str) -> Response:
    """Remove an order that was not shipped or invoiced (else 4001)."""
    old = existing(company, NAME, key)
    if old["Status"] >= _SHIPPED:
        raise ApiError(errors.CANNOT_DELETE, "The order was shipped or invoiced")
    company.table(NAME).drop(old)
    record(company, "order", "delete", old)
    return Response(status=200)
