"""Articles: price incl and excl VAT must fit the rate of the coding."""

from decimal import Decimal

from flask import Response

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox.access import endpoint
from plugins.eaccounting.sandbox.amounts import cents
from plugins.eaccounting.sandbox.errors import invalid
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.pages import listing
from plugins.eaccounting.sandbox.requests_in import (
    check_currency,
    check_number,
    existing,
    json_body,
    refer,
)
from plugins.eaccounting.sandbox.shapes import ARTICLE
from plugins.eaccounting.sandbox.world import Company, new_id, record, utc_text

NAME = "articles"


def _check_prices(sent: Body, body: Body, rate: Decimal) -> None:
    """Refuse prices that do not fit; a price that was not sent is worked out.

    Gross may be net with VAT, or net may be gross without VAT, both in cents:
    0.05 incl 21 % is 0.04 excl, which is 0.05 incl again, but 0.06 is not.
    """
    factor = 1 + rate / 100
    if "GrossPrice" not in sent:
        body["GrossPrice"] = cents(body["NetPrice"] * factor)
    if "NetPrice" not in sent:
        body["NetPrice"] = cents(body["GrossPrice"] / factor)
    net, gross = body["NetPrice"], body["GrossPrice"]
    if cents(net * factor) != gross and cents(gross / factor) != net:
        raise invalid("GrossPrice", f"{gross} does not fit net {net} at {rate} % VAT")


def _checked(company: Company, key: str) -> Body:
    sent = json_body()
    body = ARTICLE.check(sent)
    body["Id"] = key
    refer(body, "CodingId", company.codings)
    refer(body, "UnitId", company.units)
    if body["SupplierId"] and not company.table("suppliers").get(body["SupplierId"]):
        refer(body, "SupplierId", ())
    if body["UsesMoss"] and not company.settings["UsesMoss"]:
        raise invalid("UsesMoss", "the company does not use OSS")
    check_currency(body, company)
    check_number(body, "Number", company, NAME)
    _check_prices(sent, body, company.codings[body["CodingId"]]["VatRatePercent"])
    if "SendToWebshop" not in sent:
        body["SendToWebshop"] = True
    return body


def _save(company: Company, body: Body, action: str, old: Body | None) -> Body:
    unit, moment = company.units[body["UnitId"]], utc_text()
    saved = ARTICLE.blank() | body
    saved |= {
        "CodingName": company.codings[body["CodingId"]]["Name"],
        "UnitName": unit["Name"],
        "UnitAbbreviation": unit["Abbreviation"],
        "CreatedUtc": old["CreatedUtc"] if old else moment,
        "ChangedUtc": moment,
    }
    company.table(NAME).save(saved)
    record(company, "article", action, saved)
    return saved


@endpoint("/articles", NAME)
def articles(company: Company) -> Response:
    """List the articles."""
    return listing(company.table(NAME).all(), NAME, ARTICLE)


@endpoint("/articles", NAME, "POST")
def add_article(company: Company) -> Response:
    """Add an article."""
    body = _checked(company, new_id())
    return json_response(_save(company, body, "create", None), 201)


@endpoint("/articles/<key>", NAME)
def article(company: Company, key: str) -> Response:
    """Answer one article; an unknown id is a 400."""
    return json_response(existing(company, NAME, key, "articleId"))


@endpoint("/articles/<key>", NAME, "PUT")
def change_article(company: Company, key: str) -> Response:
    """Replace an article: fields that are not sent become empty."""
    old = existing(company, NAME, key, "articleId")
    body = _checked(company, old["Id"])
    return json_response(_save(company, body, "update", old))
