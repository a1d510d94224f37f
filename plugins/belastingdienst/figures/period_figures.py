"""The stored figures of a tax period: its row, its entries, its doubts.

What is stored is exact; whole euros are made by `returns` when they are asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select, true

from core.domain.declarations import (
    Box,
    Boxes,
    Customer,
    Doubt,
    IcpKind,
    Rubric,
    TaxPeriod,
)
from core.domain.money import ZERO
from core.plugin.database import insert_for, session
from plugins.belastingdienst.law.icp import Declaration, rows
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.models import Administration, Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin


def find(administration: Administration, period: TaxPeriod) -> PeriodFigures | None:
    """Return a period's row, or None when nobody asked for its figures yet."""
    return session().scalar(
        select(PeriodFigures).where(
            PeriodFigures.administration_id == administration.id,
            PeriodFigures.starts_on == period.start,
            PeriodFigures.ends_on == period.end,
        )
    )


def of(administration: Administration, period: TaxPeriod) -> PeriodFigures:
    """Return a period's row, made when it is not there; in the caller's transaction."""
    session().execute(
        insert_for(PeriodFigures)
        .values(
            tenant_id=administration.tenant_id,
            administration_id=administration.id,
            starts_on=period.start,
            ends_on=period.end,
        )
        .on_conflict_do_nothing()
    )
    found = find(administration, period)
    if found is None:
        raise LookupError(f"{period.code} of {administration.id} is not in scope")
    return found


def period(row: PeriodFigures) -> TaxPeriod:
    """Return which tax period a row is of."""
    return TaxPeriod(row.starts_on, row.ends_on)


def doubts(row: PeriodFigures) -> tuple[Doubt, ...]:
    """Return what could not be placed and still waits: nothing may be filed meanwhile.

    What a person settled (it belongs in no Dutch return) is left out.
    """
    return tuple(
        Doubt(one["code"], one["entry_id"], dict(one["params"]))
        for one in row.doubts
        if not one.get("settled")
    )


@dataclass(frozen=True)
class Summary:
    """A period's figures without the entries: added up by the database."""

    period: TaxPeriod
    boxes: Boxes
    """Exact amounts; rubrics without entries are absent."""
    counts: Mapping[Rubric, int]
    icp_amounts: Mapping[tuple[IcpKind, Customer], Decimal]
    """Exact amounts excl VAT."""

    @property
    def vat_return(self) -> VatReturn:
        """The return in whole euros."""
        return VatReturn.from_exact(self.period, self.boxes)

    @property
    def icp(self) -> Declaration:
        """The ICP declaration in whole euros."""
        return Declaration(self.period, rows(self.icp_amounts))


def summary(row: PeriodFigures) -> Summary:
    """Return a period's sums, manual entries and accepted corrections among them."""
    boxes = sums([row.id]).get(row.id, {})
    counted = session().execute(
        select(Entry.rubric, func.count(Entry.id))
        .where(Entry.period_id == row.id)
        .group_by(Entry.rubric)
    )
    counts = {Rubric(rubric): count for rubric, count in counted}
    return Summary(period(row), boxes, counts, _icp_amounts(row))


def sums(
    period_ids: Sequence[int], *, own: bool = False
) -> dict[int, dict[Rubric, Box]]:
    """Return the exact amounts of periods by their rows' ids, in one question.

    `own` leaves out corrections of other periods.
    """
    kept = Entry.origin != EntryOrigin.CORRECTION if own else true()
    rows = session().execute(
        select(
            Entry.period_id,
            Entry.rubric,
            func.sum(Entry.turnover),
            func.sum(Entry.vat),
        )
        .where(Entry.period_id.in_(period_ids), kept)
        .group_by(Entry.period_id, Entry.rubric)
    )
    found: dict[int, dict[Rubric, Box]] = {}
    for period_id, rubric, turnover, vat in rows:
        found.setdefault(period_id, {})[Rubric(rubric)] = Box(turnover, vat)
    return found


def _icp_amounts(row: PeriodFigures) -> dict[tuple[IcpKind, Customer], Decimal]:
    rows = session().execute(
        select(
            Entry.icp_kind,
            Entry.customer_country,
            Entry.customer_number,
            func.sum(Entry.turnover),
        )
        .where(
            Entry.period_id == row.id,
            Entry.icp_kind.is_not(None),
            Entry.origin != EntryOrigin.CORRECTION,
            Entry.customer_country != "",
            Entry.customer_number != "",
        )
        .group_by(Entry.icp_kind, Entry.customer_country, Entry.customer_number)
    )
    return {
        (IcpKind(kind), Customer(country, number)): amount or ZERO
        for kind, country, number, amount in rows
        if kind is not None
    }
