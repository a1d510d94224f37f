"""What an order is shown to become is what is sent of it, over each interface."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete

from core.domain.orders import RefundKind
from core.runtime.database import transaction
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.client.rest import RestEBoekhouden
from plugins.eboekhouden.client.soap import SoapEBoekhouden
from plugins.eboekhouden.models import EBoekhoudenVatMapping
from tests.contract.eboekhouden import test_kinds
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import order
from tests.contract.eboekhouden.test_kinds import KINDS, clearing, paid
from tests.contract.foreseen import assert_same, credited, foreseen, plain, refund

vies = test_kinds.vies


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The entries and relations that were added, in order."""
    found: list[Any] = []

    def listen(kind: type[EBoekhouden], name: str) -> None:
        add = getattr(kind, name)

        def listening(self: EBoekhouden, body: Any) -> Any:
            found.append(plain(body))
            return add(self, body)

        monkeypatch.setattr(kind, name, listening)

    for kind in (SoapEBoekhouden, RestEBoekhouden):
        for name in ("add_entry", "add_relation"):
            listen(kind, name)
    return found


def test_each_kind_is_sent_as_it_was_shown(
    coupled: Coupled, posted: list[Any], judged: list[str]
) -> None:
    clearing(coupled, iDEAL="2000")
    kinds = {kind.name: kind.made() for kind in KINDS}
    kinds = {name: some for name, some in kinds.items() if not some.credits}
    kinds["paid"] = order(1, payments=(paid("50.00"), paid("14.85")))
    kinds["known debtor"] = order(1)
    for place, (name, some) in enumerate(kinds.items(), 1):
        own = f"K{place}"
        number = some.number if len(some.number) > 50 else own
        email = f"{'k1' if name == 'known debtor' else own.lower()}@example.com"
        coupled.read([replace(some, source_id=own, number=number, email=email)])
        calls = len(judged)
        seen = foreseen(coupled)
        assert len(judged) == calls  # nothing is asked
        posted.clear()
        coupled.drain()
        state, code = coupled.states()[place - 1]
        assert seen.passes == (state == "done"), (name, code)
        if not seen.passes:
            [failed] = [each for each in seen.checks if each.error]
            assert (failed.error and failed.error.code) == code, name
            assert posted == []
            continue
        assert_same(plain(list(seen.requests)), posted)
        assert seen.debit == seen.credit
        assert seen.debtor is not None
        assert seen.debtor.is_new == (name != "known debtor")
        assert len(seen.payments) == (2 if name == "paid" else 0)


@pytest.mark.parametrize("kind", [RefundKind.RETURNED, RefundKind.CHARGEBACK])
def test_what_goes_back_is_sent_as_it_was_shown(
    coupled: Coupled, posted: list[Any], kind: RefundKind
) -> None:
    """A credit document with its payment, or the payment alone (a chargeback)."""
    clearing(coupled, iDEAL="2000")
    sold = order(1, payments=(paid("64.85"),))
    coupled.book(sold)
    seen = credited(coupled, sold, refund("64.85", sold, kind=kind, method="iDEAL"))
    is_chargeback = kind == RefundKind.CHARGEBACK
    posted.clear()
    coupled.drain()
    assert coupled.states()[-1] == ("done", "")
    assert seen.passes
    assert_same(plain(list(seen.requests)), posted)
    assert seen.debtor is not None
    assert not seen.debtor.is_new
    assert seen.document == ("payment" if is_chargeback else "sales_entry")
    assert bool(seen.postings) is not is_chargeback
    assert [(one.amount, one.account) for one in seen.payments] == [
        (Decimal("-64.85"), "2000")
    ]


def test_lines_are_shown_where_one_of_them_cannot_be_booked(coupled: Coupled) -> None:
    with transaction() as current:
        current.execute(
            delete(EBoekhoudenVatMapping).where(
                EBoekhoudenVatMapping.rate == Decimal(9)
            )
        )
    coupled.read([order(1)])
    seen = foreseen(coupled)
    assert not seen.passes
    assert not seen.postings
    found = {
        str(row.line.vat_rate): (
            row.vat_code,
            row.account,
            row.error and row.error.code,
        )
        for row in seen.lines
    }
    assert found["21"] == ("HOOG_VERK_21", "8000", None)
    assert found["9"] == ("", "", "vat_rate_not_configured")
