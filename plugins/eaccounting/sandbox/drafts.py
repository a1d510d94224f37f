"""Customer invoice drafts: the vendor works out VAT and totals."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import invalid
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import (
    check_country,
    existing,
    json_body,
    refer,
    refuse_references,
    switch,
)
from plugins.eaccounting.sandbox.sales import (
    check_rot,
    complete_rows,
    document_totals,
    fill_from_customer,
    includes_vat,
    shifted,
)
from plugins.eaccounting.sandbox.shapes_sales import DRAFT, DRAFT_ROW
from plugins.eaccounting.sandbox.world import Company, new_id, record, today, utc_text

NAME = "customerinvoicedrafts"


def _from_customer(company: Company, body: Body, customer: Body, private: bool) -> Body:
    fill_from_customer(body, customer, "InvoiceAddress1", "InvoiceAddress2")
    body["TermsOfPaymentId"] = body["TermsOfPaymentId"] or customer["TermsOfPaymentId"]
    # 50 characters here, 100 on the customer
    body["DeliveryCustomerName"] = (body["DeliveryCustomerName"] or "")[:50] or None
    return {
        "CustomerNumber": customer["CustomerNumber"],
        "CustomerName": customer["Name"],
        "InvoiceCustomerName": customer["Name"],
        "InvoicePostalCode": customer["InvoicePostalCode"],
        "InvoiceCity": customer["InvoiceCity"],
        "InvoiceCountryCode": customer["InvoiceCountryCode"]
        or company.settings["CountryCode"],
        "InvoiceCurrencyCode": customer["CurrencyCode"],
        "CustomerIsPrivatePerson": private,
        "ReverseChargeOnConstructionServices": customer[
            "ReverseChargeOnConstructionServices"
        ],
    }


def _set_dates(company: Company, body: Body) -> None:
    on = f"{today()}T00:00:00Z"
    body["InvoiceDate"] = body["InvoiceDate"] or on
    if body["DueDate"] is None:
        days = company.terms[body["TermsOfPaymentId"]]["NumberOfDays"]
        due = datetime.fromisoformat(body["InvoiceDate"]) + timedelta(days=days)
        body["DueDate"] = f"{due.date().isoformat()}T00:00:00Z"


def _check(company: Company, sent: Any) -> tuple[Body, Body]:
    body = DRAFT.check(sent)
    body["Rows"] = body["Rows"] or []
    customer = existing(company, "customers", body["CustomerId"], "CustomerId")
    check_rot(body)
    check_country(body, "DeliveryCountryCode")
    refer(body, "TermsOfPaymentId", company.terms)
    refuse_references(body, "BackgroundId")
    if body["ElectronicReference"] and customer["IsPrivatePerson"]:
        raise invalid("ElectronicReference", "is not for private persons")
    return body, customer


def _complete(company: Company, sent: Any, key: str, private: bool | None) -> Body:
    body, customer = _check(company, sent)

    def check_row(row: Body, prefix: str) -> None:
        reverse = row["ReversedConstructionServicesVatFree"]
        if reverse and not customer["ReverseChargeOnConstructionServices"]:
            field = f"{prefix}ReversedConstructionServicesVatFree"
            raise invalid(field, "the customer has no reverse charge")

    is_private = customer["IsPrivatePerson"] if private is None else private
    body |= _from_customer(company, body, customer, is_private)
    body["Rows"] = complete_rows(company, customer, body, DRAFT_ROW, check_row)
    for index, row in enumerate(body["Rows"]):
        row["LineNumber"] = index if row["LineNumber"] is None else row["LineNumber"]
    _set_dates(company, body)
    body["IncludesVat"] = includes_vat(company, customer, is_private)
    return DRAFT.blank() | body | {"Id": key}


def _save(company: Company, body: Body, action: str) -> Body:
    sums = document_totals(company, body["Rows"], body["IncludesVat"])
    total = sums.amount + shifted()
    body |= {
        "TotalAmount": total,
        "TotalVatAmount": sums.vat,
        "TotalRoundings": sums.roundings,
        "TotalAmountBaseCurrency": total,
        "TotalVatAmountBaseCurrency": sums.vat,
    }
    company.table(NAME).save(body)
    record(company, "draft", action, body, vat_per_rate=sums.per_rate)
    return body


def _shown(company: Company, body: Body) -> Body:
    """Reading shows today's date unless the company keeps the draft's date."""
    if company.settings["KeepOriginalDraftDate"]:
        return body
    return body | {"InvoiceDate": f"{today()}T00:00:00Z"}


@endpoint("/customerinvoicedrafts", NAME)
def drafts(company: Company) -> Response:
    """List the drafts."""
    items = [_shown(company, item) for item in company.table(NAME).all()]
    return listing(items, NAME, DRAFT)


@endpoint("/customerinvoicedrafts", NAME, "POST")
def add_draft(company: Company) -> Response:
    """Add a draft; `overrideCustomerIsPrivatePerson` turns the price rule round."""
    sent = json_body()
    private = None
    if switch("overrideCustomerIsPrivatePerson", False) and isinstance(sent, dict):
        private = sent.get("CustomerIsPrivatePerson")
    body = _complete(company, sent, new_id(), private)
    body["CreatedUtc"] = utc_text()
    return json_response(_save(company, body, "create"), 201)


@endpoint("/customerinvoicedrafts/<key>", NAME)
def draft(company: Company, key: str) -> Response:
    """Answer one draft; an unknown id is a 400."""
    body = existing(company, NAME, key, "invoiceDraftId")
    return json_response(_shown(company, body))


@endpoint("/customerinvoicedrafts/<key>", NAME, "PUT")
def change_draft(company: Company, key: str) -> Response:
    """Replace a draft, its rows too."""
    old = existing(company, NAME, key, "customerInvoiceDraftId")
    body = _complete(company, json_body(), old["Id"], None)
    body["CreatedUtc"] = old["CreatedUtc"]
    return json_response(_save(company, body, "update"))


@endpoint("/customerinvoicedrafts/<key>", NAME, "DELETE")
def remove_draft(company: Company, key: str) -> Response:
    """Remove a draft."""
    old = existing(company, NAME, key, "customerInvoiceDraftId")
    company.table(NAME).drop(old)
    record(company, "draft", "delete", old)
    return Response(status=200)
