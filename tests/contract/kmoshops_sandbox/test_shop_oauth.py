"""The shop's login, consent and tokens; and the page to play shop with."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

BACK = "http://127.0.0.1:8000/oauth/kmoshops/callback"
QUESTION = {
    "client_id": "koppelwerk-sandbox",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "read_orders",
    "state": "s1",
}
OWNER = {"email": "winkel@example.com", "password": "demo", "answer": "allow"}


def decide(shop: Any, **changes: str) -> Any:
    return shop.session.post(
        f"{shop.url}/api/oauth/authorize",
        {**QUESTION, **OWNER, **changes},
        allow_redirects=False,
        timeout=5,
    )


def returned(answer: Any) -> dict[str, str]:
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def redeem(shop: Any, valid_code: str, method: str = "post", **changes: str) -> Any:
    given = {
        "client_id": "koppelwerk-sandbox",
        "client_secret": "sandbox-secret",
        "code": valid_code,
        "redirect_uri": BACK,
        "grant_type": "authorization_code",
        **changes,
    }
    place = {"params": given} if method == "get" else {"data": given}
    return shop.session.request(
        method, f"{shop.url}/api/oauth/token", timeout=5, **place
    )


def test_the_page_names_the_app_and_what_it_asks(shop: Any) -> None:
    page = shop.session.get(f"{shop.url}/api/oauth/authorize", params=QUESTION)
    assert page.status_code == 200
    assert "<strong>Koppelwerk</strong>" in page.text
    assert "Bestellingen lezen" in page.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_code_gives_a_token_once(shop: Any, method: str) -> None:
    result = returned(decide(shop))
    assert result["state"] == "s1"
    answer = redeem(shop, result["code"], method)
    grant = answer.json()
    assert answer.status_code == 200
    assert grant["access_token"].startswith("secret_")
    assert (grant["store_id"], grant["scope"]) == (1003, "read_orders")
    shop.token = grant["access_token"]
    assert shop.get("orders").status_code == 200
    assert redeem(shop, result["code"]).json() == {"error": "invalid_grant"}


def test_a_wrong_password_asks_again(shop: Any) -> None:
    page = decide(shop, password="wrong")
    assert page.status_code == 200
    assert "horen niet bij een winkel" in page.text


def test_the_owner_may_refuse(shop: Any) -> None:
    assert returned(decide(shop, answer="deny"))["error"] == "access_denied"


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "other"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1:8000/elsewhere"},
        {"response_type": "token"},
        {"scope": "everything"},
    ],
)
def test_a_wrong_question_is_not_sent_back(shop: Any, change: dict[str, str]) -> None:
    assert decide(shop, **change).status_code == 400


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "other"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"redirect_uri": BACK + "/x"}, "invalid_grant"),
        ({"code": "guess"}, "invalid_grant"),
    ],
)
def test_the_token_address_refuses(
    shop: Any, change: dict[str, str], error: str
) -> None:
    code = returned(decide(shop))["code"]
    answer = redeem(shop, code, **change)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_a_code_gets_old(shop: Any) -> None:
    code = returned(decide(shop))["code"]
    shop.control("POST", "clock", {"seconds": 601})
    assert redeem(shop, code).json() == {"error": "invalid_grant"}


def test_the_page_places_orders_and_changes_their_status(shop: Any) -> None:
    shop.grant()
    assert "Nog geen bestellingen" in shop.session.get(shop.url).text
    page = shop.session.post(f"{shop.url}/test-order")
    (order,) = shop.read("orders")["items"]
    assert order["id"] in page.text
    status = {"paymentStatus": "CANCELLED", "fulfillmentStatus": "RETURNED"}
    shop.session.post(f"{shop.url}/status/{order['id']}", status)
    changed = shop.read(f"orders/{order['id']}")
    assert changed["paymentStatus"] == "CANCELLED"
    assert changed["fulfillmentStatus"] == "RETURNED"


def test_the_page_makes_each_kind_and_pays_back(shop: Any) -> None:
    shop.grant()
    shop.session.post(f"{shop.url}/test-order", {"kind": "winkeltegoed"})
    (order,) = shop.read("orders")["items"]
    assert order["storeCredit"]["redemption"]["amount"] == 5
    where = f"{shop.url}/refund/{order['id']}"
    page = shop.session.post(where, {"amount": "2,10", "reason": "Deuk"})
    assert 'role="alert"' not in page.text
    partly = shop.read(f"orders/{order['id']}")
    assert partly["paymentStatus"] == "PARTIALLY_REFUNDED"
    assert [refund["reason"] for refund in partly["refunds"]] == ["Deuk"]
    for amount in ("5.01", "0", "veel"):
        page = shop.session.post(where, {"amount": amount})
        assert 'role="alert"' in page.text
    assert shop.read(f"orders/{order['id']}") == partly


def test_the_control_address_makes_each_kind_and_pays_back(shop: Any) -> None:
    shop.grant()
    kinds = shop.control("GET", "order-kinds")
    assert "fooi" in kinds
    made = [shop.control("POST", f"order-kinds/{kind}") for kind in kinds]
    assert shop.read("orders")["total"] == len(kinds) == len({o["id"] for o in made})
    order = made[kinds.index("fooi")]
    body = {"amount": order["total"], "at": "2026-10-01T12:00:00+02:00"}
    whole = shop.control("POST", f"orders/{order['id']}/refunds", body)
    assert whole["paymentStatus"] == "REFUNDED"
    assert whole["refunds"][0]["date"] == "2026-10-01 10:00:00 +0000"
