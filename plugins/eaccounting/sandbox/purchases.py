"""Supplier invoice drafts, and the supplier invoices that a person makes of them.

The contract of 2026-02-17 names the fields; that rows balance is the vendor's error
4032. What else is checked (a row has one side and a usable account, totals are those
of the rows) is the sandbox's own reading, stricter than may be needed.
"""

from decimal import Decimal
from typing import Any

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox import errors
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import ApiError, invalid, missing, unknown
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import (
    company_currency_only,
    existing,
    json_body,
    refer,
    refuse_references,
    switch,
)
from plugins.eaccounting.sandbox.shapes_purchases import DRAFT, DRAFT_ROW, INVOICE
from plugins.eaccounting.sandbox.vouchers import net
from plugins.eaccounting.sandbox.world import Company, new_id, record, today, utc_text

NAME, INVOICES = "supplierinvoicedrafts", "supplierinvoices"
_FROM_API = 2
"""SupplierInvoiceOrigin."""


def _row(company: Company, row: Body, prefix: str, accounts: dict[str, Body]) -> Body:
    if (row["DebitAmount"] != 0) + (row["CreditAmount"] != 0) != 1:
        raise invalid(f"{prefix}DebitAmount", "give either a debit or a credit amount")
    if row["DebitAmount"] < 0 or row["CreditAmount"] < 0:
        raise invalid(f"{prefix}DebitAmount", "must not be negative")
    account = accounts.get(str(row["AccountNumber"]))
    if account is None:
        field = f"{prefix}AccountNumber"
        raise unknown(field, row["AccountNumber"], errors.NO_ACCOUNT)
    if not account["IsActive"]:
        raise invalid(f"{prefix}AccountNumber", "the account is not active")
    if switch("useDefaultVatCodes", True):
        row["VatCodeId"] = account["VatCodeId"]
    refer(row, "VatCodeId", company.vat_codes)
    refuse_references(
        row, "CostCenterItemId1", "CostCenterItemId2", "CostCenterItemId3", "ProjectId"
    )
    return DRAFT_ROW.blank() | row | {"Id": new_id(), "AccountName": account["Name"]}


def _rows(company: Company, body: Body) -> list[Body]:
    day = body["InvoiceDate"]
    year = company.year_of(day)
    if year is None:
        raise ApiError(errors.NO_FISCAL_YEAR, f"No fiscal year for {day[:10]}")
    accounts = company.accounts[year["Id"]]
    rows = [
        _row(company, row, f"Rows[{index}].", accounts)
        for index, row in enumerate(DRAFT_ROW.rows(body["Rows"]))
    ]
    if len(rows) < 2:
        raise invalid("Rows", "an invoice has at least two rows")
    if sum(map(net, rows)):
        raise ApiError(errors.UNBALANCED, "The rows do not balance")
    return rows


def _check_totals(company: Company, body: Body, rows: list[Body]) -> None:
    """Refuse totals that are not those of the rows."""
    vat = sum(
        (net(row) for row in rows if row["AccountNumber"] in company.vat_accounts),
        Decimal(0),
    )
    debit = sum((Decimal(row["DebitAmount"]) for row in rows), Decimal(0))
    if abs(Decimal(body["TotalAmount"])) > debit:
        raise invalid("TotalAmount", "is more than the rows")
    if abs(Decimal(body["Vat"])) != abs(vat):
        raise invalid("Vat", "is not that of the rows")


def _refuse_double(company: Company, body: Body) -> None:
    for name in (NAME, INVOICES):
        for other in company.table(name).all():
            same = other["SupplierId"] == body["SupplierId"]
            if same and other["InvoiceNumber"] == body["InvoiceNumber"]:
                raise ApiError(errors.CONFLICT, "The invoice is a duplicate")


def _checked(company: Company, sent: Any) -> Body:
    body = DRAFT.check(sent)
    supplier = existing(company, "suppliers", body["SupplierId"], "SupplierId")
    refuse_references(body, "BankAccountId", "AccountingTemplateId")
    company_currency_only(body, company)
    body["InvoiceDate"] = body["InvoiceDate"] or f"{today()}T00:00:00Z"
    body["DueDate"] = body["DueDate"] or body["InvoiceDate"]
    switch("calculateVatOnCostAccounts", False)
    switch("batchProcessExtendedValidation", False)
    body["Rows"] = rows = _rows(company, body)
    _check_totals(company, body, rows)
    if switch("duplicateCheckExtendedValidation", False):
        _refuse_double(company, body)
    return DRAFT.blank() | body | {
        "SupplierName": supplier["Name"],
        "SupplierNumber": supplier["SupplierNumber"],
        "SupplierInvoiceOrigin": _FROM_API,
    }  # fmt: skip


@endpoint("/supplierinvoicedrafts", NAME)
def drafts(company: Company) -> Response:
    """List the drafts."""
    return listing(company.table(NAME).all(), NAME, DRAFT)


@endpoint("/supplierinvoicedrafts", NAME, "POST")
def add_draft(company: Company) -> Response:
    """Add a draft; nothing is booked before a person converts it."""
    body = _checked(company, json_body())
    moment = utc_text()
    body |= {"Id": new_id(), "CreatedUtc": moment, "ModifiedUtc": moment}
    company.table(NAME).save(body)
    record(company, "supplier_draft", "create", body)
    return json_response(body, 201)


@endpoint("/supplierinvoicedrafts/<key>", NAME)
def draft(company: Company, key: str) -> Response:
    """Answer one draft, or 404."""
    found = company.table(NAME).get(key)
    if found is None:
        raise missing("Supplier Invoice Draft")
    return json_response(found)


@endpoint("/supplierinvoicedrafts/<key>/convert", NAME, "POST")
def convert(company: Company, key: str) -> Response:
    """Make a draft a supplier invoice: the draft is gone."""
    found = company.table(NAME).get(key)
    if found is None:
        raise missing("Supplier Invoice Draft")
    made = {name: found[name] for name in INVOICE.fields} | {"Id": new_id()}
    company.table(NAME).drop(found)
    company.table(INVOICES).save(made)
    record(company, "supplier_invoice", "create", made)
    return json_response(made, 201)


@endpoint("/supplierinvoices", INVOICES)
def invoices(company: Company) -> Response:
    """List the invoices."""
    return listing(company.table(INVOICES).all(), INVOICES, INVOICE)
