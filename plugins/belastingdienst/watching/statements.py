"""What a return or a suppletie has to say now, from the books and what was filed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.domain.clock import local_date, utcnow
from core.domain.declarations import DeclarationKind, PeriodKind, TaxPeriod
from core.domain.errors import AskUser
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.law.spans import overlapping
from plugins.belastingdienst.law.suppletie import Form
from plugins.belastingdienst.models import Administration, PeriodFigures
from plugins.belastingdienst.watching import history
from plugins.belastingdienst.watching.history import Filed

DUTCH_TIME = "Europe/Amsterdam"


@dataclass(frozen=True)
class Statement:
    """A return or a suppletie, in whole euros, before it is a message."""

    period: TaxPeriod
    form: Form
    rows: tuple[PeriodFigures, ...]
    """The figures it is made of: one of a return, more of a suppletie of a year."""
    old_total: Decimal | None = None
    """5g as it was accepted; None: it is no suppletie."""

    @property
    def vat_return(self) -> VatReturn:
        """All boxes as the form has them."""
        return VatReturn(self.period, history.by_rubric(self.form.boxes))

    @property
    def parts(self) -> dict[str, Any]:
        """What is kept of it with the filing (`Filing.parts`)."""
        return {
            "periods": history.encoded(self.form.periods),
            "carried": history.encoded(self.form.carried),
        }


def of(
    administration: Administration,
    period: TaxPeriod,
    kind: DeclarationKind,
    *,
    without: int | None = None,
) -> Statement:
    """Make what a taxpayer has to say of a period, in a return or suppletie.

    `without` is the id of a filing that is made anew and counts for nothing. AskUser as
    `History.return_of`, `suppletie` and `suppletie_of_year`, and `figures_not_read`.
    """
    filed = history.of(administration, without=without)
    if kind is DeclarationKind.SUPPLETIE:
        return _suppletie(filed, period)
    row, span = period_figures.of(administration, period), history.span(period)
    books = history.books_of({span: row})[span]
    return Statement(period, filed.history.return_of(span, books, ""), (row,))


def _suppletie(filed: Filed, period: TaxPeriod) -> Statement:
    span, today = history.span(period), local_date(utcnow(), DUTCH_TIME)
    known = filed.history
    for each in known.filed:
        if overlapping(each, span) and each not in filed.books:
            raise AskUser("figures_not_read", period=each.code)
    if period.kind is PeriodKind.YEAR and span not in known.filed:
        made = known.suppletie_of_year(span.start.year, filed.books, "", today)
    else:
        made = known.suppletie([span], filed.books, "", today)
    rows = tuple(filed.rows[each] for each in made.form.periods)
    return Statement(period, made.form, rows, made.old_total)
