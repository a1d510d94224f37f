"""What another configuration makes of one document."""

from dataclasses import replace
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.foreseen import (
    Check,
    CheckState,
    Foreseen,
    ForeseenDebtor,
    Posting,
)
from core.rules.foreseen_changes import Difference, Side, difference

AMOUNT = Decimal("121.00")
EXCL, VAT = Decimal("100.00"), Decimal("21.00")
ENTRY = Foreseen(
    document="sales_entry",
    postings=(
        Posting("1300", "Debiteuren", "W1", debit=AMOUNT),
        Posting("8000", "Omzet", "W1", credit=EXCL, vat_code="VH"),
        Posting("", "", "W1", credit=VAT, vat_code="VH"),
    ),
    debtor=ForeseenDebtor("10001", "Jansen"),
    checks=(Check("books", CheckState.PASSED),),
)


def refused(code: str) -> Foreseen:
    return Foreseen(checks=(Check("books", CheckState.FAILED, AskUser(code)),))


def test_the_same_document_has_no_difference() -> None:
    assert not difference(ENTRY, ENTRY).is_any


def test_an_account_that_changes_is_a_row_that_goes_and_one_that_comes() -> None:
    rows = list(ENTRY.postings)
    rows[1] = replace(rows[1], account="8010", name="Omzet hoog")
    found = difference(ENTRY, replace(ENTRY, postings=tuple(rows)))
    assert [(line.place.account, line.now, line.then) for line in found.moved] == [
        ("8000", EXCL, 0), ("8010", 0, EXCL),
    ]  # fmt: skip
    assert {line.place.side for line in found.moved} == {Side.CREDIT}


def test_rows_of_one_account_are_one_amount() -> None:
    half = Posting("8000", "Omzet", "W1", credit=EXCL / 2, vat_code="VH")
    rows = (ENTRY.postings[0], half, half, ENTRY.postings[2])
    assert not difference(ENTRY, replace(ENTRY, postings=rows)).is_any


def test_what_can_no_longer_be_booked_says_why_and_shows_no_rows() -> None:
    found = difference(ENTRY, refused("vat_code_missing"))
    assert found.refused is not None
    assert (found.refused.code, found.moved) == ("vat_code_missing", ())


def test_what_cannot_be_booked_either_way_differs_only_by_its_reason() -> None:
    one, other = refused("a"), refused("b")
    assert not difference(one, refused("a")).is_any
    assert difference(one, other).refused is not None


def test_what_can_be_booked_only_then_shows_what_it_becomes() -> None:
    found = difference(refused("vat_code_missing"), ENTRY)
    assert found.is_freed
    assert [line.then for line in found.moved] == [AMOUNT, EXCL, VAT]


def test_another_debtor_or_document_is_told_now_and_then() -> None:
    other = replace(
        ENTRY, document="draft", debtor=ForeseenDebtor("10002", "Balieverkoop")
    )
    assert difference(ENTRY, other) == Difference(
        documents=("sales_entry", "draft"),
        debtors=("10001 Jansen", "10002 Balieverkoop"),
    )
