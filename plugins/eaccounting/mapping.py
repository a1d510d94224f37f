"""From our order to the vendor's documents, and back. Pure.

Field by field as manual 004 lists them, with the names and types of the contract.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.money import CENT, ZERO, cents, plain, total, vat_on
from core.domain.orders import Address, LineKind, Order, OrderLine
from core.domain.strings import cut
from core.rules.sale_checks import CURRENCY, VatRule
from plugins.eaccounting import wire
from plugins.eaccounting.wire import Body

SHIPPING_ARTICLE = "VERZENDKOSTEN"
FEE_ARTICLE = "TOESLAG"


class TargetKind(StrEnum):
    """What an order becomes in the package (manual 004, section 2)."""

    SALES_ENTRY = "sales_entry"
    DRAFT_INVOICE = "draft_invoice"
    ORDER = "order"


@dataclass(frozen=True)
class RuledLine:
    """A line with the configured VAT treatment."""

    line: OrderLine
    rule: VatRule
    vat_account: int | None
    """Account of the VAT row; None where the rate is zero."""


@dataclass(frozen=True)
class PricedLine:
    """A line with its article, for drafts and orders."""

    line: OrderLine
    article_id: str


# --- debtors -----------------------------------------------------------------------


def customer(order: Order, terms_id: str, vat_number: str) -> Body:
    """Return a new debtor (contract 3.2); `vat_number` only when VIES said valid."""
    buyer = order.billing
    is_private = order.is_private_person and not vat_number
    body: Body = {
        "Name": cut(buyer.company or buyer.name or order.email, wire.NAME),
        "EmailAddress": order.email,
        "InvoiceAddress1": cut(buyer.street, wire.ADDRESS),
        "InvoicePostalCode": buyer.postal_code[: wire.POSTAL_CODE],
        "InvoiceCity": cut(buyer.city, wire.CITY),
        "InvoiceCountryCode": buyer.country or order.country,
        "TermsOfPaymentId": terms_id,
        "IsPrivatePerson": is_private,
        "IsActive": True,
    }
    if buyer.company and buyer.name:
        body["ContactPersonName"] = cut(buyer.name, 100)
    if buyer.phone:
        body["Telephone"] = buyer.phone[: wire.PHONE]
    if vat_number:
        body["VatNumber"] = vat_number
    if order.delivery != order.billing and order.delivery.city:
        body |= _delivery(order.delivery, 100)
        if order.delivery.postal_code and order.country != body["InvoiceCountryCode"]:
            # Our VAT follows the goods; by itself the vendor's follows the invoice.
            body["DeliveryBasedVat"] = True
    return body


def _delivery(address: Address, name_limit: int) -> Body:
    """The delivery block: its name is 100 long on debtors and orders, 50 on drafts."""
    return _filled(
        DeliveryCustomerName=cut(address.company or address.name, name_limit),
        DeliveryAddress1=cut(address.street, wire.ADDRESS),
        DeliveryPostalCode=address.postal_code[: wire.POSTAL_CODE],
        DeliveryCity=cut(address.city, wire.CITY),
        DeliveryCountryCode=address.country,
    )


def _filled(**fields: str) -> Body:
    """Leave out what is empty: the vendor then takes the debtor's (contract 3.7)."""
    return {name: value for name, value in fields.items() if value}


# --- articles ----------------------------------------------------------------------


def article_number(line: OrderLine, suffix: str) -> str:
    """The number an article is matched and made by.

    VAT follows the article's coding, so a product sold at another rate is another
    article: it gets the rate behind its number.
    """
    base = {LineKind.SHIPPING: SHIPPING_ARTICLE, LineKind.FEE: FEE_ARTICLE}.get(
        line.kind, line.article_number or cut(line.description, 30) or "ARTIKEL"
    )
    return f"{base[: wire.ARTICLE_NUMBER - len(suffix)]}{suffix}"


def article(
    line: OrderLine, number: str, coding_id: str, coding_rate: Decimal, unit_id: str
) -> Body:
    """Return a new article whose gross and net fit its coding (contract 3.4).

    The vendor works the gross out from net and rate; both are given in cents.
    """
    quantity = line.quantity or Decimal(1)
    net = cents(abs(line.amount_excl_vat / quantity))
    return {
        "Number": number,
        "Name": cut(line.description or number, wire.NAME),
        "NetPrice": net,
        "GrossPrice": net + vat_on(net, coding_rate),
        "CodingId": coding_id,
        "UnitId": unit_id,
        "IsActive": True,
    }


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

    Debtors are debited for the total incl VAT, revenue and VAT are credited. (The
    manual's text says it the other way round and its sample does not balance.)
    """
    amount = order.total_incl_vat
    return {
        "CurrencyCode": CURRENCY,
        "CustomerId": customer_id,
        "InvoiceDate": booked_on.isoformat(),
        "DueDate": booked_on.isoformat(),
        "InvoiceNumber": invoice_number,
        "IsCreditInvoice": False,
        "PaymentReferenceNumber": order.number[: wire.PAYMENT_REFERENCE],
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
    text = f"Bestelling {order.number}"
    if with_invoice_number and order.invoice_number:
        text += f", factuur {order.invoice_number}"
    return cut(text, wire.VOUCHER_TEXT)


def _voucher_rows(
    order: Order, lines: Sequence[RuledLine], receivables_account: int
) -> list[Body]:
    rows = [
        {
            "AccountNumber": receivables_account,
            "DebitAmount": order.total_incl_vat,
            "TransactionText": cut(f"Bestelling {order.number}", wire.TRANSACTION_TEXT),
        }
    ]
    rows += [_revenue_row(item) for item in lines if item.line.amount_excl_vat]
    return rows + _vat_rows(lines)


def _revenue_row(item: RuledLine) -> Body:
    return {
        "AccountNumber": int(item.rule.revenue_account),
        "CreditAmount": item.line.amount_excl_vat,
        "TransactionText": cut(item.line.description, wire.TRANSACTION_TEXT),
        "VatCodeId": item.rule.vat_code,
    }


def _vat_rows(lines: Iterable[RuledLine]) -> list[Body]:
    """One row per VAT account and rate."""
    amounts: defaultdict[tuple[int, Decimal], Decimal] = defaultdict(Decimal)
    for item in lines:
        if item.vat_account is not None:
            amounts[item.vat_account, item.line.vat_rate] += item.line.vat_amount
    return [
        {
            "AccountNumber": account,
            "CreditAmount": amount,
            "TransactionText": f"BTW {plain(rate)} %",
        }
        for (account, rate), amount in amounts.items()
        if amount
    ]


def vat_difference(lines: Iterable[RuledLine]) -> Decimal:
    """How far the shop's VAT is from what the vendor works out per VAT code."""
    nets: defaultdict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    charged = ZERO
    for item in lines:
        nets[item.rule.vat_code, item.line.vat_rate] += item.line.amount_excl_vat
        charged += item.line.vat_amount
    worked_out = total(vat_on(net, rate) for (_, rate), net in nets.items())
    return abs(charged - worked_out)


# --- draft invoice and order -------------------------------------------------------


def draft_invoice(
    order: Order,
    lines: Sequence[PricedLine],
    *,
    customer_id: str,
    incl_vat: bool,
    booked_on: date,
) -> Body:
    """Return a draft invoice (contract 3.7).

    Name, place, country and currency of the invoice address are read-only there: they
    come from the debtor. The manual lists them because it shows the vendor's answer.
    """
    return {
        "CustomerId": customer_id,
        "InvoiceDate": booked_on.isoformat(),
        "IsCreditInvoice": False,
        "RotReducedInvoicingType": wire.ROT_NORMAL,
        "EuThirdParty": False,
        "ReplaceUnitPriceWhenZero": False,
        "YourReference": order.number[: wire.REFERENCE],
        **_filled(InvoiceAddress1=cut(order.billing.street, wire.ADDRESS)),
        **_delivery(order.delivery, wire.NAME),
        "Rows": [
            {
                "LineNumber": number,
                "ArticleId": item.article_id,
                "IsTextRow": False,
                "ReversedConstructionServicesVatFree": False,
                **_priced(item.line, incl_vat),
            }
            for number, item in enumerate(lines, 1)
        ],
    }


def order_document(
    order: Order,
    lines: Sequence[PricedLine],
    *,
    customer_id: str,
    incl_vat: bool,
    booked_on: date,
) -> Body:
    """Return an order with status Draft (contract 3.9)."""
    vat = order.vat_amount
    amount = order.total_incl_vat if incl_vat else order.total_incl_vat - vat
    buyer = order.billing
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
        "YourReference": order.number[: wire.REFERENCE],
        **_filled(
            InvoiceCustomerName=cut(buyer.company or buyer.name, wire.NAME),
            InvoiceAddress1=cut(buyer.street, wire.ADDRESS),
            InvoicePostalCode=buyer.postal_code[: wire.POSTAL_CODE],
            InvoiceCity=cut(buyer.city, wire.CITY),
            InvoiceCountryCode=buyer.country,
        ),
        **_delivery(order.delivery, 100),
        "Rows": [
            {
                "LineNumber": number,
                "ArticleId": item.article_id,
                "IsTextRow": False,
                "IsWorkCost": False,
                "EligibleForReverseChargeOnVat": False,
                **_priced(item.line, incl_vat),
            }
            for number, item in enumerate(lines, 1)
        ],
    }


def _priced(line: OrderLine, incl_vat: bool) -> Body:
    """Text, quantity and unit price that multiply to the line, to the cent.

    A domestic unit price has two decimals. Where the line does not divide (a discount
    inside it) it is one piece, and the text says how many there are.
    """
    amount = line.amount_incl_vat if incl_vat else line.amount_excl_vat
    quantity = line.quantity
    unit = amount / quantity if quantity else ZERO
    text = line.description or line.article_number
    if not quantity or unit != unit.quantize(CENT) or quantity != cents(quantity):
        text, quantity, unit = f"{plain(quantity)} x {text}", Decimal(1), amount
    return {"Text": cut(text, wire.TEXT), "UnitPrice": unit, "Quantity": quantity}
