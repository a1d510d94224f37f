"""What the closing count costs at Visma is what it says beforehand that it costs."""

from decimal import Decimal

import pytest

from core.rules.tally import Part
from plugins.eaccounting import client
from plugins.eaccounting.mapping import TargetKind
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_payments import linked, paid
from tests.contract.foreseen import refund
from tests.contract.tallying import by_api, count, refunded

__all__ = ["linked"]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records an answer: what many documents do, with few."""
    monkeypatch.setattr(client, "PAGE", 3)
    monkeypatch.setattr(client, "_WIDE", {})


@pytest.mark.parametrize("kind", list(TargetKind))
def test_each_kind_of_document_costs_what_is_said(
    coupled: Coupled, kind: TargetKind
) -> None:
    by_api(coupled)
    coupled.configure(target_kind=kind.value)
    coupled.book(*(paid(number) for number in range(1, 5)))
    month, made = count(coupled, lambda: sum(coupled.package.calls().values()))
    assert month.is_proven
    assert month.sum.parts[Part.BOOKED].number == 4
    assert made == (4 if kind == TargetKind.SALES_ENTRY else 2)


def test_payments_have_vouchers_of_their_own(linked: Coupled) -> None:
    by_api(linked)
    linked.book(*(paid(number) for number in range(1, 5)))
    month, made = count(linked, lambda: sum(linked.package.calls().values()))
    assert month.is_proven
    assert made == 3 + 2


@pytest.mark.parametrize("kind", [TargetKind.SALES_ENTRY, TargetKind.DRAFT_INVOICE])
def test_refunds_of_an_own_shop_s_orders_are_in_it(
    coupled: Coupled, kind: TargetKind
) -> None:
    by_api(coupled)
    coupled.configure(target_kind=kind.value)
    sold = [paid(number) for number in range(1, 4)]
    coupled.book(*sold)
    refunded(coupled, sold[0], refund("64.85", sold[0]))
    assert coupled.states() == [("done", "")] * 4
    month, _ = count(coupled, lambda: sum(coupled.package.calls().values()))
    assert month.is_proven
    assert month.sum.shop is None
    assert month.sum.parts[Part.BOOKED].number == 3
    assert month.sum.parts[Part.CREDITED].total == Decimal("-64.85")
    assert month.sum.package is not None
    assert month.sum.package.total == Decimal("129.70")
