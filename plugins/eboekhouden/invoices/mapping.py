"""From a sent sales invoice of the CRM to the vendor's entry. Pure."""

from collections.abc import Callable, Sequence

from core.domain.invoices import InvoiceData, InvoiceVatRule
from plugins.eboekhouden.mapping import CodedLine, Header, entry
from plugins.eboekhouden.wire import Body


def invoice_lines(
    invoice: InvoiceData, rule: Callable[[str], InvoiceVatRule]
) -> list[CodedLine]:
    """Return a line per VAT code of a CRM invoice; negative on a credit invoice.

    `rule` says what a VAT code of the tenant becomes (`InvoiceBooking.rule`).
    """
    return [
        CodedLine(
            row.amount_excl_vat + row.vat_amount,
            row.vat_amount,
            row.vat_rate,
            rule(row.vat_code).package_vat_code,
            rule(row.vat_code).revenue_account,
        )
        for row in invoice.totals
    ]


def invoice_entry(
    invoice: InvoiceData,
    lines: Sequence[CodedLine],
    *,
    debtor_code: str,
    receivables_account: str,
    voucher: str = "",
) -> Body:
    """Return the sales entry of a CRM invoice; a credit invoice is the same kind.

    `voucher` is the reference under which its PDF was sent to the archive mailbox.
    """
    word = "Creditfactuur" if invoice.credits_number else "Factuur"
    text = f"{word} {invoice.number}"
    if invoice.credits_number:
        text += f" bij factuur {invoice.credits_number}"
    header = Header(
        invoice_number=invoice.number,
        booked_on=invoice.issued_on,
        debtor_code=debtor_code,
        receivables_account=receivables_account,
        payment_days=max((invoice.due_on - invoice.issued_on).days, 0),
        description=text,
        voucher=voucher,
        reference=invoice.number,
    )
    return entry(header, lines)
