"""Paid is only what a complete, plausible answer proves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.domain.invoices import BookedInvoice
from plugins.eboekhouden.invoices.settled import (
    OpenItem,
    OpenItems,
    Settlement,
    is_unreadable,
    paid,
    plausible,
    still_open,
)

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)
OURS = BookedInvoice(
    1, "F1", "10000", "51", Decimal("121.00"), NOW - timedelta(days=3),
    seen_open=False, is_paid=False,
)  # fmt: skip
OTHER = OpenItem("F2", "10000", Decimal("121.00"))


def answer(*items: OpenItem, **changes: object) -> OpenItems:
    return replace(OpenItems(items, NOW), **changes)  # type: ignore[arg-type]


def test_absent_from_a_good_answer_is_paid() -> None:
    assert paid(OURS, answer(OTHER)) == Settlement.PAID


def test_present_is_open_also_when_part_was_paid() -> None:
    item = OpenItem("F1", "10000", Decimal("0.01"))
    assert paid(OURS, answer(OTHER, item)) == Settlement.OPEN
    credit = OpenItem("F1", "10000", Decimal("-12.10"))
    assert paid(OURS, answer(credit)) == Settlement.OPEN


def test_present_with_nothing_left_is_paid() -> None:
    item = OpenItem("F1", "10000", Decimal("0.00"))
    assert paid(OURS, answer(item)) == Settlement.PAID


@pytest.mark.parametrize(
    "given",
    [
        answer(),
        answer(OTHER, complete=False),
        answer(OTHER, count_before=100),
        answer(count_before=0),
    ],
)
def test_an_error_or_an_empty_or_shrunken_answer_never_means_paid(
    given: OpenItems,
) -> None:
    assert not plausible(given)
    assert paid(OURS, given) == Settlement.UNKNOWN


def test_a_fresh_booking_needs_to_have_been_seen_open() -> None:
    fresh = replace(OURS, booked_at=NOW - timedelta(hours=1))
    assert paid(fresh, answer(OTHER)) == Settlement.UNKNOWN
    assert paid(replace(fresh, seen_open=True), answer(OTHER)) == Settlement.PAID


def test_the_number_of_another_debtor_is_not_ours() -> None:
    item = OpenItem("F1", "10001", Decimal("5.00"))
    assert paid(OURS, answer(item, OTHER)) == Settlement.PAID


def test_an_item_of_our_amount_is_ours_whatever_its_debtor_is_called() -> None:
    """The debtor's number may have been changed on either side meanwhile."""
    item = OpenItem("F1", "99999", Decimal("21.00"), Decimal("121.00"))
    assert paid(OURS, answer(item, OTHER)) == Settlement.OPEN
    assert still_open(OURS, answer(item, OTHER)) == Decimal("21.00")


def test_small_lists_may_shrink_in_any_way() -> None:
    assert plausible(answer(OTHER, count_before=9))
    assert plausible(answer(OTHER, OTHER, OTHER, OTHER, OTHER, count_before=10))


def test_an_item_that_cannot_be_read_is_no_proof_of_anything() -> None:
    bad = OpenItem("F1", "", None, None)
    fine = OpenItem("F1", "10000", Decimal("0.00"))
    for given in (answer(bad, OTHER), answer(fine, bad, OTHER)):
        assert paid(OURS, given) == Settlement.UNKNOWN
    assert paid(OURS, answer(fine, OTHER, complete=False)) == Settlement.UNKNOWN
    assert still_open(OURS, answer(bad)) == Decimal("0.00")


def test_an_amount_that_cannot_be_read_is_told_of_its_own_invoice() -> None:
    odd = OpenItem("F1", "10000", None)
    assert paid(OURS, answer(OTHER, odd)) == Settlement.UNKNOWN
    assert is_unreadable(OURS, answer(OTHER, odd))
    assert not is_unreadable(OURS, answer(OTHER, replace(odd, invoice_number="F3")))
