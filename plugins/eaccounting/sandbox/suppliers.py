"""Suppliers (creditors)."""

import re

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import invalid, missing
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import (
    check_country,
    check_currency,
    check_number,
    existing,
    json_body,
    refer,
    refuse_references,
)
from plugins.eaccounting.sandbox.shapes import SUPPLIER
from plugins.eaccounting.sandbox.world import Company, new_id, record, utc_text

NAME = "suppliers"
_PATTERNS = {
    "BankIban": re.compile(r"[a-zA-Z]{2}[0-9]{2}[a-zA-Z0-9]+"),
    "BankBic": re.compile(r"[a-zA-Z]{6}([a-zA-Z0-9]{2}|[a-zA-Z0-9]{5})"),
    "BankBban": re.compile(r"[a-zA-Z0-9]{1,35}"),
    "BankCode": re.compile(r"[a-zA-Z]{2}[a-zA-Z0-9]{3,}"),
}


def _checked(company: Company, sent: Body, key: str) -> Body:
    body = SUPPLIER.check(sent)
    body["Id"] = key
    for field, pattern in _PATTERNS.items():
        if body[field] and not pattern.fullmatch(body[field]):
            raise invalid(field, "does not have the right form")
    refer(body, "TermsOfPaymentId", company.terms)
    refuse_references(body, "PayFromBankAccountId", "AccountingTemplateId")
    check_country(body, "CountryCode", "BankCountryCode")
    check_currency(body, company)
    body["CountryCode"] = body["CountryCode"] or company.settings["CountryCode"]
    body["BankCountryCode"] = body["BankCountryCode"] or body["CountryCode"]
    if body["SupplierNumber"]:
        check_number(body, "SupplierNumber", company, NAME)
    return body


def _save(company: Company, body: Body, action: str, old: Body | None) -> Body:
    body["SupplierNumber"] = (
        body["SupplierNumber"]
        or (old or {}).get("SupplierNumber")
        or company.table(NAME).next_number(company.settings["NextSupplierNumber"])
    )
    moment = utc_text()
    created = old["CreatedUtc"] if old else moment
    saved = SUPPLIER.blank() | body
    saved |= {"CreatedUtc": created, "ModifiedUtc": moment}
    company.table(NAME).save(saved)
    record(company, "supplier", action, saved)
    return saved


@endpoint("/suppliers", NAME)
def suppliers(company: Company) -> Response:
    """List the suppliers."""
    return listing(company.table(NAME).all(), NAME, SUPPLIER)


@endpoint("/suppliers", NAME, "POST")
def add_supplier(company: Company) -> Response:
    """Add a supplier."""
    body = _checked(company, json_body(), new_id())
    return json_response(_save(company, body, "create", None), 201)


@endpoint("/suppliers/<key>", NAME)
def supplier(company: Company, key: str) -> Response:
    """Answer one supplier; an unknown id is a 400."""
    return json_response(existing(company, NAME, key))


@endpoint("/suppliers/<key>", NAME, "PUT")
def change_supplier(company: Company, key: str) -> Response:
    """Replace a supplier: fields that are not sent become empty."""
    old = existing(company, NAME, key)
    body = _checked(company, json_body(), old["Id"])
    return json_response(_save(company, body, "update", old))


@endpoint("/suppliers/<key>", NAME, "DELETE")
def remove_supplier(company: Company, key: str) -> Response:
    """Remove a supplier; an unknown id is a 404 here."""
    old = company.table(NAME).get(key)
    if old is None:
        raise missing("Supplier")
    company.table(NAME).drop(old)
    record(company, "supplier", "delete", old)
    return Response(status=200)
