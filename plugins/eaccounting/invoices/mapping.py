"""From a sent invoice to a sales entry with its document (manual 000, C). Pure.

Contract: 3.10 and 3.11 (ledger item with voucher), 3.13 (attachment and link).
Debtors are debited for the total, revenue and VAT are credited; on a credit invoice
the sides change places, since no amount in a voucher is negative.
"""

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceData, InvoiceVatRule, VatTotal
from core.domain.money import CENT, total, vat_on
from core.domain.strings import cut
from core.rules.sale_checks import CURRENCY
from plugins.eaccounting import wire
from plugins.eaccounting.mapping import base_rows, side, vat_rows
from plugins.eaccounting.wire import Body


@dataclass(frozen=True)
class RuledTotal:
    """One VAT code of an invoice with what it becomes."""

    total: VatTotal
    rule: InvoiceVatRule
    vat_account: int | None
    """Account of the VAT row; None where the rate is zero."""


def own_number(number: str) -> int | None:
    """Return an invoice number as the package can hold it; None when it cannot.

    The package takes a number of at most 2,147,483,647 (contract 3.11).
    """
    if not (number.isascii() and number.isdecimal()) or len(number) > 10:
        return None
    value = int(number)
    return value if str(value) == number and 0 < value <= wire.INT32 else None


def check(invoice: InvoiceData, totals: Sequence[RuledTotal]) -> None:
    """Check what the vendor would refuse (contract 3.11).

    Raises AskUser `invoice_without_amount`, `total_too_large`, `invoice_unbalanced`
    or `vat_rounding_too_large`.
    """
    amount = invoice.amount_incl_vat
    if not amount:
        raise AskUser("invoice_without_amount")
    if abs(amount) > wire.TOTAL:
        raise AskUser("total_too_large", total=amount)
    parts = [item.total.amount_excl_vat + item.total.vat_amount for item in totals]
    if total(parts) != amount:
        raise AskUser("invoice_unbalanced", total=amount, lines=total(parts))
    difference = _vat_difference(totals)
    if difference > wire.VAT_TOLERANCE_CENTS * CENT:
        raise AskUser("vat_rounding_too_large", difference=difference)


def _vat_difference(totals: Iterable[RuledTotal]) -> Decimal:
    """How far our VAT is from what the vendor works out per VAT code of its own."""
    nets: defaultdict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    charged = Decimal(0)
    for item in totals:
        key = item.rule.package_vat_code, item.total.vat_rate
        nets[key] += item.total.amount_excl_vat
        charged += item.total.vat_amount
    worked_out = total(vat_on(net, rate) for (_, rate), net in nets.items())
    return abs(charged - worked_out)


def sales_entry(
    invoice: InvoiceData,
    totals: Sequence[RuledTotal],
    *,
    customer_id: str,
    receivables_account: int,
    invoice_number: int,
) -> Body:
    """Return a customer ledger item with its voucher (contract 3.11)."""
    amount = invoice.amount_incl_vat
    return {
        "CurrencyCode": CURRENCY,
        "CustomerId": customer_id,
        "InvoiceDate": invoice.issued_on.isoformat(),
        "DueDate": invoice.due_on.isoformat(),
        "InvoiceNumber": invoice_number,
        "IsCreditInvoice": amount < 0,
        "PaymentReferenceNumber": invoice.number[: wire.PAYMENT_REFERENCE],
        "RemainingAmountInvoiceCurrency": amount,
        "TotalAmountInvoiceCurrency": amount,
        "VATAmountInvoiceCurrency": invoice.vat_amount,
        "RoundingsAmountInvoiceCurrency": Decimal(0),
        "Voucher": {
            "VoucherDate": invoice.issued_on.isoformat(),
            "VoucherText": cut(voucher_text(invoice), wire.VOUCHER_TEXT),
            "Rows": _rows(invoice, totals, receivables_account),
        },
    }


def voucher_text(invoice: InvoiceData) -> str:
    """`Factuur X`, or `Creditfactuur X op factuur Y`; the customer's reference."""
    text = f"{_kind(invoice)} {invoice.number}"
    if invoice.credits_number:
        text += f" op factuur {invoice.credits_number}"
    return f"{text}, kenmerk {invoice.reference}" if invoice.reference else text


def _kind(invoice: InvoiceData) -> str:
    return "Creditfactuur" if invoice.amount_incl_vat < 0 else "Factuur"


def _rows(
    invoice: InvoiceData, totals: Sequence[RuledTotal], receivables_account: int
) -> list[Body]:
    text = cut(f"{_kind(invoice)} {invoice.number}", wire.TRANSACTION_TEXT)
    debtors = {
        "AccountNumber": receivables_account,
        **side(-invoice.amount_incl_vat),
        "TransactionText": text,
    }
    vat = vat_rows(
        (item.vat_account, item.total.vat_rate, item.total.vat_amount)
        for item in totals
    )
    revenue = base_rows(
        (
            (item.rule.revenue_account, item.rule.package_vat_code,
             item.total.amount_excl_vat)
            for item in totals
        ),
        text,
    )  # fmt: skip
    return [debtors, *revenue, *vat]


# --- the document ------------------------------------------------------------------


def can_attach(media_type: str) -> bool:
    """Tell whether the package takes files of this type (contract 3.13)."""
    return media_type in wire.ATTACHMENT_TYPES


def attachment(
    invoice: InvoiceData, content: bytes, media_type: str, reference: str
) -> Body:
    """Return the upload of the sent invoice; `reference` finds it back.

    A name may hold letters, digits and `- _ ( )` only (contract 3.13), so it goes
    without a dot: the type says what it is.
    """
    return {
        "ContentType": media_type,
        "FileName": file_name(invoice),
        "Data": base64.b64encode(content).decode("ascii"),
        "Comment": reference,
    }


def file_name(invoice: InvoiceData) -> str:
    """Return the name an invoice's file has there."""
    name = re.sub(r"[^A-Za-z0-9()-]+", "_", f"{_kind(invoice)}_{invoice.number}")
    return name[: wire.FILE_NAME]


def voucher_link(voucher_id: str, attachment_id: str) -> Body:
    """Return the link of a file to a voucher (contract 3.13)."""
    return {
        "DocumentId": voucher_id,
        "DocumentType": wire.VOUCHER,
        "AttachmentIds": [attachment_id],
    }
