"""Checks before booking and after it. Pure."""

from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.domain.orders import Order
from moneybird.wire import Invoice

CENT = Decimal("0.01")


def check(order: Order) -> None:
    """Check what this package asks on top of what every package needs.

    Raises AskUser: `moneybird_negative`, since it books no order with the sides turned
    (so it takes no credits either), and `moneybird_email_missing`, since a contact is
    found by its e-mail address.
    """
    if order.total_incl_vat < ZERO:
        raise AskUser("moneybird_negative", total=order.total_incl_vat)
    if not order.email:
        raise AskUser("moneybird_email_missing", number=order.number)


def difference(order: Order, invoice: Invoice, contact_id: str) -> str:
    """Return the code of what differs between order and invoice; empty: nothing.

    Moneybird calculates VAT by itself: a cent a line may be rounding.
    """
    if invoice.total_incl_vat != order.total_incl_vat:
        return "moneybird_total_differs"
    if abs(invoice.vat_amount - order.vat_amount) > CENT * len(order.lines):
        return "moneybird_vat_differs"
    if invoice.contact_id != contact_id:
        return "moneybird_contact_differs"
    return ""
