"""A migration run through the sandboxes: rehearsed, run, stopped, never twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.money import total
from core.main.stack import Stack
from core.models import (
    Backfill,
    BackfillItem,
    BackfillState,
    Connection,
    Coupling,
    Mail,
    ServiceRequest,
    ShopOrder,
    Transfer,
    TransferState,
)
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.backfill import backfill_run, backfills
from core.services.transfer import transfers
from core.services.transfer.reconciliation import compare
from plugins.kmoshops.sandbox.loader import orders_from_csv
from tests.integration.test_online_retail import DATA, configure_rates
from tests.integration.test_orders import order
from tests.product import Product, product
from tests.shared import shared_file

FIRST, LAST = date(2011, 3, 1), date(2011, 3, 31)


@pytest.fixture
def shop(sandboxes: Stack, database_url: str, tmp_path: Path) -> Iterator[Product]:
    """A demo tenant that passes on new orders only."""
    with product(sandboxes, database_url, tmp_path / "var") as made:
        _starts_on(made, date(2026, 1, 1))
        yield made


def _starts_on(product: Product, day: date) -> None:
    session().get_one(Coupling, product.coupling_id).starts_on = day
    session().commit()


def _sell(product: Product, specs: list[dict[str, Any]]) -> list[str]:
    made = product.control("kmoshops", "orders?silent=1", specs)
    return [str(each["id"]) for each in made]


def _past(count: int, **changes: Any) -> list[dict[str, Any]]:
    """Paid orders of March 2011, one a day."""
    return [
        order(
            number,
            id=f"OUD{number}",
            created=datetime(2011, 3, 1 + number, 12, tzinfo=UTC).isoformat(),
            **changes,
        )
        for number in range(count)
    ]


def _ask(product: Product, first: date = FIRST, last: date = LAST) -> int:
    with transaction():
        coupling = session().get_one(Coupling, product.coupling_id)
        return backfills.ask(coupling, first, last).id


def _do(backfill_id: int, action: str) -> None:
    with transaction():
        backfills.change(session().get_one(Backfill, backfill_id), action)


def _advance(backfill_id: int) -> Backfill:
    jobs.run_task("backfill", backfill_id)
    return _row(backfill_id)


def _row(backfill_id: int) -> Backfill:
    """A run as it stands now; it stays readable when the session goes on."""
    session().rollback()
    row = session().get_one(Backfill, backfill_id, populate_existing=True)
    session().expunge(row)
    return row


def _verdicts(backfill_id: int) -> dict[str, tuple[str, str]]:
    rows = session().execute(
        select(ShopOrder.number, BackfillItem.verdict, BackfillItem.code)
        .join(BackfillItem, BackfillItem.order_id == ShopOrder.id)
        .where(BackfillItem.backfill_id == backfill_id)
    )
    return {number: (verdict, code) for number, verdict, code in rows}


def _by_hand(product: Product, number: str, amount: Decimal) -> None:
    """Book an order in the package as its user would, with its number."""
    address = product.stack.addresses["eaccounting"]
    token = product.control("eaccounting", "grant")["access_token"]
    head = {"Authorization": f"Bearer {token}"}
    terms = requests.get(f"{address}/v2/termsofpayments", headers=head, timeout=30)
    customer = requests.post(
        f"{address}/v2/customers",
        json={
            "Name": "Balie", "InvoiceCity": "Utrecht", "InvoicePostalCode": "3511AA",
            "TermsOfPaymentId": terms.json()["Data"][0]["Id"],
            "IsPrivatePerson": True, "IsActive": True,
        },
        headers=head,
        timeout=30,
    ).json()["Id"]  # fmt: skip
    day = "2011-03-20"
    body = {
        "CurrencyCode": "EUR", "CustomerId": customer, "DueDate": day,
        "InvoiceDate": day, "InvoiceNumber": 990000 + product.coupling_id,
        "IsCreditInvoice": False, "PaymentReferenceNumber": number,
        "RemainingAmountInvoiceCurrency": amount, "RoundingsAmountInvoiceCurrency": 0,
        "TotalAmountInvoiceCurrency": amount, "VATAmountInvoiceCurrency": 0,
        "Voucher": {
            "VoucherDate": day, "VoucherText": "Zelf geboekt",
            "Rows": [
                {"AccountNumber": 1300, "DebitAmount": amount},
                {"AccountNumber": 2000, "CreditAmount": amount},
            ],
        },
    }  # fmt: skip
    answer = requests.post(
        f"{address}/v2/customerledgeritems/customerledgeritemswithvoucher",
        data=jsontext.dumps(body),
        headers={**head, "Content-Type": "application/json"},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text


def _ledger(product: Product) -> list[Any]:
    entries: list[Any] = product.control("eaccounting", "ledger", verb="GET")
    return entries


def _references(product: Product) -> Counter[str]:
    return Counter(
        entry["document"].get("PaymentReferenceNumber")
        for entry in product.ledger("ledgeritem")
    )


def test_a_month_of_a_real_shop_goes_once_and_to_the_cent(shop: Product) -> None:
    specs = list(
        islice(
            (s for s in orders_from_csv(shared_file(DATA)) if s["created"] > "2011-03"
             and s["created"] < "2011-04"), 80,
        )
    )  # fmt: skip
    numbers = _sell(shop, specs)
    _starts_on(shop, date(2010, 1, 1))
    before = _sell(shop, _past(4))
    # Some went through the coupling before, when its first date was earlier.
    jobs.run_task("poll", shop.shop_id)
    configure_rates(shop)
    kept = {*before[:2], *numbers[:5]}
    for number, transfer in shop.transfers().items():
        if number not in kept:
            session().delete(transfer)
    session().commit()
    shop.drain()
    _starts_on(shop, date(2026, 1, 1))
    booked = {n for n, t in shop.transfers().items() if t.booked_at}
    rows = {row.number: row for row in session().scalars(select(ShopOrder))}
    free = [n for n in numbers if n not in kept and rows[n].state == "ready"]
    _by_hand(shop, free[0], rows[free[0]].total_incl_vat)
    ledger = _ledger(shop)

    run = _advance(_ask(shop))

    assert run.state == BackfillState.REHEARSED
    assert _ledger(shop) == ledger  # a rehearsal writes nothing outside
    verdicts = _verdicts(run.id)
    assert set(verdicts) == {*numbers, *before}
    assert verdicts[free[0]] == ("stands", "")
    assert {n for n, (v, _) in verdicts.items() if v == "known"} == kept
    assert {n for n in booked if verdicts[n] != ("known", "")} == set()
    refunded = {n for n in numbers if rows[n].state == "cancelled"} - kept
    assert refunded
    assert {verdicts[n] for n in refunded} == {("refused", "order_refunded")}
    to_book = {n for n, (v, _) in verdicts.items() if v == "book"}
    assert len(to_book) > 40
    assert run.facts["orders"] == len(to_book)
    assert run.facts["amount"] == total(rows[n].total_incl_vat for n in to_book)
    assert total(amount for _, amount in run.facts["vat"]) == total(
        rows[n].vat_amount for n in to_book
    )
    assert run.facts["calls"] == len(to_book) + run.facts["new_records"]
    assert run.facts["price"] == Decimal("67.50")
    assert set(shop.transfers()) == kept

    debtors = len(shop.ledger("customer"))
    _do(run.id, "start")
    run = _advance(run.id)

    assert run.state == BackfillState.DONE
    transfers = shop.transfers()
    assert set(transfers) == kept | to_book
    done = {n for n in to_book if transfers[n].state == TransferState.DONE}
    # VIES and the vendor's list of countries are asked only when something is sent.
    others = {transfers[n].code for n in to_book - done}
    assert others <= {"vat_number_invalid", "visma_validation"}
    assert run.facts["progress"]["booked"] == len(done)
    assert set(_references(shop).values()) == {1}
    assert set(_references(shop)) == done | booked | {free[0]}
    result = compare(session().get_one(Coupling, shop.coupling_id))
    assert result.shop_total == result.package_total
    moved = {n for n in done | booked if transfers[n].code == "cents_moved"}
    assert len(moved) < len(done | booked) // 10
    off = total(result.vat_shop.values()) - total(result.vat_package.values())
    assert abs(off) <= len(moved) * Decimal("0.05")
    assert set(result.gaps) == {
        f"{free[0]}: in the package, not ours or twice",
        *(f"{number}: amounts differ" for number in moved),
    }
    made = len(shop.ledger("customer")) - debtors
    assert 0 <= run.facts["new_records"] - made <= len(to_book - done)
    with tenant_scope(shop.tenant_id):
        reversal = [row.transfer.number for row in backfills.booked_by(run)]
    assert (set(reversal), len(reversal)) == (done, len(done))
    [mail] = session().scalars(select(Mail).where(Mail.kind == "backfill_done"))
    assert mail.tenant_id == shop.tenant_id
    [request] = session().scalars(select(ServiceRequest))
    assert request.price_excl_vat == Decimal("67.50")


def test_an_order_booked_by_hand_with_another_amount_is_not_booked_again(
    shop: Product,
) -> None:
    [number] = _sell(shop, _past(1))
    _by_hand(shop, number, Decimal("99.00"))
    run = _advance(_ask(shop))
    assert _verdicts(run.id) == {number: ("stands", "backfill_stands_differs")}


def test_what_was_booked_by_hand_after_the_rehearsal_is_left_out(shop: Product) -> None:
    first, second = _sell(shop, _past(2))
    run = _advance(_ask(shop))
    assert run.facts["orders"] == 2
    _by_hand(shop, first, Decimal("36.30"))
    _do(run.id, "start")
    assert _advance(run.id).state == BackfillState.DONE
    assert _references(shop) == {first: 1, second: 1}
    assert _verdicts(run.id)[first] == ("stands", "")


def test_verdicts_say_why_an_order_cannot_go(shop: Product) -> None:
    specs = _past(5)
    specs[0]["lines"][0]["vat_rate"] = "13"
    specs[1]["payment_status"] = "AWAITING_PAYMENT"
    specs[2]["email"] = ""
    specs[3]["created"] = "2011-04-01T00:00:00+02:00"
    numbers = _sell(shop, specs)
    year = {"year": 2011, "locked": False}
    shop.control("eaccounting", "fiscalyears", year)
    run = _advance(_ask(shop))
    assert _verdicts(run.id) == {
        numbers[0]: ("refused", "vat_rate_not_configured"),
        numbers[1]: ("refused", "order_unpaid"),
        numbers[2]: ("refused", "email_missing"),
        numbers[4]: ("book", ""),
    }  # the fourth is of April, where the shop is
    assert run.facts["found"] == 4


def test_a_locked_year_is_known_before_anything_is_booked(shop: Product) -> None:
    numbers = _sell(shop, _past(3))
    shop.control("eaccounting", "fiscalyears", {"year": 2011, "locked": True})
    jobs.run_task("load_reference", shop.package_id)
    run = _advance(_ask(shop))
    assert set(_verdicts(run.id).values()) == {("refused", "period_locked")}
    assert run.facts["orders"] == 0
    assert set(_verdicts(run.id)) == set(numbers)


def test_live_orders_go_first_and_a_run_keeps_below_them(
    shop: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = _sell(shop, _past(25))
    run = _advance(_ask(shop))
    _do(run.id, "start")
    drained: list[int] = []
    real = backfill_run.drain
    live: list[str] = []

    def drain(**limits: float) -> int:
        states = [t.state for t in shop.transfers().values() if t.priority < 0]
        drained.append(states.count(TransferState.QUEUED))
        if len(drained) == 2:
            live.extend(_sell(shop, [order(99, id="NIEUW")]))
            shop.read_shop()
        return real(**limits)

    monkeypatch.setattr(backfill_run, "drain", drain)
    assert _advance(run.id).state == BackfillState.DONE
    assert max(drained) <= backfill_run.AT_ONCE
    booked = sorted(
        (t for t in shop.transfers().values() if t.booked_at),
        key=lambda transfer: transfer.booked_at or utcnow(),
    )
    order_of_booking = [transfer.number for transfer in booked]
    # It came in while the second ten were queued, and went before all of them.
    assert order_of_booking.index(live[0]) == 10
    assert order_of_booking[:10] == past[:10]  # oldest first
    assert set(_references(shop).values()) == {1}
    assert len(_references(shop)) == 26


def test_nothing_is_queued_while_live_work_is_due(shop: Product) -> None:
    _sell(shop, _past(3))
    run = _advance(_ask(shop))
    _do(run.id, "start")
    _sell(shop, [order(99, id="NIEUW")])
    shop.read_shop()
    with transaction():
        session().get_one(Backfill, run.id).cursor = {"phase": "book"}
    with transaction():
        row = backfills.locked(run.id)
        assert backfill_run._top_up(row) == (True, True)
    assert {t.number for t in shop.transfers().values()} == {"NIEUW"}


def test_a_run_is_paused_resumed_and_stopped(shop: Product) -> None:
    _sell(shop, _past(12))
    run = _advance(_ask(shop))
    _do(run.id, "start")
    _do(run.id, "pause")
    assert _advance(run.id).state == BackfillState.PAUSED
    assert shop.transfers() == {}
    with pytest.raises(AskUser, match="backfill_moved_on"):
        _do(run.id, "start")
    _do(run.id, "resume")
    with transaction():
        row = backfills.locked(run.id)
        row.cursor = {"phase": "book"}
        backfill_run._top_up(row)
    _do(run.id, "stop")
    _advance(run.id)
    shop.drain()
    states = Counter(t.state for t in shop.transfers().values())
    assert states == {TransferState.DONE: backfill_run.AT_ONCE}
    assert session().get_one(Backfill, run.id).ended_at is not None
    with pytest.raises(AskUser, match="backfill_moved_on"):
        _do(run.id, "resume")


class Killed(BaseException):
    """Stands for the death of a worker."""


def test_a_run_goes_on_where_it_was_killed(
    shop: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after each commit, in rehearsal and run; the end is the same."""
    monkeypatch.setattr("plugins.kmoshops.client.PAGE", 4)
    numbers = _sell(shop, _past(9))
    backfill_id = _ask(shop)
    kills = {"left": 0}

    def probe(moment: str) -> None:
        kills["left"] -= 1
        if moment == "after commit" and kills["left"] == 0:
            raise Killed

    for each in range(2, 60):
        kills["left"] = each
        with monkeypatch.context() as deadly:
            deadly.setattr("core.runtime.database.probe", probe)
            try:
                jobs.run_task("backfill", backfill_id)
            except Killed:
                session().rollback()
        state = session().get_one(Backfill, backfill_id, populate_existing=True).state
        session().rollback()
        if state == BackfillState.REHEARSED:
            _do(backfill_id, "start")
        if state == BackfillState.DONE:
            break
        _expire_leases()
    run = session().get_one(Backfill, backfill_id, populate_existing=True)
    assert run.state == BackfillState.DONE
    assert _references(shop) == dict.fromkeys(numbers, 1)


def _expire_leases() -> None:
    for row in session().scalars(select(Transfer)):
        if row.lease_until is not None:
            row.lease_until = row.created_at
    for connection in session().scalars(select(Connection)):
        connection.drain_until = None
    session().commit()


def test_two_runs_of_a_coupling_never_overlap(shop: Product) -> None:
    _sell(shop, _past(3))
    first = _advance(_ask(shop))
    second_id = _ask(shop)
    with pytest.raises(AskUser, match="backfill_busy"):
        _ask(shop)
    with pytest.raises(AskUser, match="backfill_busy"):
        _do(first.id, "start")
    second = _advance(second_id)
    _do(first.id, "start")
    assert _advance(first.id).state == BackfillState.DONE
    _do(second.id, "start")  # rehearsed before the first one booked
    assert _advance(second.id).state == BackfillState.DONE
    assert set(_references(shop).values()) == {1}
    assert {v for v, _ in _verdicts(second.id).values()} <= {"stands", "known"}


def test_a_period_must_be_before_the_first_date(shop: Product) -> None:
    for first, last, code in (
        (LAST, FIRST, "backfill_dates"),
        (FIRST, date(2026, 1, 1), "backfill_not_past"),
    ):
        with pytest.raises(AskUser, match=code):
            _ask(shop, first, last)
    coupling = session().get_one(Coupling, shop.coupling_id)
    coupling.configured_at = None
    session().commit()
    with pytest.raises(AskUser, match="backfill_not_configured"):
        _ask(shop)


def test_verwerk_on_a_past_order_reads_it_again_at_once(shop: Product) -> None:
    """Its date is before the coupling's first one, but its transfer is followed."""
    [number] = _sell(shop, _past(1))
    run = _advance(_ask(shop))
    shop.control("eaccounting", "fiscalyears", {"year": 2011, "locked": True})
    _do(run.id, "start")
    _advance(run.id)
    assert shop.transfers()[number].code == "period_locked"
    shop.control("eaccounting", "fiscalyears", {"year": 2011, "locked": False})
    jobs.run_task("load_reference", shop.package_id)
    with transaction():
        transfers.retry(shop.transfers()[number])
    jobs.run_task("inbox", shop.shop_id)
    shop.drain()
    assert shop.transfers()[number].state == TransferState.DONE


def test_the_dispatcher_wakes_a_run(
    shop: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    backfill_id = _ask(shop)
    woken: list[tuple[str, str, int]] = []
    monkeypatch.setattr(jobs, "wake", lambda *args: woken.append(args) or True)
    jobs.run_task("dispatch", 0)
    assert ("bulk", "backfill", backfill_id) in woken
    _do(backfill_id, "stop")
    woken.clear()
    jobs.run_task("dispatch", 0)
    assert not [each for each in woken if each[1] == "backfill"]


def test_a_shop_that_cannot_be_asked_only_delays_the_rehearsal(shop: Product) -> None:
    _sell(shop, _past(2))
    backfill_id = _ask(shop)
    fault = {"kind": "status", "status": 503}
    shop.control("kmoshops", "faults", fault)
    assert _advance(backfill_id).state == BackfillState.REHEARSING
    shop.control("kmoshops", "faults", verb="DELETE")
    session().get_one(Connection, shop.shop_id).not_before = None
    session().commit()
    assert _advance(backfill_id).state == BackfillState.REHEARSED
