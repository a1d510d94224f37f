"""What becomes of money that goes back, before and after a sale was booked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from core.domain.errors import RetryLater
from core.domain.orders import (
    Address,
    LineKind,
    Order,
    OrderLine,
    OrderState,
    Payment,
    Refund,
    RefundKind,
    order_from_dict,
)
from core.domain.packages import Credited
from core.models import InboxEvent, OrderRefund, ShopOrder, Transfer
from core.plugin.capabilities import Orders
from core.rules.booked_content import first_hash
from core.rules.refunds import RefundPolicy
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.transfer import (
    drain,
    inbox,
    reconciliation,
    refund_actions,
    refund_offers,
    refund_previews,
    setting_aside,
    transfers,
)
from core.services.transfer.setting_aside import Aside, Said
from plugins.eaccounting.models import EAccountingPaymentMapping
from tests.integration.world import NOW, FakeSender, World, after, before

LATER = NOW + timedelta(days=1)
BY_HAND = Said(Aside.BY_HAND, "VK-1")
NINE = OrderLine(
    LineKind.GOODS, "Boek", Decimal(1), Decimal("10.90"), Decimal("0.90"), Decimal(9)
)  # fmt: skip


def back(amount: str, source_id: str = "r1", **values: Any) -> Refund:
    return Refund(source_id, Decimal(amount), LATER, **values)


def policy(world: World, chosen: RefundPolicy) -> None:
    world.coupling.refunds = chosen
    session().commit()


def refunded(world: World, *refunds: Refund, **values: Any) -> Order:
    order = world.order(1, updated_at=LATER, refunds=refunds, **values)
    world.read(order)
    return order


def credit(number: int = 1) -> Transfer:
    session().expire_all()
    wanted = select(Transfer).where(Transfer.number == f"W1-R{number}")
    return session().scalars(wanted).one()


def states() -> list[tuple[str, str, str]]:
    session().expire_all()
    rows = session().scalars(select(Transfer).order_by(Transfer.id))
    return [(row.number, row.state, row.code) for row in rows]


def press(transfer: Transfer) -> bool:
    made = refund_previews.of_transfer(transfer)
    assert made is not None
    done = refund_actions.book(transfer, made.digest)
    session().commit()
    return done


def two_rates(world: World) -> dict[str, Any]:
    """An order of 131.90 at two rates."""
    return {
        "lines": (*world.order(1).lines, NINE),
        "total_incl_vat": Decimal("131.90"),
        "vat_amount": Decimal("21.90"),
    }


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"invoice_number": "5"}, "done"),
        ({"email": "KLANT1@Example.com "}, "done"),
        ({"billing": Address(country="NL", phone="0612345678")}, "done"),
        ({"payment_status": "PAID", "fulfilment_status": "SHIPPED"}, "done"),
        ({"is_collected": True, "is_business": False}, "done"),
        ({"payments": (Payment("iDEAL", Decimal("121.00"), NOW),)}, "done"),
        ({"vat_number": "NL004495445B01"}, "held"),
        ({"billing": Address(country="NL", company="De Zaak")}, "held"),
        ({"billing": Address(country="BE")}, "held"),
        ({"number": "W2"}, "held"),
        ({"lines": (NINE,)}, "held"),
    ],
)
def test_only_what_would_be_booked_is_a_change(
    world: World, changes: dict[str, Any], state: str
) -> None:
    world.read(world.order(1))
    drain.drain()
    world.read(replace(world.order(1, updated_at=LATER), **changes))
    assert states()[0][1] == state


@pytest.mark.parametrize(("total", "state"), [("121.00", "done"), ("242.00", "held")])
def test_an_order_booked_under_the_hash_of_before_is_compared_by_its_payload(
    world: World, total: str, state: str
) -> None:
    world.read(world.order(1, email="A@example.com"))
    drain.drain()
    row = session().scalars(select(ShopOrder)).one()
    first = {
        key: value
        for key, value in row.payload.items()
        if key not in ("payments", "refunds", "is_collected", "is_business", "sold_at")
    }
    old = first_hash(first)
    assert ":" not in old
    row.payload, row.content_hash = first, old
    session().scalars(select(Transfer)).one().booked_hash = old
    session().commit()
    line = replace(world.order(1).lines[0], description="Stoel, rood")
    changes = {"lines": (line,), "total_incl_vat": Decimal(total)}
    world.read(world.order(1, updated_at=LATER, invoice_number="9", **changes))
    assert states()[0][1] == state
    world.read(world.order(1, updated_at=LATER + timedelta(1), **changes))
    assert states()[0][1] == state


CANARY = Address(country="ES", city="Las Palmas", postal_code="35001")
MADRID = Address(country="ES", city="Madrid", postal_code="28001")
GHENT = Address(country="BE", city="Gent", postal_code="9000")


@pytest.mark.parametrize(
    ("place", "changes", "state"),
    [
        (MADRID, {"billing": CANARY, "delivery": CANARY}, "held"),
        (CANARY, {"billing": MADRID, "delivery": MADRID}, "held"),
        (GHENT, {"is_collected": True}, "held"),
        (MADRID, {"delivery": replace(MADRID, postal_code="28002")}, "done"),
        (MADRID, {"delivery": replace(MADRID, postal_code="", city="")}, "done"),
    ],
)
def test_goods_that_go_to_another_vat_area_are_a_change(
    world: World, place: Address, changes: dict[str, Any], state: str
) -> None:
    """Same country, same amounts; an export is no sale in the one stop shop, though."""
    sold = {"billing": place, "delivery": place}
    world.read(world.order(1, **sold))
    drain.drain()
    for _ in range(2):
        world.read(world.order(1, updated_at=LATER, **{**sold, **changes}))
        assert states() == [
            ("W1", state, "changed_after_booking" if state == "held" else "")
        ]


def test_a_change_names_both_amounts_and_what_was_booked_stays(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    world.read(world.order(1, updated_at=LATER, total_incl_vat=Decimal("242.00")))
    transfer = session().scalars(select(Transfer)).one()
    assert transfer.amount == Decimal("121.00")
    assert transfer.params == {"booked": "121.00", "now": "242.00"}


def test_a_refund_after_booking_asks_and_is_booked_by_one_press(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("121.00"))
    drain.drain()
    assert states() == [("W1", "done", ""), ("W1-R1", "held", "refund_to_book")]
    transfers.retry(credit())  # Verwerk on all of a cause books nothing
    session().commit()
    assert credit().state == "held"
    assert press(credit())
    assert not press(credit())
    drain.drain()
    drain.drain()
    assert states()[1] == ("W1-R1", "done", "")
    assert world.package.documents == [("R-W1", "121.00"), ("R-W1-R1", "-121.00")]
    assert credit().amount == Decimal("-121.00")
    refunded(world, back("121.00"))
    drain.drain()
    assert len(world.package.documents) == 2


def test_a_full_refund_is_no_cancellation_though_the_shop_ends_the_order(
    world: World,
) -> None:
    world.read(world.order(1))
    drain.drain()
    order = world.order(1, updated_at=LATER, refunds=(back("121.00"),))
    world.read(order, state=OrderState.CANCELLED, reason="order_refunded")
    assert states() == [("W1", "done", ""), ("W1-R1", "held", "refund_to_book")]


def test_what_is_pressed_is_what_was_shown(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("5.00", kind=RefundKind.PRICE_CUT))
    made = refund_previews.of_transfer(credit())
    assert made is not None
    shown = made.digest
    refunded(world, back("6.00", kind=RefundKind.PRICE_CUT))
    assert not refund_actions.book(credit(), shown)
    assert press(credit())
    drain.drain()
    assert world.package.documents[-1] == ("R-W1-R1", "-6.00")


def test_the_credit_names_its_sale_and_knows_where_it_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Credited | None] = []
    send = FakeSender.send

    def remember(self: FakeSender, job: Any) -> Any:
        found.append(job.credited)
        return send(self, job)

    monkeypatch.setattr(FakeSender, "send", remember)
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("121.00"))
    drain.drain()
    assert found == [None, Credited("", "id-R-W1", "", "id-klant1@example.com")]
    row = session().scalars(select(OrderRefund)).one()
    made = order_from_dict(row.payload)
    assert (made.credits, made.ordered_at, made.taxed_at) == ("W1", LATER, NOW)


def test_by_itself_goes_only_what_is_certain(world: World) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    order = two_rates(world)
    world.read(world.order(1, **order))
    drain.drain()
    known = back("10.90", "r1", lines=(NINE,))
    guess = back("50.00", "r2", kind=RefundKind.PRICE_CUT)
    goodwill = back("1.00", "r3")
    refunded(world, known, guess, goodwill, **order)
    drain.drain()
    assert states()[1:] == [
        ("W1-R1", "done", ""),
        ("W1-R2", "done", ""),  # one rate is left
        ("W1-R3", "held", "refund_reason_unknown"),
    ]


def test_a_division_over_rates_is_asked_and_cents_add_up(world: World) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    order = two_rates(world)
    world.read(world.order(1, **order))
    drain.drain()
    refunded(world, back("50.00", kind=RefundKind.PRICE_CUT), **order)
    assert credit().code == "refund_rates_assumed"
    assert press(credit())
    drain.drain()
    rest = back("81.90", "r2")
    refunded(world, back("50.00", kind=RefundKind.PRICE_CUT), rest, **order)
    drain.drain()
    assert [entry[1] for entry in world.package.documents] == [
        "131.90", "-50.00", "-81.90",
    ]  # fmt: skip
    vat = [Decimal(row.payload["vat_amount"]) for row in
           session().scalars(select(OrderRefund))]  # fmt: skip
    assert sum(vat) == Decimal("-21.90")


def test_more_than_the_sale_is_told_and_never_booked(world: World) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("121.00", "r1"), back("121.00", "r2"))
    drain.drain()
    assert states()[1:] == [
        ("W1-R1", "done", ""), ("W1-R2", "held", "refund_exceeds_sale"),
    ]  # fmt: skip
    assert len(world.package.documents) == 2
    assert not press(credit(2))
    transfers.retry(credit(2))
    session().commit()
    assert credit(2).state == "skipped"


def test_a_refund_before_booking_is_credited_after_the_sale(world: World) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1, refunds=(back("21.00", kind=RefundKind.RETURNED),)))
    assert states() == [("W1", "queued", "")]
    drain.drain()
    drain.drain()
    assert world.package.documents == [("R-W1", "121.00"), ("R-W1-R1", "-21.00")]


def test_a_full_refund_before_booking_ends_without_a_booking(world: World) -> None:
    world.read(world.order(1))
    order = world.order(1, updated_at=LATER, refunds=(back("121.00"),))
    world.read(order, state=OrderState.CANCELLED, reason="order_refunded")
    drain.drain()
    assert states() == [("W1", "skipped", "order_refunded")]


def test_a_cancelled_order_that_comes_back_goes(world: World) -> None:
    cancelled = world.order(1, updated_at=LATER)
    world.read(cancelled, state=OrderState.CANCELLED, reason="order_cancelled")
    assert states() == [("W1", "skipped", "order_cancelled")]
    world.read(world.order(1, updated_at=LATER + timedelta(1)))
    drain.drain()
    assert states() == [("W1", "done", "")]


def test_a_refund_that_the_shop_names_no_more_never_goes_by_itself(
    world: World,
) -> None:
    world.read(world.order(1, refunds=(back("121.00"),)))
    policy(world, RefundPolicy.BY_ITSELF)
    refunded(world)
    drain.drain()
    assert states()[1:] == [("W1-R1", "held", "refund_maybe_told")]


@pytest.mark.parametrize(
    "later",
    [
        (back("12.10", "20260601-12.10"),),
        (back("4.00", "20260601-4.00"), back("8.10", "rest")),
    ],
)
def test_the_same_money_under_another_name_is_not_credited_twice(
    world: World, later: tuple[Refund, ...]
) -> None:
    """A shop tells an amount first, and lists what it was made of afterwards."""
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1))
    drain.drain()
    whole = {"refunded_amount": Decimal("12.10")}
    refunded(world, back("12.10", "rest", kind=RefundKind.RETURNED), **whole)
    drain.drain()
    returned = [replace(each, kind=RefundKind.RETURNED) for each in later]
    for _ in range(2):
        refunded(world, *returned, **whole)
        drain.drain()
        assert states()[:3] == [
            ("W1", "done", ""),
            ("W1-R1", "done", ""),
            ("W1-R2", "held", "refund_maybe_told"),
        ]


def test_a_refund_recorded_while_its_sale_was_sent_is_found(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    sale = session().scalars(select(Transfer)).one()
    sale.state = "sending"
    session().commit()
    refunded(world, back("121.00"))
    sale.state = "done"
    session().commit()
    assert len(states()) == 1
    refund_offers.heal()
    session().commit()
    assert states()[1] == ("W1-R1", "held", "refund_to_book")


def test_a_total_that_grows_is_told_and_not_twice_when_it_is_named(
    world: World,
) -> None:
    world.read(world.order(1))
    drain.drain()
    refunded(world, refunded_amount=Decimal("2.00"))
    refunded(world, refunded_amount=Decimal("2.00"))
    assert [state[0] for state in states()[1:]] == ["W1-R1"]
    refunded(world, back("2.00", "real"), refunded_amount=Decimal("2.00"))
    assert [state[0] for state in states()[1:]] == ["W1-R1"]
    refunded(
        world, back("2.00", "real"), back("3.00", "two"), refunded_amount=Decimal(5)
    )
    refunded(
        world, back("2.00", "real"), back("4.00", "two"), refunded_amount=Decimal(6)
    )
    assert [credit(number).amount for number in (1, 2)] == [-2, -4]


def test_a_refund_that_grows_after_it_was_booked_is_a_second_one(world: World) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("2.00", kind=RefundKind.PRICE_CUT))
    drain.drain()
    refunded(world, back("5.00", kind=RefundKind.PRICE_CUT))
    refunded(world, back("5.00", kind=RefundKind.PRICE_CUT))
    drain.drain()
    assert [entry[1] for entry in world.package.documents] == [
        "121.00", "-2.00", "-3.00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "kind", "code"),
    [
        (RefundPolicy.NOT, RefundKind.RETURNED, "refund_not_passed_on"),
        (RefundPolicy.BY_ITSELF, RefundKind.COMPENSATION, "refund_is_damages"),
        (RefundPolicy.BY_ITSELF, RefundKind.CHARGEBACK, "charged_back"),
        (RefundPolicy.ASK, RefundKind.CHARGEBACK_REVERSED, "chargeback_reversed"),
    ],
)
def test_what_is_only_told_is_seen_and_nothing_goes(
    world: World, chosen: RefundPolicy, kind: RefundKind, code: str
) -> None:
    policy(world, chosen)
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("20.00", kind=kind))
    assert states()[1] == ("W1-R1", "held", code)
    assert not press(credit())
    transfers.retry(credit())
    session().commit()
    assert states()[1] == ("W1-R1", "skipped", "refund_seen")
    refunded(world, back("20.00", kind=kind))
    assert credit().state == "skipped"
    assert len(world.package.documents) == 1


def test_what_the_bank_took_by_the_users_word_stays_so_however_the_shop_tells_it(
    world: World,
) -> None:
    policy(world, RefundPolicy.ASK)
    world.read(world.order(1))
    drain.drain()
    told = back("121.00", kind=RefundKind.RETURNED, reason="Terugbetaling")
    refunded(world, told)
    assert states()[1] == ("W1-R1", "held", "refund_to_book")
    assert refund_actions.is_chargeback(credit())
    session().commit()
    assert states()[1] == ("W1-R1", "held", "charged_back")
    refunded(world, replace(told, reason="Geld terug"))
    assert states()[1] == ("W1-R1", "held", "charged_back")
    assert not refund_actions.is_chargeback(credit())
    assert len(world.package.documents) == 1


def test_a_chargeback_takes_back_a_settled_payment_and_comes_back(
    world: World,
) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    registry = koppelwerk().registry
    pack = registry.get("pack")
    orders = replace(pack.find(Orders), payment_mapping=EAccountingPaymentMapping)
    registry.add(replace(pack, brings=(orders,)))
    tenant_id = world.coupling.tenant_id
    session().add(EAccountingPaymentMapping(
        tenant_id=tenant_id, coupling_id=world.coupling_id, method="iDEAL",
        clearing_account="2000", fixed_debtor="",
    ))  # fmt: skip
    session().commit()
    paid = {"payments": (Payment("iDEAL", Decimal("121.00"), NOW),),
            "payment_method": "iDEAL"}  # fmt: skip
    world.read(world.order(1, **paid))
    drain.drain()
    away = back("121.00", "c1", kind=RefundKind.CHARGEBACK)
    again = back("-121.00", "c2", kind=RefundKind.CHARGEBACK_REVERSED)
    refunded(world, away, again, **paid)
    drain.drain()
    assert [state[1] for state in states()[1:]] == ["done", "done"]
    found = session().scalars(select(OrderRefund).order_by(OrderRefund.id))
    rows = [order_from_dict(row.payload) for row in found]
    assert [(row.lines, row.payments[0].amount) for row in rows] == [
        ((), -121), ((), 121),
    ]  # fmt: skip


def test_an_edited_sale_is_dealt_with_first_and_its_refund_never_goes_by_itself(
    world: World,
) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1))
    drain.drain()
    cheaper = {"lines": (NINE,), "total_incl_vat": Decimal("10.90")}
    refunded(world, back("1.00", kind=RefundKind.PRICE_CUT), **cheaper)
    assert states() == [
        ("W1", "held", "changed_after_booking"),
        ("W1-R1", "held", "refund_after_change"),
    ]
    assert not press(credit())
    transfers.retry(session().scalars(select(Transfer).order_by(Transfer.id)).first())
    session().commit()
    assert states()[1] == ("W1-R1", "held", "refund_to_book")


def test_damages_and_by_hand_end_a_refund(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("5.00", "r1"), back("100.00", "r2"), back("21.00", "r3"))
    assert credit(1).code == "refund_reason_unknown"
    assert refund_actions.is_damages(credit(1))
    assert setting_aside.set_aside(credit(2), BY_HAND)
    session().commit()
    assert [state[1:] for state in states()[1:3]] == [
        ("skipped", "refund_was_damages"), ("skipped", "booked_by_hand"),
    ]  # fmt: skip
    assert setting_aside.take_back(credit(2))  # it asks again
    session().commit()
    assert credit(2).state == "held"
    assert press(credit(3))
    drain.drain()
    assert world.package.documents[-1] == ("R-W1-R3", "-21.00")


def test_a_sale_put_aside_is_not_booked_and_its_refund_is_told(world: World) -> None:
    world.coupling.configured_at = None
    session().commit()
    world.read(world.order(1))
    sale = session().scalars(select(Transfer)).one()
    assert setting_aside.set_aside(sale, BY_HAND)
    session().commit()
    world.coupling.configured_at = NOW
    session().commit()
    refunded(world, back("121.00"))
    drain.drain()
    assert states() == [
        ("W1", "skipped", "booked_by_hand"), ("W1-R1", "held", "refund_of_own_booking"),
    ]  # fmt: skip
    assert world.package.documents == []
    sale = session().get_one(Transfer, sale.id)
    assert setting_aside.take_back(sale)
    transfers.retry(sale)
    inbox.handled(list(session().scalars(select(InboxEvent.id))))
    session().commit()
    refunded(world, back("121.00"))
    drain.drain()
    assert states() == [("W1", "done", ""), ("W1-R1", "held", "refund_to_book")]


@pytest.mark.parametrize("lost", [True, False])
def test_a_credit_goes_once_when_an_answer_is_lost(world: World, lost: bool) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1))
    drain.drain()
    world.package.faults = [after if lost else before(RetryLater("busy"))]
    refunded(world, back("121.00"))
    drain.drain()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=True):
        drain.drain()
    assert world.package.documents == [("R-W1", "121.00"), ("R-W1-R1", "-121.00")]
    assert credit().state == "done"


@pytest.mark.parametrize("spoiled", ["credit", "sale", "message"])
def test_nothing_goes_when_refund_sale_or_order_changed_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch, spoiled: str
) -> None:
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("121.00"))

    def spoil(self: FakeSender, jobs: Any) -> None:
        if spoiled == "credit":
            session().scalars(select(OrderRefund)).one().content_hash = "another"
        elif spoiled == "sale":
            session().scalars(
                select(Transfer).order_by(Transfer.id)
            ).first().external_id = "moved"
        else:
            inbox.accept(world.shop, event_id="e", kind="x", source_id="1")
        session().commit()

    monkeypatch.setattr(FakeSender, "prepare", spoil)
    drain.drain()
    assert credit().code == "changed_meanwhile"
    assert len(world.package.documents) == 1


def test_by_itself_goes_nothing_from_before_it_was_chosen(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    world.coupling.refunds_since = LATER + timedelta(hours=1)
    policy(world, RefundPolicy.BY_ITSELF)
    refunded(world, back("21.00", kind=RefundKind.RETURNED))
    assert credit().code == "refund_to_book"


def test_ids_and_amounts_of_any_length_are_kept(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    twice = [replace(back("5.004"), source_id="x" * 500) for _ in range(2)]
    for _ in range(2):
        refunded(world, *twice, refunded_amount=Decimal("5.004"))
    assert [state[0] for state in states()] == ["W1", "W1-R1"]
    assert credit().amount == Decimal("-5.00")


def test_reconcile_compares_credits_too(world: World) -> None:
    registry = koppelwerk().registry
    pack = registry.get("pack")
    stands = [
        ("id-R-W1", "W1", "121.00", "21.00"),
        ("id-R-W1-R1", "W1-R1", "-21.00", "-3.64"),
    ]

    def books(_coupling: Any) -> list[dict[str, Any]]:
        return [
            {
                "external_id": key,
                "reference": reference,
                "total": Decimal(amount),
                "vat": {Decimal(21): Decimal(vat)},
            }
            for key, reference, amount, vat in stands
        ]

    orders = replace(pack.find(Orders), reconcile=books)
    registry.add(replace(pack, brings=(orders,)))
    policy(world, RefundPolicy.BY_ITSELF)
    world.read(world.order(1))
    drain.drain()
    refunded(world, back("21.00", kind=RefundKind.RETURNED))
    drain.drain()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=True):
        found = reconciliation.compare(world.coupling)
        assert (found.orders, found.credits, found.gaps) == (2, 1, [])
        assert found.shop_total == found.package_total == Decimal("100.00")
        stands[1] = ("id-R-W1-R1", "W1-R1", "-20.00", "-3.64")
        assert reconciliation.compare(world.coupling).gaps == ["W1-R1: amounts differ"]


def test_a_later_refund_goes_on_where_the_one_before_left_off(world: World) -> None:
    """By payment method, and for what the user named a deposit."""
    policy(world, RefundPolicy.ASK)
    world.coupling.no_turnover = {"names": {"statiegeld": "deposit"}}
    session().commit()
    deposit = OrderLine(
        LineKind.GOODS, "Statiegeld", Decimal(1), Decimal(4), Decimal(0), Decimal(0)
    )  # fmt: skip
    paper = replace(deposit, description="Krant")
    paid = (
        Payment("gift_card", Decimal(29), NOW),
        Payment("iDEAL", Decimal(100), NOW),
    )
    sold: dict[str, Any] = {
        "lines": (*world.order(1).lines, deposit, paper),
        "total_incl_vat": Decimal(129),
        "payments": paid,
    }
    world.read(world.order(1, **sold))
    drain.drain()
    told = []
    first = back("64.50", kind=RefundKind.PRICE_CUT)
    for refunds in ((first,), (first, back("64.50", "r2"))):
        refunded(world, *refunds, **sold)
        assert press(credit(len(refunds)))
        made = order_from_dict(
            session().scalars(select(OrderRefund).order_by(OrderRefund.id)).all()[-1]
            .payload
        )  # fmt: skip
        [part] = [one for one in made.lines if one.description == "Statiegeld"]
        told.append((part.amount_incl_vat, [one.amount for one in made.payments]))
    assert told == [
        (Decimal("-2.00"), [Decimal("-64.50")]),
        (Decimal("-2.00"), [Decimal("-35.50"), Decimal("-29.00")]),
    ]
