"""What the checks before booking say of an order, by what is known here.

Nothing is asked outside and nothing is written: sending begins with it, and a
rehearsal of past orders is nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from core.domain.clock import local_date
from core.domain.errors import AskUser
from core.domain.orders import LineKind, Order, OrderLine, SaleKind
from core.plugin.records import Record
from core.rules.sale_place import Sale
from plugins.eaccounting import checks, wire
from plugins.eaccounting.mapping import RuledLine, TargetKind, customer, delivery
from plugins.eaccounting.orders import checks as order_checks
from plugins.eaccounting.orders.checks import Debtor
from plugins.eaccounting.orders.mapping import turned
from plugins.eaccounting.orders.rounding import DocumentPlan, plan_document
from plugins.eaccounting.setup import Setup
from plugins.eaccounting.wire import Body
from plugins.vies.public import is_same


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
    lines = [ruled_by(setup)(line, sale) for line in order.lines]
    order_checks.check_vat(lines)
    if target == TargetKind.SALES_ENTRY:
        lines = list(order_checks.planned_entry(order, lines))
        _check_accounts(lines, setup, year)
    else:
        order_checks.check_document(order, target, lines)
        lines = list(turned(order, lines))
        for item in lines:
            setup.coding(item.rule)
            if item.line.kind == LineKind.TIP and not setup.books_on(item.rule):
                raise AskUser("document_without_vat", line=item.line.description)
    return Judgement(order, setup, target, sale, lines, booked_on)


def ruled_by(setup: Setup) -> Callable[[OrderLine, Sale], RuledLine]:
    """Return what gives a line its VAT code and accounts, or refuses it."""
    return lambda line, sale: _ruled(line, setup, sale)


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


def planned(done: Judgement, debtor: Debtor) -> DocumentPlan:
    """Hold a draft or order against its debtor and return the rows that go.

    Raises the AskUser of `orders.checks`: nothing was written yet.
    """
    order, setup = done.order, done.setup
    block = delivery(order.delivery, wire.NAME)
    area = order_checks.area_of(
        debtor,
        setup.company_country,
        setup.listed_country(str(block.get("DeliveryCountryCode") or "")),
        done.booked_on,
    )
    order_checks.check_area(
        done.lines, done.kind, area, lambda rule: setup.coding(rule).rate
    )
    plan = plan_document(
        done.lines,
        incl_vat=debtor.is_private and not setup.company.get("ShowPricesExclVatPC"),
        can_round=setup.rounding_coding is not None,
    )
    may_differ = setup.settings.get("document_vat") == "book"
    order_checks.check_plan(order, plan, done.target, may_differ=may_differ)
    return plan


def debtor_trouble(found: Sequence[Record], done: Judgement) -> str:
    """Return the code of why these debtors do not do; empty: they do, or are none."""
    found = _suited(found, done)
    if len(found) > 1 and done.setup.settings.get("duplicate_debtor") != "oldest":
        return "debtor_ambiguous"
    if not found or done.kind != SaleKind.ICP:
        return ""
    # We never change a debtor, and an ICP order needs its number (manual 004).
    record = _oldest(found)
    if not record.data.get("VatNumber"):
        return "debtor_without_vat_number"
    return "" if _has_number(record, done) else "debtor_other_vat_number"


def troubled(code: str, found: Sequence[Record], done: Judgement) -> AskUser:
    """Return the question of `debtor_trouble`, with its values."""
    return AskUser(
        code,
        email=done.order.email,
        count=len(found),
        number=done.vat_number or done.order.vat_number,
        known=chosen(found, done).data.get("VatNumber") or "-",
    )


def chosen(found: Sequence[Record], done: Judgement) -> Record:
    """Return the debtor of an order among those with its e-mail address."""
    return _oldest(_suited(found, done))


def _suited(found: Sequence[Record], done: Judgement) -> Sequence[Record]:
    """Return those with an ICP order's VAT number, which the ICP declaration names;
    all of them where none has it."""
    if done.kind != SaleKind.ICP:
        return found
    return [record for record in found if _has_number(record, done)] or found


def _has_number(record: Record, done: Judgement) -> bool:
    number = done.vat_number or done.order.vat_number
    known = str(record.data.get("VatNumber") or "")
    return is_same(known, number, done.sale.number_prefix)


def _oldest(found: Sequence[Record]) -> Record:
    """Return the debtor with the lowest number: the vendor gives no date of making."""

    def age(record: Record) -> tuple[int, str]:
        number = str(record.data.get("CustomerNumber") or "")
        return len(number), number

    return min(found, key=age)


def debtor_of(record: Record, *, is_fixed: bool = False) -> Debtor:
    """Return what a record of the index says of a debtor."""
    data = record.data
    return Debtor(
        record.external_id,
        is_private=bool(data.get("IsPrivatePerson")),
        country=str(data.get("InvoiceCountryCode") or ""),
        has_vat_number=bool(data.get("VatNumber")),
        is_by_delivery=bool(data.get("DeliveryBasedVat")),
        delivery_country=str(data.get("DeliveryCountryCode") or ""),
        keeps_vat=bool(data.get("ForceBookkeepVat")),
        is_northern_irish=bool(data.get("IsNorthernIreland")),
        is_fixed=is_fixed,
    )


def new_debtor(done: Judgement, terms: str) -> Body:
    """Return the debtor that an order would make, in the vendor's list of countries.

    Raises AskUser `country_not_listed`.
    """
    body = customer(done.order, terms, done.vat_number)
    for name in ("InvoiceCountryCode", "DeliveryCountryCode"):
        if name in body:
            body[name] = done.setup.listed_country(body[name])
            if done.setup.countries and body[name] not in done.setup.countries:
                raise AskUser("country_not_listed", country=body[name])
    return body
