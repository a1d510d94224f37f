"""ICP over its own stretches: which are due, of which entries, what is owed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.declarations import (
    DeclarationKind,
    IcpKind,
    PeriodKind,
    Rubric,
    TaxPeriod,
)
from core.domain.errors import AskUser
from core.models import Mail, Tenant, User
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.mailing import mail
from plugins.belastingdienst.figures import manual_entries
from plugins.belastingdienst.figures.manual_entries import FilledIn
from plugins.belastingdienst.filing import obligations
from plugins.belastingdienst.icp import owed as icp_owed
from plugins.belastingdienst.icp import stretches, supplies
from plugins.belastingdienst.law.icp import SUPPLIES, Rhythm, Why
from plugins.belastingdienst.law.spans import quarter_of
from plugins.belastingdienst.models import (
    Administration,
    Filing,
    FilingProfile,
    IcpCorrection,
)
from plugins.belastingdienst.models.administration import DIGIPOORT, INVOICES
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.reminders import deadlines
from plugins.belastingdienst.setup import administrations, taxpayers
from tests.integration.belastingdienst import figure_samples as samples

ICP = DeclarationKind.ICP
Q = TaxPeriod.quarter
AUGUST = TaxPeriod(date(2026, 7, 1), date(2026, 8, 31))
READ = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def owner(app: Flask) -> Any:
    with system_scope():
        yield samples.tenant()


def sold(
    of: Administration,
    on: date,
    amount: str,
    kind: str = "goods",
    customer: str = "DE136695976",
    period: TaxPeriod | None = None,
) -> None:
    """Book a supply in the period of its day, as read after it."""
    row = samples.period(of, period or administrations.holding(of, on))
    row.read_at = row.read_at or READ
    samples.entry(
        row, "3b", amount, booked_on=on, icp_kind=kind,
        customer_country=customer[:2], customer_number=customer[2:],
    )  # fmt: skip


def due(of: Administration, day: date) -> dict[str, str]:
    return {one.period.code: " ".join(one.due.kinds) for one in stretches.of(of, day)}


def asked(of: Administration, today: date) -> list[str]:
    return [
        one.period.code
        for one in obligations.of([of], today)
        if one.kind is ICP and one.is_open
    ]


def declared(
    of: Administration,
    period: TaxPeriod,
    rows: list[tuple[str, str, str]],
    scope: str = "",
    stage: FilingStage = FilingStage.ACCEPTED,
) -> Filing:
    """An ICP declaration that went, as its bytes said it."""
    profile = session().scalar(select(FilingProfile)) or FilingProfile(
        tenant_id=of.tenant_id, name="P", channel=DIGIPOORT
    )
    session().add(profile)
    session().flush()
    filing = Filing(
        tenant_id=of.tenant_id, administration_id=of.id, kind=ICP,
        starts_on=period.start, ends_on=period.end, version=1,
        reference=f"KW{of.id}{period.code}{scope}", tax_number=of.tax_number,
        division=of.division, scope=scope, channel=DIGIPOORT, profile_id=profile.id,
        content=b"", content_hash="", stage=stage,
        figures={"rows": [
            [kind, who[:2], who[2:], amount, ""] for kind, who, amount in rows
        ]},
    )  # fmt: skip
    session().add(filing)
    session().flush()
    return filing


def test_a_quarter_that_passes_in_its_second_month(owner: Tenant) -> None:
    one = samples.administration(owner)
    sold(one, date(2026, 7, 10), "20000.50")
    sold(one, date(2026, 8, 20), "40000.40", customer="BE0403019261")
    sold(one, date(2026, 8, 31), "-0.90", customer="BE0403019261")
    sold(one, date(2026, 9, 1), "5000.99")
    sold(one, date(2026, 9, 2), "70.10", kind="services")
    assert due(one, date(2026, 9, 30)) == {
        "2026-07_08": "goods abc", "2026-09": "goods abc", "2026-Q3": "services",
    }  # fmt: skip
    # by hand: 20,000 and 39,999 in two months, 5,000 in the third, services apart
    first = supplies.of(one, AUGUST, SUPPLIES)
    assert [(row.customer.country, row.amount) for row in first.rows] == [
        ("BE", 39_999), ("DE", 20_000),
    ]  # fmt: skip
    assert first.stated == 60_000
    last = supplies.of(one, TaxPeriod.month(2026, 9), SUPPLIES)
    assert [row.amount for row in last.rows] == [5_000]
    (stretch, *_) = stretches.of(one, date(2026, 9, 30))
    assert (stretch.reason.why, stretch.reason.span.code) == (Why.PASSED, "2026-08")
    assert asked(one, date(2026, 10, 1)) == ["2026-07_08", "2026-Q3", "2026-09"]
    assert asked(one, date(2026, 9, 1)) == ["2026-07_08"]


def test_quarters_of_monthly_returns_and_months_of_quarterly_ones(
    owner: Tenant,
) -> None:
    monthly = samples.administration(owner, period_kind=PeriodKind.MONTH)
    sold(monthly, date(2026, 7, 31), "100.60")
    sold(monthly, date(2026, 8, 1), "100.60")
    assert due(monthly, date(2026, 9, 1)) == {"2026-Q3": "goods abc services"}
    (row,) = supplies.of(monthly, Q(2026, 3)).rows
    assert row.amount == 201  # added up before rounding
    assert asked(monthly, date(2026, 10, 5)) == ["2026-Q3"]
    # September is not read: the quarter is not whole
    (only,) = stretches.of(monthly, date(2026, 9, 1))
    assert not only.is_read
    quarterly = samples.administration(
        owner, code="K", tax_number="123456782B01", period_kind=PeriodKind.QUARTER
    )
    taxpayers.of(quarterly).icp_rhythm = Rhythm.MONTH
    sold(quarterly, date(2026, 7, 31), "100.60")
    assert list(due(quarterly, date(2026, 9, 1))) == ["2026-07", "2026-08", "2026-09"]
    assert asked(quarterly, date(2026, 10, 5)) == ["2026-07"]


def test_a_month_needs_figures_of_after_its_own_end(owner: Tenant) -> None:
    one = samples.administration(owner)
    sold(one, date(2026, 5, 5), "50000.01")
    sold(one, date(2026, 7, 5), "10")
    row = samples.period(one, Q(2026, 3))
    row.read_at = datetime(2026, 7, 31, 20, tzinfo=UTC)
    (july, august, *_) = stretches.of(one, date(2026, 7, 31))
    assert (july.is_read, july.reason.why) == (False, Why.PASSED_BEFORE)
    row.read_at = datetime(2026, 8, 2, tzinfo=UTC)
    (july, august, *_) = stretches.of(one, date(2026, 7, 31))
    assert (july.is_read, august.is_read) == (True, False)


def test_it_is_an_obligation_before_the_figures_are_read(owner: Tenant) -> None:
    """S9: who had rows in earlier quarters has to look."""
    one = samples.administration(owner)
    sold(one, date(2026, 6, 5), "60000")
    assert asked(one, date(2026, 9, 3)) == ["2026-Q2", "2026-07", "2026-08"]
    for month in (7, 8):
        declared(one, TaxPeriod.month(2026, month), [], stage=FilingStage.ACCEPTED)
    declared(one, Q(2026, 2), [("goods", "DE136695976", "60000")])
    assert asked(one, date(2026, 9, 3)) == []
    other = samples.administration(owner, code="X", tax_number="123456782B01")
    assert asked(other, date(2026, 9, 3)) == []


def test_a_month_that_is_over_is_read_while_the_quarter_runs(owner: Tenant) -> None:
    one = samples.administration(owner)
    sold(one, date(2026, 6, 5), "60000")
    declared(one, Q(2026, 2), [("goods", "DE136695976", "60000")])
    row = samples.period(one, Q(2026, 3))
    for today, is_asked in ((date(2026, 7, 31), False), (date(2026, 8, 1), True)):
        row.reading = False
        (made,) = session().scalars(select(Administration)).all()
        (asked_for, *_) = [
            each for each in obligations.of([made], today) if each.kind is ICP
        ]
        assert asked_for.is_read is not is_asked
        deadlines._remind_tenant(owner.id, today, "Europe/Amsterdam", READ)
        assert row.reading is is_asked


def test_book_years_count_together(owner: Tenant) -> None:
    last = samples.administration(owner, code="D2026")
    sold(last, date(2026, 11, 5), "60000")
    new = samples.administration(owner, code="D2027")
    sold(new, date(2027, 1, 5), "10")
    assert len(due(new, date(2027, 2, 1))) == 4
    (stretch, *_) = stretches.of(new, date(2027, 2, 1))
    assert stretch.reason.span.code == "2026-Q4"


@pytest.mark.parametrize(("is_on", "codes"), [
    (True, {"2026-07_08", "2026-09", "2026-Q3"}), (False, {"2026-Q3"}),
])  # fmt: skip
def test_two_administrations_of_one_number_count_together(
    owner: Tenant, is_on: bool, codes: set[str]
) -> None:
    """One that was switched off may be of the same books."""
    one = samples.administration(owner)
    other = samples.administration(owner, code="TWEE", enabled=is_on)
    sold(one, date(2026, 7, 10), "30000.00")
    sold(other, date(2026, 7, 11), "15000.00")
    sold(other, date(2026, 8, 20), "15000.00")
    assert set(due(one, date(2026, 9, 30))) == codes


def test_what_nobody_read_before_is_told(owner: Tenant) -> None:
    one = samples.administration(owner)
    sold(one, date(2026, 7, 5), "10")
    sold(one, date(2026, 4, 5), "10")
    calendar = stretches.calendar([one], date(2026, 7, 1))
    quarter = quarter_of(date(2026, 7, 1))
    unknown = [span.code for span in calendar.unknown_before(one, quarter)]
    assert unknown == ["2026-Q1", "2025-Q4", "2025-Q3"]


def test_periods_read_twice_count_once(owner: Tenant) -> None:
    """The return went from quarters to months: both have the same entries."""
    one = samples.administration(owner)
    sold(one, date(2026, 9, 5), "100")
    one.period_kind = PeriodKind.MONTH
    sold(one, date(2026, 9, 5), "100")
    figures = supplies.of(one, Q(2026, 3))
    assert [row.amount for row in figures.rows] == [100]


def test_a_late_booking_is_owed_and_a_credit_note_is_not(owner: Tenant) -> None:
    one = samples.administration(owner)
    sold(one, date(2026, 8, 5), "1000")
    sold(one, date(2026, 10, 5), "-200")
    filing = declared(one, Q(2026, 3), [("goods", "DE136695976", "1000")])
    icp_owed.notice(one, Q(2026, 3))
    assert icp_owed.of(one) == []
    sold(one, date(2026, 9, 29), "500.70")
    sold(one, date(2026, 9, 29), "40", customer="FR40303265045")
    icp_owed.notice(one, Q(2026, 3))
    icp_owed.notice(one, Q(2026, 3))
    session().flush()
    assert owed(one) == [("DE", 500), ("FR", 40)]
    (told,) = session().scalars(select(Mail).where(Mail.kind.contains("filing"))).all()
    assert "klopt niet meer" in "\n".join(mail.content_of(told))
    # it changes back: nothing is owed any more
    sold(one, date(2026, 9, 30), "-40", customer="FR40303265045")
    sold(one, date(2026, 9, 30), "-300")
    icp_owed.notice(one, Q(2026, 3))
    assert owed(one) == [("DE", 200)]
    seen = icp_owed.shown(icp_owed.of(one))
    with pytest.raises(AskUser, match="icp_owed_changed"):
        icp_owed.done(one, Q(2026, 3), "1:5", user_id=1)
    user_id = session().scalars(select(User.id)).one()
    icp_owed.done(one, Q(2026, 3), seen, user_id=user_id)
    icp_owed.notice(one, Q(2026, 3))
    assert owed(one) == []
    (kept,) = session().scalars(select(IcpCorrection)).all()
    assert (kept.amount, kept.done_by_id) == (Decimal(200), user_id)
    # what was corrected counts as declared from now on
    sold(one, date(2026, 9, 30), "1")
    icp_owed.notice(one, Q(2026, 3))
    assert owed(one) == [("DE", 1)]
    assert filing.stage == FilingStage.ACCEPTED


def owed(one: Administration) -> list[tuple[str, int]]:
    session().flush()
    return [(row.customer_country, int(row.amount)) for row in icp_owed.of(one)]


def test_filling_in_after_it_went_is_noticed(owner: Tenant) -> None:
    one = samples.administration(owner)
    row = samples.period(one, Q(2026, 3))
    row.read_at = READ
    declared(one, Q(2026, 3), [])
    user_id = session().scalars(select(User.id)).one()
    values = FilledIn(
        rubric=Rubric.R3B, booked_on=date(2026, 8, 1), description="x",
        turnover=Decimal("77.90"), icp_kind=IcpKind.SERVICES,
        customer_country="DE", customer_number="136695976",
    )  # fmt: skip
    entry = manual_entries.add(row, values, user_id=user_id)
    assert owed(one) == [("DE", 77)]
    manual_entries.remove(row, entry, user_id=user_id)
    assert owed(one) == []


def test_unread_figures_are_no_correction(owner: Tenant) -> None:
    one = samples.administration(owner)
    declared(one, Q(2026, 3), [("goods", "DE136695976", "1000")])
    icp_owed.notice(one, Q(2026, 3))
    assert owed(one) == []


def test_goods_beside_services_are_compared_apart(owner: Tenant) -> None:
    one = samples.administration(owner)
    sold(one, date(2026, 8, 5), "60000")
    sold(one, date(2026, 8, 5), "70", kind="services")
    declared(one, AUGUST, [("goods", "DE136695976", "60000")], scope="goods,abc")
    declared(one, Q(2026, 3), [("services", "DE136695976", "70")], scope="services")
    icp_owed.notice(one, AUGUST)
    assert owed(one) == []
    sold(one, date(2026, 8, 6), "5", kind="services")
    icp_owed.notice(one, AUGUST)
    (row,) = icp_owed.of(one)
    assert icp_owed.period_of(row) == Q(2026, 3)


def test_parts_of_a_fiscal_unity_declare_apart(owner: Tenant) -> None:
    parts = [
        samples.administration(owner, code=code, division=division)
        for code, division in (("A", "111111111B01"), ("B", "222222222B01"))
    ]
    for part, amount in zip(parts, ("60000", "10"), strict=True):
        sold(part, date(2026, 8, 5), amount)
    assert list(due(parts[0], date(2026, 9, 1))) == ["2026-07_08", "2026-Q3", "2026-09"]
    assert list(due(parts[1], date(2026, 9, 1))) == ["2026-Q3"]
    declared(parts[0], Q(2026, 3), [])
    assert taxpayers.versions(parts[1], ICP, Q(2026, 3)) == []
    assert asked(parts[1], date(2026, 10, 2)) == ["2026-Q3"]
    taxpayers.refuse_overlap(parts[1], ICP, TaxPeriod.month(2026, 9))
    with pytest.raises(AskUser, match="filing_overlaps"):
        taxpayers.refuse_overlap(parts[0], ICP, TaxPeriod.month(2026, 9))


def test_what_is_not_due_is_refused(owner: Tenant) -> None:
    one = samples.administration(owner, source=INVOICES)
    sold(one, date(2026, 8, 5), "10")
    with pytest.raises(AskUser, match="icp_not_due"):
        stretches.due_as(one, TaxPeriod.month(2026, 8))
    assert stretches.due_as(one, Q(2026, 3)).period == Q(2026, 3)
