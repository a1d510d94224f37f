"""The figures of an administration, period by period: for the list and the plot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from core.domain.declarations import TaxPeriod
from core.plugin.database import session
from plugins.belastingdienst import checks
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.figures.period_figures import Summary
from plugins.belastingdienst.figures.plots import Drawn, signed_bars
from plugins.belastingdienst.icp import supplies
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.models import Administration, PeriodFigures
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import administrations
from plugins.belastingdienst.texts import figure_words

MOST = 24
"""Periods in the list: two years of months."""


@dataclass(frozen=True)
class Line:
    """One period."""

    period: TaxPeriod
    row: PeriodFigures | None
    vat_return: VatReturn
    """In whole euros; zero when nothing was read or filled in."""
    stage: FilingStage | None
    declared: Decimal | None = None
    """5g as it was accepted last; None: never, or by another administration."""

    @property
    def is_known(self) -> bool:
        """Whether anything was read."""
        return self.row is not None and self.row.read_at is not None


def lines(
    administration: Administration,
    today: date,
    stages: Mapping[TaxPeriod, FilingStage],
    declared: Mapping[TaxPeriod, Decimal],
) -> list[Line]:
    """Return the running period and those before it, newest first.

    `stages` is where returns stand, `declared` 5g as it was accepted last.
    """
    rows = {
        period_figures.period(row): row
        for row in session().scalars(
            select(PeriodFigures)
            .where(PeriodFigures.administration_id == administration.id)
            .order_by(PeriodFigures.ends_on.desc())
            .limit(MOST)
        )
    }
    current = administrations.current_periods(administration, today)
    wanted = sorted({*rows, *current}, key=lambda one: one.end, reverse=True)[:MOST]
    sums = period_figures.sums([row.id for row in rows.values()])
    found = []
    for period in wanted:
        row = rows.get(period)
        boxes = sums.get(row.id, {}) if row else {}
        made = VatReturn.from_exact(period, boxes)
        stage, told = stages.get(period), declared.get(period)
        found.append(Line(period, row, made, stage, told))
    return found


def plot(found: Sequence[Line]) -> Drawn:
    """Draw what was to pay or to get back (5g), oldest first."""
    known = [line for line in reversed(found) if line.is_known]
    return signed_bars(
        [
            (figure_words.short_period(line.period), line.vat_return.payable)
            for line in known
        ]
    )


def problems(
    administration: Administration,
    summary: Summary,
    confirmed: Collection[str] = (),
) -> list[Problem]:
    """Return what looks wrong with a period's figures, and with ICP beside 3b.

    `confirmed` as `checks.return_problems` takes them.
    """
    beside = supplies.of(administration, summary.period)
    return [
        *checks.return_problems(summary.vat_return, confirmed),
        *checks.icp_problems(beside.declaration, beside.stated),
    ]
