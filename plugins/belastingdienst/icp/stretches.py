"""Which ICP declarations a taxpayer owes over a quarter, and why.

The rule asks how much was supplied in this quarter and the four before: of all his
administrations, since a package may have one for each book year. A part of a fiscal
unity declares by itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import defer

from core.domain.declarations import DeclarationKind, IcpKind, TaxPeriod
from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.plugin.database import session
from plugins.belastingdienst.icp import supplies
from plugins.belastingdienst.law import icp
from plugins.belastingdienst.law.icp import Due, Reason, Rhythm
from plugins.belastingdienst.law.spans import (
    Span,
    before,
    months_in,
    overlapping,
    quarter_of,
)
from plugins.belastingdienst.models import (
    Administration,
    Filing,
    PeriodFigures,
    Taxpayer,
)
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import taxpayers

_Who = tuple[int, str, str, int]
"""Tenant, tax number and division; the administration where there is no number."""


@dataclass(frozen=True)
class Stretch:
    """One declaration that is due, or that went."""

    due: Due
    reason: Reason
    is_read: bool
    """Its figures were read after its last day."""
    has_rows: bool
    """There is something to declare, as far as the figures tell."""
    had_rows: bool
    """There was in one of the four quarters before."""
    filing: Filing | None
    """Its newest version."""

    @property
    def period(self) -> TaxPeriod:
        """Its days."""
        return self.due.period

    @property
    def is_expected(self) -> bool:
        """Whether somebody has to see to it: unread figures may hold something."""
        went = self.filing is not None and self.filing.stage not in (
            taxpayers.ENDED_BADLY
        )
        return went or self.has_rows or (self.had_rows and not self.is_read)


@dataclass(frozen=True)
class Calendar:
    """What is known of the taxpayers of some administrations."""

    months: Mapping[_Who, Mapping[Span, Mapping[IcpKind, Decimal]]]
    rhythms: Mapping[_Who, Rhythm]
    filings: Mapping[_Who, Sequence[Filing]]
    rows: Mapping[int, Sequence[PeriodFigures]]
    mates: Mapping[_Who, Sequence[int]]
    """The administrations of each."""
    known: dict[tuple[_Who, Span], tuple[Due, ...]] = field(default_factory=dict)

    def of_quarter(self, one: Administration, day: date) -> Iterator[Stretch]:
        """Yield what an administration declares over the quarter of a day."""
        quarter = quarter_of(day)
        who = _who(one)
        reason = icp.reason(quarter, self._goods(who), self._rhythm(who))
        had_rows = self._had_rows(who, quarter)
        rows = self.rows.get(one.id, ())
        for due in self._due(who, quarter):
            yield Stretch(
                due=due,
                reason=reason,
                is_read=supplies.is_read(rows, due.span),
                has_rows=self._has_rows(who, due),
                had_rows=had_rows,
                filing=self._newest(who, due.span),
            )

    def ended(self, one: Administration, first: date, today: date) -> list[Stretch]:
        """Return what is over since a day, and is expected; oldest first."""
        found: dict[TaxPeriod, Stretch] = {}
        quarter = quarter_of(today)
        while quarter.end >= first:
            for stretch in self.of_quarter(one, quarter.start):
                if stretch.period.end < today and stretch.is_expected:
                    found[stretch.period] = stretch
            quarter = before(quarter)
        return [found[period] for period in sorted(found)]

    def unknown_before(self, one: Administration, quarter: Span) -> list[Span]:
        """Return the quarters that the rule asks about and nobody read or declared."""
        who, found = _who(one), []
        for _ in range(icp.QUARTERS_BACK):
            quarter = before(quarter)
            is_read = any(
                supplies.is_read(self.rows.get(each, ()), quarter)
                for each in self.mates.get(who, ())
            )
            is_declared = any(
                overlapping(Span(filed.starts_on, filed.ends_on), quarter)
                for filed in self.filings.get(who, ())
            )
            if not is_read and not is_declared:
                found.append(quarter)
        return found

    def _goods(self, who: _Who) -> dict[Span, Decimal]:
        return {
            month: sum((kinds.get(kind, ZERO) for kind in icp.SUPPLIES), ZERO)
            for month, kinds in self.months.get(who, {}).items()
        }

    def _rhythm(self, who: _Who) -> Rhythm:
        return self.rhythms.get(who, Rhythm.LAW)

    def _due(self, who: _Who, quarter: Span) -> tuple[Due, ...]:
        if (who, quarter) not in self.known:
            found = icp.due(quarter, self._goods(who), self._rhythm(who))
            went = [
                Due(Span(one.starts_on, one.ends_on), taxpayers.scope_of(one))
                for one in self.filings.get(who, ())
                if one.stage not in (*taxpayers.ENDED_BADLY, FilingStage.PREPARED)
            ]
            self.known[who, quarter] = icp.remaining(found, went)
        return self.known[who, quarter]

    def _has_rows(self, who: _Who, due: Due) -> bool:
        months = self.months.get(who, {})
        return any(
            kind in months.get(month, {})
            for month in months_in(due.span)
            for kind in due.kinds
        )

    def _had_rows(self, who: _Who, quarter: Span) -> bool:
        earlier = quarter
        for _ in range(icp.QUARTERS_BACK):
            earlier = before(earlier)
        last = before(quarter)
        months = self.months.get(who, {})
        declared = any(
            earlier.start <= one.ends_on <= last.end
            for one in self.filings.get(who, ())
        )
        return declared or any(
            earlier.start <= month.start <= last.end for month in months
        )

    def _newest(self, who: _Who, span: Span) -> Filing | None:
        found = [
            one
            for one in self.filings.get(who, ())
            if (one.starts_on, one.ends_on) == (span.start, span.end)
        ]
        return max(found, key=lambda one: one.version, default=None)


def calendar(found: Sequence[Administration], first: date) -> Calendar:
    """Read what decides on the declarations over the quarters since a day."""
    start = quarter_of(first)
    for _ in range(icp.QUARTERS_BACK):
        start = before(start)
    mates = _mates(found)
    return Calendar(
        _months(mates, start.start),
        _rhythms(mates),
        _filings(mates, start.start),
        _rows(mates, start.start),
        _ids(mates),
    )


def _ids(mates: Sequence[Administration]) -> dict[_Who, list[int]]:
    found: dict[_Who, list[int]] = defaultdict(list)
    for one in mates:
        found[_who(one)].append(one.id)
    return dict(found)


def of(administration: Administration, day: date) -> list[Stretch]:
    """Return what an administration declares over the quarter of a day."""
    return list(calendar([administration], day).of_quarter(administration, day))


def due_as(administration: Administration, period: TaxPeriod) -> Due:
    """Return what a declaration over a period holds.

    AskUser `icp_not_due` where none is due over these days (any more).
    """
    found = [one.due for one in of(administration, period.end)]
    for one in found:
        if one.period == period:
            return one
    codes = ", ".join(one.period.code for one in found)
    raise AskUser("icp_not_due", period=period.code, due=codes)


def _who(one: Administration) -> _Who:
    if not one.tax_number:
        return one.tenant_id, "", "", one.id
    return one.tenant_id, one.tax_number, one.division, 0


def _mates(found: Sequence[Administration]) -> list[Administration]:
    """Return these administrations and the others of their taxpayers."""
    wanted = {_who(one) for one in found}
    tenants = {one.tenant_id for one in found}
    everyone = session().scalars(
        select(Administration).where(Administration.tenant_id.in_(tenants))
    )
    return [one for one in everyone if _who(one) in wanted]


def _months(
    mates: Sequence[Administration], first: date
) -> dict[_Who, dict[Span, dict[IcpKind, Decimal]]]:
    """Return what the administrations of each taxpayer supplied together, by month.

    One that was switched off may hold what another holds too: there the larger counts.
    """
    known = supplies.by_month(mates, first)
    made: dict[_Who, dict[Span, dict[IcpKind, Decimal]]] = defaultdict(dict)
    for one in sorted(mates, key=lambda mate: not mate.enabled):
        for month, kinds in known.get(one.id, {}).items():
            there = made[_who(one)].setdefault(month, {})
            for kind, amount in kinds.items():
                others = there.get(kind, ZERO)
                there[kind] = others + amount if one.enabled else max(others, amount)
    return dict(made)


def _rhythms(mates: Sequence[Administration]) -> dict[_Who, Rhythm]:
    rows = session().scalars(
        select(Taxpayer).where(
            Taxpayer.tenant_id.in_({one.tenant_id for one in mates}),
            Taxpayer.icp_rhythm != Rhythm.LAW,
        )
    )
    said = {(row.tenant_id, row.tax_number): Rhythm(row.icp_rhythm) for row in rows}
    return {
        _who(one): said[one.tenant_id, one.tax_number]
        for one in mates
        if (one.tenant_id, one.tax_number) in said
    }


def _filings(mates: Sequence[Administration], first: date) -> dict[_Who, list[Filing]]:
    made: dict[_Who, list[Filing]] = defaultdict(list)
    for row in session().scalars(
        select(Filing)
        .where(
            Filing.tenant_id.in_({one.tenant_id for one in mates}),
            Filing.tax_number.in_({one.tax_number for one in mates}),
            Filing.kind == DeclarationKind.ICP,
            Filing.ends_on >= first,
        )
        .options(defer(Filing.content))
    ):
        made[row.tenant_id, row.tax_number, row.division, 0].append(row)
    return dict(made)


def _rows(
    found: Sequence[Administration], first: date
) -> dict[int, list[PeriodFigures]]:
    made: dict[int, list[PeriodFigures]] = defaultdict(list)
    for row in supplies.rows_since(found, quarter_of(first).start):
        made[row.administration_id].append(row)
    return dict(made)
