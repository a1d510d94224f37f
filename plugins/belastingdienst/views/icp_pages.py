"""What pages show of ICP: which declarations are due, what is still to be corrected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from flask_babel import gettext as _

from core.domain.declarations import IcpKind, TaxPeriod
from core.domain.money import total
from plugins.belastingdienst.filing.obligations import HANDLED
from plugins.belastingdienst.icp import call_off, supplies
from plugins.belastingdienst.icp import owed as icp_owed
from plugins.belastingdienst.icp import stretches as icp_periods
from plugins.belastingdienst.icp.stretches import Stretch
from plugins.belastingdienst.law import dates, icp
from plugins.belastingdienst.law.spans import before, months_in, overlapping, quarter_of
from plugins.belastingdienst.models import Administration, Filing, IcpCorrection
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import administrations, taxpayers
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.texts.figure_texts import ICP_KINDS
from plugins.belastingdienst.texts.icp_texts import REASONS

_MAY_PREPARE = (FilingStage.PREPARED, *taxpayers.ENDED_BADLY)


@dataclass(frozen=True)
class Line:
    """One declaration on the page of a period."""

    period: TaxPeriod
    kinds: str
    """Goods, services or both, in words."""
    amount: Decimal
    """In whole euros, as the figures are now."""
    last_day: date
    filing: Filing | None
    is_over: bool
    is_read: bool
    is_needed: bool
    is_late: bool
    """Nothing was sent, and the last day is over."""
    has_stock: bool
    """Something happened to goods in call-off stock, for a paper."""

    @property
    def may_prepare(self) -> bool:
        """Whether there is something to prepare, and nothing under way."""
        is_open = self.filing is None or self.filing.stage in _MAY_PREPARE
        return self.is_over and self.is_read and self.is_needed and is_open


@dataclass(frozen=True)
class Quarter:
    """The declarations of a quarter that a page is about, and why these."""

    period: TaxPeriod
    lines: Sequence[Line]
    reason: str
    unread: Sequence[str]
    """Earlier quarters that the rule asks about and of which nothing is known here."""


def quarters(
    administration: Administration, period: TaxPeriod, today: date
) -> list[Quarter]:
    """Return what a page about a period says of ICP; `today` is a local date."""
    calendar = icp_periods.calendar([administration], period.start)
    found: list[Quarter] = []
    for start in sorted({quarter_of(month.start) for month in months_in(period)}):
        stretches = [
            one
            for one in calendar.of_quarter(administration, start.start)
            if overlapping(one.period, period)
        ]
        if not stretches or (found and _is_same(found[-1], stretches)):
            continue
        found.append(
            Quarter(
                TaxPeriod(start.start, start.end),
                [_line(administration, one, today) for one in stretches],
                _reason(stretches[0].reason),
                _unread(calendar, administration, stretches),
            )
        )
    return found


def _unread(
    calendar: icp_periods.Calendar,
    administration: Administration,
    stretches: Sequence[Stretch],
) -> list[str]:
    """Name earlier quarters that could change what is due, where anything is."""
    is_open = stretches[0].reason.why in (icp.Why.UNDER_LIMIT, icp.Why.PASSED)
    if not is_open or not any(one.is_expected for one in stretches):
        return []
    quarter = quarter_of(stretches[0].period.start)
    return [
        figure_words.period(TaxPeriod(one.start, one.end))
        for one in reversed(calendar.unknown_before(administration, quarter))
    ]


def _is_same(one: Quarter, stretches: Sequence[Stretch]) -> bool:
    """Tell whether the year was shown already: it stands in each of its quarters."""
    return [line.period for line in one.lines] == [each.period for each in stretches]


def _line(administration: Administration, one: Stretch, today: date) -> Line:
    figures = supplies.of(administration, one.period, one.due.kinds)
    last_day = dates.last_to_file(dates.Filing.ICP, one.period)
    is_needed = one.has_rows or one.is_expected
    is_open = one.filing is None or one.filing.stage not in HANDLED
    return Line(
        one.period,
        kinds(one.due.kinds),
        figures.declaration.amount,
        last_day,
        one.filing,
        today > one.period.end,
        one.is_read,
        is_needed,
        is_needed and is_open and today > last_day,
        _has_stock(administration, one.due),
    )


def _has_stock(administration: Administration, due: icp.Due) -> bool:
    """Tell whether goods went in or out of call-off stock in these days."""
    rows = call_off.rows(administration, due.period)
    return IcpKind.GOODS in due.kinds and bool(rows)


def stock_papers(administration: Administration, today: date) -> list[TaxPeriod]:
    """Return of which declarations there is a paper about stock, the last first."""
    first = today.replace(year=today.year - 1)
    calendar, found = icp_periods.calendar([administration], first), []
    quarter = quarter_of(today)
    while quarter.end >= first:
        for one in calendar.of_quarter(administration, quarter.start):
            if _has_stock(administration, one.due):
                found.append(one.period)
        quarter = before(quarter)
    return found


def kinds(found: Sequence[IcpKind]) -> str:
    """Write what a declaration holds."""
    if set(found) == set(icp.ALL):
        return str(_("goederen en diensten"))
    return str(_("diensten") if IcpKind.SERVICES in found else _("goederen"))


def _reason(found: icp.Reason) -> str:
    when = figure_words.period(TaxPeriod(found.span.start, found.span.end))
    return str(REASONS[found.why]) % {"when": when}


@dataclass(frozen=True)
class Owed:
    """What is still to be corrected of one declaration."""

    administration: Administration
    period: TaxPeriod
    figures: TaxPeriod
    rows: Sequence[IcpCorrection]

    @property
    def seen(self) -> str:
        """What whoever confirms it was shown."""
        return icp_owed.shown(self.rows)

    @property
    def amount(self) -> Decimal:
        """What the rows come to."""
        return total(row.amount for row in self.rows)

    @property
    def noticed_on(self) -> date:
        """Since when it is known."""
        return min(row.noticed_on for row in self.rows)


def owed(found: Iterable[IcpCorrection]) -> list[Owed]:
    """Group corrections by declaration, of administrations of the tenant in scope."""
    known = {(one.tax_number, one.division): one for one in administrations.of_tenant()}
    made = []
    for (number, division, start, end), rows in groupby(found, key=_of):
        one = known.get((number, division))
        if one is not None:
            period = TaxPeriod(start, end)
            figures = administrations.holding(one, end)
            made.append(Owed(one, period, figures, list(rows)))
    return made


def _of(one: IcpCorrection) -> tuple[str, str, date, date]:
    return one.tax_number, one.division, one.starts_on, one.ends_on


def words() -> dict[str, object]:
    """Return what every template of ICP speaks with."""
    return {
        "icp_kinds": ICP_KINDS,
        "member_state": figure_words.member_state,
        "period_words": figure_words.period,
    }
