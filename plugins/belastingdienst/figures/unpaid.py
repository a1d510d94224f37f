"""Own invoices that nobody paid for a year: VAT that comes back, as a person decides.

What is known of a payment here may be less than what happened: each is a question, and
what was said of it is kept with the period.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from core.domain.declarations import Rubric
from core.domain.money import ZERO
from core.plugin.database import session
from core.plugin.tables import SalesInvoice
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.figures.manual_entries import FilledIn
from plugins.belastingdienst.law import bad_debts, boxes
from plugins.belastingdienst.law.bad_debts import Invoice, Payment, Step
from plugins.belastingdienst.law.spans import Days
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.sales import invoices, own_sales, twins
from plugins.belastingdienst.sales.invoice_figures import entries_of
from plugins.belastingdienst.setup import ledgers

_MOST, _LEAST = timedelta(days=366), timedelta(days=365)
"""Of a year."""
_PREFIX = "bad_debt_"
_EDGE = "bad_debt_edge"


@dataclass(frozen=True)
class Prompt:
    """An invoice whose VAT comes back, or is owed again, in a period."""

    number: str
    customer: str
    step: Step
    problem: Problem
    is_on_edge: bool
    """Counted a day later it is the next period's; what the law means is unverified."""

    @property
    def code(self) -> str:
        """What an answer about it is kept under."""
        return f"{_PREFIX}{self.step.invoice_id}_{self.step.on:%Y%m%d}"

    def entries(self, description: str) -> Iterator[FilledIn]:
        """Yield what is filled in when it is taken over."""
        for name, box in self.step.boxes.items():
            yield FilledIn(
                Rubric(name),
                self.step.on,
                description,
                box.turnover,
                box.vat,
                reference=self.number,
            )


def prompts(administration: Administration, period: Days, today: date) -> list[Prompt]:
    """Return the invoices to decide about; none of a ledger, whose books tell it, nor
    where VAT follows the money and was never declared. `today` is a local date."""
    choice = own_sales.of(administration.own_sales)
    if (
        ledgers.is_ledger(administration)
        or own_sales.cash_of(administration) is not None
        or (choice is not None and not choice.invoices)
    ):
        return []
    found = _rows(administration.tenant_id, period)
    ordered = twins.of_orders(
        administration.tenant_id, list(choice.shops) if choice else [], found
    )
    return [
        each
        for row in found
        if row.id not in ordered
        for each in _of_invoice(row, period, today)
    ]


def _rows(tenant_id: int, period: Days) -> list[SalesInvoice]:
    lapses = SalesInvoice.due_on.between(period.start - _MOST, period.end - _LEAST)
    paid = SalesInvoice.paid_on.between(period.start, period.end)
    credit = aliased(SalesInvoice)
    credited = exists().where(
        credit.credits_id == SalesInvoice.id,
        credit.tenant_id == tenant_id,
        credit.state.in_(invoices.SENT),
        credit.issued_on.between(period.start, period.end),
    )
    query = (
        select(SalesInvoice)
        .where(
            SalesInvoice.tenant_id == tenant_id,
            SalesInvoice.state.in_(invoices.SENT),
            SalesInvoice.amount_excl_vat > ZERO,
            or_(
                lapses,
                and_(or_(paid, credited), SalesInvoice.due_on < period.end - _LEAST),
            ),
        )
        .order_by(SalesInvoice.issued_on, SalesInvoice.id)
    )
    return list(session().scalars(query))


def _of_invoice(row: SalesInvoice, period: Days, today: date) -> Iterator[Prompt]:
    sale = invoices.sale(row)
    added = boxes.added(
        {one.rubric.value: boxes.Box(one.box.turnover, one.box.vat)}
        for one in entries_of(sale)
    )
    invoice = Invoice(
        id=str(row.id),
        invoiced_on=row.issued_on,
        boxes={name: box for name, box in added.items() if box.vat},
        amount_incl_vat=row.amount_incl_vat,
        due_on=row.due_on,
        payments=tuple(_payments(row)),
    )
    found = list(bad_debts.prompts(period, [invoice], today))
    on_edge = {one.params["date"] for one in found if one.code == _EDGE}
    told = {one.params["date"]: one for one in found if one.code != _EDGE}
    for step in bad_debts.steps(invoice, today):
        if period.start <= step.on <= period.end and step.boxes:
            day = step.on.isoformat()
            problem = Problem(told[day].code, told[day].params, blocks=False)
            yield Prompt(sale.number, sale.customer_name, step, problem, day in on_edge)


def _payments(row: SalesInvoice) -> Iterator[Payment]:
    """Yield what was paid, and what was credited: its VAT was taken back already."""
    if row.paid_on is not None:
        yield Payment(row.paid_on, row.amount_incl_vat)
    credited = select(SalesInvoice).where(
        SalesInvoice.tenant_id == row.tenant_id,
        SalesInvoice.credits_id == row.id,
        SalesInvoice.state.in_(invoices.SENT),
    )
    for credit in session().scalars(credited):
        yield Payment(credit.issued_on, -credit.amount_incl_vat)
