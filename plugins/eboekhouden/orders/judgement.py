"""What the checks before booking say of an order, by what is known here.

Nothing is asked outside and nothing is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from core.domain.clock import local_date
from core.domain.orders import Order, OrderLine
from core.rules.sale_place import Sale
from plugins.eboekhouden import checks
from plugins.eboekhouden.mapping import CodedLine, entry_lines
from plugins.eboekhouden.orders import mapping
from plugins.eboekhouden.payments import Due, due
from plugins.eboekhouden.setup import Setup
from plugins.eboekhouden.wire import Body


@dataclass(frozen=True)
class Checked:
    """An order that passed the checks, with what they found."""

    order: Order
    setup: Setup
    sale: Sale
    lines: Sequence[CodedLine]
    booked_on: date
    payments: list[Due]
    vat_number: str = ""
    """Valid VAT number of an ICP order; empty for others."""


def judge(order: Order, setup: Setup) -> Checked:
    """Check an order; an ICP order's VAT number is yet to be validated.

    Raises the AskUser and Stop of `core.rules.sale_checks`, `checks` and `mapping`.
    """
    sale = setup.sale_of(order)
    booked_on = local_date(order.ordered_at, setup.timezone)
    checks.check_date(booked_on)
    mapping.order_invoice_number(order, prefix_of(setup))
    coded = coded_by(setup)
    lines = [coded(line, sale) for line in order.lines]
    entry_lines(lines)
    revenue = sorted({line.revenue_account for line in lines})
    checks.check_accounts(setup.receivables_account, revenue, setup.accounts)
    return Checked(order, setup, sale, lines, booked_on, due(order.payments, setup))


def entry_of(done: Checked, number: str, debtor: str) -> Body:
    """Return the entry of an order under its invoice number."""
    return mapping.order_entry(
        done.order,
        done.lines,
        invoice_number=number,
        debtor_code=debtor,
        receivables_account=done.setup.receivables_account,
        payment_days=done.setup.payment_days,
        booked_on=done.booked_on,
        with_invoice_number=bool(done.setup.settings.get("invoice_number_in_text")),
    )


def coded_by(setup: Setup) -> Callable[[OrderLine, Sale], CodedLine]:
    """Return what gives a line its VAT code and account, or refuses it."""

    def coded(line: OrderLine, sale: Sale) -> CodedLine:
        made = mapping.coded(line, setup.rules.find(line, sale))
        checks.check_vat_code(made.vat_code, line.vat_rate)
        return made

    return coded


def prefix_of(setup: Setup) -> str:
    """Return what stands before the numbers of orders."""
    return str(setup.settings.get("number_prefix") or "")
