"""Each kind of order over each interface: booked, credited, asked or refused.

The table in the plugin's README says the same; `test_the_readme_has_the_same_table`
holds them together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import plugins.eboekhouden
from core.domain.orders import Address, Order, Payment, Purse
from core.domain.packages import Credited
from core.runtime.database import transaction
from core.services.transfer.journal import Job
from plugins.eboekhouden.models import EBoekhoudenPaymentMapping
from plugins.eboekhouden.orders import reconcile
from plugins.eboekhouden.orders.sender import OrderSender
from plugins.eboekhouden.payments import Payments
from plugins.eboekhouden.views import payments_a_month
from plugins.vies import register
from plugins.vies.public import Outcome
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import answering, icp, order, total
from tests.unit.eaccounting import samples

README = Path(plugins.eboekhouden.__file__).with_name("README.md")
LINE = samples.line
DONE = ("done", "")
AT = samples.ORDERED_AT


@pytest.fixture(autouse=True)
def vies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "consult", answering(Outcome.VALID))


@pytest.fixture(autouse=True)
def credited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Credit documents come with their sale, as the engine hands them over."""
    send = OrderSender.send

    def sending(self: OrderSender, job: Job) -> Any:
        if self._orders[job.transfer_id].credits == "W1":
            job.credited = Credited("sales_entry", "1", "W1", "10000")
        return send(self, job)

    monkeypatch.setattr(OrderSender, "send", sending)
    return iter([None])


def clearing(coupled: Coupled, **accounts: str) -> None:
    """Choose clearing accounts by payment method."""
    tenant_id = coupled.connection.tenant_id
    with transaction() as current:
        for method, account in accounts.items():
            current.add(
                EBoekhoudenPaymentMapping(
                    tenant_id=tenant_id,
                    coupling_id=coupled.coupling_id,
                    method=method,
                    clearing_account=account,
                    fixed_debtor="",
                )
            )


def paid(amount: str, method: str = "iDEAL", days: int = 1) -> Payment:
    return Payment(method, Decimal(amount), AT + timedelta(days=days))


def credit(*lines: Any, **changes: Any) -> Order:
    """A return of the shirts, the year after."""
    values = {
        "source_id": "1:r1", "number": "W1-1", "credits": "W1",
        "ordered_at": AT.replace(year=2024), "sold_at": AT,
        "email": "klant1@example.com", **changes,
    }  # fmt: skip
    return samples.order(lines or [LINE("Overhemd", "-49.90", "-8.66")], **values)


def chargeback(amount: str = "-64.85", number: str = "W1-2") -> Order:
    """A credit document without lines: the payment is taken back, or restored."""
    back = replace(credit(), lines=(), total_incl_vat=Decimal(0), vat_amount=Decimal(0))
    payment = Payment("iDEAL", Decimal(amount), AT + timedelta(days=40))
    return replace(back, source_id=number, number=number, payments=(payment,))


@dataclass(frozen=True)
class Kind:
    """A kind of order, what becomes of it, and what then stands in the books."""

    name: str
    made: Callable[[], Order]
    outcome: str = "booked"
    code: str = ""
    shows: Callable[[list[dict[str, Any]]], Any] = lambda _: None
    wanted: Any = None


def of_last(field: str) -> Callable[[list[dict[str, Any]]], Any]:
    return lambda entries: entries[-1][field]


def vat(entries: list[dict[str, Any]]) -> Decimal:
    rows = entries[-1]["MutatieRegels"]
    return sum((row["BedragBTW"] for row in rows), Decimal(0))


def codes(entries: list[dict[str, Any]]) -> set[str]:
    return {row["BTWCode"] for row in entries[-1]["MutatieRegels"]}


SMALL = [LINE("Theelichtje", "0.99", "0.17")] * 30
HONG_KONG = Address(
    "Li Wei", "", "1 Nathan Road", "", "Hong Kong", "HK", "+852 1234 5678"
)
ABROAD = samples.address(country="CH", city="Bern")
KINDS = [
    Kind("consumer, own country", lambda: order(), shows=vat, wanted=Decimal("10.35")),
    Kind("VAT rounded per line", lambda: order(1, LINE("Mok", "10.00", "1.74")),
         shows=vat, wanted=Decimal("1.74")),
    Kind("VAT rounded per piece",
         lambda: order(1, LINE("Theelichtje", "19.80", "3.40", quantity="20")),
         shows=vat, wanted=Decimal("3.40")),
    Kind("thirty small lines", lambda: order(1, *SMALL), shows=vat,
         wanted=Decimal("5.10")),
    Kind("VAT that is not its rate's", lambda: order(1, LINE("Mok", "10.00", "0.00")),
         "refused", "eboekhouden_vat_wrong"),
    Kind("VAT at 0 %", lambda: replace(icp(1), lines=(LINE("Linse", "100.00", "1.00",
         "0"),), vat_amount=Decimal("1.00"), vat_number="", billing=ABROAD,
         delivery=ABROAD), "refused", "eboekhouden_vat_wrong"),
    Kind("VAT that no lines give", lambda: order(1, LINE("Mok", "0.05", "0.02")),
         "refused", "eboekhouden_vat_not_split"),
    Kind("business in another member state", lambda: icp(1), shows=codes,
         wanted={"BI_EU_VERK"}),
    Kind("negative order", lambda: order(1, LINE("Retour", "-12.10", "-2.10")),
         shows=lambda rows: (rows[-1]["Soort"], total(rows[-1])),
         wanted=("FactuurVerstuurd", Decimal("-12.10"))),
    Kind("credit of lines", credit, "credited",
         shows=lambda rows: (rows[-1]["Omschrijving"], rows[-1]["Datum"],
                             total(rows[-1]), vat(rows)),
         wanted=("Creditering bestelling W1", "2024-03-01", Decimal("-49.90"),
                 Decimal("-8.66"))),
    Kind("credit of goodwill over two rates",
         lambda: credit(LINE("Korting", "-10.00", "-1.74"),
                        LINE("Korting", "-3.00", "-0.25", "9")),
         "credited", shows=codes, wanted={"HOOG_VERK_21", "LAAG_VERK_9"}),
    Kind("chargeback, payments off", chargeback, "skipped",
         "eboekhouden_nothing_to_settle"),
    Kind("control character in a name", lambda: order(
         1, billing=samples.address(name="Jan\b Test"))),
    Kind("no name at all", lambda: order(
         1, billing=samples.address(name=""), delivery=samples.address(name="")),
         "refused", "eboekhouden_debtor_incomplete"),
    Kind("billing address left out",
         lambda: order(1, billing=Address(), delivery=samples.address(city="Delft"))),
    Kind("number of over 50 characters", lambda: replace(order(), number="W" * 51),
         "refused", "eboekhouden_number_too_long"),
    Kind("before 1980", lambda: order(1, ordered_at=AT.replace(year=1979)),
         "asked", "eboekhouden_date"),
]  # fmt: skip


STATES = {"booked": "done", "credited": "done", "skipped": "skipped"}


def test_each_kind_becomes_what_the_table_says(coupled: Coupled) -> None:
    coupled.book(order())  # what the credits take back
    orders = {}
    for place, kind in enumerate(KINDS, 1):
        some, own = kind.made(), f"K{place}"
        number = some.number if len(some.number) > 50 else own
        email = f"{own.lower()}@example.com"
        orders[kind.name] = replace(some, source_id=own, number=number, email=email)
    coupled.book(*orders.values())
    coupled.drain()
    entries = {row["Factuurnummer"]: row for row in coupled.package.ledger("entry")}
    assert len(coupled.package.ledger("entry")) == len(entries)
    outcomes = dict(zip(orders, coupled.states()[1:], strict=True))
    for kind in KINDS:
        some, (state, code) = orders[kind.name], outcomes[kind.name]
        assert state == STATES.get(kind.outcome, "failed"), kind.name
        if kind.name != "before 1980":  # no rates are known of then, nor a ledger
            assert code == kind.code, kind.name
        entry = entries.pop(some.number, None)
        # Refused means that nothing stands there.
        assert (entry is not None) == (state == "done"), kind.name
        if entry is not None:
            assert kind.shows([entry]) == kind.wanted, kind.name
            assert total(entry) == some.total_incl_vat, kind.name
    assert list(entries) == ["W1"]


def test_the_readme_has_the_same_table() -> None:
    rows = {}
    for line in README.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3:
            rows[cells[0]] = cells[1:]
    for kind in KINDS:
        said = [kind.outcome, kind.code] if kind.code else [kind.outcome]
        for cell in rows[kind.name]:
            assert all(word in cell for word in said), kind.name


# --- debtors and addresses of credits ----------------------------------------------


def test_a_credit_goes_to_the_debtor_of_its_sale(coupled: Coupled) -> None:
    coupled.book(order(), credit(email="ander@example.com"))
    assert coupled.states() == [DONE, DONE]
    assert len(coupled.package.ledger("relation")) == 1
    sale, back = coupled.package.ledger("entry")
    assert back["RelatieCode"] == sale["RelatieCode"]
    assert (sale["Factuurnummer"], back["Factuurnummer"]) == ("W1", "W1-1")


# --- payments ------------------------------------------------------------------------


def payments(coupled: Coupled) -> list[tuple[str, str, str, str, Decimal]]:
    """Day, account, invoice, counter account and amount of each payment."""
    return [
        (row["Datum"], row["Rekening"], row["Factuurnummer"],
         row["MutatieRegels"][0]["TegenrekeningCode"], total(row))
        for row in coupled.package.ledger("entry")
        if row["Soort"] == "FactuurbetalingOntvangen"
    ]  # fmt: skip


def test_each_payment_settles_its_invoice_on_its_own_day(coupled: Coupled) -> None:
    clearing(coupled, iDEAL="2000", gift_card="1000")
    card = paid("14.85", Purse.GIFT_CARD, days=0)
    coupled.book(order(1, payments=(paid("50.00"), card)))
    assert coupled.states() == [DONE]
    assert payments(coupled) == [
        ("2023-03-02", "2000", "W1", "1300", Decimal("50.00")),
        ("2023-03-01", "1000", "W1", "1300", Decimal("14.85")),
    ]
    [found] = reconcile.documents(coupled.coupling)
    assert (found["total"], found["left"]) == (Decimal("64.85"), 0)


def test_the_page_shows_what_payments_cost(by_soap: Coupled) -> None:
    assert payments_a_month(by_soap.connection) is None
    clearing(by_soap, iDEAL="2000")
    assert payments_a_month(by_soap.connection) == 0
    by_soap.book(order(1), order(2))
    assert payments_a_month(by_soap.connection) == 2


def test_a_method_without_an_account_is_not_settled(coupled: Coupled) -> None:
    clearing(coupled, Bancontact="2000")
    coupled.book(order(1, payments=(paid("64.85"),)))
    assert coupled.states() == [DONE]
    assert payments(coupled) == []


def test_money_back_settles_the_credit_and_a_chargeback_the_sale(
    coupled: Coupled,
) -> None:
    clearing(coupled, iDEAL="2000")
    coupled.book(order(1, payments=(paid("64.85"),)))
    coupled.book(credit(payments=(paid("-49.90", days=40),)))
    coupled.book(chargeback(), chargeback("64.85", "W1-3"))
    assert coupled.states() == [DONE] * 4
    assert [row[2:5:2] for row in payments(coupled)] == [
        ("W1", Decimal("64.85")), ("W1-1", Decimal("-49.90")),
        ("W1", Decimal("-64.85")), ("W1", Decimal("64.85")),
    ]  # fmt: skip
    found = {row["reference"]: row for row in reconcile.documents(coupled.coupling)}
    assert set(found) == {"W1", "W1-1", "W1-2", "W1-3"}
    assert found["W1-1"]["total"] == Decimal("-49.90")
    assert {row["left"] for row in found.values()} == {0}


@pytest.mark.parametrize("account", ["0100", "9999"])
def test_an_account_that_takes_no_payments_is_told_before_booking(
    by_soap: Coupled, account: str
) -> None:
    clearing(by_soap, iDEAL=account)
    by_soap.book(order(1, payments=(paid("64.85"),)))
    kind = "category" if account == "0100" else "missing"
    assert by_soap.states() == [("failed", f"eboekhouden_clearing_{kind}")]
    assert by_soap.package.ledger("entry") == []


LOOKED = {"soap": "GetMutaties", "rest": "GET v1/mutation"}
PATH = {"soap": "AddMutatie", "rest": "mutation$"}


@pytest.mark.parametrize("fault", ["drop_after", "drop"])
def test_a_lost_answer_pays_once(
    coupled: Coupled,
    interface: str,
    fault: str,
    judged: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The entry goes well, the answer to its payment is lost."""
    clearing(coupled, iDEAL="2000")
    lost = {"kind": fault, "method": "POST", "path": PATH[interface], "times": 1}
    settle = Payments.settle

    def settling(self: Payments, *given: Any) -> str:
        if not any(name.startswith("payment") for name in given[0].steps):
            coupled.package.fault(**lost)
        return settle(self, *given)

    monkeypatch.setattr(Payments, "settle", settling)
    coupled.book(order(1, payments=(paid("64.85"),)))
    for _ in range(4):
        coupled.drain()
    assert coupled.states() == [DONE]
    kinds = [row["Soort"] for row in coupled.package.ledger("entry")]
    assert LOOKED[interface] in judged
    assert sorted(kinds) == ["FactuurVerstuurd", "FactuurbetalingOntvangen"]


def test_a_payment_that_is_refused_leaves_the_sale_and_is_told(
    by_soap: Coupled,
) -> None:
    clearing(by_soap, iDEAL="2000")
    by_soap.book(order(1))
    by_soap.package.control("administration", {"locked_to": "2023-01-31"})
    early = paid("64.85", days=-50)
    by_soap.book(order(2, payments=(early,)))
    assert by_soap.states() == [DONE, ("done", "eboekhouden_payment_refused")]
    by_soap.drain()
    assert len(by_soap.package.ledger("entry")) == 2
