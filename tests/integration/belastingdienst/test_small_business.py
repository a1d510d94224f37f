"""KOR and EU-KOR from invoices: judged, told and stated, reckoned by hand."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from core.models import LogEntry, Mail, SalesInvoice, Tenant, TenantPlugin
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.mailing import mail
from plugins.belastingdienst.filing import obligations, small_business, taxpayers
from plugins.belastingdienst.models import Administration, Taxpayer
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import invoice_samples

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
    row.small_business_since = date(2026, 1, 1)
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
    ((state, belgium, _doubts),) = found.states
    assert belgium is not None
    assert (state, belgium.limit, belgium.counted) == (
        "BE", Decimal(25000), Decimal("200.50"),
    )  # fmt: skip
