"""Own sales under the kasstelsel: quarters reckoned by hand, from rows to boxes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask

from core.domain.orders import Payment
from core.models import InvoiceState, Tenant
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.figures import own_choice, period_figures
from plugins.belastingdienst.law.cash_scheme import Entitlement
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.tasks import read_figures
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import invoice_samples, shop_samples
from tests.integration.belastingdienst.figure_samples import Q3

Q4 = type(Q3).quarter(2026, 4)


@pytest.fixture
def owner(app: Flask) -> Iterator[Tenant]:
    with system_scope():
        yield samples.tenant()


@pytest.fixture
def books(owner: Tenant) -> Administration:
    """An administration on own sales under the scheme since 1 July."""
    made = samples.administration(owner)
    said = taxpayers.of(made)
    said.cash_scheme = Entitlement.RETAIL
    said.cash_scheme_since = date(2026, 7, 1)
    return made


def read(books: Administration, period: type[Q3]) -> dict[str, tuple[str, str]]:
    """Read a period; return its boxes."""
    row = period_figures.of(books, period)
    row.reading = True
    session().commit()
    read_figures(row.id)
    session().expire_all()
    assert row.code == ""
    assert row.doubts == []
    found = period_figures.summary(row).boxes
    return {str(name): (str(box.turnover), str(box.vat)) for name, box in found.items()}


def test_invoices_move_to_the_quarter_in_which_they_are_paid(
    owner: Tenant, books: Administration
) -> None:
    """Of before the scheme: by its own day, so not again when it is paid."""
    with system_scope():
        make, paid = invoice_samples.maker(owner), InvoiceState.PAID
        make("0", ("H", "900.00"), vat="189.00", on=date(2026, 6, 20), state=paid,
             paid_on=date(2026, 7, 5))  # fmt: skip
        make("1", ("H", "100.00"), vat="21.00", state=paid, paid_on=date(2026, 9, 30))
        make("2", ("H", "200.00"), ("L", "50.00"), vat="46.50", state=paid,
             paid_on=date(2026, 10, 1))  # fmt: skip
        make("3", ("H", "400.00"), vat="84.00")  # open
        make("4", ("EX", "70.00"))  # an export stays with its invoice
        make("8", ("H", "30.00"), vat="6.30", on=date(2026, 10, 5), state=paid,
             paid_on=date(2026, 9, 20))  # fmt: skip
        credited = make("5", ("H", "-100.00"), vat="-21.00", on=date(2026, 11, 2))
        unpaid = make("6", ("H", "-400.00"), vat="-84.00", on=date(2026, 11, 2))
        numbers = {one.number: one.id for one in session().query(type(unpaid))}
        credited.credits_id, unpaid.credits_id = numbers["1"], numbers["3"]
        session().flush()
        own_choice.choose(books, invoices=True, shop_ids=(), gone=(), user_id=1)
        assert read(books, Q3) == {"1a": ("100.00", "21.00"), "3a": ("70.00", "0.00")}
        # 200 of number 2, 30 that was paid before its invoice, less 100 of the credit
        assert read(books, Q4) == {"1a": ("130.00", "27.30"), "1b": ("50.00", "4.50")}


def test_an_order_is_of_each_payment_by_its_share(
    owner: Tenant, books: Administration
) -> None:
    """121 in Q3, of which 40 were paid in Q3 and 81 in Q4: 40/121 of 100 and of 21."""
    with system_scope():
        winkel = shop_samples.shop(owner)
        line = shop_samples.line("121.00", "21.00", "21")

        def paid(amount: str, month: int) -> Payment:
            moment = datetime(2026, month, 10, 9, tzinfo=UTC)
            return Payment("bank", Decimal(amount), moment)

        at = "2026-09-01T10:00"
        shop_samples.record(
            winkel,
            shop_samples.order("1", at, "NL", [line],
                               payments=(paid("40.00", 9), paid("81.00", 10))),
            shop_samples.order("2", at, "NL", [line]),  # the shop does not say
        )  # fmt: skip
        own_choice.choose(
            books, invoices=False, shop_ids=[winkel.id], gone=(), user_id=1
        )
        assert read(books, Q3) == {"1a": ("133.06", "27.94")}
        assert read(books, Q4) == {"1a": ("66.94", "14.06")}


def test_an_order_of_long_ago_is_of_the_day_it_is_paid(
    owner: Tenant, books: Administration
) -> None:
    """Of years ago; the one of before the scheme was declared when it was sold."""
    with system_scope():
        taxpayers.of(books).cash_scheme_since = date(2024, 1, 1)
        winkel = shop_samples.shop(owner)
        line = shop_samples.line("121.00", "21.00", "21")
        moment = datetime(2026, 9, 10, 9, tzinfo=UTC)
        paid = {"payments": (Payment("bank", Decimal("121.00"), moment),)}
        for number, at in (("1", "2023-12-01T10:00"), ("2", "2024-05-01T10:00")):
            order = shop_samples.order(number, at, "NL", [line], **paid)
            shop_samples.record(winkel, replace(order, updated_at=moment))
        own_choice.choose(
            books, invoices=False, shop_ids=[winkel.id], gone=(), user_id=1
        )
        assert read(books, Q3) == {"1a": ("100.00", "21.00")}
        assert read(books, Q4) == {}


def test_without_the_scheme_nothing_moves(owner: Tenant, books: Administration) -> None:
    with system_scope():
        taxpayers.of(books).cash_scheme = Entitlement.NONE
        make = invoice_samples.maker(owner)
        make("1", ("H", "100.00"), vat="21.00", state=InvoiceState.PAID,
             paid_on=date(2026, 10, 1))  # fmt: skip
        own_choice.choose(books, invoices=True, shop_ids=(), gone=(), user_id=1)
        assert read(books, Q3) == {"1a": ("100.00", "21.00")}
        assert read(books, Q4) == {}
