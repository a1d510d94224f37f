"""The expected requests of the unit tests are requests the contract allows."""

import pytest

from tests.contract.openapi import OpenApi
from tests.unit.eaccounting import test_mapping

ADDRESS = {
    "customer": "/customers",
    "draft_invoice": "/customerinvoicedrafts",
    "order": "/orders",
    "sales_entry": "/customerledgeritems/customerledgeritemswithvoucher",
}


@pytest.mark.parametrize("name", sorted(ADDRESS))
def test_a_golden_request_is_allowed(contract: OpenApi, name: str) -> None:
    contract.check_request("POST", ADDRESS[name], test_mapping.golden(name))


def test_every_golden_request_is_judged() -> None:
    assert {path.stem for path in test_mapping.GOLDEN.iterdir()} == set(ADDRESS)
