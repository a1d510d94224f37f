"""What stands behind a figure: its entries, page by page, and how it was rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from core.domain.declarations import Box, Customer, IcpKind, Rubric
from core.domain.money import ZERO
from core.plugin.database import session
from plugins.belastingdienst.figures.period_figures import Summary
from plugins.belastingdienst.law.returns import OWED_RUBRICS, TURNOVER_ONLY
from plugins.belastingdienst.models import Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin

PAGE = 100
SUMS: dict[str, tuple[Rubric, ...]] = {
    "5a": OWED_RUBRICS,
    "5c": (*OWED_RUBRICS, Rubric.R5B),
    "5g": (*OWED_RUBRICS, Rubric.R5B),
}
"""The rubrics that a sum is of."""


@dataclass(frozen=True)
class Figure:
    """One figure of the return or one row of the ICP declaration."""

    name: str
    """1a to 5g; of an ICP row `goods-DE-136695976`."""
    rubrics: tuple[Rubric, ...]
    exact: Box
    whole: Box
    icp_kind: IcpKind | None = None
    customer: Customer | None = None

    @property
    def is_sum(self) -> bool:
        """Whether it is a sum of rounded rubrics, itself without entries."""
        return self.name in SUMS

    @property
    def has_turnover(self) -> bool:
        """Whether the form has a place for turnover here."""
        return not self.is_sum and self.rubrics != (Rubric.R5B,)

    @property
    def has_vat(self) -> bool:
        """Whether the form has a place for VAT here."""
        return self.icp_kind is None and (
            self.is_sum or self.rubrics[0] not in TURNOVER_ONLY
        )


def rubric_figure(summary: Summary, rubric: Rubric) -> Figure:
    """Return the figure of a rubric."""
    exact = summary.boxes.get(rubric, Box())
    return Figure(rubric.value, (rubric,), exact, summary.vat_return.box(rubric))


def sum_figure(summary: Summary, name: str) -> Figure:
    """Return 5a, 5c or 5g: exact is what it would be without rounding."""
    rubrics = SUMS[name]
    exact = ZERO
    for rubric in rubrics:
        vat = summary.boxes.get(rubric, Box()).vat
        exact += -vat if rubric is Rubric.R5B else vat
    found = summary.vat_return
    whole = {"5a": found.owed, "5c": found.balance, "5g": found.payable}[name]
    return Figure(name, rubrics, Box(ZERO, exact), Box(ZERO, whole))


def icp_figure(summary: Summary, kind: IcpKind, customer: Customer) -> Figure:
    """Return the figure of an ICP row, also one that is rounded away."""
    exact = summary.icp_amounts.get((kind, customer), ZERO)
    rows = [row.amount for row in summary.icp.rows
            if (row.kind, row.customer) == (kind, customer)]  # fmt: skip
    return Figure(
        name=icp_name(kind, customer),
        rubrics=(Rubric.R3B,),
        exact=Box(exact),
        whole=Box(rows[0] if rows else ZERO),
        icp_kind=kind,
        customer=customer,
    )


def icp_name(kind: IcpKind, customer: Customer) -> str:
    """Return the name of an ICP row as an address has it."""
    return f"{kind}-{customer.country}-{customer.vat_number}"


def find(summary: Summary, name: str) -> Figure:
    """Return a figure by its name; LookupError when there is no such figure."""
    if name in SUMS:
        return sum_figure(summary, name)
    if name in set(Rubric):
        return rubric_figure(summary, Rubric(name))
    for kind, customer in summary.icp_amounts:
        if icp_name(kind, customer) == name:
            return icp_figure(summary, kind, customer)
    raise LookupError(f"there is no figure {name}")


@dataclass(frozen=True)
class Page:
    """A page of entries, by day; `after` is where the next one starts."""

    entries: Sequence[Entry]
    after: str = ""


def page(row: PeriodFigures, figure: Figure, after: str = "") -> Page:
    """Return the entries behind a figure; ValueError for a wrong place to start."""
    query = select(Entry).where(Entry.period_id == row.id, *_conditions(figure))
    if after:
        query = query.where(_beyond(after))
    query = query.order_by(Entry.booked_on, Entry.id).limit(PAGE + 1)
    found = list(session().scalars(query))
    last = found[PAGE - 1] if len(found) > PAGE else None
    place = f"{last.booked_on.isoformat()}_{last.id}" if last else ""
    return Page(found[:PAGE], place)


def _conditions(figure: Figure) -> list[ColumnElement[bool]]:
    if figure.customer is None:
        return [Entry.rubric.in_(figure.rubrics)]
    return [
        Entry.icp_kind == figure.icp_kind,
        Entry.customer_country == figure.customer.country,
        Entry.customer_number == figure.customer.vat_number,
        Entry.origin != EntryOrigin.CORRECTION,
    ]


def _beyond(after: str) -> ColumnElement[bool]:
    day, _, number = after.partition("_")
    on = date.fromisoformat(day)
    later = and_(Entry.booked_on == on, Entry.id > int(number))
    return or_(Entry.booked_on > on, later)
