"""KOR and EU-KOR from invoices: judged, told and stated, reckoned by hand."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.declarations import TaxPeriod
from core.models import LogEntry, Mail, SalesInvoice, Tenant, TenantPlugin
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.mailing import mail
from plugins.belastingdienst.filing import obligations
from plugins.belastingdienst.models import Administration, Taxpayer
from plugins.belastingdienst.sales import own_sales, small_business, turnover
from plugins.belastingdienst.setup import taxpayers
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import invoice_samples
from tests.integration.belastingdienst.shop_samples import line, order, record, shop

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def owner(app: Flask) -> Iterator[Tenant]:
    with system_scope():
        made = samples.tenant()
        session().add(TenantPlugin(tenant_id=made.id, plugin="belastingdienst"))
        session().commit()
        yield made


@pytest.fixture
def books(owner: Tenant) -> Administration:
    return samples.administration(owner)


@pytest.fixture
def make(owner: Tenant) -> Callable[..., SalesInvoice]:
    return invoice_samples.maker(owner)


@pytest.fixture
def said(books: Administration) -> Taxpayer:
    row = taxpayers.of(books)
    tenant = session().get_one(Tenant, books.tenant_id)
    tenant.vat_statuses = [{"starts_on": "2026-01-01", "small_business": True}]
    session().commit()
    return row


def tick(day: int = 0) -> list[str]:
    """Let a day come by; return what the log says of the limit."""
    small_business.tick(NOW + timedelta(days=day))
    session().expire_all()
    found = select(LogEntry.code).where(LogEntry.code.startswith("small_business"))
    return list(session().scalars(found.order_by(LogEntry.id)))


def test_the_sale_that_passes_ends_it_and_returns_are_due_again(
    books: Administration, said: Taxpayer, make: Callable[..., SalesInvoice]
) -> None:
    """15,900 is below 80 % of 20,000, 16,000 is not; 20,000 is not above it."""
    make("1", ("V", "15900.00"), on=date(2026, 2, 1))
    assert tick() == []
    make("2", ("V", "100.00"), on=date(2026, 5, 1))
    assert tick(1) == tick(2) == ["small_business_near"]
    make("3", ("V", "4000.00"), on=date(2026, 8, 1))
    assert tick(3) == ["small_business_near"]
    asked = {one.period.code for one in obligations.of([books], DAY)}
    assert asked == set()
    make("4", ("V", "0.01"), on=date(2026, 9, 9))
    both = ["small_business_near", "small_business_passed"]
    assert tick(4) == tick(5) == both
    assert said.small_business_passed_on == date(2026, 9, 9)
    asked = {one.period.code for one in obligations.of([books], DAY)}
    assert asked == {"2026-Q3"}
    text = "\n".join(
        line
        for one in session().scalars(select(Mail).order_by(Mail.id))
        for line in mail.content_of(one)
    )
    assert "met verkoop 4 NL" in text
    assert "9 sep 2026" in text
    assert "%(" not in text


def test_a_year_above_it_ends_the_next_one_on_its_first_day(
    books: Administration, said: Taxpayer, make: Callable[..., SalesInvoice]
) -> None:
    make("1", ("V", "20000.01"), on=date(2025, 12, 31))
    assert tick() == ["small_business_passed"]
    assert said.small_business_passed_on == date(2026, 1, 1)


def test_what_passed_it_is_not_forgotten_in_the_next_year(
    books: Administration, said: Taxpayer, make: Callable[..., SalesInvoice]
) -> None:
    """The return of the quarter in which it was passed is filed in January."""
    make("1", ("V", "20000.01"), on=date(2026, 9, 9))
    tick()
    small_business.tick(datetime(2027, 1, 3, 9, tzinfo=UTC))
    session().expire_all()
    assert said.small_business_passed_on == date(2026, 9, 9)
    asked = {one.period.code for one in obligations.of([books], date(2027, 1, 4))}
    assert asked == {"2026-Q4"}
    small_business.tick(datetime(2028, 2, 3, 9, tzinfo=UTC))
    session().expire_all()
    assert said.small_business_passed_on == date(2026, 9, 9)


def test_two_shops_with_the_same_numbers_are_two_turnovers(
    owner: Tenant, books: Administration, said: Taxpayer
) -> None:
    shops = [shop(owner, name) for name in ("Een", "Twee")]
    for one in shops:
        record(one, order("1", "2026-08-20T10:00", "NL", [line("11000", "0", "0")]))
    ids = [one.id for one in shops]
    books.own_sales = own_sales.choose(owner.id, True, ids).stored()
    session().commit()
    found = small_business.of(said, [books], DAY)
    assert found is not None
    assert found.home is not None
    assert (found.home.counted, found.home.passed_by) == (Decimal(22000), "1")


def test_a_booking_read_by_quarter_and_by_month_counts_once(
    owner: Tenant, said: Taxpayer
) -> None:
    ledger = samples.administration(owner, code="BOEK", source="accountview")
    for period in (TaxPeriod.quarter(2026, 3), TaxPeriod.month(2026, 8)):
        row = samples.period(ledger, period)
        samples.entry(row, "1a", "15000", "0", source_id="7")
        samples.entry(row, "1b", "1000", "0", source_id="8")
    found = turnover.of([ledger], 2026)
    assert sum(one.amount_excl_vat for one in found.sales) == 16000


def test_the_statement_names_each_state(
    books: Administration, said: Taxpayer, make: Callable[..., SalesInvoice]
) -> None:
    said.union_scheme_since = date(2026, 4, 1)
    session().commit()
    make("1", ("V", "100.00"), on=date(2026, 7, 1))
    make("2", ("BE", "250.50"), on=date(2026, 9, 30))
    make("3", ("BE", "-50.00"), on=date(2026, 10, 1))
    found = small_business.of(said, [books], DAY)
    assert found is not None
    assert [one.statement.quarter.code for one in found.quarters] == [
        "2026-Q3", "2026-Q2",
    ]  # fmt: skip
    statement = found.quarters[0].statement
    amounts = {state: each for state, each in statement.amounts.items() if each}
    assert amounts == {"NL": Decimal("100.00"), "BE": Decimal("250.50")}
    assert len(statement.amounts) == 27
    assert found.quarters[0].last_day == date(2026, 10, 31)
    assert found.union is not None
    assert found.union.counted == Decimal("300.50")
    assert found.at_once is None
    make("4", ("BE", "99700.00"), on=date(2026, 11, 6))
    above = small_business.of(said, [books], DAY)
    assert above is not None
    assert above.at_once is not None
    assert above.at_once.statement.amounts["BE"] == Decimal("99650.00")
    # fifteen working days after Friday 6 November
    assert above.at_once.last_day == date(2026, 11, 27)
    ((state, belgium, _doubts),) = found.states
    assert belgium is not None
    assert (state, belgium.limit, belgium.counted) == (
        "BE", Decimal(25000), Decimal("200.50"),
    )  # fmt: skip


def test_a_shop_that_came_later_makes_it_no_more_than_is_known(
    owner: Tenant, books: Administration, said: Taxpayer
) -> None:
    said.union_scheme_since = date(2026, 1, 1)
    winkel = shop(owner)
    winkel.created_at = datetime(2026, 8, 15, tzinfo=UTC)
    record(
        winkel, order("1", "2026-08-20T10:00", "NL", [line("121.00", "21.00", "21")])
    )
    choice = own_sales.choose(owner.id, invoices=True, chosen=[winkel.id])
    books.own_sales = choice.stored()
    session().commit()
    found = small_business.of(said, [books], DAY)
    assert found is not None
    assert found.known_late == {"Winkel": date(2026, 8, 15)}
    assert [found.is_complete(one) for one in found.quarters] == [False] * 3
    winkel.created_at = datetime(2026, 7, 1, tzinfo=UTC)
    session().commit()
    found = small_business.of(said, [books], DAY)
    assert found is not None
    assert [found.is_complete(one) for one in found.quarters] == [True, False, False]
    winkel.created_at = datetime(2024, 12, 1, tzinfo=UTC)
    session().commit()
    found = small_business.of(said, [books], DAY)
    assert found is not None
    assert found.known_late == {}
