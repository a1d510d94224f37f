"""The judge of requests and answers says no to what the contract does not allow."""

from typing import Any

import pytest

from tests.contract.eaccounting.conftest import CONTRACT
from tests.contract.openapi import ContractError, OpenApi
from tests.shared import shared_file

GOOD = {
    "Name": "Klant", "InvoiceCity": "Utrecht", "InvoicePostalCode": "1000 AA",
    "IsActive": True, "IsPrivatePerson": False,
    "TermsOfPaymentId": "2b7a1f9a-6f5e-4a55-93f0-6b2d8a1f0f10",
}  # fmt: skip


@pytest.fixture(scope="module")
def judge() -> OpenApi:
    return OpenApi(shared_file(CONTRACT))


def test_what_the_contract_allows_passes(judge: OpenApi) -> None:
    judge.check_request("POST", "/customers", GOOD)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Name": None}, "null is not of type"),
        ({"IsActive": "yes"}, "IsActive"),
        ({"TermsOfPaymentId": "soon"}, "uuid"),
        ({"ChangedUtc": 5}, "ChangedUtc"),
    ],
)
def test_what_it_does_not_allow_is_named(
    judge: OpenApi, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractError, match=said):
        judge.check_request("POST", "/customers", {**GOOD, **change})


def test_missing_fields_paths_and_bodies_are_refused(judge: OpenApi) -> None:
    without = {name: value for name, value in GOOD.items() if name != "InvoiceCity"}
    with pytest.raises(ContractError, match="InvoiceCity"):
        judge.check_request("POST", "/customers", without)
    with pytest.raises(ContractError, match="has no POST /nowhere"):
        judge.check_request("POST", "/nowhere", {})
    with pytest.raises(ContractError, match="takes no body"):
        judge.check_request("GET", "/customers", {})
    with pytest.raises(ContractError, match="does not answer 299"):
        judge.check_response("GET", "/customers", 299, {})
