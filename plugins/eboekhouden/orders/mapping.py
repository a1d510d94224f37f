"""From our order to the vendor's entries and relation. Pure."""

from collections.abc import Sequence
from datetime import date

from core.domain.errors import AskUser
from core.domain.money import plain
from core.domain.orders import Address, Order, OrderLine
from core.rules.sale_checks import VatRule
from plugins.eboekhouden import wire
from plugins.eboekhouden.mapping import CodedLine, Header, entry, limited
from plugins.eboekhouden.wire import Body

SALE, CREDIT, PAYMENT = "Bestelling", "Creditering bestelling", "Betaling"
PAYMENT_ONLY = "Betaling bij bestelling"
"""The first words of our entries, by which reconcile knows them."""


def coded(line: OrderLine, rule: VatRule) -> CodedLine:
    """Return an order line with the codes of its configured rule.

    A rule without a VAT code is of what is no turnover: outside VAT.
    """
    return CodedLine(
        line.amount_incl_vat,
        line.vat_amount,
        line.vat_rate,
        rule.vat_code or wire.NO_VAT,
        rule.revenue_account,
        pieces=line.pieces,
        text=f"{plain(line.quantity)} x {line.description}",
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
    """Return the sales entry of a webshop order.

    A negative order and a credit document are the same kind with negative amounts, as
    the vendor's own module books them (contract 10).
    """
    shown = order.invoice_number if with_invoice_number else ""
    header = Header(
        invoice_number=invoice_number,
        booked_on=booked_on,
        debtor_code=debtor_code,
        receivables_account=receivables_account,
        payment_days=payment_days,
        description=entry_text(order, shown),
        voucher=order.number,
        reference=order.number,
    )
    return entry(header, lines)


def entry_text(order: Order, invoice_number: str = "") -> str:
    """Return what an entry says; a credit document names the sale it takes back."""
    what = f"{CREDIT} {order.credits}" if order.credits else f"{SALE} {order.number}"
    return what + (f", factuur {invoice_number}" if invoice_number else "")


def payment_only_text(order: Order) -> str:
    """Return what the entry of a credit document without lines says."""
    return f"{PAYMENT_ONLY} {order.number}"


def order_invoice_number(order: Order, prefix: str) -> str:
    """Return the number an order is booked and found under: prefix and order number.

    A credit document has a number of its own, else a C before that of its sale.

    Raises AskUser `eboekhouden_number_too_long` over 50 characters: a cut number could
    be another order's.
    """
    is_taken = order.number == order.credits
    number = f"{prefix}{'C' if is_taken else ''}{order.number}"
    if len(number) > wire.INVOICE_NUMBER:
        raise AskUser("eboekhouden_number_too_long", number=number)
    return number


def debtor(order: Order, code: str, vat_number: str) -> Body:
    """Return a new relation for an order's buyer (contract 4.1).

    `vat_number` only when VIES said valid. Each address comes whole from one place: the
    billing address, or where the shop gives none that of the delivery.
    """
    place = order.billing if _is_place(order.billing) else order.delivery
    name = order.billing.name or order.delivery.name
    is_business = bool(order.company or vat_number)
    body: Body = {
        "Code": code,
        "Bedrijf": order.company or name or order.email,
        "Contactpersoon": name if order.company else "",
        "Adres": place.street,
        "Postcode": place.postal_code,
        "Plaats": place.city,
        "Land": place.country,
        "Telefoon": order.billing.phone or order.delivery.phone,
        "Email": order.email,
        "BTWNummer": vat_number,
        "BP": wire.BUSINESS if is_business else wire.PRIVATE,
    }
    if order.delivery != place and order.delivery.city:
        body |= {
            "Adres2": order.delivery.street,
            "Postcode2": order.delivery.postal_code,
            "Plaats2": order.delivery.city,
            "Land2": order.delivery.country,
        }
    return limited(body)


def _is_place(address: Address) -> bool:
    return bool(address.street or address.postal_code or address.city)
