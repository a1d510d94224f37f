"""Customers (debtors)."""

import re

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox import errors
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.errors import ApiError, invalid
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.reference import COUNTRIES
from plugins.eaccounting.sandbox.requests_in import (
    check_country,
    check_currency,
    check_number,
    existing,
    json_body,
    refer,
    refuse_references,
)
from plugins.eaccounting.sandbox.shapes import CUSTOMER
from plugins.eaccounting.sandbox.world import Company, new_id, record, utc_text, world

NAME = "customers"
_VAT_NUMBER = re.compile(r"([A-Z]{2})[0-9A-Z+*]{8,12}")
_DOCUMENTS = ("customerinvoicedrafts", "orders", "customerledgeritems")


def eu_member(country: str | None) -> bool:
    """Tell whether a country is in the European Union."""
    return bool(country) and COUNTRIES.get(country or "", {}).get("IsEuMember", False)


def _check_vat_number(body: Body) -> None:
    number = body["VatNumber"]
    if not number:
        return
    match = _VAT_NUMBER.fullmatch(number)
    prefix = match[1] if match else ""
    if not eu_member({"EL": "GR", "XI": "IE"}.get(prefix, prefix)):
        raise invalid("VatNumber", "must be 2 letters of an EU country and 8-12 signs")
    if number in world().settings["invalid_vat_numbers"]:
        raise invalid("VatNumber", f"{number} is not valid according to VIES")
    if not body["InvoiceCountryCode"]:
        raise invalid("InvoiceCountryCode", "is required with a VatNumber")


def _check_delivery(body: Body) -> None:
    if not body["DeliveryBasedVat"]:
        return
    for field in ("DeliveryCity", "DeliveryCountryCode", "DeliveryPostalCode"):
        if not body[field]:
            raise invalid(field, "is required when DeliveryBasedVat is true")


def _check_rules(body: Body) -> None:
    if body["ReverseChargeOnConstructionServices"]:
        if body["IsPrivatePerson"]:
            raise invalid("IsPrivatePerson", "no reverse charge for private persons")
        if not body["VatNumber"]:
            raise invalid("VatNumber", "is required with reverse charge")
    if body["ForceBookkeepVat"] and eu_member(body["InvoiceCountryCode"]):
        raise invalid("ForceBookkeepVat", "is for customers outside the EU only")
    if body["EmailAddresses"]:
        if len(body["EmailAddresses"]) > 5:
            raise invalid("EmailAddresses", "at most 5 addresses")
        if not body["EmailAddress"]:
            raise invalid("EmailAddress", "is required with EmailAddresses")


def _checked(company: Company, sent: Body, key: str) -> Body:
    body = CUSTOMER.check(sent)
    body["Id"] = key
    refer(body, "TermsOfPaymentId", company.terms)
    refuse_references(body, "DeliveryMethodId", "DeliveryTermId",
                      "DiscountAgreementId", "SalesPriceListId")  # fmt: skip
    check_country(body, "InvoiceCountryCode", "DeliveryCountryCode")
    check_currency(body, company)
    body["InvoiceCountryCode"] = body["InvoiceCountryCode"] or None
    _check_vat_number(body)
    _check_delivery(body)
    _check_rules(body)
    if body["CustomerNumber"]:
        check_number(body, "CustomerNumber", company, NAME)
    return body


def _save(company: Company, body: Body, action: str, old: Body | None) -> Body:
    body["CustomerNumber"] = (
        body["CustomerNumber"]
        or (old or {}).get("CustomerNumber")
        or company.table(NAME).next_number(company.settings["NextCustomerNumber"])
    )
    body["TermsOfPayment"] = company.terms[body["TermsOfPaymentId"]]
    saved = CUSTOMER.blank() | body | {"ChangedUtc": utc_text()}
    company.table(NAME).save(saved)
    record(company, "customer", action, saved)
    return saved


@endpoint("/customers", NAME)
def customers(company: Company) -> Response:
    """List the customers."""
    return listing(company.table(NAME).all(), NAME, CUSTOMER)


@endpoint("/customers", NAME, "POST")
def add_customer(company: Company) -> Response:
    """Add a customer; e-mail and name need not be unique, the number must be."""
    return json_response(add(company, json_body()), 201)


def add(company: Company, sent: Body) -> Body:
    """Add a customer as a POST does, or refuse it."""
    return _save(company, _checked(company, sent, new_id()), "create", None)


@endpoint("/customers/<key>", NAME)
def customer(company: Company, key: str) -> Response:
    """Answer one customer; an unknown id is a 400."""
    return json_response(existing(company, NAME, key, "customerId"))


@endpoint("/customers/<key>", NAME, "PUT")
def change_customer(company: Company, key: str) -> Response:
    """Replace a customer: fields that are not sent become empty."""
    old = existing(company, NAME, key, "customerId")
    body = _checked(company, json_body(), old["Id"])
    return json_response(_save(company, body, "update", old))


@endpoint("/customers/<key>", NAME, "DELETE")
def remove_customer(company: Company, key: str) -> Response:
    """Remove a customer that has no documents (else 4001)."""
    old = existing(company, NAME, key, "customerId")
    for name in _DOCUMENTS:
        if any(d["CustomerId"] == old["Id"] for d in company.table(name).all()):
            raise ApiError(errors.CANNOT_DELETE, "The customer has documents")
    company.table(NAME).drop(old)
    record(company, "customer", "delete", old)
    return Response(status=200)
