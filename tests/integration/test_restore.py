"""Nothing booked twice, whatever is restored: against the packages' simulators.

Twenty orders are booked, a backup from before them is put back, and the shop is read
again: each order is found in its package and adopted.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask_migrate import stamp
from sqlalchemy import delete, select, update

from core.domain.clock import utcnow
from core.models import (
    Connection,
    Coupling,
    RestorePoint,
    ShopOrder,
    Step,
    Transfer,
    TransferState,
)
from core.plugin.engine import restored
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.services.linking import couplings, form_flow
from core.services.transfer.journal import StepWrite
from plugins.eaccounting.mapping import TargetKind
from tests.e2e.test_kill_points import order
from tests.product import Product

ORDERS = int(os.environ.get("RESTORE_ORDERS", "6"))
"""Orders that a backup does not know; 20 as first measured."""
KINDS = {
    "entry": (TargetKind.SALES_ENTRY, "ledgeritem", "PaymentReferenceNumber"),
    "draft": (TargetKind.DRAFT_INVOICE, "draft", "YourReference"),
    "order": (TargetKind.ORDER, "order", "YourReference"),
}


def run(product: Product, *words: str) -> Result:
    """Run one of our commands, as an operator does."""
    db.session.remove()
    result = product.app.test_cli_runner().invoke(args=list(words))
    db.session.remove()
    return result


def restore(product: Product, folder: Path) -> None:
    """Put a backup back; nobody else has the database open."""
    db.session.remove()
    db.engine.dispose()
    done = run(product, "restore", str(folder), "--replace")
    assert done.exit_code == 0, done.output


def couple_eboekhouden(product: Product, interface: str) -> None:
    codes = product.control("eboekhouden", "grant")
    books = Connection.plugin == "eboekhouden"
    connection = session().scalars(select(Connection).where(books)).one()
    form_flow.connect(connection, {**codes, "interface": interface})
    shop = session().get_one(Connection, product.shop_id)
    with transaction() as current:
        current.execute(delete(Coupling))
        coupling = couplings.create(shop, connection)
        coupling.starts_on = None
        couplings.save_suggestions(coupling)


Placed = Callable[[], Counter[str]]


@pytest.fixture(params=["entry", "draft", "order", "soap", "rest"])
def sold(request: pytest.FixtureRequest, connected: Product) -> Iterator[Placed]:
    """How often each order stands in the package that the shop feeds."""
    session().rollback()
    stamp(revision="heads")
    if request.param in KINDS:
        kind, ledger, field = KINDS[request.param]
        connected.configure(target_kind=kind.value)
        yield lambda: references(connected, ledger, field)
        return
    couple_eboekhouden(connected, request.param)

    def entries() -> Counter[str]:
        path = "ledger?kind=entry"
        found = connected.control("eboekhouden", path, verb="GET")
        return Counter(entry["body"]["Factuurnummer"] for entry in found)

    yield entries


def references(product: Product, ledger: str, field: str) -> Counter[str]:
    return Counter(str(entry["document"][field]) for entry in product.ledger(ledger))


def sell(product: Product, first: int, count: int) -> list[str]:
    numbers = range(first, first + count)
    made = [product.control("kmoshops", "orders?silent=1", order(n)) for n in numbers]
    return [str(each["id"]) for each in made]


def book(product: Product) -> dict[str, Transfer]:
    product.read_shop()
    product.drain()
    return product.transfers()


def test_what_was_booked_after_the_backup_is_adopted(
    connected: Product, sold: Placed, tmp_path: Path
) -> None:
    known = sell(connected, 0, 2)
    book(connected)
    backup = tmp_path / "backup"
    assert run(connected, "backup", str(backup)).exit_code == 0
    lost = sell(connected, 2, ORDERS)
    before = {name: row.external_id for name, row in book(connected).items()}
    assert sold() == Counter([*known, *lost])

    restore(connected, backup)
    assert set(connected.transfers()) == set(known)
    after = book(connected)
    assert {name: row.state for name, row in after.items()} == dict.fromkeys(
        [*known, *lost], TransferState.DONE
    )
    assert {name: row.external_id for name, row in after.items()} == before
    assert sold() == Counter([*known, *lost])

    shown = run(connected, "reconcile")
    assert shown.exit_code == 0, shown.output
    new = sell(connected, 50, 2)
    book(connected)
    assert sold() == Counter([*known, *lost, *new])
    assert run(connected, "restore", "--done").exit_code == 0
    last = sell(connected, 60, 1)
    book(connected)
    assert sold() == Counter([*known, *lost, *new, *last])


@pytest.fixture
def entries(connected: Product) -> Placed:
    session().rollback()
    stamp(revision="heads")
    connected.configure(target_kind=TargetKind.SALES_ENTRY.value)
    return lambda: references(connected, "ledgeritem", "PaymentReferenceNumber")


@pytest.mark.parametrize("guarded", [True, False])
def test_without_looking_first_each_is_booked_twice(
    connected: Product,
    entries: Placed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    guarded: bool,
) -> None:
    """The finding as it was measured; here on a copy that was put back by hand."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("a file is put back by hand")
    run(connected, "backup", str(tmp_path / "backup"))
    names = sell(connected, 0, 2)
    book(connected)
    if not guarded:
        monkeypatch.setattr(StepWrite, "lost_since", lambda _: None)
    by_hand(tmp_path / "backup" / "database.sqlite")
    book(connected)
    assert entries() == Counter(names * (1 if guarded else 2))


def by_hand(copy: Path) -> None:
    """Copy a backup's file over the database, a while after it was taken."""
    path = Path(str(db.engine.url.database))
    db.session.remove()
    db.engine.dispose()
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(path)) as to:
        source.backup(to)
    past = utcnow() - timedelta(minutes=5)
    with transaction() as current:
        unfinished = RestorePoint.finished_at.is_(None)
        current.execute(update(RestorePoint).where(unfinished).values(alive_until=past))


def test_a_step_that_was_refused_at_the_backup_and_sent_afterwards(
    connected: Product, entries: Placed, tmp_path: Path
) -> None:
    """Its row says that it surely is not there, which the restore made untrue."""
    fault = {"kind": "status", "method": "POST", "path": "withvoucher", "status": 400}
    connected.control("eaccounting", "faults", fault)
    (name,) = sell(connected, 0, 1)
    book(connected)
    connected.control("eaccounting", "faults", verb="DELETE")
    run(connected, "backup", str(tmp_path / "backup"))
    press_again()
    connected.drain()
    assert entries() == Counter([name])
    restore(connected, tmp_path / "backup")
    assert connected.transfers()[name].state == TransferState.FAILED
    press_again()
    connected.drain()
    assert entries() == Counter([name])
    assert connected.transfers()[name].state == TransferState.DONE


def press_again() -> None:
    """Queue what failed, as *Verwerk* does in the end."""
    values = {"state": TransferState.QUEUED, "due_at": utcnow()}
    session().execute(update(Transfer).values(**values))
    session().commit()


def test_one_that_differs_is_shown_with_both(
    connected: Product, entries: Placed, tmp_path: Path
) -> None:
    run(connected, "backup", str(tmp_path / "backup"))
    (name,) = sell(connected, 0, 1)
    book(connected)
    restore(connected, tmp_path / "backup")
    connected.read_shop()
    row = session().scalars(select(ShopOrder)).one()
    (line,) = row.payload["lines"]
    more = {**line, "amount_incl_vat": "48.40", "amount_excl_vat": "40.00"}
    more |= {"vat_amount": "8.40"} if "vat_amount" in line else {}
    row.payload = {**row.payload, "total_incl_vat": "48.40", "vat_amount": "8.40",
                   "lines": [more]}  # fmt: skip
    session().commit()
    connected.drain()
    transfer = connected.transfers()[name]
    assert (transfer.state, transfer.code) == ("failed", "found_after_restore")
    assert transfer.params["reference"] == name
    assert transfer.params["found"] != transfer.params["amount"]
    assert entries() == Counter([name])


def test_the_entry_of_another_shop_is_not_taken(
    connected: Product, entries: Placed, tmp_path: Path
) -> None:
    """Two shops may sell one number to one customer for one total."""
    (name,) = sell(connected, 0, 1)
    book(connected)
    assert run(connected, "restore", "--look-since", "2020-01-01T00:00").exit_code == 0
    again = session().scalars(select(Transfer)).one()
    again.external_id, again.state = f"{again.external_id}", TransferState.DONE
    other = Transfer(
        **{
            column.name: getattr(again, column.name)
            for column in Transfer.__table__.columns
            if column.name not in ("id", "subject_id")
        },
        subject_id=again.subject_id + 1000,
    )
    session().add(other)
    again.state, again.external_id = TransferState.QUEUED, ""
    session().execute(delete(Step).where(Step.transfer_id == again.id))
    session().commit()
    connected.drain()
    assert entries()[name] == 2


def test_numbers_are_drawn_above_those_that_are_there(
    connected: Product, entries: Placed, tmp_path: Path
) -> None:
    run(connected, "backup", str(tmp_path / "backup"))
    sell(connected, 0, 3)
    book(connected)
    restore(connected, tmp_path / "backup")
    sell(connected, 10, 3)
    book(connected)
    ledger = connected.ledger("ledgeritem")
    numbers = [entry["document"]["InvoiceNumber"] for entry in ledger]
    assert len(set(numbers)) == len(numbers) == 6


def test_a_running_backup_is_no_restore(connected: Product) -> None:
    now = utcnow()
    with transaction() as current:
        soon = now + timedelta(seconds=30)
        current.add(RestorePoint(taken_at=now, alive_until=soon))
    assert restored.lost_since() is None
    with transaction() as current:
        current.execute(update(RestorePoint).values(alive_until=now))
    assert restored.lost_since() == now - restored.OVERLAP
    with transaction() as current:
        current.execute(update(RestorePoint).values(finished_at=now))
    assert restored.lost_since() is None
