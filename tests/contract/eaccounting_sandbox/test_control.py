"""Reset, restart and the control address."""

from pathlib import Path

import pytest
import requests

from plugins.eaccounting.sandbox import create_app
from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor


def test_reset_brings_back_the_start(vendor: Vendor, make: Maker) -> None:
    before = vendor.get("/vatcodes", **{"$pagesize": 1000})["Data"]
    make.add_customer(CustomerNumber="K1")
    vendor.control("vatcodes", {"country": "DE", "rate": "16"})
    vendor.control("company", {"Name": "Anders"})
    vendor.control("settings", {"calls_per_minute": 1})
    vendor.control("reset")
    assert vendor.refused("GET", "/customers").status == 401
    vendor.use()
    assert vendor.get("/companysettings")["Name"] == "Demo Webwinkel B.V. sandbox"
    assert vendor.get("/customers")["Data"] == []
    assert vendor.get("/vatcodes", **{"$pagesize": 1000})["Data"] == before
    assert make.add_customer(CustomerNumber="K1")["CustomerNumber"] == "K1"


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    first = create_app(tmp_path / "kept.db").test_client()
    change = {"country": "NL", "rate": "19"}
    added = first.post("/_control/vatcodes", json=change).json
    token = first.post("/_control/grant", json={}).json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    second = create_app(tmp_path / "kept.db").test_client()
    found = second.get(f"/v2/vatcodes/{added['Id']}", headers=headers)
    assert (found.status_code, found.json["VatRate"]) == (200, 19)


@pytest.mark.parametrize(
    ("name", "body"),
    [("settings", {"speed": 1}), ("company", {"Colour": "red"}),
     ("grant", {"company": "nobody"}), ("fiscalyears", {"year": 1990, "locked": True}),
     ("vatcodes", {"rate": 5})],
)  # fmt: skip
def test_wrong_use_is_refused(vendor: Vendor, name: str, body: object) -> None:
    answer = vendor.session.post(f"{vendor.url}/_control/{name}", json=body)
    assert answer.status_code == 400
    assert vendor.control("objects/change", method="GET") == []


def test_accounts_can_be_added_and_changed(vendor: Vendor) -> None:
    vendor.control("accounts", {"number": 8123, "name": "Extra", "vat_code": "VL"})
    vendor.control("accounts", {"number": 8000, "IsActive": False})
    year = vendor.get("/fiscalyears")["Data"][3]["Id"]
    low = vendor.find("/vatcodes", Code="VL")["Id"]
    assert vendor.get(f"/accounts/{year}/8123")["VatCodeId"] == low
    assert vendor.get(f"/accounts/{year}/8000")["IsActive"] is False


def test_an_answer_can_be_lost_after_the_write(vendor: Vendor, make: Maker) -> None:
    body = make.customer(CustomerNumber="K1")
    fault = {"kind": "drop_after", "method": "POST", "path": "/v2/customers"}
    vendor.control("faults", {**fault, "times": 1})
    with pytest.raises(requests.ConnectionError):
        vendor.post("/customers", body)
    assert [c["CustomerNumber"] for c in vendor.get("/customers")["Data"]] == ["K1"]
