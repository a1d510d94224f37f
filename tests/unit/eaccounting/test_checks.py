"""The checks before booking that need the package's own data."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.domain.errors import AskUser
from core.domain.orders import Address
from plugins.eaccounting import checks
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.orders import checks as order_checks
from tests.unit.eaccounting.samples import address, line, order, ruled

SALES, DRAFT, ORDER = TargetKind.SALES_ENTRY, TargetKind.DRAFT_INVOICE, TargetKind.ORDER


def code_of(check: Callable[..., Any], *values: Any, **options: Any) -> Any:
    """The code a check refuses with, or what it returns."""
    try:
        return check(*values, **options)
    except AskUser as error:
        return error.code


def year(number: int, *, locked: bool = False) -> dict[str, Any]:
    return {
        "Id": str(number),
        "StartDate": f"{number}-01-01T00:00:00Z",
        "EndDate": f"{number}-12-31T00:00:00Z",
        "IsLockedForAccounting": locked,
    }


YEARS = [year(2022, locked=True), year(2023), year(2024)]


@pytest.mark.parametrize(
    ("day", "locked_to", "expected"),
    [
        ("2023-03-01", "", "2023"),
        ("2023-01-01", "2022-12-31T00:00:00Z", "2023"),
        ("2023-12-31", "", "2023"),
        ("2024-01-01", "", "2024"),
        ("2022-12-31", "", "period_locked"),
        ("2023-03-31", "2023-03-31T00:00:00Z", "period_locked"),
        ("2023-04-01", "2023-03-31", "2023"),
        ("2025-01-01", "", "fiscal_year_missing"),
    ],
)
def test_a_booking_date_needs_an_open_year(
    day: str, locked_to: str, expected: str
) -> None:
    found = code_of(checks.check_period, date.fromisoformat(day), YEARS, locked_to)
    assert (found if isinstance(found, str) else found["Id"]) == expected


def code(rate: str, account: int | None = 1520) -> dict[str, Any]:
    accounts = {"AccountNumber1": account}
    return {"Code": "VH", "VatRate": Decimal(rate), "RelatedAccounts": accounts}


def test_a_vat_code_must_exist_and_have_the_shop_s_rate() -> None:
    high = code("21")
    assert checks.check_vat_code(high, Decimal(21), "id") is high
    with pytest.raises(AskUser) as gone:
        checks.check_vat_code(None, Decimal(21), "id")
    with pytest.raises(AskUser) as differs:
        checks.check_vat_code(high, Decimal(19), "id")
    assert gone.value.code == "vat_code_gone"
    assert differs.value.code == "vat_code_rate_differs"
    assert differs.value.params["package_rate"] == "21"


def test_the_account_of_a_vat_row() -> None:
    assert checks.vat_account(code("21"), Decimal(21)) == 1520
    assert checks.vat_account(code("0", None), Decimal(0)) is None
    with pytest.raises(AskUser) as caught:
        checks.vat_account(code("21", None), Decimal(21))
    assert caught.value.code == "vat_code_without_account"


ACCOUNTS = {
    "8000": {"IsActive": True, "IsBlockedForManualBooking": False},
    "8900": {"IsActive": False, "IsBlockedForManualBooking": False},
    "1520": {"IsActive": True, "IsBlockedForManualBooking": True},
}


@pytest.mark.parametrize(
    ("number", "by_hand", "expected"),
    [
        ("8000", True, ""),
        ("8900", True, "account_blocked"),
        ("8900", False, "account_blocked"),
        ("1520", True, "account_blocked"),
        ("1520", False, ""),
        ("9999", True, "account_missing"),
        ("", True, "account_missing"),
    ],
)
def test_accounts_exist_are_active_and_may_be_booked_on(
    number: str, by_hand: bool, expected: str
) -> None:
    numbers = ["8000", number]
    found = code_of(checks.check_accounts, numbers, ACCOUNTS, "2023", by_hand=by_hand)
    assert (found or "") == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (line(), ""),
        (line(incl="121.05", vat="21.05"), ""),
        (line(incl="121.20", vat="21.20"), "vat_unfit"),
        (line(incl="10.00", vat="0.00"), "vat_unfit"),
        (line(incl="121.00", vat="-21.00"), "vat_unfit"),
        (line(incl="0.02", vat="0.00"), ""),
        (line(incl="19.80", vat="3.40", quantity="20"), ""),
        (line(incl="10.00", vat="0.03", rate="0"), "vat_without_rate"),
        (line(incl="100000000.00", vat="0.00", rate="0"), "total_too_large"),
    ],
)
def test_what_the_vendor_would_refuse_in_a_sales_entry(
    item: Any, expected: str
) -> None:
    def check() -> None:
        order_checks.check_vat(ruled([item]))
        order_checks.planned_entry(order([item]), ruled([item]))

    assert (code_of(check) or "") == expected


def test_vat_that_does_not_fit_names_both_amounts() -> None:
    with pytest.raises(AskUser) as caught:
        order_checks.check_vat(ruled([line(incl="10.00", vat="0.00")]))
    assert caught.value.params == {
        "line": "Overhemd", "rate": "21", "vat": "0.00", "expected": "1.74",
    }  # fmt: skip


def test_a_debtor_needs_an_email_address_a_postal_code_and_a_city() -> None:
    checks.check_customer(order([line()]))
    with pytest.raises(AskUser) as email:
        checks.check_customer(order([line()], email=""))
    bare = address(postal_code="", city="")
    with pytest.raises(AskUser) as incomplete:
        checks.check_customer(order([line()], billing=bare, delivery=bare))
    assert email.value.code == "email_missing"
    assert incomplete.value.code == "address_incomplete"
    assert incomplete.value.params == {"fields": "postcode, plaats"}
    elsewhere = address(postal_code="", city="Hong Kong", country="HK")
    checks.check_customer(order([line()], billing=elsewhere))
    checks.check_customer(order([line()], billing=Address(name="Jan Test")))


@pytest.mark.parametrize(
    ("variant", "kinds"),
    [
        (1, {SALES, DRAFT, ORDER}),
        (2, {SALES, DRAFT, ORDER}),
        (3, set()),
        (4, {SALES, DRAFT}),
        (5, {SALES, DRAFT, ORDER}),
        (99, set()),
        (None, set()),
    ],
)
def test_a_licence_decides_what_orders_may_become(
    variant: int | None, kinds: set[TargetKind]
) -> None:
    company = {"ProductVariant": variant}
    assert set(checks.offered_kinds(company)) == kinds
    for kind in set(TargetKind) - kinds:
        with pytest.raises(AskUser) as caught:
            checks.check_target(kind, company)
        assert caught.value.code == "licence_without_target"
