"""What a poison document and an hour of faults cost, in each kind."""

import pytest

from plugins.eaccounting.mapping import TargetKind
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_booking import DONE, LEDGER, kinds, order
from tests.contract.ending import OUTAGE_CALLS, POISON_CALLS, pace, told

WRITES = {
    TargetKind.SALES_ENTRY: "customerledgeritemswithvoucher",
    TargetKind.DRAFT_INVOICE: "customerinvoicedrafts",
    TargetKind.ORDER: "orders",
}


@pytest.fixture(autouse=True)
def judged() -> list[str]:
    """The other tests hold everything against the contract."""
    return []


def _calls(coupled: Coupled) -> int:
    return sum(coupled.package.calls().values())


def _strike(coupled: Coupled, kind: TargetKind) -> None:
    coupled.package.fault(kind="status", status=500, method="POST", path=WRITES[kind])


@kinds
def test_a_poison_document_costs_little_until_its_end(
    coupled: Coupled, kind: TargetKind
) -> None:
    coupled.configure(target_kind=kind.value)
    before = _calls(coupled)
    _strike(coupled, kind)
    coupled.read([order(1)])
    with pace(coupled.app, lambda: _calls(coupled)) as going:
        going.go_on(1, 20)
        going.go_on(10)
        going.go_on(110, 300)
        assert coupled.states() == [("failed", "outcome_unclear")]
        spent = _calls(coupled) - before
        coupled.package.control("faults", verb="DELETE")
        coupled.read([order(2)])
        going.go_on(2)
    assert coupled.states()[1] == DONE
    told(f"eaccounting {kind.value}, a poison document", spent, POISON_CALLS)


def test_an_hour_of_faults_costs_little_and_all_go_once_it_is_over(
    coupled: Coupled,
) -> None:
    kind = TargetKind.SALES_ENTRY
    before = _calls(coupled)
    _strike(coupled, kind)
    coupled.read([order(number) for number in range(1, 27)])
    with pace(coupled.app, lambda: _calls(coupled)) as going:
        going.go_on(1, 20)
        going.go_on(59)
        spent = _calls(coupled) - before
        coupled.package.control("faults", verb="DELETE")
        going.go_on(65, 300)
    assert coupled.states() == [DONE] * 26
    assert len(coupled.package.ledger(LEDGER[kind])) == 26
    told("eaccounting, an hour of faults", spent, OUTAGE_CALLS)
