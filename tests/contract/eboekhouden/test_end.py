"""What a poison document and an hour of faults cost, over both interfaces."""

import pytest

from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import DONE, order
from tests.contract.ending import OUTAGE_CALLS, POISON_CALLS, Pace, pace, told

WRITES = {"soap": "AddMutatie", "rest": "v1/mutation"}
DEBTORS = {"soap": "AddRelatie", "rest": "v1/relation"}


@pytest.fixture(autouse=True)
def judged() -> list[str]:
    """The other tests hold every message against the vendor's schema."""
    return []


def _calls(coupled: Coupled) -> int:
    return sum(coupled.package.calls().values())


@pytest.mark.parametrize("poisoned", [WRITES, DEBTORS], ids=["entry", "debtor"])
def test_a_poison_document_costs_little_until_its_end(
    coupled: Coupled, interface: str, poisoned: dict[str, str]
) -> None:
    before = _calls(coupled)
    coupled.package.fault(
        kind="status", status=500, method="POST", path=poisoned[interface]
    )
    coupled.read([order(1)])
    with pace(coupled.app, lambda: _calls(coupled)) as going:
        _first(going)
        going.go_on(10)
        going.go_on(110, 300)
        assert coupled.states() == [("failed", "outcome_unclear")]
        spent = _calls(coupled) - before
        coupled.package.control("faults", verb="DELETE")
        coupled.read([order(2)])
        going.go_on(2)
    assert coupled.states()[1] == DONE
    what = f"eboekhouden {interface}, a poison {poisoned[interface]}"
    told(what, spent, POISON_CALLS)


def test_an_hour_of_faults_costs_little_and_all_go_once_it_is_over(
    coupled: Coupled, interface: str
) -> None:
    orders = [order(number) for number in range(1, 27)]
    before = _calls(coupled)
    coupled.package.fault(
        kind="status", status=500, method="POST", path=WRITES[interface]
    )
    coupled.read(orders)
    with pace(coupled.app, lambda: _calls(coupled)) as going:
        _first(going)
        going.go_on(59)
        spent = _calls(coupled) - before
        coupled.package.control("faults", verb="DELETE")
        going.go_on(65, 300)
    assert coupled.states() == [DONE] * 26
    assert len(coupled.package.ledger("entry")) == 26
    told(f"eboekhouden {interface}, an hour of faults", spent, OUTAGE_CALLS)


def _first(going: Pace) -> None:
    going.go_on(1, 20)
