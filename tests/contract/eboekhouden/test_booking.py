"""Orders booked through the whole plugin: what stands in the books at the end."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.orders import Order, OrderLine
from core.models import Step
from core.runtime.database import session, transaction
from plugins.eboekhouden import configuration
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.models import EBoekhoudenPaymentMapping, EBoekhoudenRecord
from plugins.eboekhouden.orders import reconcile, sender
from plugins.vies import register
from plugins.vies.public import Consultation, Outcome
from tests.contract.eboekhouden.conftest import Coupled
from tests.unit.eaccounting import samples

DONE = ("done", "")


def order(number: int = 1, *lines: OrderLine, **changes: Any) -> Order:
    """A consumer's order, each number its own customer."""
    values = {
        "source_id": str(number),
        "number": f"W{number}",
        "email": f"klant{number}@example.com",
        **changes,
    }
    return samples.order(lines or samples.basket(), **values)


def icp(number: int = 1, **changes: Any) -> Order:
    """A German company's order without VAT."""
    where = samples.address(
        company="Optik GmbH", city="Aachen", postal_code="52062", country="DE"
    )
    values = {"billing": where, "delivery": where, "vat_number": "DE129274202"}
    line = samples.line("Linse", "100.00", "0.00", "0")
    return order(number, line, **{**values, **changes})


def answering(outcome: Outcome) -> Callable[..., Consultation]:
    """VIES, with one answer to every question."""

    def consult(_: int, text: str, country: str = "", requester: str = "") -> Any:
        reason = "TIMEOUT" if outcome == Outcome.UNKNOWN else ""
        return Consultation(text, outcome, utcnow(), reason=reason)

    return consult


@pytest.fixture(autouse=True)
def vies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "consult", answering(Outcome.VALID))


def total(entry: dict[str, Any]) -> Decimal:
    return sum((row["BedragInclBTW"] for row in entry["MutatieRegels"]), Decimal(0))


def test_an_order_stands_in_the_books_for_its_exact_total(coupled: Coupled) -> None:
    coupled.book(order())
    assert coupled.states() == [DONE]
    [entry] = coupled.package.ledger("entry")
    assert total(entry) == Decimal("64.85")
    assert entry["Factuurnummer"] == "W1"
    assert entry["Rekening"] == "1300"
    [debtor] = coupled.package.ledger("relation")
    assert debtor["Email"] == "klant1@example.com"
    assert (debtor["Code"], entry["RelatieCode"]) == ("10000", "10000")
    codes = {row["BTWCode"] for row in entry["MutatieRegels"]}
    assert codes == {"HOOG_VERK_21", "LAAG_VERK_9"}


def test_a_known_debtor_costs_one_call_and_a_batch_one_session(
    by_soap: Coupled, judged: list[str]
) -> None:
    by_soap.book(order(1, email="a@example.com"))
    judged.clear()
    by_soap.book(order(2, email="A@Example.com "), order(3, email="a@example.com"))
    assert by_soap.states() == [DONE] * 3
    assert judged == ["OpenSession", "AddMutatie", "AddMutatie", "CloseSession"]
    assert len(by_soap.package.ledger("relation")) == 1


REST = pytest.mark.parametrize("interface", ["rest"])


@REST
def test_over_rest_the_ids_that_are_known_cost_no_calls(
    coupled: Coupled, judged: list[str]
) -> None:
    coupled.book(order(1))
    judged.clear()
    coupled.book(order(2, email="klant1@example.com"))
    assert coupled.states() == [DONE] * 2
    assert judged == ["POST v1/session", "POST v1/mutation", "DELETE v1/session"]


@REST
@pytest.mark.parametrize("kind", ["account", "relation"])
def test_over_rest_an_id_that_is_gone_is_asked_for(coupled: Coupled, kind: str) -> None:
    coupled.book(order(1))
    with transaction() as current:
        rows = select(EBoekhoudenRecord).where(EBoekhoudenRecord.kind == kind)
        for row in current.scalars(rows):
            row.data = {**row.data, "ID": 987_654}
    coupled.book(order(2, email="klant1@example.com"))
    assert coupled.states() == [DONE] * 2
    first, second = coupled.package.ledger("entry")
    assert (first["Rekening"], first["RelatieCode"]) == (
        second["Rekening"], second["RelatieCode"],
    )  # fmt: skip


def test_a_failed_check_costs_no_call(by_soap: Coupled, judged: list[str]) -> None:
    judged.clear()
    by_soap.book(order(1, currency="USD"))
    assert by_soap.states() == [("failed", "currency_not_eur")]
    assert judged == []


# --- exactly once ------------------------------------------------------------------


WRITES = {"soap": ("AddRelatie", "AddMutatie"), "rest": ("relation$", "mutation$")}


@pytest.mark.parametrize("fault", ["drop_after", "html_after", "drop", "status"])
@pytest.mark.parametrize("write", [0, 1])
def test_a_lost_answer_costs_no_second_document(
    coupled: Coupled, interface: str, write: int, fault: str
) -> None:
    path = WRITES[interface][write]
    coupled.package.fault(kind=fault, method="POST", path=path, times=1, status=503)
    coupled.book(order())
    for _ in range(4):
        coupled.drain()
    assert coupled.states() == [DONE]
    assert len(coupled.package.ledger("entry")) == 1
    assert len(coupled.package.ledger("relation")) == 1


def test_an_entry_that_comes_late_is_not_booked_twice(by_soap: Coupled) -> None:
    by_soap.book(order(1, email="a@example.com"))
    by_soap.package.fault(
        kind="late_commit", method="POST", path="AddMutatie", times=1, seconds=0.2
    )
    by_soap.book(order(2, email="a@example.com"))
    for _ in range(6):
        by_soap.drain()
    assert [state for state, _ in by_soap.states()] == ["done", "done"]
    numbers = [entry["Factuurnummer"] for entry in by_soap.package.ledger("entry")]
    assert sorted(numbers) == ["W1", "W2"]


def _entry(coupled: Coupled, total_excl: str, code: str) -> None:
    """Somebody books an entry by hand."""
    excl = Decimal(total_excl)
    line = {
        "BedragInvoer": excl, "BedragExclBTW": excl, "BedragBTW": excl * 21 / 100,
        "BedragInclBTW": excl * 121 / 100, "BTWCode": "HOOG_VERK_21",
        "BTWPercentage": Decimal(21), "TegenrekeningCode": "8000", "KostenplaatsID": 0,
    }  # fmt: skip
    body = {
        "MutatieNr": 0, "Soort": "FactuurVerstuurd", "Datum": utcnow().date(),
        "Rekening": "1300", "RelatieCode": code, "Factuurnummer": "W2", "Boekstuk": "",
        "Omschrijving": "Met de hand", "Betalingstermijn": "30", "Betalingskenmerk": "",
        "InExBTW": "EX", "MutatieRegels": [line],
    }  # fmt: skip
    with open_client(coupled.connection, for_booking=True) as client:
        client.add_entry(body)


@pytest.mark.parametrize(
    ("excl", "state"),
    [("100.00", DONE), ("200.00", ("failed", "eboekhouden_found_differs"))],
)
def test_a_duplicate_is_compared_and_adopted_or_shown(
    coupled: Coupled, excl: str, state: tuple[str, str]
) -> None:
    coupled.book(order(1, samples.line(), email="a@example.com"))
    _entry(coupled, excl, "10000")
    coupled.book(order(2, samples.line(), email="a@example.com"))
    assert coupled.states() == [DONE, state]
    assert len(coupled.package.ledger("entry")) == 2


def test_a_duplicate_of_another_debtor_is_shown(coupled: Coupled) -> None:
    coupled.book(order(1, email="a@example.com"), order(9, email="b@example.com"))
    _entry(coupled, "100.00", "10001")
    coupled.book(order(2, samples.line(), email="a@example.com"))
    assert coupled.states()[-1] == ("failed", "eboekhouden_found_differs")


def test_the_same_number_of_another_order_is_never_adopted(coupled: Coupled) -> None:
    coupled.book(order(1, email="a@example.com"))
    coupled.book(replace(order(2, email="a@example.com"), number="W1"))
    assert coupled.states() == [DONE, ("failed", "eboekhouden_found_differs")]
    coupled.configure(number_prefix="B-")
    coupled.verwerk(replace(order(2, email="a@example.com"), number="W1"))
    assert coupled.states() == [DONE, ("failed", "eboekhouden_found_differs")]
    references = session().scalars(
        select(Step.reference).where(Step.name == "sales_entry")
    )
    assert list(references) == ["W1", "W1"]


def test_a_prefix_keeps_two_shops_apart(coupled: Coupled) -> None:
    coupled.configure(number_prefix="B-")
    coupled.book(order())
    [entry] = coupled.package.ledger("entry")
    assert entry["Factuurnummer"] == "B-W1"


# --- debtors -----------------------------------------------------------------------


def relation(coupled: Coupled, code: str, **fields: Any) -> str:
    """Somebody makes a relation in the package itself."""
    body = {"Code": code, "Bedrijf": "Bestaand", "BP": "P",
            "Email": "klant1@example.com", **fields}  # fmt: skip
    with open_client(coupled.connection, for_booking=True) as client:
        return client.add_relation(body)


def test_a_debtor_made_in_the_package_is_found_before_one_is_made(
    coupled: Coupled,
) -> None:
    relation(coupled, "77", Email="Klant1@Example.com")
    coupled.book(order())
    assert coupled.states() == [DONE]
    [entry] = coupled.package.ledger("entry")
    assert entry["RelatieCode"] == "77"
    assert len(coupled.package.ledger("relation")) == 1


def test_a_debtor_made_by_hand_after_ours_was_lost_is_taken(
    coupled: Coupled, interface: str
) -> None:
    path = WRITES[interface][0]
    coupled.package.fault(kind="drop", method="POST", path=path, times=1)
    coupled.book(order())
    relation(coupled, "77")
    for _ in range(3):
        coupled.drain()
    assert coupled.states() == [DONE]
    assert coupled.package.ledger("entry")[0]["RelatieCode"] == "77"
    assert len(coupled.package.ledger("relation")) == 1


def test_several_debtors_with_one_address_ask_the_user(coupled: Coupled) -> None:
    relation(coupled, "77")
    relation(coupled, "78")
    coupled.book(order())
    assert coupled.states() == [("failed", "eboekhouden_debtor_ambiguous")]
    coupled.configure(duplicate_debtor="oldest")
    coupled.verwerk(order())
    assert coupled.states() == [DONE]
    assert coupled.package.ledger("entry")[0]["RelatieCode"] == "77"


def test_two_orders_of_one_new_customer_make_one_debtor(coupled: Coupled) -> None:
    coupled.book(order(1, email="a@example.com"), order(2, email="a@example.com"))
    assert coupled.states() == [DONE, DONE]
    assert len(coupled.package.ledger("relation")) == 1


def test_a_number_that_somebody_took_is_given_back(coupled: Coupled) -> None:
    relation(coupled, "10000", Email="ander@example.com")
    coupled.book(order())
    coupled.drain()
    assert coupled.states() == [DONE]
    [_, debtor] = coupled.package.ledger("relation")
    assert debtor["Code"] == "10001"


def test_numbers_go_on_after_the_highest_in_use(coupled: Coupled) -> None:
    relation(coupled, "10456", Email="ander@example.com")
    coupled.load()
    coupled.book(order())
    assert coupled.package.ledger("relation")[1]["Code"] == "10457"


def test_a_fixed_debtor_per_payment_method(coupled: Coupled) -> None:
    relation(coupled, "55", Email="", Bedrijf="iDEAL")
    with transaction() as current:
        current.add(
            EBoekhoudenPaymentMapping(
                tenant_id=coupled.connection.tenant_id,
                coupling_id=coupled.coupling_id,
                method="iDEAL",
                fixed_debtor="55",
                clearing_account="",
            )
        )
    coupled.book(order(1, payment_method="iDEAL"))
    assert coupled.states() == [DONE]
    assert coupled.package.ledger("entry")[0]["RelatieCode"] == "55"


def test_an_icp_order_goes_to_the_relation_with_its_number_and_to_no_other(
    coupled: Coupled,
) -> None:
    """The ICP declaration lists a supply under the number of its relation."""
    relation(coupled, "77", BTWNummer="DE136695976")
    coupled.book(icp())
    wanted = ("failed", "eboekhouden_debtor_other_vat_number")
    assert coupled.states() == [wanted]
    relation(coupled, "78", BTWNummer="DE129274202")
    coupled.verwerk(icp())
    assert coupled.states() == [DONE]
    [entry] = coupled.package.ledger("entry")
    assert entry["RelatieCode"] == "78"


def test_an_icp_order_needs_a_valid_number_at_the_debtor(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    coupled.book(icp(1))
    assert coupled.states() == [DONE]
    [entry] = coupled.package.ledger("entry")
    assert [row["BTWCode"] for row in entry["MutatieRegels"]] == ["BI_EU_VERK"]
    [debtor] = coupled.package.ledger("relation")
    assert (debtor["BTWNummer"], debtor["BP"]) == ("DE129274202", "B")
    relation(coupled, "77", Email="klant2@example.com")
    coupled.book(icp(2))
    assert coupled.states()[1] == ("failed", "eboekhouden_debtor_without_vat_number")
    monkeypatch.setattr(register, "consult", answering(Outcome.UNKNOWN))
    coupled.book(icp(3))
    assert coupled.states()[2] == ("queued", "eboekhouden_vat_number_unchecked")
    monkeypatch.setattr(register, "consult", answering(Outcome.INVALID))
    coupled.book(icp(4))
    assert coupled.states()[3] == ("failed", "eboekhouden_vat_number_invalid")


# --- checks and refusals -------------------------------------------------------------


def test_an_account_made_after_the_failure_is_found_by_verwerk(
    by_soap: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "FRESH_SECONDS", 0)
    by_soap.configure(receivables_account="1399")
    by_soap.book(order())
    assert by_soap.states() == [("failed", "eboekhouden_account_missing")]
    by_soap.package.control(
        "accounts", {"code": "1399", "category": "DEB", "name": "Nieuw"}
    )
    by_soap.verwerk(order())
    assert by_soap.states() == [DONE]


def test_a_closed_period_asks_the_user(coupled: Coupled) -> None:
    coupled.package.control("administration", {"locked_to": "2049-01-01"})
    coupled.book(order())
    assert coupled.states() == [("failed", "eboekhouden_period_closed")]
    coupled.package.control("administration", {"locked_to": ""})
    coupled.verwerk(order())
    assert coupled.states() == [DONE]


def test_a_lost_login_pauses_the_connection(by_soap: Coupled) -> None:
    by_soap.package.control("administration", {"code1": "nieuw"})
    by_soap.book(order())
    assert by_soap.connection.state == "paused"
    assert by_soap.connection.reason == "eboekhouden_login_refused"
    assert by_soap.states()[0][0] == "queued"


def test_the_choices_are_the_administrations(coupled: Coupled) -> None:
    offered = configuration.choices(coupled.connection)
    assert [c.value for c in offered.receivables_accounts] == ["1300", "1310"]
    hints = {c.value: c.hint for c in offered.revenue_accounts}
    assert "21 NL" in hints["8000"]
    assert hints["8020"] == "icp intra_services"
    assert configuration.problems(coupled.coupling) == []
    coupled.configure(receivables_account="")
    assert configuration.problems(coupled.coupling) == [
        "eboekhouden_receivables_missing"
    ]


def test_the_reconciliation_reads_every_page(by_soap: Coupled) -> None:
    by_soap.book(order(1))
    by_soap.package.control("fill", {"count": 1100})
    by_soap.package.fault(kind="shift_cent", times=1)
    by_soap.book(order(2))
    found = {
        row["reference"]: row["total"] for row in reconcile.documents(by_soap.coupling)
    }
    assert found == {"W1": Decimal("64.85"), "W2": Decimal("64.86")}


def test_the_rest_of_a_sale_of_many_lines_is_credited_with_its_own_rounding(
    coupled: Coupled,
) -> None:
    """Sixty times 0.17 in 0.99 is 0.11 less than 21 % of it: more than of one line."""
    lines = [samples.line(f"Knoop {n}", "0.99", "0.17") for n in range(60)]
    coupled.book_with_price_cuts(order(1, *lines), "5.00", "54.40")
    assert [state for state, _ in coupled.states()] == ["done", "done", "done"]
