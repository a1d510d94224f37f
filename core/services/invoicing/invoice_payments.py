"""What was credited and what decides about payment, for the page of an invoice."""

from dataclasses import dataclass
from decimal import Decimal

from core.domain.money import ZERO, total
from core.models import InvoiceState, SalesInvoice
from core.services.invoicing import invoice_bookings, invoice_credits, open_items


@dataclass(frozen=True)
class Payments:
    """Where the money of an invoice stands; amounts in euros incl VAT."""

    amount: Decimal
    credited: Decimal
    """By credit invoices that were sent; positive."""
    decider: int | None
    """The connection that decides whether it is paid; None: none reads payments."""

    @property
    def left(self) -> Decimal:
        """What the customer owes of it, whatever was paid."""
        return self.amount - self.credited

    @property
    def is_wholly_credited(self) -> bool:
        """Whether nothing is left to be paid because it was credited."""
        return bool(self.credited) and not self.left


def payments_of(row: SalesInvoice) -> Payments:
    """Return how much of an invoice was credited, and who decides about it."""
    sent = [
        one.amount_incl_vat
        for one in invoice_credits.credits_of(row)
        if one.state != InvoiceState.DRAFT
    ]
    booked = invoice_bookings.of_invoice(row.id)
    decider = open_items.decider_of(row.id) if booked else None
    return Payments(row.amount_incl_vat, total(-each for each in sent) or ZERO, decider)
