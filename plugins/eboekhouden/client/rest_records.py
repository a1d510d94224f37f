"""Records between the SOAP names that we use and those of REST v1 (contract 8.3)."""

from decimal import Decimal
from typing import Any

from core.domain.errors import RetryLater
from core.domain.money import ZERO, vat_on
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
    code = wire.sale_code(str(row["vatCode"]))
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


def decimal_of(value: Any) -> Decimal:
    """Return an amount as it stands in an answer; RetryLater when it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise RetryLater("remote_nonsense", service=SERVICE, detail="amount")
    return Decimal(value)
