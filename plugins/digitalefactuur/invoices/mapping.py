"""Sent sales invoices between our words and DigitaleFactuur's. Pure.

Source: contract notes 1.3 and 1.4.
"""

import re
from dataclasses import replace
from decimal import Decimal

from core.domain.invoices import InvoiceData, InvoiceLineData
from core.domain.money import cents
from plugins.digitalefactuur import wire

OPEN, PAID = "openstaand", "betaald"
_NUMBER = re.compile(r"(?P<prefix>.*?)(?P<number>0|[1-9]\d*)")
_THOUSANDTH = Decimal("0.001")
_HUNDREDTH = Decimal("0.01")


def invoice(
    data: InvoiceData, customer_id: str, *, direct_debit: bool = False
) -> wire.Invoice:
    """Return a sent sales invoice for an existing debtor.

    The number is split in a prefix and a number without leading zeros, as the vendor
    keeps them; `checks.invoice` must have passed.
    """
    found = _NUMBER.fullmatch(data.number)
    return wire.Invoice(
        customer_id=customer_id,
        payment_status=PAID if data.prepayments else OPEN,
        prefix=found["prefix"] if found else "",
        number=found["number"] if found else data.number,
        direct_debit=direct_debit,
        issued_on=data.issued_on,
        due_on=data.due_on,
        lines=tuple(_line(line) for line in data.lines),
    )


def _line(line: InvoiceLineData) -> wire.Line:
    """Return a line; as one piece when the vendor's decimals cannot hold its price."""
    quantity, price = line.quantity, line.unit_price
    fits = (
        quantity == quantity.quantize(_HUNDREDTH)
        and price == price.quantize(_THOUSANDTH)
        and cents(quantity * price) == line.amount_excl_vat
    )
    if not fits:
        quantity, price = Decimal(1), line.amount_excl_vat
    return wire.Line(quantity, line.description, price, line.vat_rate)


def is_paid(invoice: wire.Invoice) -> bool | None:
    """Tell whether an invoice is paid in full; None when its status is unknown."""
    return {PAID: True, OPEN: False}.get(invoice.payment_status)


def differences(sent: wire.Invoice, found: wire.Invoice) -> list[str]:
    """Return in what an invoice found by its number differs from what was sent.

    Nothing: it is ours and may be adopted. Line ids and the payment status may differ.
    """
    pairs = {
        "number": (sent.full_number, found.full_number),
        "customer": (sent.customer_id, found.customer_id),
        "issued_on": (sent.issued_on, found.issued_on),
        "lines": (_bare(sent), _bare(found)),
    }
    return [name for name, (ours, theirs) in pairs.items() if ours != theirs]


def _bare(invoice: wire.Invoice) -> list[wire.Line]:
    return [replace(line, id="") for line in invoice.lines]
