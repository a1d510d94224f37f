"""Login, consent, codes, tokens, refresh and revocation."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.contract.eaccounting_sandbox.conftest import Vendor

BACK = "http://127.0.0.1:5000/koppelingen/callback"
CLIENT = ("koppelwerk-sandbox", "sandbox-secret")
ASK = {
    "client_id": CLIENT[0],
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "ea:api offline_access ea:sales ea:accounting",
    "state": "s t/1",
    "prompt": "select_account login",
    "acr_values": "service:44643EB1-3F76-4C1C-A672-402AE8085934",
}
LOGIN = {"email": "demo@example.com", "password": "demo", "action": "login"}


def consent(vendor: Vendor, action: str, company: str, **ask: str) -> dict[str, Any]:
    url = f"{vendor.url}/connect/authorize"
    page = requests.post(url, params={**ASK, **ask}, data=LOGIN).text
    login = re.search(r'name="login" value="([^"]+)"', page)
    options = dict(re.findall(r'<option value="([^"]+)">([^<]+)<', page))
    key = next(key for key, name in options.items() if name.startswith(company))
    assert login
    form = {"login": login[1], "company": key, "action": action}
    answer = requests.post(url, params={**ASK, **ask}, data=form, allow_redirects=False)
    assert answer.headers["Location"].startswith(BACK)
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def token(vendor: Vendor, auth: Any = CLIENT, **form: str) -> requests.Response:
    return requests.post(f"{vendor.url}/connect/token", data=form, auth=auth)


def by_code(vendor: Vendor, code: str, **form: str) -> requests.Response:
    fields = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code}
    return token(vendor, **{**fields, **form})


def login(vendor: Vendor, company: str = "Tweede", **ask: str) -> Any:
    answer = by_code(vendor, consent(vendor, "allow", company, **ask)["code"][0])
    assert answer.status_code == 200
    return answer.json()


def test_login_gives_a_token_for_the_chosen_company(vendor: Vendor) -> None:
    back = consent(vendor, "allow", "Tweede")
    assert back["state"] == ["s t/1"]
    tokens = by_code(vendor, back["code"][0]).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    vendor.session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    settings = vendor.get("/companysettings")
    assert settings["Name"] == "Tweede Administratie B.V. sandbox"
    claims = json.loads(base64.urlsafe_b64decode(
        tokens["access_token"].split(".")[1] + "=="
    ))  # fmt: skip
    assert claims["customer_id"] == settings["CompanyIdentifier"]


def test_wrong_password_stays_on_the_login_page(vendor: Vendor) -> None:
    form = {**LOGIN, "password": "wrong"}
    page = requests.post(f"{vendor.url}/connect/authorize", params=ASK, data=form)
    assert "klopt niet" in page.text
    assert 'name="company"' not in page.text


def test_denied_consent_goes_back_with_an_error(vendor: Vendor) -> None:
    back = consent(vendor, "deny", "Demo")
    assert back == {"error": ["access_denied"], "state": ["s t/1"]}


@pytest.mark.parametrize(
    "wrong", [{"client_id": "x"}, {"redirect_uri": "https://evil.example/callback"}]
)
def test_unknown_client_or_redirect_is_not_redirected(
    vendor: Vendor, wrong: dict[str, str]
) -> None:
    answer = requests.get(
        f"{vendor.url}/connect/authorize", params=ASK | wrong, allow_redirects=False
    )
    assert answer.status_code == 400


def test_a_redirect_uri_can_be_registered(vendor: Vendor) -> None:
    uri = "https://koppelwerk.example/terug"
    vendor.control("settings", {"redirect_uris": [uri]})
    page = requests.get(
        f"{vendor.url}/connect/authorize", params=ASK | {"redirect_uri": uri}
    )
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "ea:sales"}, "invalid_scope"),
        ({"scope": "ea:api ea:everything"}, "invalid_scope"),
    ],
)
def test_wrong_request_goes_back_with_an_error(
    vendor: Vendor, wrong: dict[str, str], error: str
) -> None:
    answer = requests.get(
        f"{vendor.url}/connect/authorize", params=ASK | wrong, allow_redirects=False
    )
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["error"] == [error]


def test_a_code_works_once(vendor: Vendor) -> None:
    code = consent(vendor, "allow", "Demo")["code"][0]
    assert by_code(vendor, code).status_code == 200
    again = by_code(vendor, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_lives_five_minutes(vendor: Vendor) -> None:
    code = consent(vendor, "allow", "Demo")["code"][0]
    vendor.control("clock", {"seconds": 301})
    assert by_code(vendor, code).json()["error"] == "invalid_grant"


def test_the_redirect_uri_must_be_the_login_s(vendor: Vendor) -> None:
    code = consent(vendor, "allow", "Demo")["code"][0]
    other = by_code(vendor, code, redirect_uri=BACK.replace("5000", "5001"))
    assert other.json()["error"] == "invalid_grant"
    assert by_code(vendor, code).status_code == 200


def test_client_authentication(vendor: Vendor) -> None:
    code = consent(vendor, "allow", "Demo")["code"][0]
    fields = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code}
    wrong = token(vendor, auth=("koppelwerk-sandbox", "no"), **fields)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    named = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
    assert token(vendor, auth=None, **fields, **named).status_code == 200


def test_unknown_grant_type(vendor: Vendor) -> None:
    answer = token(vendor, grant_type="password")
    assert answer.json()["error"] == "unsupported_grant_type"


def test_no_refresh_token_without_offline_access(vendor: Vendor) -> None:
    assert "refresh_token" not in login(vendor, scope="ea:api ea:sales")


def refresh(vendor: Vendor, text: str) -> requests.Response:
    return token(vendor, grant_type="refresh_token", refresh_token=text)


def test_a_refresh_token_can_be_reused_by_default(vendor: Vendor) -> None:
    first = login(vendor)["refresh_token"]
    assert refresh(vendor, first).json()["refresh_token"] == first
    assert refresh(vendor, first).status_code == 200


def test_a_used_rotating_refresh_token_ends_the_grant(vendor: Vendor) -> None:
    vendor.control("settings", {"rotate_refresh_tokens": True})
    first = login(vendor)["refresh_token"]
    second = refresh(vendor, first).json()
    assert second["refresh_token"] != first
    assert refresh(vendor, first).json()["error"] == "invalid_grant"
    assert refresh(vendor, second["refresh_token"]).json()["error"] == "invalid_grant"
    vendor.session.headers["Authorization"] = f"Bearer {second['access_token']}"
    assert vendor.refused("GET", "/companysettings").status == 401


def test_an_access_token_lives_an_hour(vendor: Vendor) -> None:
    tokens = vendor.use()
    vendor.control("clock", {"seconds": 3601})
    gone = vendor.refused("GET", "/companysettings")
    assert gone.status == 401
    fresh = refresh(vendor, tokens["refresh_token"]).json()
    vendor.session.headers["Authorization"] = f"Bearer {fresh['access_token']}"
    assert vendor.get("/companysettings")["CurrencyCode"] == "EUR"


def test_revocation_ends_the_grant(vendor: Vendor) -> None:
    tokens = vendor.use()
    answer = requests.post(
        f"{vendor.url}/connect/revocation",
        data={"token": tokens["refresh_token"]},
        auth=CLIENT,
    )
    assert (answer.status_code, answer.text) == (200, "")
    assert vendor.refused("GET", "/companysettings").status == 401


def test_control_revokes_one_company(vendor: Vendor) -> None:
    vendor.use("tweede")
    vendor.use("demo")
    assert vendor.control("revoke", {"company": "tweede"}) == {"revoked": 1}
    assert vendor.get("/companysettings")["Name"].startswith("Demo")
    vendor.control("revoke")
    assert vendor.refused("GET", "/companysettings").status == 401


def test_root_page_says_in_dutch_what_it_is(vendor: Vendor) -> None:
    page = requests.get(vendor.url)
    assert "nagebouwde Visma eAccounting" in page.text
