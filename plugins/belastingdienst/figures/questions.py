"""What no booking tells of a period: asked, answered, held against what is filled in.

Unanswered is not no: a return is not prepared before everything that its taxpayer said
comes up sometimes is answered. What he said never comes up is not asked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.declarations import Rubric
from core.plugin.database import session
from plugins.belastingdienst.checks import Problem
from plugins.belastingdienst.law import cases, year_end
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.law.spans import Days
from plugins.belastingdienst.models import Answer, Entry, Taxpayer
from plugins.belastingdienst.models.taxpayer import Occurrence
from plugins.belastingdienst.setup import taxpayer_setup

_RIGHT = "right_"
"""Before a box that looks wrong and is right, as a person said."""
BOXES = {
    **{case.code: case.box for case in cases.CASES},
    **{prompt.code: prompt.box for prompt in year_end.PROMPTS},
}
"""Where the amount of a question goes."""
_WITH_VAT = frozenset(case.code for case in cases.CASES if case.has_vat)


@dataclass(frozen=True)
class Asked:
    """One question of a period, with what was said of it."""

    code: str
    box: str
    is_needed: bool
    """Nothing is prepared before it is answered; otherwise it is only told."""
    applies: bool | None
    """None: not answered yet."""
    entry: Entry | None
    """What was filled in for it."""

    @property
    def problem(self) -> Problem | None:
        """What is still to be done; None: it is answered, whole."""
        if self.applies is None:
            return Problem(self.code, blocks=self.is_needed)
        if self.applies and not self._is_filled:
            return Problem("case_without_amount", {"box": self.box})
        if not self.applies and self.entry is not None:
            return Problem("case_no_but_amount")
        return None

    @property
    def _is_filled(self) -> bool:
        if self.entry is None:
            return False
        return self.code not in _WITH_VAT or bool(self.entry.vat)


def asked(taxpayer: Taxpayer | None, period: Days) -> list[Asked]:
    """Return the questions of a period: cases that come up sometimes, and in the last
    return of a year what it asks, unless that never comes up."""
    said = answers(taxpayer, period)
    entries = _entries(said.values())
    found = []
    for code in _codes(taxpayer, period):
        row = said.get(code)
        is_needed = taxpayer_setup.occurrence(taxpayer, code) is Occurrence.SOMETIMES
        entry = entries.get(row.entry_id) if row and row.entry_id else None
        applies = row.applies if row else None
        found.append(Asked(code, BOXES[code], is_needed, applies, entry))
    return found


def _codes(taxpayer: Taxpayer | None, period: Days) -> Iterator[str]:
    for code in taxpayer_setup.CASES:
        if taxpayer_setup.occurrence(taxpayer, code) is Occurrence.SOMETIMES:
            yield code
    for prompt in year_end.prompts(period):
        if taxpayer_setup.occurrence(taxpayer, prompt.code) is not Occurrence.NEVER:
            yield prompt.code


def answers(taxpayer: Taxpayer | None, period: Days) -> dict[str, Answer]:
    """Return what was said of a period, by the code of the question."""
    if taxpayer is None:
        return {}
    rows = session().scalars(
        select(Answer).where(
            Answer.taxpayer_id == taxpayer.id,
            Answer.starts_on == period.start,
            Answer.ends_on == period.end,
        )
    )
    return {row.code: row for row in rows}


def _entries(found: Iterable[Answer]) -> dict[int, Entry]:
    keys = [row.entry_id for row in found if row.entry_id]
    rows = session().scalars(select(Entry).where(Entry.id.in_(keys)))
    return {row.id: row for row in rows}


def problems(taxpayer: Taxpayer | None, period: Days) -> list[Problem]:
    """Return what of a period's questions is still to be done, and how many questions
    about the taxpayer himself nobody answered."""
    found = [one.problem for one in asked(taxpayer, period)]
    unsaid = len(taxpayer_setup.unsaid(taxpayer))
    if unsaid:
        told = Problem("taxpayer_questions_open", {"count": str(unsaid)}, blocks=False)
        found.append(told)
    return [one for one in found if one is not None]


def answer(
    taxpayer: Taxpayer,
    period: Days,
    code: str,
    *,
    applies: bool,
    user_id: int,
    entry: Entry | None = None,
) -> None:
    """Keep an answer, in the caller's transaction; a new one replaces the old."""
    row = _row(taxpayer, period, code)
    row.applies, row.answered_by_id, row.answered_at = applies, user_id, utcnow()
    if entry is not None:
        row.entry_id = entry.id
    session().flush()


def _row(taxpayer: Taxpayer, period: Days, code: str) -> Answer:
    found = answers(taxpayer, period).get(code)
    if found is None:
        found = Answer(
            tenant_id=taxpayer.tenant_id,
            taxpayer_id=taxpayer.id,
            starts_on=period.start,
            ends_on=period.end,
            code=code,
            applies=True,
        )
        session().add(found)
    return found


def is_said(taxpayer: Taxpayer | None, period: Days, code: str) -> bool:
    """Tell whether anything was answered."""
    return code in answers(taxpayer, period)


def confirm(
    taxpayer: Taxpayer, vat_return: VatReturn, box: str, *, user_id: int
) -> None:
    """Keep that a box is right as it is now, in the caller's transaction."""
    answer(taxpayer, vat_return.period, f"{_RIGHT}{box}", applies=True, user_id=user_id)
    row = _row(taxpayer, vat_return.period, f"{_RIGHT}{box}")
    row.turnover, row.vat = _amounts(vat_return, box)
    session().flush()


def confirmed(taxpayer: Taxpayer | None, vat_return: VatReturn) -> frozenset[str]:
    """Return the boxes of which a person said that they are right, while they still
    say the same."""
    return frozenset(
        box
        for code, row in answers(taxpayer, vat_return.period).items()
        if code.startswith(_RIGHT)
        and (row.turnover, row.vat)
        == _amounts(vat_return, box := code.removeprefix(_RIGHT))
    )


def _amounts(vat_return: VatReturn, box: str) -> tuple[Decimal, Decimal]:
    found = vat_return.box(Rubric(box))
    return found.turnover, found.vat
