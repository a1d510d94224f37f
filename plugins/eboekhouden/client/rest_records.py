"""Records between the SOAP names that we use and those of REST v1 (contract 8.3)."""

from decimal import Decimal
from typing import Any

from core.domain.errors import RetryLater
from core.domain.money import ZERO, cents, vat_on
from plugins.eboekhouden import wire
from plugins.eboekhouden.refusals import SERVICE
from plugins.eboekhouden.wire import Body


def to_rest(relation: Body) -> Body:
    """Return a relation with REST names; what the vendor sets itself is left out."""
    body = {
        rest: relation[name]
        for name, rest in wire.RELATION_REST.items()
        if name in relation and name not in ("ID", "AddDatum", "Gb_ID", "GeenEmail")
    }
    if relation.get("GeenEmail"):
        body["doNotReceiveNewsletters"] = bool(relation["GeenEmail"])
    return {name: value for name, value in body.items() if value is not None}


def line_of(row: Body, ledgers: dict[int, str]) -> Body:
    """Return an entry's line (amounts excl VAT) with the VAT that its code gives."""
    excl = decimal_of(row["amount"])
    name = str(row["vatCode"])
    code = wire.sale_code(name) or wire.purchase_code(name)
    rate = (code.rate if code else None) or ZERO
    given = row.get("vatAmount")
    vat = vat_on(excl, rate) if given is None else decimal_of(given)
    return {
        "BedragInvoer": excl,
        "BedragExclBTW": excl,
        "BedragBTW": vat,
        "BedragInclBTW": excl + vat,
        "BTWCode": row["vatCode"],
        "BTWPercentage": rate,
        "TegenrekeningCode": ledgers.get(row.get("ledgerId") or 0),
        "KostenplaatsID": row.get("costCenterId") or 0,
    }


def open_item_of(row: Body) -> Body:
    """Return an open item; an amount that is none stays as it came."""
    return {
        "MutDatum": row.get("date"),
        "MutFactuur": row.get("invoiceNumber"),
        "RelCode": row.get("relationCode"),
        "RelBedrijf": row.get("company"),
        "Bedrag": _amount(row.get("totalAmount")),
        "Voldaan": _amount(row.get("paidAmount")),
        "Openstaand": _amount(row.get("outstandingAmount")),
        **({} if "invoiceNumber" in row else {wire.UNREADABLE: True}),
    }


def _amount(value: Any) -> Any:
    try:
        return decimal_of(value)
    except RetryLater:
        return value


def is_page(error: RetryLater) -> bool:
    """Tell whether an answer was a page or such, which says nothing of its record."""
    return error.params.get("detail", "").startswith("content type")


def decimal_of(value: Any) -> Decimal:
    """Return an amount in whole cents, since JSON's numbers are doubles to many;
    RetryLater when it is none."""
    is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if not is_number or not Decimal(value).is_finite():
        raise RetryLater("remote_nonsense", service=SERVICE, detail="amount")
    return cents(Decimal(value))
