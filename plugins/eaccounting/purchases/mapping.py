"""From a supplier's invoice to a draft of a supplier invoice. Pure.

SupplierInvoiceDraftApi of the contract. Costs and VAT are debited, creditors credited;
on a credit note the sides change places, and `IsCreditInvoice` says so: totals have no
sign. Which sign the vendor wants there is unverified.
"""

from dataclasses import dataclass

from core.domain.errors import AskUser
from core.domain.purchases import PurchaseBooking, PurchaseRule, PurchaseShare
from core.domain.strings import cut
from core.rules.sale_checks import CURRENCY
from plugins.eaccounting import wire
from plugins.eaccounting.mapping import base_rows, side, vat_rows
from plugins.eaccounting.wire import Body

PURCHASE_DRAFT = "purchase_draft"


@dataclass(frozen=True)
class RuledShare:
    """A category and rate with what it becomes."""

    share: PurchaseShare
    rule: PurchaseRule
    vat_account: int | None
    """Account of the VAT row; None where no VAT is charged."""


def check(booking: PurchaseBooking) -> None:
    """Check what the vendor would refuse.

    Raises AskUser `purchase_without_amount`, `purchase_too_long`, `total_too_large`.
    """
    invoice = booking.invoice
    if not invoice.amount_incl_vat:
        raise AskUser("purchase_without_amount")
    if wire.units(invoice.number) > wire.PURCHASE_NUMBER:
        raise AskUser("purchase_too_long", number=invoice.number)
    if abs(invoice.amount_incl_vat) > wire.TOTAL:
        raise AskUser("total_too_large", total=invoice.amount_incl_vat)


def purchase_draft(
    booking: PurchaseBooking,
    shares: list[RuledShare],
    *,
    supplier_id: str,
    payables_account: int,
) -> Body:
    """Return the draft (SupplierInvoiceDraftApi)."""
    invoice = booking.invoice
    message = invoice.payment_reference
    return {
        "SupplierId": supplier_id,
        "CurrencyCode": CURRENCY,
        "InvoiceDate": invoice.issued_on.isoformat(),
        "DueDate": invoice.due_on.isoformat(),
        "InvoiceNumber": invoice.number,
        "IsCreditInvoice": invoice.amount_incl_vat < 0,
        "TotalAmount": abs(invoice.amount_incl_vat),
        "Vat": abs(invoice.vat_amount),
        # cut it would be another reference
        **({"Message": message} if 0 < len(message) <= wire.PURCHASE_MESSAGE else {}),
        "Rows": _rows(booking, shares, payables_account),
    }


def _rows(
    booking: PurchaseBooking, shares: list[RuledShare], payables_account: int
) -> list[Body]:
    invoice = booking.invoice
    text = cut(f"{invoice.number} {booking.relation.full_name}", wire.PURCHASE_TEXT)
    creditors = {
        "AccountNumber": payables_account,
        **side(invoice.amount_incl_vat),
        "TransactionText": text,
    }
    vat = vat_rows(
        (item.vat_account, item.share.rate, -item.share.vat_amount) for item in shares
    )
    costs = base_rows(
        (
            (item.rule.cost_account, item.rule.package_vat_code,
             -item.share.amount_excl_vat)
            for item in shares
        ),
        text,
    )  # fmt: skip
    rows = [*costs, *vat, creditors]
    return [{**row, "LineNumber": number} for number, row in enumerate(rows, 1)]
