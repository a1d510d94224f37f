"""The expected requests of the unit tests are requests the contract allows."""

import pytest

from plugins.eaccounting.relations import mapping as relation_mapping
from plugins.eaccounting.relations.mapping import Defaults, Role
from tests.contract.openapi import OpenApi
from tests.unit.eaccounting import test_mapping
from tests.unit.eaccounting.test_invoice_mapping import CASES as INVOICES
from tests.unit.eaccounting.test_relation_mapping import CASES

TERMS = "7d4ab3a7-0c5e-4b3c-8c6e-6f5f0c2f4a10"
ADDRESS = {
    "customer": "/customers",
    "draft_invoice": "/customerinvoicedrafts",
    "order": "/orders",
    "sales_entry": "/customerledgeritems/customerledgeritemswithvoucher",
}


@pytest.mark.parametrize("name", sorted(ADDRESS))
def test_a_golden_request_is_allowed(contract: OpenApi, name: str) -> None:
    contract.check_request("POST", ADDRESS[name], test_mapping.golden(name))


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_golden_relation_is_allowed(contract: OpenApi, name: str) -> None:
    relation, role, _ = CASES[name]
    body = test_mapping.golden(f"relation_{name}")
    new = Defaults(TERMS, "NL")
    record = relation_mapping.new_record(relation, body, role, new)
    address = "/customers" if role == Role.DEBTOR else "/suppliers"
    contract.check_request("POST", address, record)


@pytest.mark.parametrize("name", sorted(INVOICES))
def test_a_golden_invoice_is_allowed(contract: OpenApi, name: str) -> None:
    body = test_mapping.golden(f"invoice_{name}")
    contract.check_request("POST", ADDRESS["sales_entry"], body)


def test_every_golden_request_is_judged() -> None:
    judged = set(ADDRESS) | {f"relation_{name}" for name in CASES}
    judged |= {f"invoice_{name}" for name in INVOICES}
    assert {path.stem for path in test_mapping.GOLDEN.iterdir()} == judged
