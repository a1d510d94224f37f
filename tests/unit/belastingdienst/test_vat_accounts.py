"""The VAT accounts beside the boxes: a quarter by hand, and what must not vanish."""

from datetime import date
from decimal import Decimal

from core.domain.declarations import VatMovement
from plugins.belastingdienst.law.vat_accounts import (
    Declared,
    Reconciliation,
    Role,
    reconcile,
)

ROLES = {"1500": Role.OWED, "1510": Role.INPUT, "1590": Role.SETTLEMENT}


def moved(name: str, account: str, debit: str) -> VatMovement:
    return VatMovement(name, account, date(2026, 9, 30), Decimal(debit))


def in_box(name: str, box: str, vat: str) -> Declared:
    return Declared(f"e{name}", box, Decimal(vat), name)


def codes(found: Reconciliation) -> list[tuple[str, str]]:
    return [(each.code, each.about) for each in found.doubts]


def test_a_quarter_that_fits() -> None:
    """Sales 210 and 9, a credit of 21, purchases 50.25, 100 paid to the office."""
    found = reconcile(
        [
            moved("1", "1500", "-210.00"), moved("2", "1500", "-9.00"),
            moved("3", "1500", "21.00"), moved("4", "1510", "50.25"),
            moved("5", "1590", "100.00"),
        ],
        [
            in_box("1", "1a", "210.00"), in_box("2", "1b", "9.00"),
            in_box("3", "1a", "-21.00"), in_box("4", "5b", "50.25"),
        ],
        ROLES,
    )  # fmt: skip
    assert (found.fits, found.doubts, found.difference) == (True, (), 0)
    assert [(line.account, line.moved, line.in_boxes) for line in found.accounts] == [
        ("1500", Decimal("198.00"), Decimal("198.00")),
        ("1510", Decimal("50.25"), Decimal("50.25")),
        ("1590", Decimal("-100.00"), Decimal("0")),
    ]


def test_a_memorial_entry_on_the_account_does_not_vanish() -> None:
    """The case that was wrong: private use of 350.25 straight on the account."""
    entry = moved("m", "1500", "-350.25")
    found = reconcile([entry], [], ROLES)
    assert codes(found) == [("vat_movement_in_no_box", "m")]
    assert (found.fits, found.difference) == (False, Decimal("350.25"))
    assert found.doubts[0].params["amount"] == "350.25"
    assert reconcile([entry], [], ROLES, ignored=["m"]).fits
    assert reconcile([entry], [in_box("m", "1d", "350.25")], ROLES).fits


def test_transferred_vat_is_in_two_boxes_of_two_accounts() -> None:
    both = [moved("o", "1500", "-21.00"), moved("i", "1510", "21.00")]
    boxes = [in_box("o", "4b", "21.00"), in_box("i", "5b", "21.00")]
    assert reconcile(both, boxes, ROLES).fits
    one_sided = reconcile(both, boxes[:1], ROLES)
    assert codes(one_sided) == [("vat_movement_in_no_box", "i")]
    assert one_sided.difference == Decimal("-21.00")


def test_another_amount_in_the_box_is_told() -> None:
    found = reconcile(
        [moved("1", "1500", "-210.00")], [in_box("1", "1a", "209.99")], ROLES
    )
    assert codes(found) == [("vat_movement_differs", "1")]
    assert found.difference == Decimal("0.01")


def test_what_is_in_a_box_without_a_movement_is_told_and_blocks_nothing() -> None:
    by_hand = Declared("h", "1d", Decimal("40"))
    lost = in_box("gone", "5b", "10")
    found = reconcile([], [by_hand, lost], ROLES)
    assert codes(found) == [
        ("vat_without_movement", "h"),
        ("vat_without_movement", "egone"),
    ]
    assert (found.fits, found.without_movement) == (True, Decimal(30))


def test_settlements_and_unknown_accounts() -> None:
    found = reconcile(
        [moved("s", "1590", "-5"), moved("x", "1777", "3")],
        [in_box("s", "1a", "5")],
        ROLES,
    )
    assert codes(found) == [
        ("vat_settlement_in_box", "s"),
        ("vat_account_unknown", "x"),
    ]


def test_two_that_cancel_are_two_doubts() -> None:
    found = reconcile([moved("a", "1500", "-5"), moved("b", "1500", "5")], [], ROLES)
    assert len(found.doubts) == 2
    assert found.difference == 0
