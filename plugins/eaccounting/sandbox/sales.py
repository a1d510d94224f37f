"""What drafts and orders share: VAT from article and customer, rows, totals."""

from collections.abc import Callable
from decimal import Decimal

from flask import request

from core.kit.sandbox.app import sandbox
from plugins.eaccounting.sandbox.amounts import Totals, row_amount, totals
from plugins.eaccounting.sandbox.customers import eu_member
from plugins.eaccounting.sandbox.errors import invalid
from plugins.eaccounting.sandbox.fields import Body, Shape, decimals
from plugins.eaccounting.sandbox.requests_in import refer, refuse_references
from plugins.eaccounting.sandbox.world import Company, new_id, world

_COSTS = ("CostCenterItemId1", "CostCenterItemId2", "CostCenterItemId3", "ProjectId")
_DELIVERY = ("DeliveryCustomerName", "DeliveryAddress1", "DeliveryAddress2",
             "DeliveryPostalCode", "DeliveryCity", "DeliveryCountryCode")  # fmt: skip


def shifted() -> Decimal:
    """Return a cent when the fault `shift_cent` is due, else nothing."""
    due = sandbox().faults.take("shift_cent", request.method, request.path)
    return Decimal("0.01") if due else Decimal(0)


def destination(company: Company, customer: Body, document: Body) -> str:
    """Return the country whose VAT rules hold.

    The invoice country, or the delivery country for customers with DeliveryBasedVat;
    a customer without a country is domestic.
    """
    country = customer["InvoiceCountryCode"]
    if customer["DeliveryBasedVat"]:
        country = document["DeliveryCountryCode"] or customer["DeliveryCountryCode"]
    return str(country or company.settings["CountryCode"])


def vat_free(company: Company, customer: Body, country: str) -> bool:
    """Tell whether no VAT is due: companies elsewhere in the EU, and exports."""
    if country == company.settings["CountryCode"]:
        return False
    if eu_member(country):
        return bool(customer["VatNumber"]) and not customer["IsPrivatePerson"]
    return not customer["ForceBookkeepVat"]


def includes_vat(company: Company, customer: Body, private: bool | None = None) -> bool:
    """Tell whether unit prices include VAT: for private persons, unless set off."""
    is_private = customer["IsPrivatePerson"] if private is None else private
    return bool(is_private) and not company.settings["ShowPricesExclVatPC"]


def _check_row(company: Company, row: Body, prefix: str, places: int) -> None:
    if row["IsTextRow"]:
        if not (row["Text"] or "").strip():
            raise invalid(f"{prefix}Text", "is required on a text row")
        return
    if row["ArticleId"] is None:
        raise invalid(f"{prefix}ArticleId", "is required unless it is a text row")
    if company.table("articles").get(row["ArticleId"]) is None:
        refer(row, "ArticleId", ())
    if decimals(row["UnitPrice"]) > places:
        raise invalid(f"{prefix}UnitPrice", f"has more than {places} decimals")


def _completed(company: Company, row: Body, shape: Shape, free: bool) -> Body:
    result = shape.blank() | row | {"Id": new_id()}
    if row["IsTextRow"]:
        return result | {"ArticleId": None, "ArticleNumber": None, "VatRate": None}
    article = company.table("articles").get(row["ArticleId"]) or {}
    coding, unit = (
        company.codings[article["CodingId"]],
        company.units[article["UnitId"]],
    )
    more: Body = {
        "ArticleNumber": article["Number"],
        "Text": row["Text"] or article["Name"],
        "UnitId": article["UnitId"],
        "UnitName": unit["Name"],
        "UnitAbbreviation": unit["Abbreviation"],
        "UnitAbbreviationEnglish": unit["AbbreviationEnglish"],
        "VatRateId": coding["Id"],
        "VatRate": Decimal(0) if free else coding["VatRatePercent"],
        "Amount": row_amount(row),
    }
    return result | {k: v for k, v in more.items() if k in shape.fields}


def complete_rows(
    company: Company, customer: Body, document: Body, shape: Shape,
    check: Callable[[Body, str], None],
) -> list[Body]:  # fmt: skip
    """Return the rows as the vendor stores them; raise ApiError on a bad one.

    `check` does what only one kind of document asks. Unit prices have 2 decimals for
    domestic customers, 4 for foreign ones.
    """
    country = destination(company, customer, document)
    free = vat_free(company, customer, country)
    home = customer["InvoiceCountryCode"] in (None, company.settings["CountryCode"])
    rows = shape.rows(document["Rows"])
    for index, row in enumerate(rows):
        _check_row(company, row, f"Rows[{index}].", 2 if home else 4)
        refuse_references(row, *_COSTS)
        check(row, f"Rows[{index}].")
    return [_completed(company, row, shape, free) for row in rows]


def document_totals(company: Company, rows: list[Body], with_vat: bool) -> Totals:
    """Add up the completed rows of a document."""
    pairs = [(row_amount(r), r["VatRate"]) for r in rows if not r["IsTextRow"]]
    whole = company.settings["DomesticCurrencyRounding"] == 1
    return totals(pairs, with_vat, whole, world().settings["vat_per_row"])


def fill_from_customer(document: Body, customer: Body, *fields: str) -> None:
    """Fill empty address fields with the customer's."""
    for field in (*fields, *_DELIVERY):
        document[field] = document[field] or customer[field]


def check_rot(document: Body) -> None:
    """Refuse the Swedish tax deductions in other countries."""
    if document["RotReducedInvoicingType"] != 0:
        raise invalid("RotReducedInvoicingType", "must be 0 outside Sweden")
