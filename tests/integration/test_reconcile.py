"""What `flask reconcile` calls a gap, and what it lists apart."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from core.domain.clock import utcnow
from core.models import Connection, ShopOrder, Transfer, TransferState
from core.plugin.capabilities import Orders
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.connections import administrations
from core.services.transfer import drain, leases
from core.services.transfer.reconciliation import Comparison, compare
from tests.integration.world import World, after


@dataclass
class Books:
    """The made-up package as `reconcile` reads it."""

    world: World
    more: list[dict[str, Any]] = field(default_factory=list)

    def read(self, _coupling: object) -> list[dict[str, Any]]:
        made = [
            document(f"id-{reference}", reference.removeprefix("R-"), amount)
            for reference, amount in self.world.package.documents
        ]
        return [*made, *self.more]

    def compare(self) -> Comparison:
        session().expire_all()
        return compare(self.world.coupling)


def document(external_id: str, reference: str, amount: str) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "reference": reference,
        "total": Decimal(amount),
        "vat": {Decimal(21): Decimal("21.00")},
    }


@pytest.fixture
def books(world: World) -> Books:
    made = Books(world)
    plugins = koppelwerk().registry.plugins
    pack = plugins["pack"]
    orders = pack.find(Orders)
    assert orders is not None
    others = [one for one in pack.brings if one is not orders]
    plugins["pack"] = replace(
        pack, brings=(*others, replace(orders, reconcile=made.read))
    )
    return made


def command(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["reconcile"])


def test_what_agrees_has_no_gap(books: Books, app: Flask) -> None:
    books.world.read(books.world.order(1))
    drain.drain()
    found = books.compare()
    assert (found.gaps, found.booked) == ([], 1)
    assert found.shop_total == found.package_total == Decimal("121.00")
    assert command(app).exit_code == 0


def test_what_is_being_sent_is_no_gap(books: Books, app: Flask) -> None:
    """Its document stands there, and its worker has not told us yet."""
    books.world.read(books.world.order(1))
    assert leases.take_batch() is not None
    books.more = [document("x", "W1", "121.00")]
    found = books.compare()
    assert (found.gaps, found.on_its_way.references) == ([], ["W1"])
    assert found.on_its_way.total == Decimal("121.00")
    assert found.shop_total == found.package_total == 0
    shown = command(app)
    assert shown.exit_code == 0
    assert "on its way: 1, total 121.00 (W1)" in shown.output


def test_what_is_looked_up_is_no_gap(books: Books) -> None:
    books.world.package.faults = [None, after]
    books.world.read(books.world.order(1))
    drain.drain()
    assert books.world.state(1) == ("queued", "outcome_unknown")
    found = books.compare()
    assert (found.gaps, found.on_its_way.references) == ([], ["W1"])


def test_what_was_booked_while_we_read_is_no_gap(books: Books) -> None:
    books.world.read(books.world.order(1))
    drain.drain()
    books.world.package.documents.clear()
    assert books.compare().on_its_way.references == ["W1"]
    then = utcnow() - timedelta(minutes=5)
    session().execute(update(Transfer).values(booked_at=then))
    session().commit()
    assert books.compare().gaps == ["W1: not in the package"]


def test_sales_of_a_former_administration_are_no_gap(books: Books, app: Flask) -> None:
    books.world.read(books.world.order(1))
    drain.drain()
    target = session().get_one(Connection, books.world.target_id)
    administrations.take(target, "B")
    session().commit()
    books.world.package.documents.clear()
    found = books.compare()
    assert (found.gaps, found.orders, found.elsewhere) == ([], 0, 1)
    shown = command(app)
    assert shown.exit_code == 0
    assert "in a former administration: 1" in shown.output


@pytest.mark.parametrize("reference", ["", "Huur maart"])
def test_documents_of_others_are_listed_apart(
    books: Books, app: Flask, reference: str
) -> None:
    books.world.read(books.world.order(1))
    drain.drain()
    books.more = [document("theirs", reference, "900.00")]
    found = books.compare()
    assert (found.gaps, found.of_others.total) == ([], Decimal("900.00"))
    assert found.of_others.references == [reference or "theirs"]
    assert found.shop_total == found.package_total
    shown = command(app)
    assert shown.exit_code == 0
    assert "not ours: 1, total 900.00" in shown.output


def test_one_that_stands_there_twice_is_a_gap(books: Books, app: Flask) -> None:
    books.world.read(books.world.order(1))
    drain.drain()
    books.more = [document("again", "W1", "121.00")]
    found = books.compare()
    assert found.gaps == ["W1: in the package, not ours or twice"]
    assert found.unexpected.total == Decimal("121.00")
    shown = command(app)
    assert shown.exit_code == 1
    assert "unexpected: 1, total 121.00 (W1)" in shown.output


def test_one_of_an_order_that_waits_or_failed_is_a_gap(books: Books) -> None:
    books.world.read(books.world.order(1))
    session().execute(update(Transfer).values(state=TransferState.FAILED))
    session().commit()
    books.more = [document("x", "W1", "121.00")]
    assert books.compare().gaps == ["W1: in the package, not ours or twice"]


def test_numbers_that_the_package_cut_are_known(books: Books) -> None:
    books.world.read(books.world.order(1))
    session().execute(update(ShopOrder).values(number="W" * 80))
    session().commit()
    books.more = [document("x", "W" * 50, "121.00")]
    assert len(books.compare().gaps) == 1
