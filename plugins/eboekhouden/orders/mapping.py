"""From our order to the vendor's entry and relation. Pure."""

from collections.abc import Sequence
from datetime import date

from core.domain.errors import AskUser
from core.domain.orders import Order, OrderLine
from core.rules.sale_checks import VatRule
from plugins.eboekhouden import wire
from plugins.eboekhouden.mapping import CodedLine, Header, entry, limited
from plugins.eboekhouden.wire import Body


def coded(line: OrderLine, rule: VatRule) -> CodedLine:
    """Return an order line with the codes of its configured rule."""
    return CodedLine(
        line.amount_incl_vat,
        line.vat_amount,
        line.vat_rate,
        rule.vat_code,
        rule.revenue_account,
    )


def order_entry(
    order: Order,
    lines: Sequence[CodedLine],
    *,
    invoice_number: str,
    debtor_code: str,
    receivables_account: str,
    payment_days: int,
    booked_on: date,
    with_invoice_number: bool = False,
) -> Body:
    """Return the sales entry of a webshop order."""
    text = f"Bestelling {order.number}"
    if with_invoice_number and order.invoice_number:
        text += f", factuur {order.invoice_number}"
    header = Header(
        invoice_number=invoice_number,
        booked_on=booked_on,
        debtor_code=debtor_code,
        receivables_account=receivables_account,
        payment_days=payment_days,
        description=text,
        voucher=order.number,
        reference=order.number,
    )
    return entry(header, lines)


def order_invoice_number(order: Order, prefix: str) -> str:
    """Return the number an order is booked and found under: prefix and order number.

    Raises AskUser `eboekhouden_number_too_long` over 50 characters: a cut number could
    be another order's.
    """
    number = f"{prefix}{order.number}"
    if len(number) > wire.INVOICE_NUMBER:
        raise AskUser("eboekhouden_number_too_long", number=number)
    return number


def debtor(order: Order, code: str, vat_number: str) -> Body:
    """Return a new relation for an order's buyer (contract 4.1).

    `vat_number` only when VIES said valid.
    """
    buyer = order.billing
    is_business = bool(buyer.company or vat_number)
    body: Body = {
        "Code": code,
        "Bedrijf": buyer.company or buyer.name or order.email,
        "Contactpersoon": buyer.name if buyer.company else "",
        "Adres": buyer.street,
        "Postcode": buyer.postal_code,
        "Plaats": buyer.city,
        "Land": buyer.country or order.country,
        "Telefoon": buyer.phone,
        "Email": order.email,
        "BTWNummer": vat_number,
        "BP": wire.BUSINESS if is_business else wire.PRIVATE,
    }
    if order.delivery != buyer and order.delivery.city:
        body |= {
            "Adres2": order.delivery.street,
            "Postcode2": order.delivery.postal_code,
            "Plaats2": order.delivery.city,
            "Land2": order.delivery.country,
        }
    return limited(body)
