"""From a supplier's invoice to the vendor's entry (FactuurOntvangen). Pure.

A credit note is the same kind with amounts below zero, as the vendor's own module books
credit notes that are sent (contract 10).
"""

from decimal import Decimal

from core.domain.purchases import PurchaseBooking
from plugins.eboekhouden import wire
from plugins.eboekhouden.mapping import CodedLine, Header, entry
from plugins.eboekhouden.wire import Body

PURCHASE_ENTRY = "purchase_entry"
_PIECES = Decimal(3)
"""A supplier's VAT may be a cent or two from his rate: software rounds per line."""


def lines_of(booking: PurchaseBooking) -> list[CodedLine]:
    """Return a line per category and rate."""
    return [
        CodedLine(
            share.amount_excl_vat + share.vat_amount,
            share.vat_amount,
            share.rate,
            booking.rule(share).package_vat_code,
            booking.rule(share).cost_account,
            _PIECES,
        )
        for share in booking.invoice.shares
        if share.amount_excl_vat or share.vat_amount
    ]


def purchase_entry(
    booking: PurchaseBooking, lines: list[CodedLine], *, code: str, payables: str
) -> Body:
    """Return the entry, on the supplier with a code."""
    invoice = booking.invoice
    word = "Creditnota" if invoice.amount_incl_vat < 0 else "Factuur"
    header = Header(
        invoice_number=invoice.number,
        booked_on=invoice.issued_on,
        debtor_code=code,
        receivables_account=payables,
        payment_days=max((invoice.due_on - invoice.issued_on).days, 0),
        description=f"{word} {invoice.number} van {booking.relation.full_name}",
        reference=invoice.payment_reference,
    )
    return {**entry(header, lines), "Soort": wire.PURCHASE_INVOICE}
