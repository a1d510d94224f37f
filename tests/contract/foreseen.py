"""Holding what was foreseen of an order against what was really sent of it."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.domain.foreseen import DRAWN, Foreseen
from core.domain.orders import Order, Refund
from core.models import Coupling, Transfer
from core.rules.refunds import RefundPolicy
from core.runtime.database import session, transaction
from core.services.transfer import (
    foreseeing,
    refund_actions,
    refund_previews,
    refunds,
)
from tests.contract.coupled import CoupledPackage


def foreseen(coupled: CoupledPackage[Any]) -> Foreseen:
    """What the newest document would become now."""
    session().rollback()
    session().expire_all()
    newest = session().query(Transfer).order_by(Transfer.id.desc()).first()
    assert newest is not None
    found = foreseeing.of_transfer(newest)
    assert found is not None
    session().rollback()
    return found


def assert_same(meant: Any, sent: Any) -> None:
    """What is drawn at sending may be anything; all else is the same."""
    if isinstance(meant, dict):
        assert meant.keys() == sent.keys()
        for name, value in meant.items():
            assert_same(value, sent[name])
    elif isinstance(meant, list | tuple):
        assert len(meant) == len(sent)
        for each, other in zip(meant, sent, strict=True):
            assert_same(each, other)
    elif meant != DRAWN:
        assert meant == sent


def plain(body: Any) -> Any:
    """A body as it is sent, apart from the one that was."""
    return deepcopy(body)


AFTERWARDS = timedelta(days=1)


def credited(coupled: CoupledPackage[Any], sold: Order, back: Refund) -> Foreseen:
    """What a refund of a booked order would become, before a person lets it go."""
    with transaction():
        coupling = session().get_one(Coupling, coupled.coupling_id)
        coupling.refunds, coupling.refunds_since = RefundPolicy.ASK, sold.ordered_at
    later = sold.ordered_at + AFTERWARDS
    coupled.read([replace(sold, updated_at=later, refunds=(back,))])
    seen = foreseen(coupled)
    [credit] = session().scalars(
        select(Transfer).where(Transfer.subject == refunds.SUBJECT)
    )
    offer = refund_previews.of_transfer(credit)
    assert offer is not None
    with transaction():
        assert refund_actions.book(credit, offer.digest)
    return seen


def refund(amount: str, sold: Order, **values: Any) -> Refund:
    """Money that went back, the day after."""
    return Refund("r1", Decimal(amount), sold.ordered_at + AFTERWARDS, **values)
