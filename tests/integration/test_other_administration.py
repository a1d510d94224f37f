"""Another administration is coupled: what stands in, or went to, the former one."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.orders import Refund
from core.models import Connection, Coupling, InboxEvent, InboxState, Step, Transfer
from core.runtime.database import session
from core.services.connections import administrations
from core.services.connections.administrations import (
    BEGUN_ELSEWHERE,
    NOT_CONFIGURED,
    SALE_ELSEWHERE,
)
from core.services.transfer import drain, refund_actions, refund_previews, transfers
from tests.integration.world import NOW, World, after, before

LATER = NOW + timedelta(days=1)


def other(world: World, name: str = "B") -> None:
    """Couple another administration, as `connections.complete` does."""
    target = session().get_one(Connection, world.target_id)
    administrations.take(target, name)
    target.external_id = name
    target.version += 1
    session().commit()


def looked_at(world: World) -> None:
    coupling = session().get_one(Coupling, world.coupling_id)
    coupling.configured_at, coupling.needs_look = NOW, False
    transfers.queue_configured(coupling)
    session().commit()


def credit() -> Transfer:
    session().expire_all()
    return session().scalars(select(Transfer).where(Transfer.number == "W1-R1")).one()


def refunded(world: World) -> None:
    back = Refund("r1", Decimal("121.00"), LATER)
    world.read(world.order(1, updated_at=LATER, refunds=(back,)))


def press() -> bool:
    made = refund_previews.of_transfer(credit())
    assert made is not None
    done = refund_actions.book(credit(), made.digest)
    session().commit()
    return done


def booked(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    assert world.state(1) == ("done", "")


def test_a_credit_that_was_asked_is_not_booked_elsewhere(world: World) -> None:
    booked(world)
    refunded(world)
    other(world)
    assert (credit().state, credit().code) == ("held", SALE_ELSEWHERE)
    assert not press()
    drain.drain()
    assert len(world.package.documents) == 1


def test_a_credit_that_was_on_its_way_is_refused(world: World) -> None:
    booked(world)
    refunded(world)
    assert press()
    other(world)
    drain.drain()
    assert (credit().state, credit().code) == ("failed", SALE_ELSEWHERE)
    assert len(world.package.documents) == 1


def test_a_refund_that_comes_later_is_told_only_until_its_sale_is_back(
    world: World,
) -> None:
    booked(world)
    other(world)
    refunded(world)
    assert (credit().state, credit().code) == ("held", SALE_ELSEWHERE)
    other(world, "pack")
    made = refund_previews.of_transfer(credit())
    assert made is not None
    coupling = session().get_one(Coupling, world.coupling_id)
    assert refund_previews.reason(coupling, made) == refund_previews.TO_BOOK


def test_what_may_stand_there_half_is_asked_and_then_booked_whole(world: World) -> None:
    world.package.faults = [None, after]
    world.read(world.order(1))
    drain.drain()
    assert session().scalars(select(Step)).all()
    other(world)
    world.package.debtors.clear()
    assert world.state(1) == ("failed", BEGUN_ELSEWHERE)
    assert not session().scalars(select(Step)).all()
    looked_at(world)
    drain.drain()
    assert world.state(1) == ("failed", BEGUN_ELSEWHERE)
    transfers.retry(session().scalars(select(Transfer)).one())
    session().commit()
    assert world.state(1) == ("waiting", transfers.REFRESHING)  # read anew, no look-up
    looks = world.package.looks
    for event in session().scalars(select(InboxEvent)):
        event.state = InboxState.DONE
    world.read(world.order(1, updated_at=LATER))
    drain.drain()
    assert world.state(1) == ("done", "")
    assert (len(world.package.documents), world.package.looks) == (2, looks)


def test_what_waits_goes_after_a_look(world: World) -> None:
    world.package.faults = [before(AskUser("nothing", what="x"))]
    world.read(world.order(1), world.order(2))
    other(world)
    drain.drain()
    assert world.state(1) == ("waiting", NOT_CONFIGURED)
    assert not world.package.documents
    looked_at(world)
    world.package.faults.clear()
    drain.drain()
    assert len(world.package.documents) == 2


def test_a_debtor_of_the_former_one_is_made_anew(world: World) -> None:
    booked(world)
    world.package.debtors.clear()
    other(world)
    looked_at(world)
    world.read(world.order(2, email="klant1@example.com"))
    drain.drain()
    assert world.state(2) == ("done", "")
    assert world.package.debtors == ["klant1@example.com"]
