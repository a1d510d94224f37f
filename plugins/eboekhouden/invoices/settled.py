"""When an invoice counts as paid (manual 001, D; contract 10, paid detection). Pure.

The package lists open items only, so *paid* is seen by absence; whatever else makes an
invoice absent (an error, an empty answer, one that was never booked) must not count.
Absence from a list that may be a failure is proven by the payments of the invoice's
number, or by the balance of the debtors accounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from core.domain.invoices import BookedInvoice
from core.domain.money import ZERO, total
from plugins.eboekhouden.wire import JOURNAL, PAYMENT_IN, Body

OLD_ENOUGH = timedelta(hours=24)
"""An invoice that was never seen open counts only after so long: one daily round."""
_FEW = 10
"""Lists shorter than this may shrink in any way from one day to the next."""


UNPROVEN = "eboekhouden_open_item_gone"
WRITTEN_OFF = "eboekhouden_open_item_written_off"
UNREADABLE = "eboekhouden_open_item_unreadable"


class Settlement(StrEnum):
    """What a list of open items says of one invoice."""

    PAID = "paid"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OpenItem:
    """An open item of a debtor; amounts in euros incl VAT."""

    invoice_number: str
    debtor_code: str
    open_amount: Decimal | None
    """None: it cannot be read, so nothing may be concluded about its invoice."""
    amount: Decimal | None = ZERO
    """What it was in whole."""


@dataclass(frozen=True)
class OpenItems:
    """One answer with open items."""

    items: Sequence[OpenItem]
    read_at: datetime
    """Aware UTC."""
    complete: bool = True
    """False: an error, a cut answer, or an item that names no invoice; nothing may be
    concluded from absence."""
    count_before: int | None = None
    """How many there were the last time; None: never read before."""


def plausible(answer: OpenItems) -> bool:
    """Tell whether absence from this answer means anything.

    An empty list, or one that lost more than half since the last time, is taken for a
    failure of the package until a later answer is as short.
    """
    if not answer.complete or not answer.items:
        return False
    before = answer.count_before
    return before is None or before < _FEW or len(answer.items) * 2 >= before


def paid(invoice: BookedInvoice, answer: OpenItems) -> Settlement:
    """Tell whether a booked invoice was fully settled; partly settled is still open.

    Discount, payment and currency differences lower the open amount too, so nothing
    left is settled, however it came about (manual 001, D).
    """
    found = _items_of(invoice, answer)
    left = [item.open_amount for item in found]
    if not answer.complete or None in left:
        return Settlement.UNKNOWN
    if any(left):
        return Settlement.OPEN
    if found:
        return Settlement.PAID
    old = invoice.booked_at + OLD_ENOUGH <= answer.read_at
    if plausible(answer) and (invoice.seen_open or old):
        return Settlement.PAID
    return Settlement.UNKNOWN


def is_unreadable(invoice: BookedInvoice, answer: OpenItems) -> bool:
    """Tell whether what is open of an invoice stands there, and cannot be read."""
    return None in [item.open_amount for item in _items_of(invoice, answer)]


def is_gone(invoice: BookedInvoice, answer: OpenItems) -> bool:
    """Tell whether an invoice that is not known as paid is no open item any more."""
    if not answer.complete or invoice.is_paid or _items_of(invoice, answer):
        return False
    return invoice.seen_open or invoice.booked_at + OLD_ENOUGH <= answer.read_at


@dataclass(frozen=True)
class Proof:
    """What the entries of an invoice's number say."""

    is_paid: bool = False
    paid_on: date | None = None
    """Local date of the last payment."""
    is_written_off: bool = False
    """A journal entry (Memoriaal) names it: why, only the user knows."""


def proof_of(invoice: BookedInvoice, entries: Sequence[Body]) -> Proof:
    """Read the proof out of the entries with an invoice's number (GetMutaties).

    Paid: what came in on it (FactuurbetalingOntvangen; paid back on a credit invoice)
    is all of it.
    """
    own = [row for row in entries if _is_of(row, invoice)]
    payments = [row for row in own if row["Soort"] == PAYMENT_IN]
    received = total(_amount_for(row, invoice.number) for row in payments)
    owed = invoice.amount_incl_vat
    if payments and abs(received) >= abs(owed) and received * owed > 0:
        return Proof(is_paid=True, paid_on=max(row["Datum"] for row in payments))
    return Proof(is_written_off=any(row["Soort"] == JOURNAL for row in own))


def _is_of(row: Body, invoice: BookedInvoice) -> bool:
    code = str(row.get("RelatieCode") or "").strip()
    return code in ("", invoice.debtor_number)


def _amount_for(row: Body, number: str) -> Decimal:
    """Return what an entry pays of one invoice: a line may name its own."""
    return total(
        line["BedragInclBTW"]
        for line in row["MutatieRegels"]
        if str(line.get("Factuurnummer") or row.get("Factuurnummer") or "").strip()
        == number
    )


def still_open(invoice: BookedInvoice, answer: OpenItems) -> Decimal:
    """Return what is left of an invoice, in euros incl VAT."""
    return total(item.open_amount or ZERO for item in _items_of(invoice, answer))


def _items_of(invoice: BookedInvoice, answer: OpenItems) -> list[OpenItem]:
    """Return the items of an invoice: of its debtor, or of its amount.

    A debtor whose number was changed here or there must not make it look absent, nor
    an item that cannot be read.
    """
    return [
        item
        for item in answer.items
        if item.invoice_number.strip() == invoice.number
        and (
            item.open_amount is None
            or item.debtor_code.strip() == invoice.debtor_number
            or item.amount == invoice.amount_incl_vat
        )
    ]
