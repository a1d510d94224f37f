"""Two at the same moment: invoice numbers have no gaps, a trial is had once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select

from core.models import Connection, Licence, LicenceState, ServiceInvoice, Tenant
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from core.services.licensing import invoices, licences

TOGETHER = 6


def together(app: Flask, work: Callable[[int], None], ids: list[int]) -> None:
    """Do the same for each id at the same moment, each on its own connection."""
    barrier = Barrier(len(ids))

    def one(key: int) -> None:
        with app.app_context(), system_scope():
            barrier.wait(10)
            work(key)
            db.session.remove()

    with ThreadPoolExecutor(len(ids)) as pool:
        list(pool.map(one, ids))


def begun() -> list[int]:
    """Licences of as many tenants."""
    made = []
    with transaction() as current:
        for number in range(TOGETHER):
            tenant = Tenant(name=f"Winkel {number}")
            current.add(tenant)
            current.flush()
            made.append(licences.begin(tenant, "kmoshops", "eaccounting").id)
    return made


def test_numbers_given_at_the_same_moment_have_no_gaps(app: Flask) -> None:
    def order(licence_id: int) -> None:
        with transaction() as current:
            licence = current.get_one(Licence, licence_id)
            tenant = current.get_one(Tenant, licence.tenant_id)
            quote = invoices.quote(tenant, licence, None)
            invoices.order(licence, quote, user_id=None)
            if licence_id % 3 == 0:
                current.rollback()

    with system_scope():
        ids = begun()
        together(app, order, ids)
        numbers = session().scalars(select(ServiceInvoice.sequence)).all()
    assert sorted(numbers) == list(range(1, TOGETHER - 1))


def test_a_trial_claimed_at_the_same_moment_is_had_once(app: Flask) -> None:
    """One shop and one company, which were of other tenants a moment ago."""

    def claim(licence_id: int) -> None:
        plugins = ("kmoshops", "eaccounting")
        sides = [Connection(plugin=name, external_id="1") for name in plugins]
        with transaction() as current:
            licences.claim_trial(current.get_one(Licence, licence_id), sides)

    with system_scope():
        together(app, claim, begun())
        session().rollback()
        session().expire_all()
        states = sorted(session().scalars(select(Licence.state)))
    assert states == [LicenceState.EXPIRED] * (TOGETHER - 1) + [LicenceState.TRIAL]
