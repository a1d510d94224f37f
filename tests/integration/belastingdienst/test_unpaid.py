"""Invoices that nobody paid for a year, and one that was paid after all, by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from core.models import InvoiceState, Tenant
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.figures import unpaid
from plugins.belastingdienst.law.cash_scheme import Entitlement
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.setup import taxpayers
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import invoice_samples
from tests.integration.belastingdienst.figure_samples import Q3

TODAY = date(2026, 11, 20)
PAID = InvoiceState.PAID


@pytest.fixture
def owner(app: Flask) -> Iterator[Tenant]:
    with system_scope():
        yield samples.tenant()


@pytest.fixture
def books(owner: Tenant) -> Administration:
    return samples.administration(owner)


def found(books: Administration) -> list[tuple[str, str, str, dict[str, Decimal]]]:
    return [
        (
            one.number,
            one.problem.code,
            one.step.on.isoformat(),
            {name: box.vat for name, box in one.step.boxes.items()},
        )
        for one in unpaid.prompts(books, Q3, TODAY)
    ]


def test_what_lapsed_in_the_quarter_comes_back(
    owner: Tenant, books: Administration
) -> None:
    """Due on 10 August 2025: irrecoverable on 10 August 2026."""
    make = invoice_samples.maker(owner)
    year_ago = date(2025, 8, 10)
    make("1", ("H", "1000.00"), ("L", "100.00"), vat="219.00", on=year_ago)
    make("2", ("H", "500.00"), vat="105.00", on=year_ago, state=PAID,
         paid_on=date(2025, 9, 1))  # fmt: skip
    make("3", ("H", "500.00"), vat="105.00", on=date(2025, 6, 30))  # of Q2
    make("4", ("H", "500.00"), vat="105.00", on=date(2025, 10, 1))  # of Q4
    make("5", ("ICP", "500.00"), on=year_ago)  # without VAT
    half = make("6", ("H", "200.00"), vat="42.00", on=year_ago)
    make("7", ("H", "-100.00"), vat="-21.00", on=date(2025, 9, 1)).credits_id = half.id
    make("8", ("H", "300.00"), vat="63.00", on=date(2024, 1, 15), state=PAID,
         paid_on=date(2026, 7, 1))  # fmt: skip
    session().flush()
    lapsed, again = "bad_debt_lapsed", "bad_debt_paid"
    assert found(books) == [
        ("8", again, "2026-07-01", {"1a": Decimal("63.00")}),
        ("1", lapsed, "2026-08-10", {"1a": Decimal("-210.00"), "1b": Decimal("-9.00")}),
        ("6", lapsed, "2026-08-10", {"1a": Decimal("-21.00")}),
    ]


def test_a_credit_note_after_it_lapsed_takes_nothing_back_twice(
    owner: Tenant, books: Administration
) -> None:
    """The VAT came back in Q2 as it lapsed; the credit note takes it off 1a again."""
    make = invoice_samples.maker(owner)
    sold = make("1", ("H", "1000.00"), vat="210.00", on=date(2025, 5, 10))
    back = make("2", ("H", "-400.00"), vat="-84.00", on=date(2026, 8, 1))
    draft = make("3", ("H", "-600.00"), vat="-126.00", on=date(2026, 8, 2),
                 state=InvoiceState.DRAFT)  # fmt: skip
    back.credits_id = draft.credits_id = sold.id
    session().flush()
    assert found(books) == [
        ("1", "bad_debt_paid", "2026-08-01", {"1a": Decimal("84.00")})
    ]


def test_what_was_never_declared_does_not_come_back(
    owner: Tenant, books: Administration
) -> None:
    make = invoice_samples.maker(owner)
    make("1", ("H", "1000.00"), vat="210.00", on=date(2025, 8, 10))
    assert len(found(books)) == 1
    said = taxpayers.of(books)
    said.cash_scheme, said.cash_scheme_since = Entitlement.RETAIL, date(2025, 1, 1)
    session().flush()
    assert found(books) == []


def test_the_last_day_of_a_period_is_told_apart(
    owner: Tenant, books: Administration
) -> None:
    """Due on 30 September 2025: a day later and it is the next quarter's."""
    make = invoice_samples.maker(owner)
    make("1", ("H", "1000.00"), vat="210.00", on=date(2025, 9, 30))
    make("2", ("H", "1000.00"), vat="210.00", on=date(2025, 9, 29))
    session().flush()
    told = {
        one.number: one.is_on_edge
        for one in unpaid.prompts(books, Q3, date(2026, 10, 5))
    }
    assert told == {"1": True, "2": False}
