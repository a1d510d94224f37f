"""Checks before booking that need the package's own data. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.orders import Order
from plugins.eaccounting import wire
from plugins.eaccounting.mapping import TargetKind, invoice_address
from plugins.eaccounting.wire import Body

WITHOUT_POSTAL_CODES = frozenset(
    (
        "AE", "AG", "AN", "AO", "AW", "BF", "BI", "BJ", "BO", "BQ", "BS", "BW", "BZ",
        "CD", "CF", "CG", "CI", "CK", "CM", "CW", "DJ", "DM", "ER", "FJ", "GA", "GD",
        "GH", "GI", "GM", "GQ", "GY", "HK", "IE", "JM", "KI", "KM", "KN", "KP", "LC",
        "LY", "ML", "MO", "MR", "MW", "NR", "NU", "PA", "QA", "RW", "SB", "SC", "SL",
        "SR", "SS", "ST", "SX", "SY", "TD", "TF", "TG", "TK", "TL", "TO", "TT", "TV",
        "TZ", "UG", "VC", "VU", "WS", "YE", "ZW",
    )
)  # fmt: skip
"""Countries where an address is complete without one (Universal Postal Union, *Postal
addressing systems*); in Ireland few write theirs."""


def check_period(booked_on: date, years: Sequence[Body], locked_to: str) -> Body:
    """Return the fiscal year of a booking date.

    Raises AskUser `fiscal_year_missing` or `period_locked` (contract 3.10, 3.14).
    """
    day = booked_on.isoformat()
    for year in years:
        if str(year["StartDate"])[:10] <= day <= str(year["EndDate"])[:10]:
            if year.get("IsLockedForAccounting") or day <= locked_to[:10]:
                raise AskUser("period_locked", date=day, message="", error_id="-")
            return year
    raise AskUser("fiscal_year_missing", date=day, message="", error_id="-")


def check_vat_code(code: Body | None, rate: Decimal, name: str) -> Body:
    """Return a configured VAT code.

    Raises AskUser `vat_code_gone` when the package no longer has it and
    `vat_code_rate_differs` when its rate is another than the shop sold with.
    """
    if code is None:
        raise AskUser("vat_code_gone", vat_code=name, rate=rate)
    if Decimal(code["VatRate"]) != rate:
        raise AskUser(
            "vat_code_rate_differs",
            vat_code=code["Code"],
            package_rate=code["VatRate"],
            rate=rate,
        )
    return code


def vat_account(code: Body, rate: Decimal) -> int | None:
    """Return the account of a code's VAT row; None at 0 %.

    Raises AskUser `vat_code_without_account`.
    """
    if not rate:
        return None
    account = (code.get("RelatedAccounts") or {}).get("AccountNumber1")
    if account is None:
        raise AskUser("vat_code_without_account", vat_code=code["Code"])
    return int(account)


def check_accounts(
    numbers: Iterable[str],
    accounts: Mapping[str, Body],
    year: str,
    *,
    by_hand: bool = True,
) -> None:
    """Check that accounts exist in the year, are active and may be booked on.

    `by_hand` also refuses accounts that are blocked for manual booking; whether the
    vendor does so for VAT accounts is unverified (contract 3.6), so they go without.
    Raises AskUser `account_missing` or `account_blocked`.
    """
    for number in numbers:
        account = accounts.get(number)
        if account is None:
            raise AskUser(
                "account_missing", account=number, year=year, message="", error_id="-"
            )
        blocked = by_hand and account.get("IsBlockedForManualBooking")
        if blocked or not account.get("IsActive"):
            raise AskUser("account_blocked", account=number)


def check_customer(order: Order) -> None:
    """Check what a new debtor needs: e-mail address, postal code and city (3.2).

    Raises AskUser `email_missing` or `address_incomplete`.
    """
    if not order.email:
        raise AskUser("email_missing")
    address = invoice_address(order)
    country = address.country or order.country
    missing = []
    if not address.postal_code and country not in WITHOUT_POSTAL_CODES:
        missing.append("postcode")
    if not address.city:
        missing.append("plaats")
    if missing:
        raise AskUser("address_incomplete", fields=", ".join(missing))


_EVERYTHING = (TargetKind.SALES_ENTRY, TargetKind.DRAFT_INVOICE, TargetKind.ORDER)
_OFFERED = {
    wire.STANDARD: _EVERYTHING,
    wire.INVOICING: _EVERYTHING,
    wire.BOOKKEEPING: (),
    wire.SOLO: (TargetKind.SALES_ENTRY, TargetKind.DRAFT_INVOICE),
    wire.PRO: _EVERYTHING,
}


def offered_kinds(company: Body) -> tuple[TargetKind, ...]:
    """Return what a company's licence can take (contract 2.7); unknown: nothing."""
    return _OFFERED.get(int(company.get("ProductVariant") or 0), ())


_WITHOUT_PAYMENTS = (wire.INVOICING,)


def can_settle(company: Body) -> bool:
    """Tell whether a company's licence has payment vouchers (contract 2.7)."""
    return int(company.get("ProductVariant") or 0) not in _WITHOUT_PAYMENTS


def check_target(kind: TargetKind, company: Body) -> None:
    """Raise AskUser `licence_without_target` when the licence lacks the resource."""
    if kind not in offered_kinds(company):
        raise AskUser("licence_without_target", kind=kind.value)
