"""What an order is shown to become is what is sent of it, of each kind and document."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete

from core.domain.foreseen import CheckState
from core.domain.orders import Payment, RefundKind
from core.net.http import HttpClient
from core.runtime.database import transaction
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import (
    EAccountingPaymentMapping,
    EAccountingVatMapping,
)
from tests.contract.eaccounting import test_kinds
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_booking import icp
from tests.contract.eaccounting.test_booking import order as numbered
from tests.contract.foreseen import assert_same, credited, foreseen, plain, refund
from tests.unit.eaccounting import samples

vies, outside_vat = test_kinds.vies, test_kinds.outside_vat


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch, judged: list[str]) -> list[Any]:
    """The bodies that were sent, in order."""
    found: list[Any] = []
    request = HttpClient.request

    def listening(self: HttpClient, method: str, path: str, **rest: Any) -> Any:
        if method == "POST":
            found.append(plain(rest["json_body"]))
        return request(self, method, path, **rest)

    monkeypatch.setattr(HttpClient, "request", listening)
    return found


def clearing(coupled: Coupled) -> None:
    with transaction() as current:
        current.add(
            EAccountingPaymentMapping(
                tenant_id=coupled.coupling.tenant_id,
                coupling_id=coupled.coupling_id,
                method="iDEAL",
                clearing_account="2000",
                fixed_debtor="",
            )
        )


@pytest.mark.parametrize("target", list(TargetKind))
def test_each_kind_is_sent_as_it_was_shown(
    coupled: Coupled, target: TargetKind, posted: list[Any], judged: list[str]
) -> None:
    coupled.configure(target_kind=target.value)
    clearing(coupled)
    paid = (Payment("iDEAL", Decimal("64.85"), samples.ORDERED_AT),)
    kinds = {name: row[0] for name, row in test_kinds.KINDS.items()}
    kinds["paid"] = numbered(1, payments=paid)
    kinds["known debtor"] = numbered(1, email="klant1@example.com")
    for number, (name, some) in enumerate(kinds.items(), 1):
        email = some.email and f"klant{number}@example.com"
        if name == "known debtor":
            email = some.email
        given = replace(some, source_id=str(number), number=f"K{number}", email=email)
        coupled.read([given])
        calls = len(judged)
        seen = foreseen(coupled)
        assert len(judged) == calls  # nothing is asked
        posted.clear()
        coupled.drain()
        state, code = coupled.states()[number - 1]
        assert seen.passes == (state == "done"), name
        if not seen.passes:
            [failed] = [each for each in seen.checks if each.error]
            assert (failed.error and failed.error.code) == code, name
            assert posted == []
            continue
        assert_same(plain(list(seen.requests)), posted)
        assert seen.debit == seen.credit
        assert seen.document == target
        assert seen.debtor is not None
        assert seen.debtor.is_new == (name != "known debtor")
        if target == TargetKind.SALES_ENTRY:
            is_paid = name == "paid"
            assert [each.account for each in seen.payments] == ["2000"] * is_paid
            assert all(row.name for row in seen.postings), name
        else:
            assert seen.rows
            assert not seen.postings


def test_what_is_asked_of_vies_is_said(coupled: Coupled) -> None:
    coupled.read([icp()])
    later = [each for each in foreseen(coupled).checks if each.state != "passed"]
    assert [(each.name, each.state) for each in later] == [
        ("vat_number", CheckState.LATER)
    ]


def test_what_was_tried_as_another_document_is_shown_as_that(coupled: Coupled) -> None:
    coupled.package.fault(kind="drop", method="POST", path="customerledgeritems")
    coupled.book(numbered())
    coupled.configure(target_kind="draft_invoice")
    assert foreseen(coupled).document == "sales_entry"


@pytest.mark.parametrize("target", list(TargetKind))
def test_a_credit_is_sent_as_it_was_shown(
    coupled: Coupled, target: TargetKind, posted: list[Any]
) -> None:
    """As what its sale became, on its debtor, where the package takes it."""
    coupled.configure(target_kind=target.value)
    sold = numbered(1)
    coupled.book(sold)
    coupled.configure(target_kind=TargetKind.SALES_ENTRY.value)
    if target == TargetKind.ORDER:
        with pytest.raises(AssertionError):  # an order takes nothing back
            credited(coupled, sold, refund("64.85", sold))
        return
    seen = credited(coupled, sold, refund("64.85", sold))
    posted.clear()
    coupled.drain()
    assert coupled.states()[-1][0] == "done"
    assert seen.passes
    assert seen.document == target
    assert_same(plain(list(seen.requests)), posted)
    assert seen.debtor is not None
    assert not seen.debtor.is_new


def test_a_chargeback_is_sent_as_it_was_shown(
    coupled: Coupled, posted: list[Any]
) -> None:
    clearing(coupled)
    paid = (Payment("iDEAL", Decimal("64.85"), samples.ORDERED_AT),)
    sold = numbered(1, payments=paid)
    coupled.book(sold)
    back = refund("64.85", sold, kind=RefundKind.CHARGEBACK, method="iDEAL")
    seen = credited(coupled, sold, back)
    posted.clear()
    coupled.drain()
    assert coupled.states()[-1] == ("done", "")
    assert_same(plain(list(seen.requests)), posted)
    assert (seen.document, seen.passes) == ("payment", True)
    assert [(one.amount, one.account) for one in seen.payments] == [
        (Decimal("-64.85"), "2000")
    ]


def test_lines_are_shown_where_one_of_them_cannot_be_booked(coupled: Coupled) -> None:
    with transaction() as current:
        current.execute(
            delete(EAccountingVatMapping).where(
                EAccountingVatMapping.rate == Decimal(9)
            )
        )
    coupled.read([numbered(1)])
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
    assert found["21"] == ("VH", "8000", None)
    assert found["9"] == ("", "", "vat_rate_not_configured")
