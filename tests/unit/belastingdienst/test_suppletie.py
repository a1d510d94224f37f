"""What the tax office holds equals what the books say, whatever happened between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.domain.errors import AskUser
from plugins.belastingdienst.law.boxes import Box
from plugins.belastingdienst.law.spans import Span, month_of, year_of
from plugins.belastingdienst.law.suppletie import Form, History, State, Suppletie
from tests.quarters import quarter

TODAY = date(2027, 2, 1)
Q1, Q2, Q3, Q4 = (quarter(2026, number) for number in (1, 2, 3, 4))
Sums = dict[tuple[str, str], int]


def books(turnover: int, vat: int, input_vat: int = 0) -> dict[str, Box]:
    found = {"1a": Box(Decimal(turnover), Decimal(vat))}
    if input_vat:
        found["5b"] = Box(Decimal(0), Decimal(input_vat))
    return found


def sent(history: History, form: Form) -> History:
    """Let a form go out; what a suppletie tells of its periods waits no more."""
    told = form.periods if form.is_suppletie else {}
    kept = tuple(one for one in history.waiting if one.corrects not in told)
    return History((*history.forms, replace(form, state=State.UNDERWAY)), kept)


def answered(history: History, form_id: str, state: State) -> History:
    """Take an answer in: what an accepted return carried waits no more."""
    forms = tuple(
        replace(form, state=state) if form.id == form_id else form
        for form in history.forms
    )
    is_accepted = state is State.ACCEPTED
    took = [form for form in forms if form.id == form_id and is_accepted]
    waits = history.waiting
    kept = (one for one in waits if not any(form.carries(one) for form in took))
    return History(forms, tuple(kept))


def filed(history: History, period: Span, boxes: dict[str, Box]) -> History:
    form = history.return_of(period, boxes, period.code)
    return answered(sent(history, form), form.id, State.ACCEPTED)


def accepted(history: History, made: Suppletie) -> History:
    return answered(sent(history, made.form), made.form.id, State.ACCEPTED)


def totals(made: Suppletie) -> tuple[int, int, int]:
    old, new = int(made.old_total), due(plain(made.form.boxes))
    return old, new, new - old


def test_a_correction_that_waits_is_folded_in() -> None:
    """The case that was wrong: 2,100 accepted, 500 waits, 2,000 more is found."""
    history = filed(History(), Q3, books(10_000, 2_100))
    history = history.put_in(Q4, Q3, books(12_381, 2_600))
    right = books(21_905, 4_600)
    made = history.suppletie([Q3], {Q3: right}, "s", TODAY)
    assert totals(made) == (2_100, 4_600, 2_500)
    history = accepted(history, made)
    assert history.waiting == ()
    assert history.lacking(Q3, right) == {}
    assert history.return_of(Q4, {}, "q4").boxes == {}


def test_a_correction_that_went_is_left_out() -> None:
    history = filed(History(), Q2, books(10_000, 2_100))
    history = history.put_in(Q3, Q2, books(12_381, 2_600))
    history = filed(history, Q3, books(1_000, 210))
    assert history.held(Q3) == books(3_381, 710)
    right = books(21_905, 4_600)
    made = history.suppletie([Q2], {Q2: right}, "s", TODAY)
    assert totals(made) == (2_100, 4_100, 2_000)
    history = accepted(history, made)
    assert history.lacking(Q2, right) == {}
    # and one of the return that carried it keeps what it carried
    made = history.suppletie([Q3], {Q3: books(2_000, 420)}, "t", TODAY)
    assert totals(made) == (710, 920, 210)


def test_taken_back_is_lacking_again() -> None:
    history = filed(History(), Q3, books(100, 21))
    history = history.put_in(Q4, Q3, books(200, 42))
    assert history.lacking(Q3, books(200, 42)) == {}
    history = history.take_back(Q4, Q3)
    assert history.lacking(Q3, books(200, 42)) == books(100, 21)
    gone = filed(history.put_in(Q4, Q3, books(200, 42)), Q4, {})
    with pytest.raises(AskUser, match="correction_gone"):
        gone.take_back(Q4, Q3)


def test_who_changes_from_quarters_to_months_loses_no_correction() -> None:
    history = filed(History(), Q3, books(100, 21)).put_in(Q4, Q3, books(200, 42))
    october, november = (month_of(date(2026, month, 1)) for month in (10, 11))
    form = history.return_of(october, books(50, 10), "oct")
    assert form.boxes == books(150, 31)
    underway = sent(history, form)
    with pytest.raises(AskUser, match="correction_gone"):
        underway.take_back(Q4, Q3)
    history = answered(underway, "oct", State.ACCEPTED)
    assert (history.waiting, history.lacking(Q3, books(200, 42))) == ((), {})
    assert history.return_of(november, {}, "nov").boxes == {}


def test_one_over_a_whole_year() -> None:
    history, right = History(), {}
    for period in (Q1, Q2, Q3):
        history = filed(history, period, books(1_000, 210, 10))
        right[period] = books(3_000, 630, 10)
    with pytest.raises(AskUser, match="suppletie_year_not_filed"):
        history.suppletie_of_year(2026, right, "s", TODAY)
    history = history.put_in(Q4, Q1, right[Q1])
    history = filed(history, Q4, books(1_000, 210, 10))
    right[Q4] = books(1_000, 210, 10)
    made = history.suppletie_of_year(2026, right, "s", TODAY)
    # 4 x 200 and the 420 that went in Q4; right are 3 x 620 and 200
    assert totals(made) == (1_220, 2_060, 840)
    history = accepted(history, made)
    assert all(history.lacking(period, right[period]) == {} for period in right)


def test_one_that_changes_no_box_is_refused() -> None:
    history = filed(History(), Q3, books(10_000, 2_100))
    with pytest.raises(AskUser, match="suppletie_changes_nothing"):
        history.suppletie([Q3], {Q3: books(10_000, 2_100)}, "s", TODAY)
    only_3b = {**books(10_000, 2_100), "3b": Box(Decimal(5))}
    assert totals(history.suppletie([Q3], {Q3: only_3b}, "s", TODAY)) == (
        2_100,
        2_100,
        0,
    )


def test_what_is_not_possible() -> None:
    history = filed(History(), Q3, books(100, 21))
    with pytest.raises(AskUser, match="suppletie_not_filed"):
        history.suppletie([Q4], {Q4: {}}, "s", TODAY)
    with pytest.raises(AskUser, match="suppletie_too_old"):
        history.suppletie([Q3], {Q3: {}}, "s", date(2032, 1, 1))
    assert history.suppletie([Q3], {Q3: {}}, "s", date(2031, 12, 31)).old_total == 21
    for other in (Q3, month_of(date(2026, 8, 1)), year_of(date(2026, 1, 1))):
        with pytest.raises(AskUser, match="period_already_filed"):
            history.return_of(other, {}, "again")
    with pytest.raises(AskUser, match="correction_nothing"):
        history.put_in(Q4, Q3, books(100, 21))
    for other in (Q2, Q3):
        with pytest.raises(AskUser, match="correction_period"):
            history.put_in(other, Q3, books(200, 42))


def test_nothing_is_made_beside_a_form_without_an_answer() -> None:
    right = books(900, 189)
    history = filed(History(), Q3, books(100, 21)).put_in(Q4, Q3, books(200, 42))
    underway = sent(history, history.return_of(Q4, {}, "q4"))
    for period in (Q3, Q4):
        with pytest.raises(AskUser, match=r"suppletie_(waits_for_answer|not_filed)"):
            underway.suppletie([period], {period: right}, "s", TODAY)
    with pytest.raises(AskUser, match="suppletie_waits_for_answer"):
        underway.put_in(quarter(2027, 1), Q3, right)
    refused = answered(underway, "q4", State.REFUSED)
    assert refused.waits_for(Q3) == books(100, 21)
    assert refused.return_of(Q4, {}, "q4b").boxes == books(100, 21)


def test_what_a_refused_suppletie_folded_in_is_lacking_again() -> None:
    history = filed(History(), Q3, books(100, 21)).put_in(Q4, Q3, books(200, 42))
    made = history.suppletie([Q3], {Q3: books(300, 63)}, "s", TODAY)
    history = answered(sent(history, made.form), "s", State.REFUSED)
    assert history.waiting == ()
    assert history.lacking(Q3, books(300, 63)) == books(200, 42)


PERIODS = [
    quarter(year, number) for year in (2025, 2026, 2027) for number in (1, 2, 3, 4)
]
amounts = st.integers(-3_000, 3_000)


def plain(boxes: object) -> Sums:
    assert isinstance(boxes, dict)
    return {
        (name, part): int(getattr(box, part))
        for name, box in boxes.items()
        for part in ("turnover", "vat")
        if getattr(box, part)
    }


def plus(one: Sums, other: Sums, sign: int = 1) -> Sums:
    found = {key: one.get(key, 0) + sign * other.get(key, 0) for key in {*one, *other}}
    return {key: amount for key, amount in found.items() if amount}


def due(sums: Sums) -> int:
    return sums.get(("1a", "vat"), 0) - sums.get(("5b", "vat"), 0)


Made = TypeVar("Made")


def tried(call: Callable[[], Made]) -> tuple[Made | None, str]:
    """Return what was made, or the code it was refused with."""
    try:
        return call(), ""
    except AskUser as refused:
        return None, refused.code


class Office:
    """The tax office, written without the product: forms as they come in, and money."""

    def __init__(self) -> None:
        self.forms: dict[Span, Sums] = {}
        self.money = 0

    def take(self, form: Form, made: Suppletie | None) -> None:
        before: Sums = {}
        for span in form.periods:
            before = plus(before, self.forms.get(span, {}))
        if made is None:
            assert not before
            self.money += due(plain(form.boxes))
        else:
            assert due(before) == made.old_total  # it compares with what it has
            self.money += totals(made)[2]
        for span, boxes in form.periods.items():
            self.forms[span] = plain(boxes)

    @property
    def total(self) -> Sums:
        found: Sums = {}
        for sums in self.forms.values():
            found = plus(found, sums)
        return found


class Year(RuleBasedStateMachine):
    """Any order of bookings, returns, corrections, takings back and suppleties."""

    def __init__(self) -> None:
        super().__init__()
        self.history, self.office = History(), Office()
        self.books: dict[Span, dict[str, Box]] = {one: {} for one in PERIODS}
        self.pending: tuple[Form, Suppletie | None] | None = None
        self.number = 0

    @property
    def next_period(self) -> Span:
        return PERIODS[len(self.history.filed)]

    def _send(self, form: Form, made: Suppletie | None = None) -> None:
        self.history = sent(self.history, form)
        self.pending = form, made
        self.told = {span: plain(self.books[span]) for span in form.periods}

    def _id(self) -> str:
        self.number += 1
        return str(self.number)

    @rule(data=st.data(), box=st.sampled_from(["1a", "3b", "5b"]),
          turnover=amounts, vat=amounts)  # fmt: skip
    def book(self, data: st.DataObject, box: str, turnover: int, vat: int) -> None:
        at = data.draw(st.sampled_from(PERIODS[: len(self.history.filed) + 1]))
        added = {
            "1a": Box(Decimal(turnover), Decimal(vat)),
            "3b": Box(Decimal(turnover)),
            "5b": Box(Decimal(0), Decimal(vat)),
        }[box]
        old = self.books[at].get(box, Box())
        self.books[at] = {**self.books[at], box: old + added}

    @precondition(lambda self: self.pending is None and len(self.history.filed) < 11)
    @rule()
    def file(self) -> None:
        period = self.next_period
        self._send(self.history.return_of(period, self.books[period], self._id()))

    @precondition(lambda self: self.pending is None and len(self.history.filed) < 11)
    @rule()
    def file_and_accept(self) -> None:
        self.file()
        self.answer(True)

    @precondition(lambda self: self.history.filed and self.pending is None)
    @rule(data=st.data(), vat=st.integers(1, 900))
    def book_late_and_correct(self, data: st.DataObject, vat: int) -> None:
        at = data.draw(st.sampled_from(self.history.filed))
        old = self.books[at].get("1a", Box())
        self.books[at] = {**self.books[at], "1a": old + Box(Decimal(vat), Decimal(vat))}
        made, code = tried(
            lambda: self.history.put_in(self.next_period, at, self.books[at])
        )
        self.history = made or self.history
        assert code in {"", "correction_nothing"}

    @precondition(lambda self: self.pending is not None)
    @rule(is_accepted=st.sampled_from([True, True, True, False]))
    def answer(self, is_accepted: bool) -> None:
        assert self.pending is not None
        form, made = self.pending
        self.pending = None
        state = State.ACCEPTED if is_accepted else State.REFUSED
        self.history = answered(self.history, form.id, state)
        if is_accepted:
            self.office.take(form, made)
            for span, sums in self.told.items():  # neither twice nor too little
                assert plain(self.history.known(span)) == sums
                assert self.history.waits_for(span) == {}

    @precondition(lambda self: self.history.filed)
    @rule(data=st.data())
    def correct(self, data: st.DataObject) -> None:
        period = data.draw(st.sampled_from(self.history.filed))
        made, code = tried(
            lambda: self.history.put_in(self.next_period, period, self.books[period])
        )
        self.history = made or self.history
        assert code in {
            "", "correction_nothing", "correction_period", "suppletie_waits_for_answer",
        }  # fmt: skip

    @precondition(lambda self: self.history.waiting)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.history.waiting))
        made, code = tried(lambda: self.history.take_back(one.goes_in, one.corrects))
        self.history = made or self.history
        assert code == "" or (code == "correction_gone" and self.pending is not None)

    @precondition(lambda self: self.history.filed and self.pending is None)
    @rule(data=st.data())
    def supplete(self, data: st.DataObject) -> None:
        period = data.draw(st.sampled_from(self.history.filed))
        is_year = data.draw(st.booleans())
        made, code = tried(
            lambda: (
                self.history.suppletie_of_year(
                    period.start.year, self.books, self._id(), TODAY
                )
                if is_year
                else self.history.suppletie([period], self.books, self._id(), TODAY)
            )
        )
        assert code in {"", "suppletie_changes_nothing", "suppletie_year_not_filed"}
        if made is not None:
            self._send(made.form, made)

    @invariant()
    def nothing_twice_and_nothing_lost(self) -> None:
        """The office's total is the sum of what we say that it knows."""
        known: Sums = {}
        for period in self.history.filed:
            known = plus(known, plain(self.history.known(period)))
        assert self.office.total == known
        assert self.office.money == due(known)

    def teardown(self) -> None:
        """Settle everything: then the office holds exactly the books."""
        if self.pending is not None:
            self.answer(True)
        for number, period in enumerate(self.history.filed):
            if self.history.lacking(period, self.books[period]) and number % 2:
                made = self.history.suppletie([period], self.books, self._id(), TODAY)
                self._send(made.form, made)
                self.answer(True)
        for period in self.history.filed:
            if self.history.lacking(period, self.books[period]):
                self.history = self.history.put_in(
                    self.next_period, period, self.books[period]
                )
        self._send(
            self.history.return_of(
                self.next_period, self.books[self.next_period], self._id()
            )
        )
        self.answer(True)
        wanted: Sums = {}
        for period in self.history.filed:
            wanted = plus(wanted, plain(self.books[period]))
            assert self.history.lacking(period, self.books[period]) == {}
        assert self.office.total == wanted
        assert self.office.money == due(wanted)
        assert self.history.waiting == ()


TestRandomHistories = Year.TestCase
TestRandomHistories.settings = settings(
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
