"""Another administration of e-Boekhouden.nl: its codes and ids begin anew."""

import pytest

from core.models import Connection
from core.services.linking import form_flow
from tests.contract import other_administration
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.test_booking import order

KEYS = {"demo": "demo", "other": "tweede"}


@pytest.fixture(params=["soap"])
def interface(request: pytest.FixtureRequest) -> str:
    """What is kept of an administration does not depend on the interface."""
    return str(request.param)


def test_nothing_of_a_former_administration_is_used(
    coupled: Coupled, interface: str
) -> None:
    def connect(connection: Connection, name: str) -> None:
        form_flow.connect(connection, coupled.package.values(interface, KEYS[name]))

    other_administration.of_a_former_one(coupled, connect, order)
    made = coupled.package.ledger("relation")
    assert [each["Email"] for each in made] == ["klant1@example.com"] * 2
    booked = coupled.package.ledger("entry")
    assert [each["RelatieCode"] for each in booked] == [each["Code"] for each in made]
