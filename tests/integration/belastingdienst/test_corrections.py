"""Periods that were filed and changed: proposed, accepted once, or a suppletie."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.declarations import Box, DeclarationKind, Rubric, TaxPeriod
from core.domain.errors import AskUser
from core.models import User
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.figures import corrections, period_figures
from plugins.belastingdienst.models import Administration, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.models.filing import FilingStage
from tests.figure_sums import Sums
from tests.integration.belastingdienst import figure_samples as samples

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


def vat(proposals: list[corrections.Proposal]) -> list[tuple[str, Decimal, bool]]:
    return [(one.correction.period.code, one.correction.vat, one.needs_suppletie)
            for one in proposals]  # fmt: skip


def test_what_was_filed_right_needs_nothing(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, "210.40"), turnover="1052.99", vat="210.40")
        assert corrections.proposals(made, TODAY) == []


def test_a_late_booking_becomes_a_correction_once(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        row = read(made, Q2, "310.99")
        samples.filed(row, turnover="1052", vat="210")
        (found,) = corrections.proposals(made, TODAY)
        assert found.changed == {Rubric.R1A: Box(Decimal(502), Decimal(100))}
        assert not found.needs_suppletie
        target = corrections.accept(made, Q2, TODAY, user_id=user())
        assert period_figures.period(target) == Q3
        assert Sums(period_figures.figures(target)).vat_return.owed == 100
        assert corrections.proposals(made, TODAY) == []
        with pytest.raises(LookupError):
            corrections.accept(made, Q2, TODAY, user_id=user())
        assert len(corrections.accepted_in(target)) == 1


def test_what_is_found_later_adds_to_what_was_accepted(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        row = read(made, Q2, "310")
        samples.filed(row, turnover="1050", vat="210")
        corrections.accept(made, Q2, TODAY, user_id=user())
        samples.entry(row, "1a", "100", "21", origin=EntryOrigin.MANUAL)
        assert vat(corrections.proposals(made, TODAY)) == [("2026-Q2", 21, False)]
        assert corrections.payable_so_far(made, Q2) == 310


def test_slices_do_not_slip_under_the_limit(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        row = read(made, Q2, "1110")
        samples.filed(row, turnover="1050", vat="210")
        corrections.accept(made, Q2, TODAY, user_id=user())
        samples.entry(row, "1a", "1000", "200")
        assert vat(corrections.proposals(made, TODAY)) == [("2026-Q2", 200, True)]
        with pytest.raises(AskUser, match="correction_needs_suppletie"):
            corrections.accept(made, Q2, TODAY, user_id=user())


def test_the_limit_is_for_a_year_together(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        for period in (Q1, Q2):
            samples.filed(read(made, period, "810"), turnover="1050", vat="210")
        found = vat(corrections.proposals(made, TODAY))
    assert found == [("2026-Q1", 600, True), ("2026-Q2", 600, True)]


@pytest.mark.parametrize(("paid", "needs"), [("1000", False), ("1001", True)])
def test_the_limit_itself_still_fits(app: Flask, paid: str, needs: bool) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, paid), turnover=str(int(paid) * 5))
        assert vat(corrections.proposals(made, TODAY)) == [
            ("2026-Q2", Decimal(paid), needs)
        ]


def test_after_a_suppletie_it_is_what_counts(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        row = read(made, Q2, "2210")
        samples.filed(row, turnover="1050", vat="210")
        assert vat(corrections.proposals(made, TODAY)) == [("2026-Q2", 2000, True)]
        samples.filed(row, turnover="11050", vat="2210", kind=DeclarationKind.SUPPLETIE)
        assert corrections.proposals(made, TODAY) == []


def test_a_return_that_did_not_go_out_is_not_compared(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        for period, stage in (
            (Q1, FilingStage.REJECTED),
            (Q2, FilingStage.PREPARED),
            (Q3, FilingStage.STOPPED),
        ):
            samples.filed(read(made, period, "500"), vat="1", stage=stage)
        assert corrections.proposals(made, TODAY) == []


def test_the_next_return_is_the_first_that_did_not_go_out(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        for period, stage in (
            (Q2, FilingStage.APPROVED),
            (Q3, FilingStage.STOPPED),
            (Q4, FilingStage.PREPARED),
        ):
            samples.filed(read(made, period, "500"), vat="1", stage=stage)
        assert corrections.next_open(made, Q1) == Q4


def test_a_correction_is_taken_back_until_the_return_goes(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, "310"), turnover="1050", vat="210")
        target = corrections.accept(made, Q2, TODAY, user_id=user())
        corrections.take_back(target, Q2, user_id=user())
        assert vat(corrections.proposals(made, TODAY)) == [("2026-Q2", 100, False)]
        target = corrections.accept(made, Q2, TODAY, user_id=user())
        samples.filed(target, turnover="500", vat="100", stage=FilingStage.DELIVERED)
        with pytest.raises(AskUser, match="correction_gone"):
            corrections.take_back(target, Q2, user_id=user())


def test_what_went_out_with_a_correction_is_right(app: Flask) -> None:
    """A return that carried a correction is compared with that correction in it."""
    with system_scope():
        made = samples.administration(samples.tenant())
        samples.filed(read(made, Q2, "310"), turnover="1050", vat="210")
        target = corrections.accept(made, Q2, TODAY, user_id=user())
        samples.entry(target, "1a", "1000", "210")
        target.read_at = samples.MOMENT
        samples.filed(target, turnover="1500", vat="310")
        assert corrections.proposals(made, TODAY) == []


def test_another_administration_has_nothing_to_do_with_it(app: Flask) -> None:
    with system_scope():
        owner = samples.tenant()
        made = samples.administration(owner)
        other = samples.administration(owner, code="ANDER")
        samples.filed(read(made, Q2, "310"), turnover="1050", vat="210")
        assert corrections.proposals(other, TODAY) == []
