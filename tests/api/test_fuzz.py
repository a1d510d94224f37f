"""Every operation of the API, asked anything that its document allows, and much more.

schemathesis makes the requests from the document itself, in this process and with a
fixed seed: first what it allows, then what it does not.
"""

from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from core.services.api import api_tokens
from core.web.api import (
    contacts,
    duplicates,
    invoices,
    orders,
    reference,
    relations,
)
from tests.api.conftest import Program, shop, vat_code
from tests.api.test_invoices import draft
from tests.api.test_orders import order

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    ignored_auth,
]
EXAMPLES = 10
OPERATIONS = [
    f"{module.resource.name.removeprefix('api_')}.{endpoint}"
    for module in (reference, relations, contacts, duplicates, invoices, orders)
    for endpoint in module.resource._endpoints
]


@pytest.fixture
def api(program: Program) -> Any:
    """The document, and rows to find by its ids."""
    shop(program.site, program.sample)
    vat_code(program.site, program.sample)
    relation_id = program.relation()
    program.post(f"/relations/{relation_id}/contacts", {"name": "Bakker"})
    program.post("/invoices", draft(relation_id))
    program.post("/orders", order())
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", program.site.app)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_breaks_it(api: Any, program: Program, operation: str) -> None:
    found = _operation(api, operation)
    headers = {"Authorization": f"Bearer {program.token}"}
    for mode in GenerationMode:
        _ask(found, mode, headers)


def _operation(api: Any, name: str) -> Any:
    found = [each.ok() for each in api.get_all_operations()]
    return next(each for each in found if each.definition.raw["operationId"] == name)


def _ask(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    @seed(4)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        if mode == GenerationMode.POSITIVE:
            _make_sensible(case)
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()


def _make_sensible(case: schemathesis.Case) -> None:
    """Name what is there, so that the work behind the checks of form is reached."""
    case.path_parameters = dict.fromkeys(case.path_parameters, 1)
    body = case.body
    if isinstance(body, dict) and "issued_on" in body:
        body |= {"relation_id": 1, "due_on": body["issued_on"]}
        for line in body["lines"]:
            line["vat_code"] = "NL21"
    if isinstance(body, dict):
        body.pop("shop_id", None)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_example_of_the_document_works(
    api: Any, program: Program, operation: str
) -> None:
    found = _operation(api, operation)
    if operation == "invoices.credit":
        program.post("/invoices/1/send")
    two = ("relations.delete", "duplicates.unmerge")
    if operation in two or operation.startswith("duplicates."):
        program.relation(name="Zonder facturen")
    if operation == "duplicates.unmerge":
        program.post("/relations/1/merge", {"relation_id": 2})
    raw = found.definition.raw.get("requestBody", {}).get("content", {})
    example = raw.get("application/json", {}).get("example")
    case = found.Case(
        path_parameters={
            name: 2 if operation in two else 1
            for name in ("relation_id", "contact_id", "invoice_id", "order_id")
            if f"{{{name}}}" in found.path
        },
        headers={"Authorization": f"Bearer {program.token}", "If-Match": "*"},
        **({"body": deepcopy(example)} if example else {}),
    )
    answer = case.call_and_validate(checks=CHECKS[:5])
    assert answer.status_code < 300, answer.text


def test_the_fuzzer_sees_a_broken_answer(
    api: Any, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_tokens, "USED_EVERY", None)  # breaks every operation
    operation = next(iter(api.get_all_operations())).ok()
    case = operation.Case(headers={"Authorization": f"Bearer {program.token}"})
    program.get("/me")
    with pytest.raises(FailureGroup):
        case.call_and_validate(checks=CHECKS)
