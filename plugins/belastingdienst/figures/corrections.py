"""Corrections of periods that were filed: what differs, where it goes, accepting it.

A period that was filed may still change: a late booking, a forgotten receipt. What then
differs from the declaration that went out last is proposed for the next return, or for
a suppletie (contract section 5; the rule itself is `returns.plan_corrections`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import structlog
from sqlalchemy import select

from core.domain.declarations import (
    Box,
    Boxes,
    DeclarationKind,
    PeriodKind,
    Rubric,
    TaxPeriod,
)
from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.database import session
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.law import periods
from plugins.belastingdienst.law.returns import Correction, VatReturn, plan_corrections
from plugins.belastingdienst.models import Administration, Entry, Filing, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.xbrl.declared import read_back
from plugins.belastingdienst.xbrl.reader import NotXbrl

logger = structlog.get_logger(__name__)
FILED = (FilingStage.DELIVERED, FilingStage.ACCEPTED)
GONE = (*FILED, FilingStage.APPROVED, FilingStage.STOPPED)
"""Its figures are fixed: it went, goes, or may have gone."""
YEARS = 5
"""How far back the tax office takes corrections."""
_RETURNS = (DeclarationKind.VAT_RETURN, DeclarationKind.SUPPLETIE)


@dataclass(frozen=True)
class Proposal:
    """What a filed period turned out to lack, in whole euros."""

    row: PeriodFigures
    filing: Filing
    """The declaration it is compared with: the last one that went out."""
    correction: Correction
    """As declared, accepted corrections among it, and as right."""
    needs_suppletie: bool

    @property
    def changed(self) -> dict[Rubric, Box]:
        """The rubrics that differ, and by how much."""
        return {
            rubric: box
            for rubric, box in self.correction.difference.items()
            if box != Box()
        }


def proposals(administration: Administration, today: date) -> list[Proposal]:
    """Return the corrections that wait for a decision, oldest period first."""
    rows = _rows(administration, today.year - YEARS)
    filings = {key: one for key, one in filed(administration).items() if key in rows}
    right = period_figures.sums([rows[key].id for key in filings])
    accepted = _accepted([filing.id for filing in filings.values()])
    gross, net = [], {}
    for key in sorted(filings):
        declared = declared_boxes(filings[key])
        if declared is None:
            continue
        wanted = VatReturn.from_exact(key, right.get(rows[key].id, {})).boxes
        known = _sum(declared, accepted.get(filings[key].id, {}))
        gross.append(Correction(key, declared, wanted))
        net[key] = Correction(key, known, wanted)
    large = {one.period for one in plan_corrections(gross).suppletie}
    found = [
        Proposal(rows[key], filings[key], correction, key in large)
        for key, correction in net.items()
    ]
    return [proposal for proposal in found if proposal.changed]


def _rows(administration: Administration, since: int) -> dict[TaxPeriod, PeriodFigures]:
    found = session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id == administration.id,
            PeriodFigures.starts_on >= date(since, 1, 1),
            PeriodFigures.read_at.is_not(None),
        )
    )
    return {period_figures.period(row): row for row in found}


def filed(administration: Administration) -> dict[TaxPeriod, Filing]:
    """Return the return or suppletie that went out last, per period."""
    found = session().scalars(
        select(Filing)
        .where(
            Filing.administration_id == administration.id,
            Filing.kind.in_(_RETURNS),
            Filing.stage.in_(FILED),
        )
        .order_by(Filing.id)
    )
    return {TaxPeriod(one.starts_on, one.ends_on): one for one in found}


def declared_boxes(filing: Filing) -> Boxes | None:
    """Read a declaration back from the bytes that went; None when they are no XBRL."""
    try:
        return read_back(filing.content, DeclarationKind(filing.kind)).boxes
    except NotXbrl:
        logger.error("a filed declaration cannot be read back", filing=filing.id)
        return None


def _accepted(filing_ids: Sequence[int]) -> dict[int, dict[Rubric, Box]]:
    """Return what was accepted already, by the declaration that it corrects."""
    entries = session().scalars(
        select(Entry).where(
            Entry.origin == EntryOrigin.CORRECTION,
            Entry.source_id.in_([str(number) for number in filing_ids]),
        )
    )
    found: dict[int, dict[Rubric, Box]] = {}
    for entry in entries:
        boxes = found.setdefault(int(entry.source_id), {})
        rubric = Rubric(entry.rubric)
        boxes[rubric] = boxes.get(rubric, Box()) + Box(entry.turnover, entry.vat)
    return found


def _sum(one: Boxes, other: Boxes) -> Boxes:
    return {
        rubric: one.get(rubric, Box()) + other.get(rubric, Box()) for rubric in Rubric
    }


def payable_so_far(administration: Administration, period: TaxPeriod) -> Decimal | None:
    """Return 5g of a period as the tax office knows it; None when nothing was accepted.

    What a suppletie calls the old total, in whole euros: of the declaration that was
    accepted last, with the corrections of it that went in later returns.
    """
    filing = session().scalar(
        select(Filing)
        .where(
            Filing.tenant_id == administration.tenant_id,
            Filing.tax_number == administration.tax_number,
            Filing.kind.in_(_RETURNS),
            Filing.starts_on == period.start,
            Filing.ends_on == period.end,
            Filing.stage == FilingStage.ACCEPTED,
        )
        .order_by(Filing.id.desc())
        .limit(1)
    )
    declared = declared_boxes(filing) if filing is not None else None
    if filing is None or declared is None:
        return None
    accepted = _accepted([filing.id]).get(filing.id, {})
    return VatReturn(period, _sum(declared, accepted)).payable


def next_open(
    administration: Administration,
    after: TaxPeriod,
    stages: Mapping[TaxPeriod, FilingStage] | None = None,
) -> TaxPeriod:
    """Return the first later period whose return did not go out yet.

    `stages` are those of `latest_stages`, where they are known already.
    """
    kind = PeriodKind(administration.period_kind)
    stages = latest_stages(administration) if stages is None else stages
    period = _following(kind, after)
    while stages.get(period) in GONE:
        period = _following(kind, period)
    return period


def _following(kind: PeriodKind, period: TaxPeriod) -> TaxPeriod:
    return periods.containing(kind, period.end + timedelta(days=1))


def accept(
    administration: Administration, period: TaxPeriod, today: date, *, user_id: int
) -> PeriodFigures:
    """Put the correction of a period in the next return, in the caller's transaction.

    Returns the period it went in. Raises AskUser `correction_needs_suppletie`, and
    LookupError when there is nothing (any more) to correct.
    """
    locked = select(Administration.id).where(Administration.id == administration.id)
    session().execute(locked.with_for_update())  # accepted twice is accepted once
    found = [
        one
        for one in proposals(administration, today)
        if one.correction.period == period
    ]
    if not found:
        raise LookupError(f"{period.code} needs no correction")
    if found[0].needs_suppletie:
        raise AskUser("correction_needs_suppletie")
    target = period_figures.of(administration, next_open(administration, period))
    _add(found[0], target)
    _note("figures_correction_accepted", target, period, user_id)
    return target


def _add(proposal: Proposal, target: PeriodFigures) -> None:
    session().add_all(
        Entry(
            tenant_id=target.tenant_id,
            period_id=target.id,
            origin=EntryOrigin.CORRECTION,
            source_id=str(proposal.filing.id),
            reference=proposal.correction.period.code,
            booked_on=target.ends_on,
            rubric=rubric,
            turnover=box.turnover,
            vat=box.vat,
        )
        for rubric, box in proposal.changed.items()
    )


def accepted_in(row: PeriodFigures) -> list[Entry]:
    """Return the correction entries in a period, by the period they correct."""
    found = session().scalars(
        select(Entry)
        .where(Entry.period_id == row.id, Entry.origin == EntryOrigin.CORRECTION)
        .order_by(Entry.reference, Entry.rubric, Entry.id)
    )
    return list(found)


def accepted_groups(row: PeriodFigures) -> dict[TaxPeriod, list[Entry]]:
    """Return the same, per corrected period."""
    found: dict[TaxPeriod, list[Entry]] = {}
    for entry in accepted_in(row):
        found.setdefault(TaxPeriod.from_code(entry.reference), []).append(entry)
    return found


def take_back(row: PeriodFigures, period: TaxPeriod, *, user_id: int) -> None:
    """Take accepted corrections of a period out of a return, in the caller's
    transaction.

    Raises AskUser `correction_gone` once that return went out.
    """
    if is_gone(row):
        raise AskUser("correction_gone")
    for entry in accepted_in(row):
        if entry.reference == period.code:
            session().delete(entry)
    _note("figures_correction_taken_back", row, period, user_id)


def is_gone(row: PeriodFigures) -> bool:
    """Tell whether a period's return went, goes, or may have gone out."""
    return stage(row) in GONE


def stage(row: PeriodFigures) -> FilingStage | None:
    """Return where the last return of a period stands; None without one."""
    return latest_stages(row.administration).get(period_figures.period(row))


def latest_stages(administration: Administration) -> dict[TaxPeriod, FilingStage]:
    """Return where the taxpayer's last return of every period stands."""
    found = session().execute(
        select(Filing.starts_on, Filing.ends_on, Filing.stage)
        .where(
            Filing.tenant_id == administration.tenant_id,
            Filing.tax_number == administration.tax_number,
            Filing.kind == DeclarationKind.VAT_RETURN,
        )
        .order_by(Filing.version)
    )
    return {TaxPeriod(start, end): FilingStage(last) for start, end, last in found}


def _note(code: str, row: PeriodFigures, corrected: TaxPeriod, user_id: int) -> None:
    log.write(
        row.tenant_id,
        code,
        user_id=user_id,
        administration=row.administration.description,
        period=period_figures.period(row).code,
        corrected=corrected.code,
    )
