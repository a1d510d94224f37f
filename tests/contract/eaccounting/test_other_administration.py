"""Another company of Visma eAccounting: nothing of the former one is used."""

from core.models import Connection
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from plugins.eaccounting.connector import SCOPES
from tests.contract import other_administration
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_booking import order

COMPANIES = {"demo": "demo", "other": "tweede"}


def test_nothing_of_a_former_company_is_used(coupled: Coupled) -> None:
    def connect(connection: Connection, name: str) -> None:
        plugin = koppelwerk().registry.get("eaccounting")
        assert plugin.connector is not None
        tokens = coupled.package.grant(COMPANIES[name], scope=" ".join(SCOPES))
        (identity,) = plugin.connector.identify(tokens)
        connections.complete(connection, identity, tokens)

    other_administration.of_a_former_one(coupled, connect, order)
    made = coupled.package.ledger("customer")
    assert [each["EmailAddress"] for each in made] == ["klant1@example.com"] * 2
