"""Reading a request: its JSON body, its switches, and the references in it."""

from collections.abc import Container
from typing import Any

from flask import request

from core.domain import jsontext
from plugins.eaccounting.sandbox import errors
from plugins.eaccounting.sandbox.errors import ApiError, invalid, unknown
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.reference import COUNTRIES
from plugins.eaccounting.sandbox.vatdata import CURRENCIES
from plugins.eaccounting.sandbox.world import Company, world


def json_body() -> Any:
    """Return the request's JSON; raise ApiError 2000 (or 415) when it is not JSON."""
    if request.mimetype != "application/json":
        raise ApiError(errors.VALIDATION, "Content-Type must be application/json",
                       status=415)  # fmt: skip
    try:
        return jsontext.loads(request.get_data())
    except jsontext.JsonError as error:
        raise ApiError(errors.VALIDATION, f"The body is not JSON: {error}") from error


def switch(name: str, default: bool) -> bool:
    """Return a boolean query parameter."""
    text = request.args.get(name, str(default)).lower()
    if text not in ("true", "false"):
        raise invalid(name, "must be true or false")
    return text == "true"


def refer(body: Body, field: str, known: Container[str]) -> None:
    """Refuse a reference (3000) to something that is not there."""
    if body.get(field) is not None and body[field] not in known:
        raise unknown(field, body[field])


def refuse_references(body: Body, *fields: str) -> None:
    """Refuse references to resources of which the company has none."""
    for field in fields:
        refer(body, field, ())


def check_country(body: Body, *fields: str) -> None:
    """Refuse a country code the vendor does not know."""
    for field in fields:
        if body.get(field) and body[field] not in COUNTRIES:
            raise invalid(field, f"{body[field]} is not a country code")


def check_currency(body: Body, company: Company) -> None:
    """Fill in the company's currency, or refuse one the vendor does not know."""
    body["CurrencyCode"] = body.get("CurrencyCode") or company.settings["CurrencyCode"]
    if body["CurrencyCode"] not in CURRENCIES:
        raise invalid("CurrencyCode", f"{body['CurrencyCode']} is not a currency")


def company_currency_only(body: Body, company: Company) -> None:
    """Refuse a document in a currency other than the company's."""
    check_currency(body, company)
    if body["CurrencyCode"] != company.settings["CurrencyCode"]:
        raise invalid("CurrencyCode", "the company does not use this currency")


def check_number(body: Body, field: str, company: Company, name: str) -> None:
    """Refuse a number (4000) that another resource of the kind already has."""
    if world().settings["allow_duplicate_numbers"]:
        return
    holder = company.table(name).holder(body[field])
    if holder and holder != body.get("Id"):
        message = f"{field} {body[field]} is already in use"
        raise ApiError(errors.CONFLICT, message, errors.FieldError(field, message))


def existing(company: Company, name: str, key: str, field: str = "id") -> Body:
    """Return a resource; an unknown id is a 400 with 3000."""
    found = company.table(name).get(key)
    if found is None:
        raise unknown(field, key)
    return found
