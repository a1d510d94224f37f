"""Another administration is coupled where one was: nothing of the former is used."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from core.domain.orders import Order
from core.models import (
    Base,
    Connection,
    Coupling,
    Transfer,
)
from core.models.base import OfAdministration
from core.runtime.database import session, transaction
from core.services.connections import administrations, connections
from core.services.linking import couplings
from tests.contract.coupled import CoupledPackage

DONE = ("done", "")
WAITS = ("waiting", administrations.NOT_CONFIGURED)


def kept(connection_id: int) -> dict[str, int]:
    """Return how many rows there are of each table that speaks of an administration."""
    found = {}
    for model in Base.__subclasses__():
        if issubclass(model, OfAdministration):
            own = model.__table__.c.connection_id == connection_id
            count = select(func.count()).select_from(model).where(own)
            found[model.__tablename__] = session().scalar(count) or 0
    session().rollback()
    return {name: count for name, count in found.items() if count}


def again(coupled: CoupledPackage[Any], connect: Callable[[Connection], None]) -> None:
    """End the connection and connect it anew."""
    with transaction():
        connections.end(coupled.connection, "ended_by_user")
    connect(coupled.connection)
    session().commit()


def look(coupled: CoupledPackage[Any]) -> None:
    """Look at the configuration and save it."""
    coupled.load()
    with transaction():
        couplings.save_suggestions(session().get_one(Coupling, coupled.coupling_id))


def transfers() -> list[Transfer]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(Transfer).order_by(Transfer.id)))


def of_a_former_one(
    coupled: CoupledPackage[Any],
    connect: Callable[[Connection, str], None],
    order: Callable[..., Order],
) -> None:
    """Book in one, couple another, and book for the same customer there."""
    first, own = "klant1@example.com", coupled.package_id
    coupled.book(order(1, email=first))
    assert coupled.states() == [DONE]
    before = coupled.connection.administration
    assert kept(own)
    again(coupled, lambda connection: connect(connection, "demo"))
    assert kept(own)
    assert not coupled.coupling.needs_look
    assert transfers()[0].administration == ""

    again(coupled, lambda connection: connect(connection, "other"))
    assert kept(own) == {}
    assert coupled.connection.cursor == {}
    assert [each.administration for each in transfers()] == [before]
    assert administrations.OTHER in couplings.problems_of(coupled.coupling)
    coupled.book(order(2, email=first))
    assert coupled.states() == [DONE, WAITS]
    look(coupled)
    coupled.drain()
    assert coupled.states() == [DONE, DONE]
    assert transfers()[1].administration == ""

    again(coupled, lambda connection: connect(connection, "demo"))
    assert [bool(each.administration) for each in transfers()] == [False, True]
