"""What the tax office holds is what the books say: B1, B4, and any order of things."""

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.declarations import DeclarationKind, Rubric, TaxPeriod
from core.domain.errors import AskUser
from core.runtime.database import session
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.filing import filings
from plugins.belastingdienst.models import Administration, FiledChange, Filing
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.watching import changes, corrections, history
from tests.integration.filing_world import Q3, RETURN, Files, _entry

SUPPLETIE = DeclarationKind.SUPPLETIE
Q4 = TaxPeriod.quarter(2026, 4)
TODAY = date(2027, 1, 5)


def book(
    administration: Administration, period: TaxPeriod, turnover: str, vat: str
) -> None:
    """Book a sale at 21 %, read after the period's end."""
    row = period_figures.of(administration, period)
    row.read_at = utcnow()
    session().add(_entry(row, Rubric.R1A, Decimal(turnover), Decimal(vat)))
    session().commit()


def totals(filing: Filing) -> tuple[str, str, str]:
    """Old, new and additional, as the message says them."""
    names = ("TotalOld", "TotalNew", "ToBePaidAdditional")
    text = filing.content.decode()
    found = (re.search(rf"{name}[^>]*>(-?\d+)<", text) for name in names)
    return tuple(one[1] if one else "" for one in found)  # type: ignore[return-value]


def test_b1_a_period_of_a_taxpayer_is_filed_once(files: Files) -> None:
    """Two administrations of one number: the second is refused, sent is one."""
    files.work(files.approved(files.administration()), rounds=2)
    second = files.administration()
    files.figures(second)
    with pytest.raises(AskUser, match="filing_accepted"):
        files.prepare(second)
    session().rollback()
    assert len(files.arrived()) == 1


def test_b4_a_suppletie_states_what_was_accepted_and_folds_in(files: Files) -> None:
    """2,100 accepted, 500 waits for Q4, 2,000 more: 2,500 once, and Q4 without."""
    made = files.administration()
    book(made, Q3, "10000", "2100")
    files.work(files.approve(files.prepare(made)).id, rounds=2)
    book(made, Q3, "2381", "500")
    target = corrections.put_in(made, Q3, TODAY, user_id=files.user.id)
    assert period_figures.period(target) == Q4
    session().commit()
    book(made, Q3, "9524", "2000")
    with pytest.raises(AskUser, match="correction_needs_suppletie"):
        corrections.put_in(made, Q3, TODAY, user_id=files.user.id)
    session().rollback()
    prepared = files.prepare(made, kind=SUPPLETIE)
    assert totals(prepared) == ("2100", "4600", "2500")
    assert list(corrections.groups_in(target)) == [Q3]  # nothing goes before approval
    files.approve(prepared)
    assert corrections.groups_in(target) == {}
    files.work(prepared.id, rounds=2)
    assert files.stage(prepared.id) == (FilingStage.ACCEPTED, "")
    assert changes.of(made, TODAY) == []
    assert session().scalars(select(FiledChange)).all() == []
    with pytest.raises(AskUser, match="suppletie_changes_nothing"):
        files.prepare(made, kind=SUPPLETIE)


def test_what_a_withdrawn_suppletie_folded_in_is_asked_again(files: Files) -> None:
    made = files.administration()
    book(made, Q3, "10000", "2100")
    files.work(files.approve(files.prepare(made)).id, rounds=2)
    book(made, Q3, "2381", "500")
    corrections.put_in(made, Q3, TODAY, user_id=files.user.id)
    prepared = files.approve(files.prepare(made, kind=SUPPLETIE))
    assert changes.of(made, TODAY) == []  # it goes
    filings.withdraw(prepared, user_id=files.user.id)
    (found,) = changes.of(made, TODAY)
    assert found.advice.change.vat == 500


def test_nothing_is_made_beside_a_form_without_an_answer(files: Files) -> None:
    made = files.administration()
    book(made, Q3, "10000", "2100")
    files.work(files.approve(files.prepare(made)).id, rounds=2)
    book(made, Q3, "20000", "4200")
    files.approve(files.prepare(made, kind=SUPPLETIE))
    book(made, Q3, "20000", "4200")
    with pytest.raises(AskUser, match=r"correction_nothing|waits_for_answer"):
        corrections.put_in(made, Q3, TODAY, user_id=files.user.id)
    session().rollback()
    with pytest.raises(AskUser, match="filing_under_way"):
        files.prepare(made, kind=SUPPLETIE)


# any order of bookings, returns, corrections, takings back, suppleties and answers

PERIODS = [TaxPeriod.quarter(2025, number) for number in (1, 2, 3, 4)] + [
    TaxPeriod.quarter(2026, number) for number in (1, 2, 3)
]
AMOUNTS = {
    ("1a", "turnover"): "TaxedTurnoverSuppliesServicesGeneralTariff",
    ("1a", "vat"): "ValueAddedTaxSuppliesServicesGeneralTariff",
    ("5b", "vat"): "ValueAddedTaxOnInput",
}
Sums = dict[tuple[str, str], int]


def read(content: bytes) -> Sums:
    """Read a message without the product: signs between tags."""
    text = content.decode()
    found = {
        key: re.search(rf":{name} [^>]*>(-?\d+)<", text)
        for key, name in AMOUNTS.items()
    }
    return {key: int(one[1]) for key, one in found.items() if one}


def due(sums: Sums) -> int:
    return sums[("1a", "vat")] - sums[("5b", "vat")]


def plus(several: list[Sums]) -> Sums:
    return {key: sum(one[key] for one in several) for key in AMOUNTS}


class Play:
    """One taxpayer, his books, and an office that only reads what comes in."""

    def __init__(self, files: Files, number: int) -> None:
        self.files = files
        self.made = files.administration(number=f"{number:09}B01")
        self.exact: dict[TaxPeriod, list[tuple[str, Decimal, Decimal]]] = {
            one: [] for one in PERIODS
        }
        self.held: dict[str, Sums] = {}
        self.money = 0
        self.done = 0
        self.pending: Filing | None = None

    @property
    def filed(self) -> list[TaxPeriod]:
        return [one for one in PERIODS if one.code in self.held]

    @property
    def today(self) -> date:
        """A day after the next period to be filed."""
        place = min(len(self.filed), len(PERIODS) - 1)
        return PERIODS[place].end + timedelta(days=10)

    def books(self, period: TaxPeriod) -> Sums:
        def whole(name: str, part: int, rounding: Callable[[Decimal], int]) -> int:
            found = (one[part] for one in self.exact[period] if one[0] == name)
            return rounding(sum(found, Decimal(0)))

        return {
            ("1a", "turnover"): whole("1a", 1, math.floor),
            ("1a", "vat"): whole("1a", 2, math.floor),
            ("5b", "vat"): whole("5b", 2, math.ceil),
        }

    def tried(self, act: Callable[[], object]) -> None:
        """Do what may be refused; a refusal leaves nothing behind."""
        try:
            act()
            session().commit()
        except AskUser:
            session().rollback()

    def book(self, place: int, cents: int) -> None:
        period = PERIODS[place % min(len(self.filed) + 1, len(PERIODS))]
        amount = Decimal(cents) / 100
        box = "1a" if cents % 3 else "5b"
        turnover = amount * 5 if box == "1a" else Decimal(0)
        self.exact[period].append((box, turnover, amount))
        row = period_figures.of(self.made, period)
        row.read_at = utcnow()
        session().add(_entry(row, Rubric(box), turnover, amount))
        session().commit()

    def send(self, period: TaxPeriod, kind: DeclarationKind) -> None:
        row = period_figures.of(self.made, PERIODS[0] if period == YEAR else period)
        row.read_at = row.read_at or utcnow()
        made = self.files.prepare(self.made, period, kind)
        self.pending = self.files.approve(made)

    def file(self) -> None:
        if self.pending is None and len(self.filed) < len(PERIODS):
            period = PERIODS[len(self.filed)]
            self.tried(lambda: self.send(period, RETURN))

    def supplete(self, place: int) -> None:
        if self.pending is None and self.filed:
            wanted = [*self.filed, YEAR]
            period = wanted[place % len(wanted)]
            self.tried(lambda: self.send(period, SUPPLETIE))

    def answer(self, is_good: bool) -> None:
        if self.pending is None:
            return
        filing, self.pending = self.pending, None
        stage = FilingStage.ACCEPTED if is_good else FilingStage.REJECTED
        session().execute(
            update(Filing).where(Filing.id == filing.id).values(stage=stage)
        )
        session().commit()
        if is_good:
            self.take(filing)

    def take(self, filing: Filing) -> None:
        """Be the office: keep the form, and compare a suppletie with what is kept."""
        form = read(filing.content)
        period = TaxPeriod(filing.starts_on, filing.ends_on)
        if filing.kind == RETURN:
            assert period.code not in self.held
            self.money += due(form)
            self.held[period.code] = form
            return
        parts = {
            code: {
                key: int(Decimal(boxes.get(key[0], ["0", "0"])[key[1] == "vat"]))
                for key in AMOUNTS
            }
            for code, boxes in filing.parts["periods"].items()
        }
        assert plus(list(parts.values())) == form
        old, new, additional = (int(one) for one in totals(filing))
        assert old == sum(due(self.held[code]) for code in parts)
        assert (new, additional) == (due(form), new - old)
        self.money += additional
        self.held |= parts

    def correct(self, place: int) -> None:
        if self.filed:
            period = self.filed[place % len(self.filed)]
            self.tried(
                lambda: corrections.put_in(
                    self.made, period, self.today, user_id=self.files.user.id
                )
            )

    def book_and_correct(self, place: int, cents: int) -> None:
        if self.filed:
            place %= len(self.filed)
            self.book(place, cents)
            self.correct(place)

    def take_back(self) -> None:
        for one in history.of(self.made).history.waiting[:1]:
            row = period_figures.of(self.made, history.period(one.goes_in))
            take = partial(corrections.take_back, row, history.period(one.corrects))
            self.tried(partial(take, user_id=self.files.user.id))

    def check(self) -> None:
        """Neither twice nor lost: the office has what the product says it knows."""
        known = history.of(self.made).history
        said = [known.known(history.span(one)) or {} for one in self.filed]
        assert self.money == sum(
            int(one["1a"].vat if "1a" in one else 0)
            - int(one["5b"].vat if "5b" in one else 0)
            for one in said
        )

    def settle(self) -> None:
        """Bring everything right in some way; then the office holds the books."""
        self.answer(True)
        for one in changes.of(self.made, self.today):
            self.tried(partial(self.send, one.period, SUPPLETIE))
            self.answer(True)
        while history.of(self.made).history.waiting and len(self.filed) < len(PERIODS):
            self.file()
            self.answer(True)
        left = history.of(self.made).history.waiting
        if left:  # no return of ours takes them any more: told by a suppletie
            for one in {one.corrects for one in left}:
                self.tried(partial(self.send, history.period(one), SUPPLETIE))
                self.answer(True)
        assert history.of(self.made).history.waiting == ()
        for one in changes.of(self.made, self.today):
            self.tried(partial(self.send, one.period, SUPPLETIE))
            self.answer(True)
        wanted = plus([self.books(one) for one in self.filed])
        assert plus([self.held[one.code] for one in self.filed]) == wanted
        assert self.money == due(wanted)


YEAR = TaxPeriod.whole_year(2025)
PLACES = st.integers(0, 20)
STEPS = st.one_of(
    st.tuples(st.just("book"), PLACES, st.integers(-90_000, 90_000)),
    st.tuples(st.just("file_and_accept")),
    st.tuples(st.just("file_and_accept")),
    st.tuples(st.just("book_and_correct"), PLACES, st.integers(1, 90_000)),
    st.tuples(st.just("file")),
    st.tuples(st.just("correct"), PLACES),
    st.tuples(st.just("take_back")),
    st.tuples(st.just("supplete"), PLACES),
    st.tuples(st.just("answer"), st.sampled_from([True, True, False])),
)


def play(files: Files, number: int, steps: list[tuple[object, ...]]) -> Play:
    """Play steps for a new taxpayer, and bring all of it right at the end."""
    found = Play(files, number)
    for name, *values in steps:
        if name == "file_and_accept":
            found.file()
            found.answer(True)
        else:
            getattr(found, str(name))(*values)
        found.check()
    found.settle()
    return found


def test_the_office_holds_what_the_books_say(files: Files) -> None:
    numbers = iter(range(100_000_000, 200_000_000))

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEPS, min_size=20, max_size=24))
    def check(steps: list[tuple[object, ...]]) -> None:
        session().rollback()
        play(files, next(numbers), steps)

    check()
    made = session().scalars(select(Filing).where(Filing.stage == FilingStage.ACCEPTED))
    found = {(one.kind, bool(one.parts["carried"])) for one in made}
    assert found == {(RETURN, False), (RETURN, True), (SUPPLETIE, False)}


def test_a_whole_year_at_once_with_a_correction_inside(files: Files) -> None:
    accept = ("file_and_accept",)
    late = ("book", 0, 70_000)
    found = play(
        files,
        300_000_000,
        [
            *(("book", place, 50_000) for place in range(1)),
            accept, late, ("correct", 0), accept, accept, accept,
            ("book", 1, 200_000), ("book", 2, 100_000), ("supplete", 4),
            ("answer", True),
        ],
    )  # fmt: skip
    kinds = session().scalars(
        select(Filing.kind).where(
            Filing.tax_number == found.made.tax_number, Filing.starts_on == YEAR.start,
            Filing.ends_on == YEAR.end,
        )
    )  # fmt: skip
    assert list(kinds) == [SUPPLETIE]
