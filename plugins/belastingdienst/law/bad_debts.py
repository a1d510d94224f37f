"""Bad debts: VAT that comes back when a customer does not pay, and the reverse. Pure.

What is not paid one year after it was due counts as irrecoverable, or earlier once that
is certain: the VAT goes off in the return of that period. Is it paid after all, the VAT
is owed again in the period of the payment. Who does not pay a supplier for a year pays
the deducted input VAT back, and deducts it again when he pays. Amounts are euros.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.domain.money import ZERO, cents, total
from plugins.belastingdienst.law.boxes import INPUT, Box, add
from plugins.belastingdienst.law.doubts import Doubt, hint
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Days, years_later

RULES = {
    "one_year": Source("Wet OB art. 29(2), since 2017; hilger-administratie.nl",
                       Sure.SECONDARY),
    "thirty_days": Source("hilger-administratie.nl: 30 days after receipt where no term"
                          " was agreed", Sure.SECONDARY),
    "in_the_return": Source("hilger-administratie.nl: negative in 1a or 1b, or in 5b;"
                            " here negative in the box of the sale", Sure.SECONDARY),
    "paid_after_all": Source("Wet OB art. 29(3); confidesk.nl: turnover again in 1a or"
                             " 1b", Sure.SECONDARY),
    "own_debts": Source("Wet OB art. 29(7), (8): general knowledge", Sure.UNVERIFIED),
    "the_day": Source("Whether the year ends on the day or the day after: no source"
                      " found", Sure.UNVERIFIED),
    "from_2017": Source("hilger-administratie.nl: before it a letter was needed",
                        Sure.SECONDARY),
}  # fmt: skip
"""Where each rule stands."""

DEFAULT_TERM = timedelta(days=30)
FROM = date(2017, 1, 1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Payment:
    """Money for an invoice, incl VAT; paid back: negative."""

    on: date
    amount: Decimal


@dataclass(frozen=True)
class Invoice:
    """A sent or received invoice whose VAT was declared with its invoice date."""

    id: str
    invoiced_on: date
    boxes: Mapping[str, Box]
    """What it added: `1a` of a sale, `5b` (VAT only) of a purchase."""
    amount_incl_vat: Decimal
    due_on: date | None = None
    """None: nothing was agreed."""
    payments: tuple[Payment, ...] = ()
    certain_on: date | None = None
    """Earlier day on which it was certain that no more comes (a receiver's letter)."""

    @property
    def lapses_on(self) -> date:
        """The day it counts as irrecoverable as far as it is not paid."""
        due = self.due_on or self.invoiced_on + DEFAULT_TERM
        a_year = years_later(due, 1)
        return a_year if self.certain_on is None else min(a_year, self.certain_on)


@dataclass(frozen=True)
class Step:
    """What an invoice adds to the boxes of the period of a day."""

    invoice_id: str
    on: date
    boxes: Mapping[str, Box]


def steps(invoice: Invoice, today: date) -> Iterator[Step]:
    """Yield what happens to an invoice's VAT up to a day.

    At most what was declared is taken back, and at most what was taken back is
    declared again.
    """
    lapse = invoice.lapses_on
    if lapse < FROM or lapse > today or not invoice.amount_incl_vat:
        return
    paid = total(each.amount for each in invoice.payments if each.on <= lapse)
    back = _share(invoice, paid)
    if back:
        yield Step(invoice.id, lapse, back)
    later = (each for each in invoice.payments if lapse < each.on <= today)
    for payment in sorted(later, key=lambda each: each.on):
        before, paid = _share(invoice, paid), paid + payment.amount
        again = add(_share(invoice, paid), {name: -box for name, box in before.items()})
        if again:
            yield Step(invoice.id, payment.on, again)


def _share(invoice: Invoice, paid: Decimal) -> dict[str, Box]:
    """Return what is off when so much was paid: the unpaid part of each box."""
    whole = invoice.amount_incl_vat
    open_part = min(max((whole - paid) / whole, ZERO), Decimal(1))
    return add({
        name: Box(-cents(box.turnover * open_part), -cents(box.vat * open_part))
        for name, box in invoice.boxes.items()
    })  # fmt: skip


def prompts(period: Days, invoices: Iterable[Invoice], today: date) -> Iterator[Doubt]:
    """Yield the invoices whose VAT comes back, or is owed again, in a period.

    A person decides: a dispute, a payment elsewhere or a factor is not seen here.
    `bad_debt_edge`: a day later and it is the next period's.
    """
    for invoice in invoices:
        for step in steps(invoice, today):
            if not period.start <= step.on <= period.end:
                continue
            is_own = INPUT in step.boxes
            vat = total(box.vat for box in step.boxes.values())
            yield _told(is_own, vat, step)
            is_lapse = step.on == invoice.lapses_on and invoice.certain_on != step.on
            if is_lapse and step.on + _DAY > period.end:
                yield hint("bad_debt_edge", invoice.id, date=step.on)


def _told(is_own: bool, vat: Decimal, step: Step) -> Doubt:
    codes = {
        (False, True): "bad_debt_lapsed",
        (False, False): "bad_debt_paid",
        (True, True): "own_debt_lapsed",
        (True, False): "own_debt_paid",
    }
    code = codes[is_own, vat < ZERO]
    return hint(code, step.invoice_id, amount=abs(vat), date=step.on)
