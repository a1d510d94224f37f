"""Holding what was foreseen of an order against what was really sent of it."""

from copy import deepcopy
from typing import Any

from core.domain.foreseen import DRAWN, Foreseen
from core.models import Transfer
from core.runtime.database import session
from core.services.transfer import foreseeing
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
