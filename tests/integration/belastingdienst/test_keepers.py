"""Book years: each period of a taxpayer is asked for at one administration."""

from datetime import date

from flask import Flask

from core.domain.declarations import TaxPeriod
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.filing import obligations
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.setup import keepers, ledgers
from tests.integration.belastingdienst import figure_samples as samples

APRIL = date(2027, 4, 5)
Q4, Q1 = TaxPeriod.quarter(2026, 4), TaxPeriod.quarter(2027, 1)


def asked(found: list[Administration], today: date) -> list[tuple[str, str]]:
    return [
        (one.administration.code, one.period.code)
        for one in obligations.of(found, today)
    ]


def test_a_period_is_asked_for_at_the_year_that_holds_it(app: Flask) -> None:
    """S1: both were asked for 2027-Q1."""
    with system_scope():
        found = samples.book_years(samples.tenant(), "2026", "2027")
        assert asked(found, APRIL) == [("D2027", "2027-Q1")]
        assert asked(found, date(2027, 1, 5)) == [("D2026", "2026-Q4")]
        found[0].enabled = False
        assert asked(found, date(2027, 1, 5)) == []
        assert obligations.unread(found, APRIL) == 1


def test_a_year_that_is_not_there_yet_is_asked_for_at_the_last(app: Flask) -> None:
    """Who forgets to add a book year is reminded all the same."""
    with system_scope():
        found = samples.book_years(samples.tenant(), "2025", "2026")
        assert asked(found, APRIL) == [("D2026", "2027-Q1")]
        assert asked(found, date(2025, 2, 1)) == []


def test_a_broken_book_year_is_not_guessed(app: Flask) -> None:
    with system_scope():
        plain, broken = samples.book_years(samples.tenant(), "2026", "26/27")
        assert ledgers.book_year(plain) == (date(2026, 1, 1), date(2026, 12, 31))
        assert ledgers.book_year(broken) is None
        assert keepers.of([plain]).of(plain, Q1) is broken


def test_where_years_are_unknown_who_read_or_filed_it_last_keeps_it(app: Flask) -> None:
    with system_scope():
        owner = samples.tenant()
        first = samples.administration(owner)
        second = samples.administration(owner, code="ANDER")
        both = [first, second]
        assert asked(both, APRIL) == [("ANDER", "2027-Q1")]
        samples.period(first, Q1).read_at = samples.MOMENT
        assert asked(both, APRIL) == [("DEMO", "2027-Q1")]
        samples.filed(samples.period(second, Q1), stage=FilingStage.DELIVERED)
        assert asked(both, APRIL) == [("ANDER", "2027-Q1")]


def test_another_taxpayer_is_asked_beside_it(app: Flask) -> None:
    with system_scope():
        owner = samples.tenant()
        found = samples.book_years(owner, "2026", "2027")
        other = samples.administration(owner, code="X", tax_number="123456782B01")
        nobody = samples.administration(owner, code="Y", tax_number="")
        assert sorted(asked([*found, other, nobody], APRIL)) == [
            ("D2027", "2027-Q1"), ("X", "2027-Q1"), ("Y", "2027-Q1"),
        ]  # fmt: skip
