"""Whether a year's ICP declaration is within what the tax office permits."""

from datetime import date

from core.domain.declarations import PeriodKind, Rubric
from core.domain.money import total
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.icp import supplies
from plugins.belastingdienst.law import icp
from plugins.belastingdienst.models import Administration

_SALES = (
    Rubric.R1A, Rubric.R1B, Rubric.R1C, Rubric.R1E, Rubric.R3A, Rubric.R3B, Rubric.R3C,
)  # fmt: skip


def may_be_yearly(administration: Administration, year: int) -> bool:
    """Tell whether what was read of a year, so far, lets ICP go once a year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    rows = [
        row.id
        for row in supplies.rows_since([administration], first)
        if first <= row.starts_on and row.ends_on <= last
    ]
    boxes = period_figures.sums(rows).values()
    turnover = total(
        one[name].turnover for one in boxes for name in _SALES if name in one
    )
    abroad = total(one[Rubric.R3B].turnover for one in boxes if Rubric.R3B in one)
    is_yearly = administration.period_kind == PeriodKind.YEAR
    return icp.may_be_yearly(turnover, abroad, yearly_return=is_yearly)
