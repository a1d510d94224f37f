"""What the checks before booking say of an order, by what is known here.

Nothing is asked outside and nothing is written: sending begins with it, and a
rehearsal of past orders is nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.domain.clock import local_date
from core.domain.orders import Order, OrderLine, SaleKind
from core.plugin.records import Record
from core.rules.sale_place import Sale
from plugins.eaccounting import checks
from plugins.eaccounting.mapping import RuledLine, TargetKind
from plugins.eaccounting.orders import checks as order_checks
from plugins.eaccounting.orders.mapping import turned
from plugins.eaccounting.setup import Setup
from plugins.eaccounting.wire import Body


@dataclass(frozen=True)
class Judgement:
    """An order that passed the checks, with what they found."""

    order: Order
    setup: Setup
    target: TargetKind
    sale: Sale
    lines: Sequence[RuledLine]
    """Of a sales entry: as they go, with cents moved. Of a draft or order: positive
    amounts, of a credit too."""
    booked_on: date
    vat_number: str = ""
    """Valid VAT number of an ICP order; empty for others."""

    @property
    def kind(self) -> SaleKind:
        """How the VAT configuration lists it."""
        return self.sale.kind

    @property
    def needs_area(self) -> bool:
        """Tell whether Visma works the VAT out by itself, from debtor and articles."""
        return self.target != TargetKind.SALES_ENTRY

    @property
    def fixed_debtor(self) -> str:
        """The debtor of its payment method; never for ICP (manual 004)."""
        if self.kind == SaleKind.ICP:
            return ""
        return self.setup.fixed_debtors.get(self.order.payment_method, "")


def judge(order: Order, setup: Setup, target: TargetKind) -> Judgement:
    """Check an order; raise the AskUser of `core.rules.sale_checks` or of `checks`.

    An ICP order's VAT number is yet to be validated, and a draft or order is yet to be
    held against its debtor (`orders.checks`).
    """
    sale = setup.sale_of(order)
    checks.check_target(target, setup.company)
    booked_on = local_date(order.ordered_at, setup.timezone)
    year = checks.check_period(booked_on, setup.years, setup.locked_to)
    lines = [_ruled(line, setup, sale) for line in order.lines]
    order_checks.check_vat(lines)
    if target == TargetKind.SALES_ENTRY:
        lines = list(order_checks.planned_entry(order, lines))
        _check_accounts(lines, setup, year)
    else:
        order_checks.check_document(order, target, lines)
        lines = list(turned(order, lines))
        for item in lines:
            setup.coding(item.rule)
    return Judgement(order, setup, target, sale, lines, booked_on)


def _ruled(line: OrderLine, setup: Setup, sale: Sale) -> RuledLine:
    rule = setup.rules.find(line, sale)
    if not rule.vat_code:
        # Outside VAT: its account gets no code, and there is no VAT to book.
        return RuledLine(line, rule, None)
    code = checks.check_vat_code(
        setup.vat_codes.get(rule.vat_code), line.vat_rate, rule.vat_code
    )
    return RuledLine(line, rule, checks.vat_account(code, line.vat_rate))


def _check_accounts(lines: Sequence[RuledLine], setup: Setup, year: Body) -> None:
    """Check every account of a voucher in the fiscal year it is booked in."""
    accounts, name = setup.accounts_of(year), str(year["StartDate"])[:4]
    numbers = {item.rule.revenue_account for item in lines}
    numbers.add(str(setup.settings.get("receivables_account") or ""))
    checks.check_accounts(sorted(numbers), accounts, name)
    vat = {str(item.vat_account) for item in lines if item.vat_account is not None}
    checks.check_accounts(sorted(vat), accounts, name, by_hand=False)


def debtor_trouble(found: Sequence[Record], done: Judgement) -> str:
    """Return the code of why these debtors do not do; empty: they do, or are none."""
    if len(found) > 1 and done.setup.settings.get("duplicate_debtor") != "oldest":
        return "debtor_ambiguous"
    if found and done.kind == SaleKind.ICP and not oldest(found).data.get("VatNumber"):
        # We never change a debtor, and an ICP order needs its number (manual 004).
        return "debtor_without_vat_number"
    return ""


def oldest(found: Sequence[Record]) -> Record:
    """Return the debtor with the lowest number: the vendor gives no date of making."""

    def age(record: Record) -> tuple[int, str]:
        number = str(record.data.get("CustomerNumber") or "")
        return len(number), number

    return min(found, key=age)
