"""Invoices at the same moment, and credits: no gaps, nothing twice, never too much."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.errors import AskUser
from core.models import SalesInvoice, Tenant
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import numbers, sales_invoices
from tests.integration.test_licence_races import together
from tests.integration.test_sales_invoices import refused, seller
from tests.invoices import customer, draft, line

__all__ = ["seller"]  # a fixture


def test_numbers_of_many_senders_at_once_have_no_gaps(
    app: Flask, tenant: Tenant
) -> None:
    with transaction():
        relation = customer()
        ids = [draft(tenant, relation).id for _ in range(8)]

    def send(key: int) -> None:
        with tenant_scope(tenant.id), transaction() as current:
            sales_invoices.send(current.get_one(SalesInvoice, key), "other")
            if key % 3 == 0:
                current.rollback()

    together(app, send, ids)
    left = [key for key in ids if key % 3 == 0]
    together(app, lambda key: _send(key, tenant), left)
    found = session().scalars(select(SalesInvoice.number)).all()
    assert sorted(found) == [f"2026{n:05d}" for n in range(1, 9)]


def _send(key: int, tenant: Tenant) -> None:
    with tenant_scope(tenant.id), transaction() as current:
        sales_invoices.send(current.get_one(SalesInvoice, key), "other")


def test_one_draft_sent_by_two_at_once_gets_one_number(
    app: Flask, tenant: Tenant
) -> None:
    with transaction():
        key = draft(tenant, customer()).id
    outcomes = []

    def send(_turn: int) -> None:
        try:
            _send(key, tenant)
        except AskUser as error:
            outcomes.append(error.code)

    together(app, send, [1, 2, 3, 4])
    assert outcomes == ["invoice_not_draft"] * 3
    assert numbers.peek(tenant.id, "sales_invoice", 2026) == 1


def test_crediting_never_exceeds_what_was_invoiced(tenant: Tenant) -> None:
    day = date(2026, 4, 1)
    with transaction():
        relation = customer()
        row = draft(tenant, relation, line(tenant, "2", "10"),
                    line(tenant, "1", "50", "NL9"))  # fmt: skip
        refused("invoice_not_sent", sales_invoices.credit, row, day)
        sales_invoices.send(row, "other")
        first = sales_invoices.credit(row, day)
        assert first.amount_incl_vat == -row.amount_incl_vat
        again = sales_invoices.Draft(relation.id, day, day, [line(tenant, "-1", "10")])
        sales_invoices.save_draft(tenant.id, again, first)
        sales_invoices.send(first, "other")
    assert sales_invoices.data_of(first).credits_number == row.number
    with transaction():
        whole = sales_invoices.credit(row, day)
    error = refused("credit_exceeds", sales_invoices.send, whole, "other")
    assert error.params["left"] == "10,00"
    session().rollback()
    more = sales_invoices.Draft(
        relation.id, day, day,
        [line(tenant, "-1", "10"), line(tenant, "-1", "50", "NL9")],
    )  # fmt: skip
    with transaction():
        sales_invoices.save_draft(tenant.id, more, whole)
        sales_invoices.send(whole, "other")
    refused("nothing_to_credit", sales_invoices.credit, row, day)
    refused("invoice_is_credit", sales_invoices.credit, whole, day)


@pytest.mark.parametrize(
    ("lines", "code"),
    [([("1", "5", "NL21")], "credit_is_none"),
     ([("-1", "5", "NL9")], "credit_exceeds"),
     ([("-3", "10", "NL21"), ("1", "10", "NL21"), ("1", "1", "NL9")],
      "credit_exceeds")],
)  # fmt: skip
def test_a_credit_stays_within_each_code(tenant: Tenant, lines, code) -> None:
    day = date(2026, 4, 1)
    with transaction():
        relation = customer()
        row = sales_invoices.send(draft(tenant, relation), "other")
        made = sales_invoices.credit(row, day)
        new = [line(tenant, *values) for values in lines]
        sales_invoices.save_draft(
            tenant.id, sales_invoices.Draft(relation.id, day, day, new), made
        )
    refused(code, sales_invoices.send, made, "other")


def test_two_credits_at_once_take_turns(app: Flask, tenant: Tenant) -> None:
    with transaction():
        row = sales_invoices.send(draft(tenant, customer()), "other")
        ids = [sales_invoices.credit(row, row.issued_on).id for _ in range(3)]
    outcomes = []

    def send(key: int) -> None:
        try:
            _send(key, tenant)
        except AskUser as error:
            outcomes.append(error.code)

    together(app, send, ids)
    assert outcomes == ["credit_exceeds"] * 2
    assert numbers.peek(tenant.id, "sales_invoice", 2026) == 2
