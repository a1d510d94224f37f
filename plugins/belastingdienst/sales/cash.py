"""Own sales when VAT follows the money (kasstelsel): of the day of payment. Pure.

The rule stands in `law/cash_scheme.py`. What it does not take (ICP, reverse charge,
exports) and what was invoiced before it began stays with its own day.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from core.domain.declarations import Box, Doubt, Entry, Rubric, TaxPeriod
from core.domain.money import ZERO, total
from plugins.belastingdienst.law import boxes, cash_scheme
from plugins.belastingdienst.law.cash_scheme import Payment

LOOK_BACK = timedelta(days=366)
"""How long before a period all orders are looked at for payments in it; of older ones
those that changed since."""


@dataclass(frozen=True)
class Cash:
    """That a taxpayer uses the scheme, and since when."""

    since: date

    def first_day(self, period: TaxPeriod) -> date:
        """Return the first day from which all sales are looked at for a period."""
        return min(period.start, max(self.since, period.start - LOOK_BACK))


@dataclass(frozen=True)
class Paid:
    """What is known of the payments of a document; amounts incl VAT."""

    amount: Decimal
    """Of the whole document."""
    payments: tuple[Payment, ...]
    is_reverse_charged: bool = False


def entries(
    cash: Cash, period: TaxPeriod, found: Sequence[Entry], paid: Paid
) -> Iterator[Entry]:
    """Yield what one document adds to a period; `found` are its bookings by its day."""
    if not found:
        return
    sale = _sale(found, paid)
    is_taken = sale.follows_money and sale.invoiced_on >= cash.since
    if not is_taken:
        yield from (one for one in found if one.booked_on in period)
        return
    first = sale.invoiced_on  # what was paid before it is of the day of the document
    payments = (
        replace(one, received_on=max(one.received_on, first)) for one in sale.payments
    )
    for payment, more in cash_scheme.shares(replace(sale, payments=tuple(payments))):
        if payment.received_on in period:
            yield from _bookings(found, more, payment.received_on)


def _sale(found: Sequence[Entry], paid: Paid) -> cash_scheme.Sale:
    """Return a document as the law knows it; payments by the share they pay of it."""
    added = boxes.added(
        {one.rubric.value: boxes.Box(one.box.turnover, one.box.vat)} for one in found
    )
    sale = cash_scheme.Sale(
        found[0].source_id,
        found[0].booked_on,
        added,
        is_reverse_charged=paid.is_reverse_charged,
    )
    if not paid.amount:
        return sale
    part = sale.amount_incl_vat / paid.amount
    payments = (replace(one, amount=one.amount * part) for one in paid.payments)
    return replace(sale, payments=tuple(payments))


def _bookings(
    found: Sequence[Entry], more: dict[str, boxes.Box], on: date
) -> Iterator[Entry]:
    for name, box in more.items():
        first = next(one for one in found if one.rubric.value == name)
        yield replace(
            first, rubric=Rubric(name), box=Box(box.turnover, box.vat), booked_on=on
        )


def overpaid(document: str, number: str, paid: Paid) -> Iterator[Doubt]:
    """Yield that more was paid than a document is worth: nobody knows for what."""
    received = total(one.amount for one in paid.payments)
    if received > max(paid.amount, ZERO):
        said = {"amount": str(received), "expected": str(paid.amount)}
        yield Doubt("cash_scheme_overpaid", document, {**said, "number": number})


def in_order(payments: Iterable[Payment]) -> tuple[Payment, ...]:
    """Return money that came in; what went back is a credit of its own."""
    return tuple(one for one in payments if one.amount > ZERO)
