"""From ledger to rubrics: every entry lands once, with its sign turned."""

from datetime import date
from decimal import Decimal

import pytest

from core.domain.declarations import Customer, Figures, IcpKind, Rubric, TaxPeriod
from plugins.accountview.mapping import compute, customer_of, rubric_of
from plugins.accountview.wire import Debtor, Transaction, VatCode
from tests.figure_sums import Sums

Q3 = TaxPeriod.quarter(2026, 3)
DE = Customer("DE", "136695976")


def code(
    name: str, rubric: str, memo: str = "", *, abc: bool = False, reverse: bool = False
) -> VatCode:
    accounts = frozenset(("1500",))
    return VatCode(name, name, Decimal(21), rubric, memo, abc, reverse, accounts)


CODES = {
    one.code: one
    for one in (
        code("1", "1a"),
        code("4", "3b"),
        code("5", "3b"),
        code("6", "3b", abc=True),
        code("8", "5b"),
        code("A", "4b", "5b", reverse=True),
        code("B", "5b", "2a", reverse=True),
        code("E", "1e", reverse=True),
        code("X", ""),
    )
}
DEBTORS = {
    "1": Debtor("1", "Müller", "DE 136.695.976", "DE"),
    "2": Debtor("2", "Niemand", "", "FR"),
}


def booked(
    number: str,
    vat_code: str,
    base: str,
    vat: str = "0",
    *,
    relation: str = "",
    account: str = "8000",
    on: date = date(2026, 8, 1),
) -> Transaction:
    return Transaction(
        id=number, booked_on=on, period=8, journal="90", page="1", account=account,
        amount=Decimal(base), vat_code=vat_code, base_amount=Decimal(base),
        vat_amount=Decimal(vat), relation=relation, invoice_number="", description="",
    )  # fmt: skip


def figures(*transactions: Transaction) -> Figures:
    return compute(Q3, transactions, CODES, DEBTORS, services={"5"})


def amounts(found: Figures) -> dict[str, tuple[Decimal, Decimal]]:
    return {
        rubric.value: (one.turnover, one.vat)
        for rubric, one in Sums(found).boxes.items()
    }


def test_sales_are_credit_and_become_positive() -> None:
    found = figures(
        booked("a", "1", "-100.55", "-21.12"), booked("b", "1", "10", "2.10")
    )
    assert amounts(found) == {"1a": (Decimal("90.55"), Decimal("19.02"))}
    assert [entry.source_id for entry in Sums(found).behind(Rubric.R1A)] == ["a", "b"]
    assert Sums(found).vat_return.box(Rubric.R1A).vat == 19


def test_input_vat_has_no_turnover() -> None:
    found = figures(booked("a", "8", "200", "42.01"))
    assert amounts(found) == {"5b": (0, Decimal("42.01"))}
    assert Sums(found).vat_return.input_vat == 43


@pytest.mark.parametrize(("vat_code", "owed"), [("A", "4b"), ("B", "2a")])
def test_transferred_vat_is_owed_and_reclaimed(vat_code: str, owed: str) -> None:
    found = figures(booked("a", vat_code, "1000", "210", account="7000"))
    assert amounts(found) == {owed: (1000, 210), "5b": (0, 210)}
    assert Sums(found).vat_return.payable == 0
    assert {entry.source_id for entry in found.entries} == {"a"}


def test_a_reverse_charged_sale_is_turnover_only() -> None:
    assert amounts(figures(booked("a", "E", "-300"))) == {"1e": (300, 0)}


def test_rows_on_the_vat_account_are_not_counted_twice() -> None:
    sale = booked("a", "1", "-100", "-21")
    vat = booked("b", "1", "-100", "-21", account="1500")
    assert amounts(figures(sale, vat)) == {"1a": (100, 21)}


def test_only_the_period_counts() -> None:
    before = booked("a", "1", "-100", "-21", on=date(2026, 6, 30))
    after = booked("b", "1", "-100", "-21", on=date(2026, 10, 1))
    last = booked("c", "1", "-10", "-2.10", on=date(2026, 9, 30))
    assert [entry.source_id for entry in figures(before, after, last).entries] == ["c"]


def test_goods_services_and_abc_are_kept_apart() -> None:
    found = figures(
        booked("a", "4", "-100.90", relation="1"),
        booked("b", "4", "50.40", relation="1"),
        booked("c", "5", "-10", relation="1"),
        booked("d", "6", "-7.20", relation="1"),
    )
    rows = {(row.kind, row.customer): row.amount for row in Sums(found).icp.rows}
    assert rows == {
        (IcpKind.GOODS, DE): 50,
        (IcpKind.SERVICES, DE): 10,
        (IcpKind.ABC, DE): 7,
    }
    behind = Sums(found).behind_row(IcpKind.GOODS, DE)
    assert [entry.source_id for entry in behind] == ["a", "b"]
    assert Sums(found).vat_return.box(Rubric.R3B).turnover == 67
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("transaction", "doubt"),
    [
        (booked("a", "4", "-100", relation="2"), "icp_customer_unknown"),
        (booked("a", "4", "-100", relation="9"), "icp_customer_unknown"),
        (booked("a", "?", "-100"), "ledger_vat_code_unknown"),
        (booked("a", "X", "-100"), "ledger_vat_code_without_rubric"),
    ],
)
def test_what_cannot_be_placed_is_a_doubt(transaction: Transaction, doubt: str) -> None:
    assert [(one.code, one.entry_id) for one in figures(transaction).doubts] == [
        (doubt, "a")
    ]


def test_every_entry_is_behind_exactly_one_figure() -> None:
    found = figures(
        booked("a", "1", "-100", "-21"),
        booked("b", "A", "100", "21", account="7000"),
        booked("c", "4", "-30", relation="1"),
    )
    behind = [entry for rubric in Rubric for entry in Sums(found).behind(rubric)]
    assert sorted(map(id, behind)) == sorted(map(id, found.entries))


@pytest.mark.parametrize("text", ["1a", "1A", " 1 a ", "1.a"])
def test_a_rubric_is_read_in_several_ways(text: str) -> None:
    assert rubric_of(text) is Rubric.R1A


@pytest.mark.parametrize("text", ["", "5a", "9z", "1"])
def test_an_unknown_rubric_is_none(text: str) -> None:
    assert rubric_of(text) is None


@pytest.mark.parametrize(
    ("number", "country", "customer"),
    [
        ("DE136695976", "NL", Customer("DE", "136695976")),
        ("136695976", "DE", Customer("DE", "136695976")),
        ("094259216", "GR", Customer("EL", "094259216")),
        ("GR094259216", "", Customer("EL", "094259216")),
        ("ATU12345678", "AT", Customer("AT", "U12345678")),
        ("", "DE", None),
        ("136695976", "", None),
    ],
)
def test_a_customer_is_named_as_icp_wants(
    number: str, country: str, customer: Customer | None
) -> None:
    assert customer_of(Debtor("1", "x", number, country)) == customer
