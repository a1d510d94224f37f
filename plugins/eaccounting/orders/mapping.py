"""From our order to the vendor's documents. Pure.

Field by field as manual 004 lists them, with the names and types of the contract. What
goes over was planned before (`orders.rounding`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.domain.money import ZERO, total
from core.domain.orders import Order
from core.rules.sale_checks import CURRENCY
from plugins.eaccounting import wire
from plugins.eaccounting.mapping import (
    RuledLine,
    delivery,
    filled,
    invoice_address,
    postal_code,
    side,
    vat_rows,
)
from plugins.eaccounting.orders.rounding import Row
from plugins.eaccounting.wire import Body

CREDIT = "Creditering bestelling"
SALE = "Bestelling"


@dataclass(frozen=True)
class ArticleRow:
    """A planned row with its article."""

    row: Row
    article_id: str


def heading(order: Order) -> tuple[str, str]:
    """Return how a document is called and by which number: `Bestelling X`, or
    `Creditering bestelling X, C` with the sale's number and its own."""
    if not order.credits:
        return SALE, order.number
    own = f", {order.number}" if order.number != order.credits else ""
    return CREDIT, order.credits + own


def turned(order: Order, lines: Sequence[RuledLine]) -> tuple[RuledLine, ...]:
    """Return the lines with positive amounts: a credit document's with the sides
    turned."""
    if order.total_incl_vat >= 0:
        return tuple(lines)
    return tuple(
        replace(
            item,
            line=replace(
                item.line,
                quantity=abs(item.line.quantity),
                amount_incl_vat=-item.line.amount_incl_vat,
                vat_amount=-item.line.vat_amount,
            ),
        )
        for item in lines
    )


# --- sales entry -------------------------------------------------------------------


def sales_entry(
    order: Order,
    lines: Sequence[RuledLine],
    *,
    customer_id: str,
    receivables_account: int,
    invoice_number: int,
    booked_on: date,
    with_invoice_number: bool = False,
) -> Body:
    """Return a customer ledger item with its voucher (contract 3.11).

    Debtors are debited for the total incl VAT, revenue and VAT are credited; a negative
    amount stands on the other side (manual 004, *bij negatieve bestellingen*), since no
    amount of a voucher is negative (3.10). (The manual's text has the total row on the
    other side, and its sample does not balance.)
    """
    amount = order.total_incl_vat
    return {
        "CurrencyCode": CURRENCY,
        "CustomerId": customer_id,
        "InvoiceDate": booked_on.isoformat(),
        "DueDate": booked_on.isoformat(),
        "InvoiceNumber": invoice_number,
        "IsCreditInvoice": amount < 0,
        "PaymentReferenceNumber": wire.clip(order.number, wire.PAYMENT_REFERENCE),
        "RemainingAmountInvoiceCurrency": amount,
        "TotalAmountInvoiceCurrency": amount,
        "VATAmountInvoiceCurrency": total(item.line.vat_amount for item in lines),
        "RoundingsAmountInvoiceCurrency": ZERO,
        "Voucher": {
            "VoucherDate": booked_on.isoformat(),
            "VoucherText": voucher_text(order, with_invoice_number),
            "Rows": _voucher_rows(order, lines, receivables_account),
        },
    }


def voucher_text(order: Order, with_invoice_number: bool) -> str:
    """`Bestelling X`, and `, factuur Y` where the user asked for it (manual 004)."""
    text = wire.about(*heading(order), wire.VOUCHER_TEXT)
    if with_invoice_number and order.invoice_number:
        text += f", factuur {order.invoice_number}"
    return wire.fit(text, wire.VOUCHER_TEXT)


def _voucher_rows(
    order: Order, lines: Sequence[RuledLine], receivables_account: int
) -> list[Body]:
    rows = [
        {
            "AccountNumber": receivables_account,
            **side(-order.total_incl_vat),
            "TransactionText": wire.about(*heading(order), wire.TRANSACTION_TEXT),
        }
    ]
    rows += [_revenue_row(item) for item in lines if item.line.amount_excl_vat]
    return rows + vat_rows(
        (item.vat_account, item.line.vat_rate, item.line.vat_amount) for item in lines
    )


def _revenue_row(item: RuledLine) -> Body:
    row: Body = {
        "AccountNumber": int(item.rule.revenue_account),
        **side(item.line.amount_excl_vat),
        "TransactionText": wire.fit(item.line.description, wire.TRANSACTION_TEXT),
    }
    if not item.is_outside_vat:
        row["VatCodeId"] = item.rule.vat_code
    return row


# --- payments ------------------------------------------------------------------------


# --- draft invoice and order -------------------------------------------------------


def draft_invoice(
    order: Order,
    rows: Sequence[ArticleRow],
    *,
    customer_id: str,
    booked_on: date,
) -> Body:
    """Return a draft invoice (contract 3.7); a credit draft has positive amounts.

    The invoice address is the debtor's, whole: name, place and country are read-only
    here, so that a street of the order would stand in the debtor's town. (The manual
    lists them because it shows the vendor's answer.)
    """
    is_credit = order.total_incl_vat < 0
    return {
        "CustomerId": customer_id,
        "InvoiceDate": booked_on.isoformat(),
        "IsCreditInvoice": is_credit,
        "RotReducedInvoicingType": wire.ROT_NORMAL,
        "EuThirdParty": False,
        "ReplaceUnitPriceWhenZero": False,
        "YourReference": wire.clip(order.number, wire.REFERENCE),
        **delivery(order.delivery, wire.NAME),
        "Rows": [
            {
                "LineNumber": number,
                "ArticleId": item.article_id,
                "IsTextRow": False,
                "ReversedConstructionServicesVatFree": False,
                **_priced(item.row),
            }
            for number, item in enumerate(rows, 1)
        ]
        + ([_credit_text(order, len(rows) + 1)] if order.credits else []),
    }


def _credit_text(order: Order, number: int) -> Body:
    return {
        "LineNumber": number,
        "IsTextRow": True,
        "ReversedConstructionServicesVatFree": False,
        "Text": wire.about(*heading(order), wire.TEXT),
    }


def order_document(
    order: Order,
    rows: Sequence[ArticleRow],
    *,
    customer_id: str,
    incl_vat: bool,
    booked_on: date,
    is_own_address: bool = True,
) -> Body:
    """Return an order with status Draft (contract 3.9).

    `is_own_address`: the debtor is the buyer's; a fixed debtor has an address of its
    own, and none of the order's goes with it.
    """
    vat = order.vat_amount
    amount = order.total_incl_vat if incl_vat else order.total_incl_vat - vat
    return {
        "CustomerId": customer_id,
        "CurrencyCode": CURRENCY,
        "OrderDate": booked_on.isoformat(),
        "Status": wire.ORDER_DRAFT,
        "Amount": amount,
        "VatAmount": vat,
        "RoundingsAmount": ZERO,
        "RotReducedInvoicingType": wire.ROT_NORMAL,
        "EuThirdParty": False,
        "ReverseChargeOnConstructionServices": False,
        "YourReference": wire.clip(order.number, wire.REFERENCE),
        **(_invoice_block(order) if is_own_address else {}),
        **delivery(order.delivery, 100),
        "Rows": [
            {
                "LineNumber": number,
                "ArticleId": item.article_id,
                "IsTextRow": False,
                "IsWorkCost": False,
                "EligibleForReverseChargeOnVat": False,
                **_priced(item.row),
            }
            for number, item in enumerate(rows, 1)
        ],
    }


def _invoice_block(order: Order) -> Body:
    """Return the invoice address, whole or not at all; see `mapping.delivery`."""
    buyer = invoice_address(order)
    if not (buyer.street and buyer.city and buyer.country):
        return {}
    return filled(
        InvoiceCustomerName=wire.fit(buyer.company or buyer.name, wire.NAME),
        InvoiceAddress1=wire.fit(buyer.street, wire.ADDRESS),
        InvoicePostalCode=postal_code(buyer),
        InvoiceCity=wire.fit(buyer.city, wire.CITY),
        InvoiceCountryCode=buyer.country,
    )


def _priced(row: Row) -> Body:
    body: Body = {
        "Text": row.text,
        "UnitPrice": row.unit_price,
        "Quantity": row.quantity,
    }
    if row.discount:
        body["DiscountPercentage"] = row.discount
    return body
