"""What the tax office holds of every period, and what brings it right. Pure.

A history of forms that went out, and of corrections that wait for the next return. The
old total of a suppletie is what was accepted, nothing else; a correction that waits is
folded into it, so that nothing is declared twice; one that went in a later return stays
there and is left out, so that nothing is lost. Amounts are whole euros.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.errors import AskUser
from plugins.belastingdienst.law.boxes import Box, Boxes, add, added, less, payable
from plugins.belastingdienst.law.dates import correctable_until
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Span, covers, overlapping, year_of

RULES = {
    "whole_form": Source(
        "A suppletie states all boxes anew, with the old and the new total (taxonomy"
        " NT14, ob-suppletie; dezaak.nl)",
        Sure.VERIFIED,
    ),
    "old_total": Source(
        "That the old total is what was accepted last: what the office can compare",
        Sure.UNVERIFIED,
    ),
    "whole_year": Source("cooster.nl, kemna.nl: one over a whole year may be filed",
                         Sure.SECONDARY),
    "five_years": Source("AWR art. 20(3); advisers' pages", Sure.SECONDARY),
}  # fmt: skip
"""Where each rule stands."""


class State(StrEnum):
    """Where a form stands."""

    UNDERWAY = "underway"
    """It goes, went, or may have gone: no answer yet."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """It never counted."""


@dataclass(frozen=True)
class Waiting:
    """A correction that goes in the return of a later period."""

    corrects: Span
    goes_in: Span
    boxes: Boxes

    def is_due_in(self, period: Span) -> bool:
        """Tell whether a period's return takes it along.

        Also that of another length: who changes from quarters to months loses nothing.
        """
        return self.goes_in.start <= period.end


@dataclass(frozen=True)
class Form:
    """A return or suppletie that went out."""

    id: str
    periods: Mapping[Span, Boxes]
    """What it says of each period: one of a return, more of a suppletie of a year."""
    carried: Mapping[Span, Boxes] = field(default_factory=dict)
    """Corrections of earlier periods within a return, by the period they correct."""
    is_suppletie: bool = False
    state: State = State.UNDERWAY

    @property
    def boxes(self) -> dict[str, Box]:
        """The amounts on the form."""
        return added(self.periods.values())

    def carries(self, one: Waiting) -> bool:
        """Tell whether a correction that waited is among what it carries."""
        is_due = any(one.is_due_in(period) for period in self.periods)
        return one.corrects in self.carried and is_due


@dataclass(frozen=True)
class Suppletie:
    """A form for periods that were filed, beside what the office holds of them."""

    form: Form
    old: Boxes

    @property
    def old_total(self) -> Decimal:
        """5g as it was accepted."""
        return payable(self.old)


@dataclass(frozen=True)
class History:
    """All forms of one taxpayer, oldest first, and what waits."""

    forms: tuple[Form, ...] = ()
    waiting: tuple[Waiting, ...] = ()

    # what the tax office holds

    @property
    def accepted(self) -> tuple[Form, ...]:
        """The forms that count."""
        return tuple(form for form in self.forms if form.state is State.ACCEPTED)

    def held(self, period: Span) -> Boxes | None:
        """Return the form of a period as accepted last; None: never."""
        found = [form for form in self.accepted if period in form.periods]
        return found[-1].periods[period] if found else None

    @property
    def filed(self) -> tuple[Span, ...]:
        """The periods of which a form was accepted."""
        return tuple(sorted({span for form in self.accepted for span in form.periods}))

    def _carried_in(self, period: Span) -> dict[str, Box]:
        """What of a period's form corrects earlier ones; a suppletie keeps it."""
        return added(
            boxes
            for form in self.accepted
            if period in form.periods
            for boxes in form.carried.values()
        )

    def _went_elsewhere(self, period: Span) -> dict[str, Box]:
        """What of a period was corrected in the returns of later ones."""
        return added(form.carried.get(period, {}) for form in self.accepted)

    def known(self, period: Span) -> dict[str, Box] | None:
        """Return what the tax office knows of a period, wherever it was told."""
        held = self.held(period)
        if held is None:
            return None
        own = less(held, self._carried_in(period))
        return add(own, self._went_elsewhere(period))

    def waits_for(self, period: Span) -> dict[str, Box]:
        """Return what of a period waits to be told in a later return."""
        return added(one.boxes for one in self.waiting if one.corrects == period)

    def decided(self, period: Span) -> dict[str, Box]:
        """Return what waits or went since a form of the period itself was accepted.

        It counts in the balance that decides between the next return and a suppletie:
        an error is not made small by telling it in slices.
        """
        since: tuple[Form, ...] = ()
        for form in self.accepted:
            since = () if period in form.periods else (*since, form)
        went = (form.carried.get(period, {}) for form in since)
        return add(self.waits_for(period), *went)

    def lacking(self, period: Span, books: Boxes) -> dict[str, Box]:
        """Return what is still to be decided on: neither known nor waiting."""
        return less(books, add(self.known(period) or {}, self.waits_for(period)))

    # a return

    def return_of(self, period: Span, books: Boxes, form_id: str) -> Form:
        """Make the return of a period, with the corrections that wait for it.

        AskUser `period_already_filed`, also for a period that overlaps one.
        """
        if any(overlapping(period, other) for other in self.taken):
            raise AskUser("period_already_filed", period=period.code)
        carried: dict[Span, Boxes] = {}
        for one in self.waiting:
            if one.is_due_in(period):
                earlier = carried.get(one.corrects, {})
                carried[one.corrects] = add(earlier, one.boxes)
        form = add(books, *carried.values())
        return Form(form_id, {period: form}, carried)

    @property
    def taken(self) -> set[Span]:
        """The periods of which a form went, goes, or may have gone."""
        counted = (form for form in self.forms if form.state is not State.REFUSED)
        return {span for form in counted for span in form.periods}

    # corrections in the next return

    def put_in(self, goes_in: Span, corrects: Span, books: Boxes) -> "History":
        """Let what a period lacks go in the return of a later one.

        AskUser `correction_nothing`, `correction_period` and those of a suppletie that
        is underway.
        """
        self._must_be_settled(corrects)
        is_open = not any(overlapping(goes_in, other) for other in self.taken)
        if goes_in.start <= corrects.end or not is_open:
            raise AskUser("correction_period", period=goes_in.code)
        lacking = self.lacking(corrects, books)
        if not lacking:
            raise AskUser("correction_nothing", period=corrects.code)
        one = Waiting(corrects, goes_in, lacking)
        return replace(self, waiting=(*self.waiting, one))

    def take_back(self, goes_in: Span, corrects: Span) -> "History":
        """Take a correction out of a return; AskUser `correction_gone` once it went."""
        wanted = goes_in, corrects
        found = [one for one in self.waiting if (one.goes_in, one.corrects) == wanted]
        underway = (form for form in self.forms if form.state is State.UNDERWAY)
        went = any(form.carries(one) for form in underway for one in found)
        if went or (not found and goes_in in self.taken):
            raise AskUser("correction_gone", period=goes_in.code)
        return replace(
            self, waiting=tuple(one for one in self.waiting if one not in found)
        )

    # a suppletie

    def suppletie(
        self,
        periods: Iterable[Span],
        books: Mapping[Span, Boxes],
        form_id: str,
        today: date,
    ) -> Suppletie:
        """Make a suppletie over periods that were filed, as the books are now.

        AskUser `suppletie_not_filed`, `suppletie_waits_for_answer`,
        `suppletie_too_old`, `suppletie_changes_nothing`.
        """
        wanted = tuple(sorted(periods))
        old: list[Boxes] = []
        for period in wanted:
            self._must_be_settled(period)
            if today > correctable_until(period):
                raise AskUser("suppletie_too_old", period=period.code)
            old.append(self.held(period) or {})
        new = {period: self._right_form(period, books[period]) for period in wanted}
        if not less(added(new.values()), added(old)):
            raise AskUser("suppletie_changes_nothing", period=_name(wanted))
        return Suppletie(Form(form_id, new, is_suppletie=True), added(old))

    def suppletie_of_year(
        self, year: int, books: Mapping[Span, Boxes], form_id: str, today: date
    ) -> Suppletie:
        """Make one over a whole year; AskUser `suppletie_year_not_filed`."""
        whole = year_of(date(year, 1, 1))
        periods = [span for span in self.filed if overlapping(span, whole)]
        if not covers(periods, whole):
            raise AskUser("suppletie_year_not_filed", period=str(year))
        return self.suppletie(periods, books, form_id, today)

    def _right_form(self, period: Span, books: Boxes) -> dict[str, Box]:
        """What a period's form has to say for the office to know what is right."""
        own = less(books, self._went_elsewhere(period))
        return add(own, self._carried_in(period))

    def is_underway(self, period: Span) -> bool:
        """Tell whether a form without an answer says something of a period."""
        underway = (form for form in self.forms if form.state is State.UNDERWAY)
        return any(
            period in form.periods or period in form.carried for form in underway
        )

    def _must_be_settled(self, period: Span) -> None:
        if self.held(period) is None:
            raise AskUser("suppletie_not_filed", period=period.code)
        if self.is_underway(period):
            raise AskUser("suppletie_waits_for_answer", period=period.code)


def _name(periods: tuple[Span, ...]) -> str:
    return ", ".join(period.code for period in periods)
