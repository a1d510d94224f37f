"""Between our words and Moneybird's. Pure."""

from datetime import date, timedelta

from core.domain.errors import AskUser
from core.domain.money import plain
from core.domain.orders import Order, OrderLine
from core.rules.sale_checks import CURRENCY, VatRule, VatRules
from core.rules.sale_place import Sale
from moneybird.wire import Body

EXTERNAL_INVOICE = "external_invoice"
"""What an order becomes."""
SOURCE = "Koppelwerk"


def contact_body(order: Order) -> Body:
    """Return the order's buyer as a contact; fields without a value stay away."""
    address = order.billing
    first, _, last = address.name.strip().rpartition(" ")
    body = {
        "company_name": address.company,
        "firstname": first,
        "lastname": last or ("" if address.company else order.email.lower()),
        "address1": address.street,
        "zipcode": address.postal_code,
        "city": address.city,
        "country": address.country or order.country,
        "phone": address.phone,
        "tax_number": order.vat_number,
        "send_invoices_to_email": order.email.lower(),
    }
    return {name: value for name, value in body.items() if value}


def invoice_body(
    lines: list[Body], contact_id: str, on: date, payment_days: int
) -> Body:
    """Return an order's lines as an external sales invoice, without its reference.

    `on`: the order's date where the administration is.
    """
    return {
        "contact_id": contact_id,
        "date": on.isoformat(),
        "due_date": (on + timedelta(days=payment_days)).isoformat(),
        "currency": CURRENCY,
        "prices_are_incl_tax": True,
        "source": SOURCE,
        "details_attributes": lines,
    }


def invoice_lines(order: Order, sale: Sale, rules: VatRules) -> list[Body]:
    """Return the order's lines, in euros incl VAT.

    Raises AskUser for a line whose VAT is not configured (those of
    `core.rules.sale_checks.VatRules`), and `moneybird_without_vat` for one that is
    outside VAT: a line without a tax rate gets the administration's own there.
    """
    return [_line(line, rules.find(line, sale)) for line in order.lines]


def _line(line: OrderLine, rule: VatRule) -> Body:
    """Return a line as one piece: a price per piece cannot always be a whole cent."""
    if not rule.vat_code:
        raise AskUser("moneybird_without_vat", line=line.description)
    several = "" if line.quantity == 1 else f"{plain(line.quantity)} x "
    return {
        "description": f"{several}{line.description}",
        "price": str(line.amount_incl_vat),
        "amount": "1",
        "tax_rate_id": rule.vat_code,
        "ledger_account_id": rule.revenue_account,
    }
