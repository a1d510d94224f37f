"""A sent sales invoice becomes an invoice, once, and its payment status comes back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.domain.clock import utcnow
from core.domain.errors import AskUser, OutcomeUnknown, Refused
from core.domain.orders import Payment
from plugins.digitalefactuur import checks, wire
from plugins.digitalefactuur.client import DigitaleFactuur
from plugins.digitalefactuur.invoices import mapping as invoice_mapping
from plugins.digitalefactuur.relations import mapping
from tests.contract.digitalefactuur.conftest import Vendor
from tests.unit.digitalefactuur.samples import ORGANISATION, invoice, line

DATA = invoice(line("2", "40.00"), line("3", "0.33333", amount="1.00"),
               line("1", "-10", "9"))  # fmt: skip


@pytest.fixture
def sent(package: DigitaleFactuur) -> wire.Invoice:
    """The invoice for a debtor that is there."""
    local = mapping.local("1", ORGANISATION)
    package.create_customer(mapping.customer("debtor", "1001", local.values))
    mapped = invoice_mapping.invoice(DATA, package.customers()[0].id)
    checks.invoice(DATA, mapped)
    return mapped


def test_what_is_made_is_what_was_meant(
    package: DigitaleFactuur, sent: wire.Invoice
) -> None:
    package.create_invoice(sent)
    (found,) = package.find_invoices(sent)
    assert invoice_mapping.differences(sent, found) == []
    assert found.full_number == DATA.number
    assert invoice_mapping.is_paid(found) is False


def test_a_payment_there_comes_back(
    package: DigitaleFactuur, sent: wire.Invoice
) -> None:
    package.create_invoice(sent)
    (found,) = package.find_invoices(sent)
    package.register_payment(found.id, date(2026, 6, 9))
    (found,) = package.find_invoices(sent)
    assert invoice_mapping.is_paid(found) is True


def test_what_was_paid_before_is_made_as_paid(
    package: DigitaleFactuur, sent: wire.Invoice
) -> None:
    prepaid = (Payment("iDEAL", DATA.amount_incl_vat, utcnow()),)
    paid = replace(DATA, prepayments=prepaid)
    package.create_invoice(invoice_mapping.invoice(paid, sent.customer_id))
    (found,) = package.find_invoices(sent)
    assert invoice_mapping.is_paid(found) is True


def test_vat_that_a_shop_rounded_otherwise_is_refused() -> None:
    """The vendor works it out by itself, so that its invoice would be another one."""
    (first, *rest) = DATA.totals
    moved = replace(first, vat_amount=first.vat_amount + Decimal("0.01"))
    other = replace(
        DATA, totals=(moved, *rest), vat_amount=DATA.vat_amount + Decimal("0.01")
    )
    with pytest.raises(AskUser, match="df_total_differs"):
        checks.invoice(other, invoice_mapping.invoice(other, "1"))


@pytest.mark.parametrize("kind", ["drop_after", "html_after", "code_after"])
def test_an_invoice_whose_answer_is_lost_is_found_and_not_made_twice(
    vendor: Vendor, package: DigitaleFactuur, sent: wire.Invoice, kind: str
) -> None:
    vendor.fault(kind)
    with pytest.raises(OutcomeUnknown):
        package.create_invoice(sent)
    (found,) = package.find_invoices(sent)
    assert invoice_mapping.differences(sent, found) == []
    assert len(vendor.objects("factuur")) == 1


def test_even_a_second_send_makes_no_second_invoice(
    vendor: Vendor, package: DigitaleFactuur, sent: wire.Invoice
) -> None:
    package.create_invoice(sent)
    with pytest.raises(Refused, match="df_exists"):
        package.create_invoice(sent)
    assert len(vendor.objects("factuur")) == 1


def test_somebody_elses_invoice_with_the_number_is_not_adopted(
    package: DigitaleFactuur, sent: wire.Invoice
) -> None:
    package.create_invoice(replace(sent, lines=sent.lines[:1]))
    (found,) = package.find_invoices(sent)
    assert invoice_mapping.differences(sent, found) == ["lines"]
