"""Connecting a shop: least scope, who it is, and which shops are refused."""

from urllib.parse import parse_qs, urlsplit

import pytest

from core.domain.errors import AskUser, RetryLater
from core.net.oauth import Tokens, authorize_address
from plugins.kmoshops.connector import KmoShopsConnector
from tests.contract.kmoshops.conftest import STORE, Coupled


def tokens(coupled: Coupled, **extra: object) -> Tokens:
    token = coupled.sandbox.control("grant")["access_token"]
    return Tokens(access_token=token, extra={"store_id": STORE, **extra})


def test_only_what_is_needed_is_asked(coupled: Coupled) -> None:
    provider = KmoShopsConnector().provider()
    asked = urlsplit(authorize_address(provider, "http://localhost/back", "state"))
    query = parse_qs(asked.query)
    assert asked.path == "/api/oauth/authorize"
    assert set(query["scope"][0].split()) == {"read_orders", "read_store_profile"}
    assert query["response_type"] == ["code"]


def test_the_profile_says_which_shop_it_is(coupled: Coupled) -> None:
    connection = coupled.connection
    assert (connection.external_id, connection.external_name) == (
        "1003",
        "Demo Webwinkel",
    )
    assert connection.facts == {"currency": "EUR", "country": "NL"}


def test_a_shop_in_pounds_is_refused(coupled: Coupled) -> None:
    coupled.sandbox.control("stores/1003", {"currency": "GBP"})
    with pytest.raises(AskUser) as caught:
        KmoShopsConnector().identify(tokens(coupled))
    assert (caught.value.code, caught.value.params) == (
        "shop_currency_not_eur",
        {"currency": "GBP"},
    )


def test_a_token_without_a_shop_is_refused(coupled: Coupled) -> None:
    with pytest.raises(AskUser, match="shop_without_id"):
        KmoShopsConnector().identify(tokens(coupled, store_id=""))


def test_a_profile_of_another_shape_is_no_crash(coupled: Coupled) -> None:
    body = {"settings": ["unexpected"]}
    coupled.sandbox.control(
        "faults", {"kind": "status", "status": 200, "body": body, "path": "/profile$"}
    )
    with pytest.raises(RetryLater, match="shop_nonsense"):
        KmoShopsConnector().identify(tokens(coupled))
