"""What Moneybird takes of a contact and an external sales invoice, and refuses."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from core.kit.sandbox.app import sandbox
from moneybird.sandbox.data import ACCOUNTS, TAX_RATES, Body

CENT = Decimal("0.01")
CONTACT = (
    "company_name", "firstname", "lastname", "address1", "address2", "zipcode",
    "city", "country", "phone", "tax_number", "customer_id", "send_invoices_to_email",
)  # fmt: skip
NAMES = ("company_name", "firstname", "lastname")
INVOICE = (
    "contact_id", "reference", "date", "due_date", "currency", "prices_are_incl_tax",
    "source", "source_url", "details_attributes",
)  # fmt: skip
DETAIL = ("description", "price", "amount", "tax_rate_id", "ledger_account_id")
SALES_RATES = {
    each["id"]: Decimal(each["percentage"])
    for each in TAX_RATES
    if each["tax_rate_type"] == "sales_invoice" and each["active"]
}
ACCOUNT_IDS = {each["id"] for each in ACCOUNTS}


class Refused(Exception):
    """A refusal with its status and what stands under `error`."""

    def __init__(self, status: int, error: Any) -> None:
        super().__init__(error)
        self.status, self.error = status, error


def contact(body: Body) -> Body:
    """Return a contact as it is kept: with a name, and a country of two letters."""
    _known(body, CONTACT)
    if not any(body.get(name) for name in NAMES):
        raise Refused(422, {name: ["can't be blank"] for name in NAMES})
    if not re.fullmatch("[A-Z]{2}", body.get("country", "NL")):
        raise Refused(422, {"country": ["is not included in the list"]})
    email = body.get("send_invoices_to_email", "")
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise Refused(422, {"send_invoices_to_email": ["is invalid"]})
    return {**dict.fromkeys(CONTACT), **body, "email": email or None}


def invoice(administration: str, body: Body) -> Body:
    """Return an external sales invoice as it is kept, with its totals."""
    _known(body, INVOICE)
    _present(body, ("contact_id", "reference", "date", "details_attributes"))
    found = sandbox().store.get("contact", str(body["contact_id"]))
    if found is None or found["administration_id"] != administration:
        raise Refused(422, {"contact": ["must exist"]})
    for name in ("date", "due_date"):
        _date(body, name)
    including = body.get("prices_are_incl_tax") is True
    incl, excl = _totals(body["details_attributes"], including)
    return {
        **{name: value for name, value in body.items() if name != "details_attributes"},
        "details": body["details_attributes"],
        "state": "open",
        "total_price_incl_tax": str(incl),
        "total_price_excl_tax": str(excl),
    }


def _totals(details: Iterable[Body], including: bool) -> tuple[Decimal, Decimal]:
    """Return the totals incl and excl VAT; VAT is rounded once a rate."""
    by_rate: dict[str, Decimal] = {}
    for detail in details:
        _known(detail, DETAIL)
        _present(detail, ("description", "price", "tax_rate_id", "ledger_account_id"))
        rate = str(detail["tax_rate_id"])
        if rate not in SALES_RATES:
            raise Refused(422, {"details.tax_rate": ["must exist"]})
        if detail["ledger_account_id"] not in ACCOUNT_IDS:
            raise Refused(422, {"details.ledger_account": ["must exist"]})
        worth = _number(detail, "price") * _number(detail, "amount", "1")
        by_rate[rate] = by_rate.get(rate, Decimal(0)) + _cents(worth)
    given = sum(by_rate.values(), Decimal(0))
    vat = sum(
        (_vat(worth, SALES_RATES[rate], including) for rate, worth in by_rate.items()),
        Decimal(0),
    )
    return (given, given - vat) if including else (given + vat, given)


def _vat(worth: Decimal, rate: Decimal, including: bool) -> Decimal:
    return _cents(worth * rate / (100 + rate if including else 100))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def _known(body: Any, names: Collection[str]) -> None:
    """Refuse what is not known here: a misspelt field is to be found."""
    if not isinstance(body, dict):
        raise Refused(400, "param is missing or the value is empty")
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise Refused(400, f"found unpermitted parameters: {', '.join(unknown)}")


def _present(body: Body, names: Iterable[str]) -> None:
    missing = [name for name in names if body.get(name) in (None, "", [])]
    if missing:
        raise Refused(422, {name: ["can't be blank"] for name in missing})


def _date(body: Body, name: str) -> None:
    try:
        date.fromisoformat(body.get(name) or "2000-01-01")
    except (TypeError, ValueError):
        raise Refused(422, {name: ["is invalid"]}) from None


def _number(body: Body, name: str, default: str = "") -> Decimal:
    try:
        return Decimal(body.get(name, default))
    except (InvalidOperation, TypeError, ValueError):
        raise Refused(422, {f"details.{name}": ["is not a number"]}) from None
