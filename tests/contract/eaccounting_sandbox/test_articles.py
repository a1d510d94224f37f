"""Articles: prices that fit, references, numbers."""

from decimal import Decimal as D
from typing import Any

import pytest

from tests.contract.eaccounting_sandbox.conftest import Maker, Vendor

NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_an_article_is_stored(vendor: Vendor, make: Maker) -> None:
    body = make.article(NetPrice=D("100"), GrossPrice=D("121"))
    vendor.contract.check_request("POST", "/v2/articles", body)
    added = vendor.post("/articles", body)
    assert (added["CodingName"], added["UnitAbbreviation"]) == ("Goederen 21 %", "st")
    assert added["SendToWebshop"] is True
    assert vendor.get(f"/articles/{added['Id']}") == added
    assert vendor.ledger("article")[0]["body"]["document"]["GrossPrice"] == 121


@pytest.mark.parametrize(
    ("coding", "net", "gross", "fits"),
    [
        ("Goederen 21 %", "100", "121", True),
        ("Goederen 21 %", "100", "121.01", False),
        ("Goederen 21 %", "16.52", "19.99", True),
        ("Goederen 21 %", "16.53", "19.99", False),
        ("Goederen 9 %", "100", "121", False),
        ("Goederen 9 %", "4.59", "5", True),
        ("Goederen 0 %", "5", "5", True),
        ("OSS Frankrijk 5.5 %", "100", "105.5", True),
    ],
)
def test_gross_must_fit_net(
    vendor: Vendor, make: Maker, coding: str, net: str, gross: str, fits: bool
) -> None:
    body = make.article(coding, NetPrice=D(net), GrossPrice=D(gross))
    if fits:
        assert vendor.post("/articles", body)["NetPrice"] == D(net)
    else:
        refused = vendor.refused("POST", "/articles", body)
        assert refused.code == 2000
        assert refused.body["Errors"][0]["Field"] == "GrossPrice"


def test_a_missing_price_is_worked_out(make: Maker) -> None:
    assert make.add_article(GrossPrice=D("19.99"))["NetPrice"] == D("16.52")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"CodingId": NOWHERE}, 3000),
        ({"UnitId": NOWHERE}, 3000),
        ({"SupplierId": NOWHERE}, 3000),
        ({"Number": None}, 2000),
        ({"Number": "x" * 41}, 2000),
        ({"Name": "x" * 51}, 2000),
        ({"NetPrice": -1}, 2000),
        ({"NetPrice": D("1.005")}, 2000),
        ({"GrossPrice": 99000001}, 2000),
    ],
)
def test_rules(vendor: Vendor, make: Maker, wrong: dict[str, Any], code: int) -> None:
    assert vendor.refused("POST", "/articles", make.article(**wrong)).code == code


def test_oss_articles_need_oss(vendor: Vendor, make: Maker) -> None:
    vendor.control("company", {"UsesMoss": False})
    body = make.article(UsesMoss=True)
    assert vendor.refused("POST", "/articles", body).code == 2000


def test_a_number_is_given_once_and_put_replaces(vendor: Vendor, make: Maker) -> None:
    added = make.add_article(Note="x", NetPrice=10)
    assert vendor.refused("POST", "/articles", make.article()).code == 4000
    changed = vendor.call("PUT", f"/articles/{added['Id']}", make.article(Name="Hemd"))
    assert (changed["Note"], changed["NetPrice"]) == (None, 0)
    found = vendor.get("/articles", **{"$filter": "Number eq 'SKU-1'"})["Data"]
    assert [item["Name"] for item in found] == ["Hemd"]
