"""What a taxpayer filed, and what waits, read from the database for the law.

Of all his administrations and book years together: what went out is read back from the
bytes that went, what a return carried of earlier periods from the parts that were kept
with it. Amounts are whole euros.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog
from sqlalchemy import func, or_, select

from core.domain.declarations import Box, DeclarationKind, Rubric, TaxPeriod
from core.plugin.database import session
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.law.boxes import Boxes, add, payable, rounded
from plugins.belastingdienst.law.spans import Days, Span
from plugins.belastingdienst.law.suppletie import Form, History, State, Waiting
from plugins.belastingdienst.models import Administration, Entry, Filing, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.setup.taxpayers import Whose
from plugins.belastingdienst.xbrl.declared import read_back
from plugins.belastingdienst.xbrl.reader import NotXbrl

logger = structlog.get_logger(__name__)
STATES = {
    FilingStage.APPROVED: State.UNDERWAY,
    FilingStage.DELIVERED: State.UNDERWAY,
    FilingStage.STOPPED: State.UNDERWAY,
    FilingStage.ACCEPTED: State.ACCEPTED,
}
"""Of what went, goes, or may have gone; the others never counted."""
GONE = tuple(STATES)
SENT = (FilingStage.DELIVERED, FilingStage.ACCEPTED)
RETURNS = (DeclarationKind.VAT_RETURN, DeclarationKind.SUPPLETIE)


@dataclass(frozen=True)
class Filed:
    """A taxpayer's history, and what the books say now of the periods in it."""

    history: History
    filings: Mapping[str, Filing]
    """By the id of their forms."""
    rows: Mapping[Span, PeriodFigures]
    """The figures of what was filed, at the administration that filed it."""
    books: Mapping[Span, Boxes]
    """In whole euros, without corrections of other periods."""

    def last(self, period: Span) -> Filing | None:
        """Return the declaration that says most of a period: sent or accepted last."""
        found = [one for one in self.history.forms if period in one.periods]
        counted = [one for one in found if self.filings[one.id].stage in SENT]
        return self.filings[counted[-1].id] if counted else None

    @property
    def payable(self) -> dict[TaxPeriod, Decimal]:
        """5g of each period as it was accepted last."""
        known = self.history
        return {period(one): payable(known.held(one) or {}) for one in known.filed}

    def said(self, filing: Filing, period: Span) -> Boxes:
        """Return what one of these declarations says of a period."""
        (form,) = (one for one in self.history.forms if one.id == str(filing.id))
        return form.periods[period]


def span(period: Days) -> Span:
    """Return a tax period as the law's modules know it."""
    return Span(period.start, period.end)


def period(of: Span) -> TaxPeriod:
    """Return a span as a tax period."""
    return TaxPeriod(of.start, of.end)


def plain(boxes: Mapping[Rubric, Box]) -> dict[str, Box]:
    """Return boxes by their names, those that are zero left out."""
    return add({rubric.value: box for rubric, box in boxes.items()})


def by_rubric(boxes: Boxes) -> dict[Rubric, Box]:
    """Return boxes as a form has them."""
    return {Rubric(name): box for name, box in boxes.items()}


def of(taxpayer: Whose, *, without: int | None = None) -> Filed:
    """Read what a taxpayer filed; `without` leaves a filing (its id) out."""
    filings = {str(one.id): one for one in _filings(taxpayer) if one.id != without}
    entries = _corrections(taxpayer)
    forms = tuple(_forms(filings.values(), entries))
    accepted = [form for form in forms if form.state is State.ACCEPTED]
    waiting = (
        one
        for one in _waiting(entries)
        if not any(form.carries(one) for form in accepted)
    )
    rows = _rows(forms, filings)
    return Filed(History(forms, tuple(waiting)), filings, rows, books_of(rows))


def _filings(taxpayer: Whose) -> list[Filing]:
    """Return what counts, in the order in which it went."""
    found = select(Filing).where(
        *taxpayers.of_taxpayer(taxpayer),
        Filing.kind.in_(RETURNS),
        Filing.stage.in_(GONE),
    )
    moment = func.coalesce(Filing.approved_at, Filing.created_at)
    ordered = found.order_by(moment, Filing.id)
    fresh = ordered.execution_options(populate_existing=True)  # workers write beside it
    return list(session().scalars(fresh))


@dataclass(frozen=True)
class _Correction:
    """A stored correction of an earlier period."""

    goes_in: Span
    corrects: Span
    boxes: Boxes


def entries_of(taxpayer: Whose) -> list[tuple[Entry, PeriodFigures]]:
    """Return the corrections in all his periods, with the period each is in."""
    his = select(Filing.administration_id).where(*taxpayers.of_taxpayer(taxpayer))
    rows = session().execute(
        select(Entry, PeriodFigures)
        .join(PeriodFigures, PeriodFigures.id == Entry.period_id)
        .join(Administration, Administration.id == PeriodFigures.administration_id)
        .where(
            Entry.tenant_id == taxpayer.tenant_id,
            Entry.origin == EntryOrigin.CORRECTION,
            or_(
                Administration.tax_number == taxpayer.tax_number,
                Administration.id.in_(his),
            ),
        )
        .order_by(PeriodFigures.starts_on, Entry.id)
    )
    return [(entry, row) for entry, row in rows]


def _corrections(taxpayer: Whose) -> list[_Correction]:
    found: dict[tuple[Span, Span], list[Boxes]] = defaultdict(list)
    for entry, row in entries_of(taxpayer):
        corrects = span(TaxPeriod.from_code(entry.reference))
        box = {Rubric(entry.rubric).value: Box(entry.turnover, entry.vat)}
        found[Span(row.starts_on, row.ends_on), corrects].append(box)
    return [
        _Correction(goes_in, corrects, add(*boxes))
        for (goes_in, corrects), boxes in found.items()
    ]


def _waiting(found: Iterable[_Correction]) -> Iterator[Waiting]:
    for one in found:
        yield Waiting(one.corrects, one.goes_in, one.boxes)


def _forms(filings: Iterable[Filing], entries: Sequence[_Correction]) -> Iterator[Form]:
    for filing in filings:
        declared = declared_boxes(filing)
        if declared is None:
            continue
        whole = span(taxpayers.period_of(filing))
        periods = decoded(filing.parts.get("periods", {}))
        is_suppletie = filing.kind == DeclarationKind.SUPPLETIE
        yield Form(
            str(filing.id),
            periods if len(periods) > 1 else {whole: plain(declared)},
            _carried(filing, whole, entries),
            is_suppletie,
            STATES[FilingStage(filing.stage)],
        )


def told(filing: Filing) -> list[Span]:
    """Return the periods that a return or suppletie is about."""
    return list(decoded(filing.parts.get("periods", {}))) or [
        span(taxpayers.period_of(filing))
    ]


def _carried(
    filing: Filing, whole: Span, entries: Sequence[_Correction]
) -> dict[Span, Boxes]:
    """Return what a return carried; of before that was kept, what its period holds."""
    if filing.kind == DeclarationKind.SUPPLETIE:
        return {}
    if filing.parts:
        return decoded(filing.parts.get("carried", {}))
    return {one.corrects: one.boxes for one in entries if one.goes_in == whole}


def declared_boxes(filing: Filing) -> Mapping[Rubric, Box] | None:
    """Read a declaration back from the bytes that went; None when they are no XBRL."""
    try:
        return read_back(filing.content, DeclarationKind(filing.kind)).boxes
    except NotXbrl:
        logger.error("a filed declaration cannot be read back", filing=filing.id)
        return None


def encoded(parts: Mapping[Span, Boxes]) -> dict[str, Any]:
    """Return amounts by period as plain values, to keep."""
    return {
        each.code: {
            name: [str(box.turnover), str(box.vat)] for name, box in boxes.items()
        }
        for each, boxes in sorted(parts.items())
    }


def decoded(stored: Mapping[str, Any]) -> dict[Span, Boxes]:
    """Read what `encoded` wrote."""
    return {
        span(TaxPeriod.from_code(code)): {
            name: Box(Decimal(turnover), Decimal(vat))
            for name, (turnover, vat) in boxes.items()
        }
        for code, boxes in stored.items()
    }


def _rows(
    forms: Iterable[Form], filings: Mapping[str, Filing]
) -> dict[Span, PeriodFigures]:
    """Return the figures of each filed period, where its return was made of."""
    at: dict[Span, int] = {}
    for form in forms:
        for each in form.periods:
            if not form.is_suppletie or each not in at:
                at[each] = filings[form.id].administration_id
    rows = session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id.in_(set(at.values())),
            PeriodFigures.read_at.is_not(None),
        )
    )
    return {
        each: row
        for row in rows
        if at.get(each := Span(row.starts_on, row.ends_on)) == row.administration_id
    }


def books_of(rows: Mapping[Span, PeriodFigures]) -> dict[Span, Boxes]:
    """Return what the books say of periods, in whole euros, corrections left out."""
    sums = period_figures.sums([row.id for row in rows.values()], own=True)
    return {
        each: rounded({rubric.value: box for rubric, box in sums[row.id].items()})
        if row.id in sums
        else {}
        for each, row in rows.items()
    }


def stages(taxpayer: Whose) -> dict[TaxPeriod, FilingStage]:
    """Return where the taxpayer's last return of every period stands."""
    found = session().execute(
        select(Filing.starts_on, Filing.ends_on, Filing.stage)
        .where(
            *taxpayers.of_taxpayer(taxpayer),
            Filing.kind == DeclarationKind.VAT_RETURN,
        )
        .order_by(Filing.version)
    )
    return {TaxPeriod(start, end): FilingStage(last) for start, end, last in found}


def gone(taxpayer: Whose) -> set[TaxPeriod]:
    """Return the periods whose last return went, goes, or may have gone."""
    return {one for one, stage in stages(taxpayer).items() if stage in GONE}
