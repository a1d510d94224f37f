"""Payment status read back: what counts as paid, and what proves nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.domain.errors import RetryLater
from core.domain.invoices import BookedInvoice
from plugins.digitalefactuur.client import DigitaleFactuur
from plugins.digitalefactuur.invoices import mapping as invoice_mapping
from plugins.digitalefactuur.invoices.settlements import read
from plugins.digitalefactuur.relations import mapping
from tests.contract.digitalefactuur.conftest import Vendor
from tests.unit.digitalefactuur.samples import ORGANISATION, invoice, line


@pytest.fixture
def booked(package: DigitaleFactuur) -> list[BookedInvoice]:
    """Three invoices of 121 euros that stand in the account, all open."""
    local = mapping.local("1", ORGANISATION)
    package.create_customer(mapping.customer("debtor", "1001", local.values))
    debtor = package.customers()[0].id
    return [_made(package, debtor, key) for key in (1, 2, 3)]


def _made(package: DigitaleFactuur, debtor: str, key: int) -> BookedInvoice:
    data = invoice(line("1", "100"), number=f"2026-{key:04d}")
    wanted = invoice_mapping.invoice(data, debtor)
    package.create_invoice(wanted)
    (found,) = package.find_invoices(wanted)
    return BookedInvoice(
        key, data.number, "1001", found.id, Decimal("121.00"),
        datetime(2026, 6, 2, tzinfo=UTC), seen_open=False, is_paid=False,
    )  # fmt: skip


def test_open_and_paid_are_told_apart(
    package: DigitaleFactuur, booked: list[BookedInvoice]
) -> None:
    package.register_payment(booked[1].external_id, date(2026, 6, 9))
    found = read(package, booked)
    assert found.open == {1: Decimal("121.00"), 3: Decimal("121.00")}
    assert found.settled == {2: None}


def test_a_reopened_invoice_is_open_again(
    package: DigitaleFactuur, booked: list[BookedInvoice]
) -> None:
    package.register_payment(booked[0].external_id, date(2026, 6, 9))
    package.undo_payment(booked[0].external_id)
    known = [replace(booked[0], is_paid=True)]
    assert read(package, known).open == {1: Decimal("121.00")}


def test_one_that_is_gone_says_nothing(
    package: DigitaleFactuur, booked: list[BookedInvoice]
) -> None:
    found = read(package, [*booked[:2], replace(booked[2], external_id="1")])
    assert 3 not in found.open
    assert 3 not in found.settled


@pytest.mark.parametrize("kind", ["html", "drop"])
def test_an_answer_that_fails_makes_nothing_paid(
    vendor: Vendor,
    package: DigitaleFactuur,
    booked: list[BookedInvoice],
    kind: str,
) -> None:
    vendor.fault(kind)
    with pytest.raises(RetryLater):
        read(package, booked)
