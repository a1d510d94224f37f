"""Periods that were filed and changed: noticed, corrected once, or a suppletie."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.declarations import Box, DeclarationKind, TaxPeriod
from core.domain.errors import AskUser
from core.models import User
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.models import Administration, Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.watching import changes, corrections
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import stored_sums

TODAY = date(2026, 11, 20)
Q1, Q2, Q3, Q4 = (TaxPeriod.quarter(2026, number) for number in range(1, 5))


def read(administration: Administration, period: TaxPeriod, vat: str) -> PeriodFigures:
    """A period with so much VAT in 1a, read once."""
    row = samples.period(administration, period)
    samples.entry(row, "1a", str(Decimal(vat) * 5), vat)
    row.read_at = samples.MOMENT
    return row


def user() -> int:
    return session().scalars(select(User.id)).one()


def put_in(administration: Administration, period: TaxPeriod = Q2) -> PeriodFigures:
    return corrections.put_in(administration, period, TODAY, user_id=user())


def vat(administration: Administration) -> list[tuple[str, Decimal, bool]]:
    """What is noticed: the period, the VAT, and whether it needs a suppletie."""
    return [
        (one.period.code, one.advice.change.vat, not one.may_go_along)
        for one in changes.of(administration, TODAY)
    ]


def test_what_was_filed_right_needs_nothing(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, "210.40"), turnover="1052.99", vat="210.40")
        assert vat(made) == []


def test_a_late_booking_becomes_a_correction_once(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        row = read(made, Q2, "310.99")
        samples.filed(row, turnover="1052", vat="210")
        (found,) = changes.of(made, TODAY)
        assert found.boxes == {"1a": Box(Decimal(502), Decimal(100))}
        assert (found.may_go_along, found.goes_in) == (True, Q3)
        target = put_in(made)
        assert period_figures.period(target) == Q3
        assert stored_sums.stored(target).vat_return.owed == 100
        assert vat(made) == []
        with pytest.raises(AskUser, match="correction_nothing"):
            put_in(made)
        ((corrected, entries),) = corrections.groups_in(target).items()
        assert (corrected, len(entries)) == (Q2, 1)


def test_what_is_found_later_adds_to_what_waits(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        row = read(made, Q2, "310")
        samples.filed(row, turnover="1050", vat="210")
        put_in(made)
        samples.entry(row, "1a", "100", "21", origin=EntryOrigin.MANUAL)
        assert vat(made) == [("2026-Q2", 21, False)]
        put_in(made)
        assert vat(made) == []


def test_slices_do_not_slip_under_the_limit(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        row = read(made, Q2, "1110")
        samples.filed(row, turnover="1050", vat="210")
        target = put_in(made)
        samples.entry(row, "1a", "1000", "200")
        assert vat(made) == [("2026-Q2", 200, True)]
        with pytest.raises(AskUser, match="correction_needs_suppletie"):
            put_in(made)
        # nor when the first slice has gone
        target.read_at = samples.MOMENT
        samples.filed(target, turnover="4500", vat="900")
        assert vat(made) == [("2026-Q2", 200, True)]


def test_over_the_limit_by_the_year_alone_is_not_sure(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        for period in (Q1, Q2):
            samples.filed(read(made, period, "810"), turnover="1050", vat="210")
        assert vat(made) == [("2026-Q1", 600, True), ("2026-Q2", 600, True)]
        assert not any(one.advice.is_sure for one in changes.of(made, TODAY))


@pytest.mark.parametrize(("paid", "needs"), [("1000", False), ("1001", True)])
def test_the_limit_itself_still_fits(app: Flask, paid: str, needs: bool) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, paid), turnover=str(int(paid) * 5))
        assert vat(made) == [("2026-Q2", Decimal(paid), needs)]


def test_after_a_suppletie_it_is_what_counts(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        row = read(made, Q2, "2210")
        samples.filed(row, turnover="1050", vat="210")
        assert vat(made) == [("2026-Q2", 2000, True)]
        samples.filed(row, turnover="11050", vat="2210", kind=DeclarationKind.SUPPLETIE)
        assert vat(made) == []


def test_only_what_was_accepted_is_compared(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        for period, stage in (
            (Q1, FilingStage.REJECTED),
            (Q2, FilingStage.PREPARED),
            (Q3, FilingStage.STOPPED),
            (Q4, FilingStage.DELIVERED),
        ):
            samples.filed(read(made, period, "500"), vat="1", stage=stage)
        assert vat(made) == []


def test_the_next_return_is_the_first_that_did_not_go_out(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q1, "500"), vat="1")
        for period, stage in (
            (Q2, FilingStage.APPROVED),
            (Q3, FilingStage.STOPPED),
            (Q4, FilingStage.PREPARED),
        ):
            samples.filed(read(made, period, "500"), vat="1", stage=stage)
        assert [one.goes_in for one in changes.of(made, TODAY)] == [Q4]


def test_a_return_of_long_ago_is_no_next_return(app: Flask) -> None:
    """What followed the only period that was filed here was filed elsewhere."""
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, TaxPeriod.quarter(2025, 1), "310"), vat="210")
        assert [one.goes_in for one in changes.of(made, TODAY)] == [Q3]


def test_a_correction_is_taken_back_until_the_return_goes(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, "310"), turnover="1050", vat="210")
        target = put_in(made)
        corrections.take_back(target, Q2, user_id=user())
        assert vat(made) == [("2026-Q2", 100, False)]
        target = put_in(made)
        samples.filed(target, turnover="500", vat="100", stage=FilingStage.DELIVERED)
        with pytest.raises(AskUser, match="correction_gone"):
            corrections.take_back(target, Q2, user_id=user())
        assert vat(made) == []


def test_what_went_out_with_a_correction_is_right(app: Flask) -> None:
    """A return that carried a correction is compared with that correction in it."""
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, "310"), turnover="1050", vat="210")
        target = put_in(made)
        samples.entry(target, "1a", "1000", "210")
        target.read_at = samples.MOMENT
        samples.filed(target, turnover="1500", vat="310")
        assert vat(made) == []
        with pytest.raises(AskUser, match="correction_gone"):
            corrections.take_back(target, Q2, user_id=user())


def test_another_taxpayer_has_nothing_to_do_with_it(app: Flask) -> None:
    with system_scope():
        owner = samples.tenant()
        made = samples.administration(owner)
        other = samples.administration(owner, code="ANDER", tax_number="123456782B01")
        mate = samples.administration(owner, code="JAAR")
        samples.filed(read(made, Q2, "310"), turnover="1050", vat="210")
        assert vat(other) == []
        assert vat(mate) == [("2026-Q2", 100, False)]


def test_a_correction_over_the_year_end_goes_in_the_next_book_year(app: Flask) -> None:
    """S1: it went in 2027-Q1 of the administration of 2026."""
    with system_scope():
        first, second = samples.book_years(samples.tenant(), "2026", "2027")
        samples.filed(read(first, Q4, "310"), turnover="1050", vat="210")
        target = put_in(first, Q4)
        assert target.administration is second
        assert period_figures.period(target) == TaxPeriod.quarter(2027, 1)
        assert vat(first) == vat(second) == []


def test_who_changes_to_months_takes_the_correction_along(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, "310"), turnover="1050", vat="210")
        put_in(made)
        made.period_kind = "month"
        july = TaxPeriod.month(2026, 7)
        corrections.adopt(made, july)
        (entry,) = session().scalars(
            select(Entry).where(Entry.origin == EntryOrigin.CORRECTION)
        )
        assert entry.period_id == samples.period(made, july).id
