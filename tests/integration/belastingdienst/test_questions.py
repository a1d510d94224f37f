"""Questions of a period hold a return back until answered; figures reckoned by hand."""

from datetime import date
from decimal import Decimal

import pytest

from core.domain.declarations import Rubric, TaxPeriod
from core.models import Tenant
from core.runtime.database import session
from core.runtime.tenancy import tenant_scope
from plugins.belastingdienst.figures import manual_entries, period_figures, questions
from plugins.belastingdienst.figures.manual_entries import FilledIn
from plugins.belastingdienst.filing import obligations
from plugins.belastingdienst.filing.drafts import NotPrepared
from plugins.belastingdienst.models import Administration, Entry, Filing, Taxpayer
from plugins.belastingdienst.setup import schemes, taxpayer_setup, taxpayers
from tests.integration.filing_world import NUMBERS, Q3, Files

LAST = TaxPeriod.quarter(2025, 4)
NEVER = dict.fromkeys(taxpayer_setup.ASKED, "never")


def said(administration: Administration, **cases: str) -> Taxpayer:
    """Let the taxpayer say what comes up; the rest never does."""
    row = taxpayers.of(administration)
    row.cases = {**NEVER, **cases}
    session().commit()
    return row


def in_the_way(files: Files, administration: Administration, period: TaxPeriod) -> set:
    """Return the codes that keep a return from being prepared."""
    with pytest.raises(NotPrepared) as refused:
        files.prepare(administration, period)
    session().rollback()
    return {one.code for one in refused.value.problems if one.blocks}


def fill_in(files: Files, administration: Administration, period: TaxPeriod,
            rubric: Rubric, turnover: str, vat: str) -> Entry:  # fmt: skip
    row = period_figures.of(administration, period)
    values = FilledIn(rubric, period.end, "x", Decimal(turnover), Decimal(vat))
    return manual_entries.add(row, values, user_id=files.user.id)


def boxes(filing: Filing) -> dict[str, list[str]]:
    return {
        box: amounts
        for box, amounts in filing.figures["boxes"].items()
        if amounts != ["0", "0"]
    }


def test_the_last_return_of_a_year_waits_for_the_car(files: Files) -> None:
    """40,000 of catalogue price for the whole of 2025 at 2.7 %: 1,080 in 1d."""
    administration = files.administration()
    files.figures(administration, LAST, turnover="1000.00")
    with tenant_scope(files.tenant.id):
        row = said(administration, year_end_car="sometimes")
        assert in_the_way(files, administration, LAST) == {"year_end_car"}
        questions.answer(row, LAST, "year_end_car", applies=True, user_id=files.user.id)
        session().commit()
        assert in_the_way(files, administration, LAST) == {"case_without_amount"}
        made = fill_in(files, administration, LAST, Rubric.R1D, "0", "1080.00")
        questions.answer(
            row, LAST, "year_end_car", applies=True, user_id=files.user.id, entry=made
        )
        session().commit()
        filing = files.prepare(administration, LAST)
    assert boxes(filing) == {"1a": ["1000", "210"], "1d": ["0", "1080"]}
    assert filing.payable == Decimal(1290)
    assert filing.warnings == []


def test_a_case_is_asked_in_each_period_and_no_is_an_answer(files: Files) -> None:
    """Margin 12,100 - 7,260 = 4,840; of that 21/121 is 840 VAT and 4,000 turnover."""
    administration = files.administration()
    files.figures(administration, Q3, turnover="1000.00")
    files.figures(administration, LAST, turnover="1000.00")
    with tenant_scope(files.tenant.id):
        row = said(administration, case_margin="sometimes")
        assert in_the_way(files, administration, Q3) == {"case_margin"}
        made = fill_in(files, administration, Q3, Rubric.R1A, "4000.00", "840.00")
        questions.answer(
            row, Q3, "case_margin", applies=True, user_id=files.user.id, entry=made
        )
        session().commit()
        filing = files.prepare(administration, Q3)
        assert boxes(filing) == {"1a": ["5000", "1050"]}
        assert in_the_way(files, administration, LAST) == {"case_margin"}
        questions.answer(row, LAST, "case_margin", applies=False, user_id=files.user.id)
        session().commit()
        assert files.prepare(administration, LAST).payable == Decimal(210)


def test_what_was_filled_in_and_removed_is_no_answer(files: Files) -> None:
    administration = files.administration()
    files.figures(administration, Q3)
    with tenant_scope(files.tenant.id):
        row = said(administration, case_margin="sometimes")
        made = fill_in(files, administration, Q3, Rubric.R1A, "4000.00", "840.00")
        questions.answer(
            row, Q3, "case_margin", applies=True, user_id=files.user.id, entry=made
        )
        session().commit()
        period = period_figures.of(administration, Q3)
        manual_entries.remove(period, made, user_id=files.user.id)
        session().commit()
        session().expire_all()
        assert in_the_way(files, administration, Q3) == {"case_without_amount"}


def test_what_nobody_said_is_told_and_holds_nothing_back(files: Files) -> None:
    administration = files.administration()
    files.figures(administration, Q3)
    with tenant_scope(files.tenant.id):
        filing = files.prepare(administration, Q3)
        told = {"code": "taxpayer_questions_open", "params": {"count": "8"}}
        assert filing.warnings == [told]


def test_transferred_vat_that_is_lacking_blocks_until_confirmed(files: Files) -> None:
    """S6: 10,000 in 4b without VAT, once right as it is, and wrong again at 12,000."""
    administration = files.administration()
    files.figures(administration, Q3, turnover="1000.00")
    with tenant_scope(files.tenant.id):
        row = said(administration)
        made = fill_in(files, administration, Q3, Rubric.R4B, "10000.00", "0")
        session().commit()
        assert in_the_way(files, administration, Q3) == {"transferred_without_vat"}
        figures = period_figures.of(administration, Q3)
        vat_return = period_figures.summary(figures).vat_return
        questions.confirm(row, vat_return, "4b", user_id=files.user.id)
        session().commit()
        assert boxes(files.prepare(administration, Q3))["4b"] == ["10000", "0"]
        made.turnover = Decimal(12000)
        session().commit()
        assert in_the_way(files, administration, Q3) == {"transferred_without_vat"}
        made.vat = Decimal(2520)
        session().commit()
        found = files.prepare(administration, Q3)
        assert [one["code"] for one in found.warnings] == ["transferred_not_in_input"]
        assert found.payable == Decimal(2730)


def kor(first: date, left_on: date | None = None) -> list[dict[str, object]]:
    days = [(first, True), *([(left_on, False)] if left_on else [])]
    return [
        {"starts_on": day.isoformat(), "small_business": holds} for day, holds in days
    ]


def test_whose_kor_it_is_where_a_tenant_has_two_numbers(files: Files) -> None:
    """What is due at another number is not hidden by it."""
    own, books = files.administration(), files.administration(number=NUMBERS[1])
    books.source = "accountview"
    session().get_one(Tenant, files.tenant.id).vat_statuses = kor(Q3.start)
    session().commit()
    said = schemes.of([own, books])
    assert not said.asks_return(own, Q3)
    assert said.asks_return(books, Q3)


def test_no_return_is_asked_of_a_quarter_under_the_kor(files: Files) -> None:
    administration = files.administration()
    with tenant_scope(files.tenant.id):
        said(administration)
        tenant = session().get_one(Tenant, files.tenant.id)
        ended = Q3.end.replace(month=10, day=15)
        asked = [one.period for one in obligations.of([administration], ended)]
        assert asked == [Q3]
        tenant.vat_statuses = kor(Q3.start)
        session().commit()
        assert obligations.of([administration], ended) == []
        made = fill_in(files, administration, Q3, Rubric.R4B, "100.00", "21.00")
        session().commit()
        asked = [one.period for one in obligations.of([administration], ended)]
        assert asked == [Q3]  # VAT that was transferred is due all the same
        session().delete(made)
        tenant.vat_statuses = kor(Q3.start, Q3.end)
        session().commit()
        asked = [one.period for one in obligations.of([administration], ended)]
        assert asked == [Q3]
