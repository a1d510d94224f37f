"""A licence that ends and is paid again: orders wait meanwhile, and go once."""

from datetime import timedelta

import pytest

from core.domain.clock import utcnow
from core.models import (
    Connection,
    Coupling,
    Licence,
    LicenceState,
    Tenant,
    Transfer,
    TransferState,
)
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.services.licensing import invoices, licences
from core.services.transfer import leases, transfers
from tests.integration.test_orders import order
from tests.product import Product

WAITS = (TransferState.WAITING, "licence_ended")


@pytest.fixture
def licence(connected: Product) -> int:
    """The id of a trial of the demo tenant's coupling."""
    with transaction() as current:
        tenant = current.get_one(Tenant, connected.tenant_id)
        made = licences.begin(tenant, "kmoshops", "eaccounting")
        licences.attach(made, current.get_one(Coupling, connected.coupling_id))
    return made.id


def expire(licence: int) -> None:
    """Let the trial end yesterday, as the dispatcher finds it."""
    with transaction() as current:
        current.get_one(Licence, licence).ends_on -= timedelta(days=60)
    licences.look(utcnow())


def pay(licence: int) -> None:
    """Order a year and pay it."""
    with transaction() as current:
        row = current.get_one(Licence, licence)
        tenant = current.get_one(Tenant, row.tenant_id)
        quote = invoices.quote(tenant, row, None)
        licences.pay(invoices.order(row, quote, user_id=None))


def place(product: Product, number: int) -> str:
    """Place an order in the shop and let it be read, nothing more."""
    made = product.control("kmoshops", "orders?silent=1", order(number))
    product.read_shop()
    return str(made["id"])


def states(product: Product) -> dict[str, tuple[str, str]]:
    """State and code by order number."""
    return {
        number: (row.state, row.code) for number, row in product.transfers().items()
    }


def test_an_order_waits_for_the_payment_and_is_booked_once(
    connected: Product, licence: int
) -> None:
    before = place(connected, 1)
    connected.drain()
    queued = place(connected, 2)
    expire(licence)
    assert states(connected)[queued] == WAITS
    later = place(connected, 3)
    connected.drain()
    licences.look(utcnow())
    assert states(connected) == {
        before: (TransferState.DONE, ""), queued: WAITS, later: WAITS
    }  # fmt: skip
    assert len(connected.ledger("ledgeritem")) == 1
    pay(licence)
    for _ in range(2):
        connected.drain()
        connected.read_shop()
        licences.look(utcnow())
    assert set(states(connected).values()) == {(TransferState.DONE, "")}
    booked = [
        entry["document"]["PaymentReferenceNumber"]
        for entry in connected.ledger("ledgeritem")
    ]
    assert sorted(booked) == sorted([before, queued, later])


def test_what_waits_keeps_no_worker_busy(connected: Product, licence: int) -> None:
    """Between two looks at the calendar an order may be queued: nobody takes it."""
    expire(licence)
    number = place(connected, 1)
    assert states(connected)[number][0] == TransferState.QUEUED
    assert leases.take_batch() is None
    assert session().get_one(Connection, connected.package_id).drain_until is None
    with transaction() as current:
        current.get_one(Coupling, connected.coupling_id).licensed = True
    batch = leases.take_batch()
    assert batch is not None
    assert len(batch.jobs) == 1


def test_the_dispatcher_wakes_nobody_for_what_waits(
    connected: Product, licence: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(jobs, "wake", lambda _queue, task, *_: woken.append(task))
    number = place(connected, 1)
    woken.clear()
    jobs.run_task("dispatch", 0)
    assert "drain" in woken
    expire(licence)
    with transaction() as current:
        row = current.get_one(Transfer, connected.transfers()[number].id)
        row.state, row.code = TransferState.QUEUED, ""
    woken.clear()
    jobs.run_task("dispatch", 0)
    assert "drain" not in woken


def test_verwerk_does_not_get_round_a_licence(connected: Product, licence: int) -> None:
    number = place(connected, 1)
    expire(licence)
    with transaction():
        transfers.retry(connected.transfers()[number])
    jobs.run_task("inbox", connected.shop_id)
    jobs.run_task("drain_urgent", 0)
    licences.look(utcnow())
    assert states(connected)[number] == WAITS
    assert connected.ledger("ledgeritem") == []
    pay(licence)
    connected.drain()
    assert len(connected.ledger("ledgeritem")) == 1


def test_a_cancelled_licence_books_nothing(connected: Product, licence: int) -> None:
    number = place(connected, 1)
    with transaction() as current:
        licences.cancel(current.get_one(Licence, licence), "cancelled_by_user")
    connected.drain()
    assert states(connected)[number] == WAITS
    assert connected.ledger("ledgeritem") == []
    assert session().get_one(Licence, licence).state == LicenceState.CANCELLED


def test_the_demo_without_a_licence_books(connected: Product) -> None:
    number = place(connected, 1)
    licences.look(utcnow())
    connected.drain()
    assert states(connected)[number] == (TransferState.DONE, "")


BELGIAN = "BE0403019261"


def quote(product: Product, licence: int) -> invoices.Quote:
    """What a year costs a Belgian company, as the register answers now."""
    with transaction() as current:
        tenant = current.get_one(Tenant, product.tenant_id)
        tenant.home_country, tenant.vat_number = "BE", BELGIAN
    check = invoices.check_number(session().get_one(Tenant, product.tenant_id))
    tenant = session().get_one(Tenant, product.tenant_id)
    return invoices.quote(tenant, session().get_one(Licence, licence), check)


def test_the_register_decides_who_reverse_charges(
    connected: Product, licence: int
) -> None:
    connected.control("vies", "down", {"fault": "MS_UNAVAILABLE"})
    assert (quote(connected, licence).vat.rate, quote(connected, licence).note) == (
        21,
        "vat_unconfirmed",
    )
    connected.control("vies", "down", verb="DELETE")
    connected.control("vies", "invalid", {"number": BELGIAN})
    refused = quote(connected, licence)
    assert (refused.vat.rate, refused.note) == (21, "vat_number_refused")
    connected.control("vies", "reset")
    good = quote(connected, licence)
    assert (good.vat.is_reverse_charged, good.vat_amount, good.note) == (True, 0, "")
    assert good.customer.vat_number == BELGIAN
