"""Scopes, licences, company state and the rate limit."""

import pytest

from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/customers", "ea:api ea:accounting"),
        ("/vatcodes", "ea:api ea:sales"),
        ("/suppliers", "ea:api ea:sales ea:accounting"),
        ("/customers", "ea:sales"),
    ],
)
def test_a_missing_scope_is_4006(vendor: Vendor, path: str, scope: str) -> None:
    vendor.use(scope=scope)
    refused = vendor.refused("GET", path)
    assert (refused.status, refused.code) == (403, 4006)


def test_a_readonly_scope_reads_only(vendor: Vendor, make: Maker) -> None:
    body = make.customer()
    vendor.use(scope="ea:api ea:sales_readonly")
    assert vendor.get("/customers")["Data"] == []
    assert vendor.refused("POST", "/customers", body).code == 4006


def test_no_token_is_401(vendor: Vendor) -> None:
    del vendor.session.headers["Authorization"]
    assert vendor.refused("GET", "/customers").status == 401


def test_a_bookkeeping_licence_has_no_sales(vendor: Vendor) -> None:
    vendor.use("boekhouden")
    refused = vendor.refused("GET", "/customers")
    assert (refused.status, refused.code) == (403, 4002)
    assert vendor.get("/vatcodes")["Meta"]["TotalNumberOfResults"] > 0


@pytest.mark.parametrize(
    ("variant", "path"), [(4, "/orders"), (3, "/orders"), (2, "/suppliers")]
)
def test_variants_gate_resources(vendor: Vendor, variant: int, path: str) -> None:
    vendor.control("company", {"ProductVariant": variant})
    assert vendor.refused("GET", path).code == 4002


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"CompanyStatus": 0}, 4004),
        ({"startup_done": False}, 4003),
        ({"ActivatedModules": []}, 4002),
    ],
)
def test_company_state(vendor: Vendor, change: dict[str, object], code: int) -> None:
    vendor.control("company", change)
    refused = vendor.refused("GET", "/companysettings")
    assert (refused.status, refused.code) == (403, code)


def test_the_rate_limit_is_per_endpoint(vendor: Vendor) -> None:
    vendor.control("settings", {"calls_per_minute": 2})
    vendor.get("/units")
    vendor.get("/units")
    refused = vendor.refused("GET", "/units")
    assert (refused.status, refused.code) == (429, 4010)
    assert "Try again in" in refused.body["DeveloperErrorMessage"]
    assert vendor.get("/countries")["Data"]
    vendor.control("clock", {"seconds": 61})
    assert vendor.get("/units")["Data"]


def test_the_default_limit_is_600(vendor: Vendor) -> None:
    assert vendor.control("settings")["calls_per_minute"] == 600
