"""The closing count as it is made: both sides asked, kept per day, shown per month."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import RetryLater
from core.domain.orders import Order, OrderState, Reading
from core.models import Tally, TallyDay, Transfer
from core.plugin.capabilities import HistoryPage, Orders, Shop
from core.rules.tally import Kind, Part
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.reporting import tallies, tally_pdf
from core.services.transfer import drain, setting_aside, tallying
from tests.integration.world import World

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


class Ends:
    """The made-up shop's list and the made-up package's books."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sold: list[Reading] = []
        self.changed: dict[str, dict[str, Any] | None] = {}
        """By order number: what a document has otherwise; None: it is gone."""
        self.more: list[dict[str, Any]] = []
        self.fault: Exception | None = None
        self.calls = 1

    def sell(self, *orders: Order, state: OrderState = OrderState.READY) -> None:
        """Sell in the shop, and read it here."""
        self.sold += [Reading(order, state) for order in orders]
        self.world.read(*orders, state=state)

    def history(
        self, _id: int, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> HistoryPage:
        """Give the orders one a page."""
        place = cursor.get("place", 0)
        fit = [one for one in self.sold if since <= one.order.ordered_at < until]
        is_end = place + 1 >= len(fit)
        return HistoryPage(
            fit[place : place + 1], {"place": place + 1}, len(fit), is_end
        )

    def books(self, _coupling: object, _since: date | None = None) -> list[Any]:
        """Read the package's own books."""
        if self.fault:
            raise self.fault
        found = []
        for reference, amount in self.world.package.documents:
            number = reference.removeprefix("R-")
            other = self.changed.get(number, {})
            if other is not None:
                vat = {Decimal(21): Decimal("21.00")}
                found.append({
                    "external_id": f"id-{reference}", "reference": number,
                    "total": Decimal(amount), "vat": vat, **other,
                })  # fmt: skip
        return [*found, *self.more]

    def count(self) -> tallies.Month:
        """Make the count of March and return it as the page reads it."""
        tallying.ask_now(self.world.coupling, *MARCH)
        session().commit()
        tallying.take_turn(0)
        session().expire_all()
        return tallies.month_of(self.world.coupling, MARCH[0])


@pytest.fixture
def ends(world: World, monkeypatch: pytest.MonkeyPatch) -> Ends:
    made = Ends(world)
    monkeypatch.setattr(tallying, "shared_now", utcnow)
    plugins = koppelwerk().registry.plugins
    pack, shop = plugins["pack"], plugins["shop"]
    orders = pack.find(Orders)
    assert orders is not None
    calls = lambda _coupling, _count, _since: made.calls  # noqa: E731
    books = replace(orders, reconcile=made.books, reconcile_calls=calls)
    others = [one for one in pack.brings if one is not orders]
    plugins["pack"] = replace(pack, brings=(*others, books))
    nothing = lambda _id: None  # noqa: E731
    source = Shop(nothing, nothing, nothing, history=made.history)
    plugins["shop"] = replace(shop, brings=(source,))
    return made


def booked(ends: Ends, *numbers: int) -> None:
    ends.sell(*(ends.world.order(number) for number in numbers))
    drain.drain()
    then = utcnow() - timedelta(minutes=5)
    session().execute(update(Transfer).values(booked_at=then))
    session().commit()


def named(month: tallies.Month) -> list[tuple[str, str]]:
    return sorted((gap.kind, gap.number) for gap in month.gaps)


def test_a_clean_month_is_proven(ends: Ends) -> None:
    booked(ends, 1, 2)
    month = ends.count()
    assert month.is_proven
    assert len(month.lines) == 31
    whole = month.sum
    for one in (whole.shop, whole.package, whole.parts[Part.BOOKED]):
        assert one is not None
        assert (one.number, one.total, one.vat) == (2, Decimal(242), Decimal(42))
    assert whole.vat == whole.package_vat == {Decimal(21): Decimal(42)}
    row = session().scalars(select(Tally)).one()
    assert (row.shop_calls, row.package_calls, row.code) == (2, 1, "")
    assert row.due_at > utcnow()


def test_each_seeded_difference_is_named(ends: Ends) -> None:
    booked(ends, 1, 2, 3, 4, 5, 6, 7)
    unheard = ends.world.order(8)
    ends.sold.append(Reading(unheard, OrderState.READY))
    one = ends.sold[1]
    dearer = replace(one.order, total_incl_vat=Decimal("122.00"))
    ends.sold[1] = replace(one, order=dearer)
    ends.sold[2] = replace(ends.sold[2], state=OrderState.CANCELLED)
    ends.changed = {
        "W1": None,
        "W4": {"total": Decimal("120.00")},
        "W5": {"vat": {Decimal(9): Decimal("21.00")}},
    }
    ends.more = [
        {"external_id": "x", "reference": "W6", "total": Decimal(121), "vat": {}},
        {"external_id": "y", "reference": "Huur", "total": Decimal(9), "vat": {}},
    ]
    assert named(ends.count()) == [
        (Kind.DOUBLE, "W6"),
        (Kind.MISSING_HERE, "W8"),
        (Kind.MISSING_IN_PACKAGE, "W1"),
        (Kind.PACKAGE_AMOUNT, "W4"),
        (Kind.PACKAGE_VAT, "W5"),
        (Kind.SHOP_AMOUNT, "W2"),
        (Kind.SHOP_STATE, "W3"),
    ]
    with tenant_scope(ends.world.coupling.tenant_id):
        (found,) = tallies.differences().values()
    assert found[1] == 1


def test_the_local_day_of_the_order_counts(ends: Ends) -> None:
    """23:30 UTC on the 28th of February is the 1st of March in Amsterdam; it was
    booked today."""
    late = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    ends.sell(ends.world.order(1, ordered_at=late, updated_at=late))
    drain.drain()
    month = ends.count()
    assert month.is_proven
    assert month.lines[0].day.parts[Part.BOOKED].number == 1


def test_what_waits_and_what_is_aside_is_told(ends: Ends) -> None:
    ends.sell(ends.world.order(1), ends.world.order(2), state=OrderState.WAITING)
    transfer = session().scalars(select(Transfer).where(Transfer.number == "W2")).one()
    said = setting_aside.Said(setting_aside.Aside.BY_HAND, "VK-1")
    assert setting_aside.set_aside(transfer, said)
    session().commit()
    month = ends.count()
    assert not month.gaps
    assert not month.is_proven
    assert month.sum.parts[Part.WAITING].number == 1
    assert month.sum.reasons[Part.ASIDE, setting_aside.Aside.BY_HAND].number == 1


def test_a_package_that_takes_many_calls_is_not_read_at_night(ends: Ends) -> None:
    now = utcnow() - timedelta(days=2)
    ends.sell(ends.world.order(1, ordered_at=now, updated_at=now))
    drain.drain()
    ends.calls = tallying.NIGHTLY_CALLS + 1
    tallying.PART.run(utcnow())
    session().execute(update(Tally).values(due_at=utcnow()))
    session().commit()
    tallying.take_turn(0)
    rows = session().scalars(select(TallyDay)).all()
    assert len(rows) == tallying.WINDOW.days + 1
    days = [tallies.from_data(row) for row in rows]
    assert all(day.package is None and not day.gaps for day in days)
    assert sum(day.shop.number for day in days if day.shop) == 1


def test_a_fault_is_told_and_tried_again(ends: Ends) -> None:
    booked(ends, 1)
    ends.fault = RetryLater("remote_nonsense")
    assert not ends.count().lines
    row = session().scalars(select(Tally)).one()
    assert (row.code, row.asked_from) == ("remote_nonsense", MARCH[0])
    assert row.due_at > utcnow() + timedelta(minutes=50)


def test_the_statement_is_the_same_each_time(ends: Ends, app: Flask) -> None:
    booked(ends, 1)
    month = ends.count()
    parties = tally_pdf.Parties("Winkel", "Shop", "Pack")
    with app.test_request_context():
        made = [
            tally_pdf.write(month, parties, {}, str, "Europe/Amsterdam")
            for _ in range(2)
        ]
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF")


@pytest.mark.parametrize(("hour", "wanted"), [(1, (1, 3)), (3, (2, 3)), (12, (2, 3))])
def test_the_night_is_the_tenants_own(hour: int, wanted: tuple[int, int]) -> None:
    now = datetime(2026, 1, 1, hour, tzinfo=UTC)
    night = tallying.next_night(now, "Europe/Amsterdam")
    assert (night.day, night.hour) == wanted
