"""Checks before booking and after it. Pure."""

from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.orders import Order, SaleKind
from core.rules.sale_checks import check_business, check_order, sale_kind
from moneybird.wire import Invoice

CENT = Decimal("0.01")


def check(order: Order, home_country: str) -> SaleKind:
    """Check what every package needs and what this one asks on top; return the kind.

    Raises AskUser: those of `core.rules.sale_checks`, and
    `moneybird_email_missing`, since a contact is found by its e-mail address.
    """
    check_order(order)
    kind = sale_kind(order, home_country)
    check_business(order, kind, home_country)
    if not order.email:
        raise AskUser("moneybird_email_missing", number=order.number)
    return kind


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
