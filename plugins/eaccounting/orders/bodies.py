"""What is sent of an order that passed the checks: one way, for sending and preview."""

from functools import partial

from core.domain.orders import Order, Payment
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.orders import mapping
from plugins.eaccounting.orders.checks import Debtor
from plugins.eaccounting.orders.judgement import Judgement
from plugins.eaccounting.orders.mapping import ArticleRow
from plugins.eaccounting.orders.rounding import DocumentPlan
from plugins.eaccounting.payments import Paid
from plugins.eaccounting.setup import Setup
from plugins.eaccounting.wire import Body


def entry(done: Judgement, customer_id: str, invoice_number: int) -> Body:
    """Return the sales entry of an order."""
    settings = done.setup.settings
    return mapping.sales_entry(
        done.order,
        done.lines,
        customer_id=customer_id,
        receivables_account=int(settings["receivables_account"]),
        invoice_number=invoice_number,
        booked_on=done.booked_on,
        with_invoice_number=bool(settings.get("invoice_number_in_text")),
    )


def document(
    done: Judgement,
    plan: DocumentPlan,
    rows: list[ArticleRow],
    debtor: Debtor,
    customer_id: str,
) -> Body:
    """Return the draft or order of an order, with countries as the vendor has them."""
    if done.target == TargetKind.ORDER:
        body = mapping.order_document(
            done.order,
            rows,
            customer_id=customer_id,
            incl_vat=plan.incl_vat,
            booked_on=done.booked_on,
            is_own_address=not debtor.is_fixed,
        )
    else:
        body = mapping.draft_invoice(
            done.order, rows, customer_id=customer_id, booked_on=done.booked_on
        )
    for name in ("InvoiceCountryCode", "DeliveryCountryCode"):
        if name in body:
            body[name] = done.setup.listed_country(body[name])
    return body


def paid(order: Order, setup: Setup) -> Paid:
    """Return how the vouchers that settle the payments of an order name it."""
    return Paid(partial(_about, order), setup, is_new=bool(order.lines))


def _about(order: Order, payment: Payment) -> tuple[str, str]:
    number = order.credits or order.number
    if order.credits and not order.lines:
        back = payment.amount < 0
        word = "Teruggedraaide betaling" if back else "Herstelde betaling"
        return f"{word} bestelling", number
    word = "Terugbetaling" if payment.amount < 0 else "Betaling"
    return f"{word} bestelling", number
