"""What the closing count costs at e-Boekhouden.nl is what it says beforehand."""

from decimal import Decimal

import pytest

from core.rules.tally import Part
from plugins.eboekhouden.client import rest
from plugins.eboekhouden.orders import reconcile
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import order
from tests.contract.eboekhouden.test_kinds import clearing, paid
from tests.contract.foreseen import refund
from tests.contract.tallying import by_api, count, refunded


def calls(coupled: Coupled) -> int:
    return sum(coupled.package.calls().values())


@pytest.mark.parametrize("settled", [False, True], ids=["open", "settled"])
def test_entries_and_payments_cost_what_is_said(
    coupled: Coupled, interface: str, settled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (rest, reconcile):
        monkeypatch.setattr(module, "PAGE", 2)
    by_api(coupled)
    coupled.package.control("fill", {"count": 1 if interface == "soap" else 0})
    if settled:
        clearing(coupled, iDEAL="1010")
    coupled.book(*(order(number, payments=(paid("64.85"),)) for number in range(1, 4)))
    month, made = count(coupled, lambda: calls(coupled))
    assert month.is_proven
    assert month.sum.parts[Part.BOOKED].number == 3
    entries = 6 if settled else 3
    assert made == (4 if interface == "soap" else 2 + -(-entries // 2) + entries)


def test_by_soap_older_entries_cost_nothing(by_soap: Coupled) -> None:
    by_api(by_soap)
    by_soap.package.control("fill", {"count": 1100})  # of 2015
    by_soap.book(order(1))
    _, made = count(by_soap, lambda: calls(by_soap))
    assert made == 4


def test_refunds_of_an_own_shop_s_orders_are_in_it(
    coupled: Coupled, interface: str
) -> None:
    by_api(coupled)
    coupled.package.control("fill", {"count": 1 if interface == "soap" else 0})
    sold = order(1)
    coupled.book(sold)
    refunded(coupled, sold, refund("64.85", sold))
    assert coupled.states() == [("done", "")] * 2
    month, _ = count(coupled, lambda: calls(coupled))
    assert month.is_proven
    assert month.sum.parts[Part.CREDITED].total == Decimal("-64.85")
    assert month.sum.package is not None
    assert month.sum.package.total == 0
