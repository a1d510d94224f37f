"""The sandbox on its own: it refuses what the contracts refuse."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from core.domain.clock import utcnow
from core.kit.sandbox.declarations import findings
from plugins.accountview.sandbox import tokens
from plugins.belastingdienst.sandbox import bodies, envelope
from plugins.belastingdienst.sandbox.authority import Authority, Pair
from plugins.belastingdienst.sandbox.envelope import SOAP, WSA, WSSE
from tests.declaration_sandboxes import create_app

DELIVERY = "/wus/2.0/aanleverservice/1.2"
ENDPOINT = f"http://localhost{DELIVERY}"
ACTION = (
    "http://logius.nl/digipoort/wus/2.0/aanleverservice/1.2/"
    "AanleverService/aanleverenRequest"
)


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(":memory:")


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as made:
        made.post("/_control/reset")
        made.post("/_control/options", json={"pace": 0})
        yield made


@pytest.fixture(scope="module")
def pair(app: Flask) -> Pair:
    with app.test_client() as made:
        made.get("/_control/authority")
    authority: Authority = app.extensions["authority"]
    return authority.issue("Demo", "12345678")


def delivery(**changes: Any) -> etree._Element:
    fields: dict[str, Any] = {
        "berichtsoort": "Omzetbelasting",
        "aanleverkenmerk": "R1",
        "identiteitBelanghebbende": {"nummer": "001000044B37", "type": "Fi"},
        "rolBelanghebbende": "Bedrijf",
        "berichtInhoud": {
            "mimeType": "application/xml",
            "bestandsnaam": "R1.xbrl",
            "inhoud": "PHgvPg==",
        },
        "autorisatieAdres": "http://geenausp.nl",
    }
    return bodies.make("aanleverRequest", {**fields, **changes})


def request(
    content: etree._Element, pair: Pair, change: Callable[[etree._Element], None] | None
) -> bytes:
    """Sign a request with the sandbox's own hand, its addressing as a client's."""
    signed = envelope.answer(
        content, action=ACTION, relates_to="x", service=pair, now=utcnow(),
        hash_name="sha256",
    )  # fmt: skip
    root = etree.fromstring(signed)
    header = root[0]
    for node in list(header):
        name = etree.QName(node).localname
        if name in ("To", "RelatesTo"):
            header.remove(node)
    to = etree.SubElement(header, f"{{{WSA}}}To")
    to.text = ENDPOINT
    if change is not None:
        change(root)
    security = header.findall(f"{{{WSSE}}}Security")[0]
    signature = security[-1]
    security.remove(signature)
    token = security[1].get(envelope._ID, "")
    body = root.findall(f"{{{SOAP}}}Body")[0]
    parts = [security[0], *(node for node in header if node is not security), body]
    envelope._sign(security, parts, token, pair, "sha256")
    return etree.tostring(root)


def post(client: FlaskClient, content: bytes, **headers: str) -> Any:
    given = {"SOAPAction": f'"{ACTION}"', "Content-Type": "text/xml", **headers}
    return client.post(DELIVERY, data=content, headers=given)


def test_a_good_request_is_taken(client: FlaskClient, pair: Pair) -> None:
    answer = post(client, request(delivery(), pair, None))
    assert answer.status_code == 200, answer.text
    assert b"aanleverResponse" in answer.data


def no_change(_root: etree._Element) -> None:
    return


def set_text(name: str, text: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        node = root.find(f".//{{{WSA}}}{name}")
        assert node is not None
        node.text = text

    return change


def extra_header(root: etree._Element) -> None:
    etree.SubElement(root[0], "eigen").text = "veld"


def reply_elsewhere(root: etree._Element) -> None:
    etree.SubElement(root[0], f"{{{WSA}}}ReplyTo").text = "http://elders/"


def no_message_id(root: etree._Element) -> None:
    node = root.find(f".//{{{WSA}}}MessageID")
    assert node is not None
    root[0].remove(node)


def old(root: etree._Element) -> None:
    for node in root.iter("{*}Created", "{*}Expires"):
        node.text = "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("content", "change", "reason"),
    [
        (delivery(), extra_header, "not allowed"),
        (delivery(), reply_elsewhere, "anonymous"),
        (delivery(), no_message_id, "MessageID"),
        (delivery(), set_text("To", "http://elders/"), "wsa:To"),
        (delivery(), set_text("Action", "urn:anders"), "wsa:Action"),
        (delivery(), old, "timestamp"),
        (delivery(berichtsoort="Loonheffing"), no_change, "berichtsoort"),
        (delivery(berichtsoort=None), no_change, "missing"),
        (delivery(aanleverkenmerk="x" * 41), no_change, "longer"),
        (delivery(rolBelanghebbende="Baas"), no_change, "rol"),
        (delivery(kenmerk="K"), no_change, "not allowed"),
        (delivery(identiteitBelanghebbende={"nummer": "1", "type": "X"}), no_change,
         "identity"),
        (delivery(identiteitBelanghebbende={"nummer": "1"}), no_change, "missing"),
    ],
)  # fmt: skip
def test_what_breaks_the_interface_is_als100(
    client: FlaskClient,
    pair: Pair,
    content: etree._Element,
    change: Callable[[etree._Element], None],
    reason: str,
) -> None:
    answer = post(
        client, request(etree.fromstring(etree.tostring(content)), pair, change)
    )
    assert answer.status_code == 500
    assert b"ALS100" in answer.data
    assert reason in answer.text
    assert b"Signature" not in answer.data
    assert client.get("/_control/ledger").json == []


@pytest.mark.parametrize(
    ("old_text", "new_text"),
    [
        (b"R1</kv:aanleverkenmerk>", b"R2</kv:aanleverkenmerk>"),
        (ENDPOINT.encode(), ENDPOINT.encode() + b"?"),
        (b"rsa-sha256", b"hmac-sha256"),
        (b"xml-exc-c14n#", b"xml-c14n#"),
    ],
)
def test_a_changed_request_is_refused(
    client: FlaskClient, pair: Pair, old_text: bytes, new_text: bytes
) -> None:
    good = request(delivery(), pair, None)
    assert old_text in good
    answer = post(client, good.replace(old_text, new_text))
    assert answer.status_code == 500
    assert client.get("/_control/ledger").json == []


def test_only_its_own_authority_is_trusted(client: FlaskClient) -> None:
    stranger = Authority().issue("Vreemd", "87654321")
    answer = post(client, request(delivery(), stranger, None))
    assert "authority" in answer.text
    assert client.get("/_control/ledger").json == []


@pytest.mark.parametrize(
    "headers",
    [
        {"SOAPAction": '"urn:iets"'},
        {"SOAPAction": ""},
        {"Content-Type": "application/json"},
    ],
)
def test_other_operations_and_types_are_refused(
    client: FlaskClient, pair: Pair, headers: dict[str, str]
) -> None:
    assert post(client, request(delivery(), pair, None), **headers).status_code == 500


@pytest.mark.parametrize(
    "content",
    [b"", b"geen xml", b"<a/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"],
)
def test_hostile_or_empty_bodies_are_refused(
    client: FlaskClient, content: bytes
) -> None:
    assert b"ALS100" in post(client, content).data


def test_the_authority_outlives_a_restart_and_a_reset(tmp_path: Any) -> None:
    first = create_app(tmp_path / "s.db").test_client()
    root = first.get("/_control/authority").json
    first.post("/_control/reset")
    assert first.get("/_control/authority").json == root
    again = create_app(tmp_path / "s.db").test_client()
    assert again.get("/_control/authority").json == root


def test_a_declaration_that_is_no_xbrl_is_found_out() -> None:
    assert findings(b"x", "ICP", "1").validation
    assert findings(b"<x/>", "ICP", "1").validation


def bearer(client: FlaskClient) -> dict[str, str]:
    token = client.post("/_control/grant", json={}).json
    assert token is not None
    return {"Authorization": f"Bearer {token['access_token']}", "x-company": "1000"}


DATA = "/api/v3/AccountViewData"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Business object"),
        ({"BusinessObject": "XX9"}, "Business object"),
        ({"BusinessObject": "VA1", "Fields": "VAT.NIETS"}, "Field"),
        ({"BusinessObject": "VA1", "Fields": "CONTACT.VAT_CODE"}, "Field"),
        ({"BusinessObject": "VA1", "PageSize": "0"}, "PageSize"),
        ({"BusinessObject": "VA1", "PageSize": "9999"}, "PageSize"),
        ({"BusinessObject": "GJ1", "BookDate": "gisteren"}, "date"),
        ({"BusinessObject": "VA1", "FilterControlSource1": "VAT.VAT_CODE",
          "FilterOperator1": "Like", "FilterValueType1": "C", "FilterValue1": "1"},
         "Operator"),
        ({"BusinessObject": "VA1", "FilterControlSource1": "VAT.NIETS",
          "FilterOperator1": "Equal", "FilterValueType1": "C", "FilterValue1": "1"},
         "Filter"),
    ],
)  # fmt: skip
def test_the_web_api_refuses_in_its_own_words(
    client: FlaskClient, query: dict[str, str], words: str
) -> None:
    answer = client.get(DATA, query_string=query, headers=bearer(client))
    assert answer.status_code == 400
    assert answer.json is not None
    assert set(answer.json) == {"ErrorType", "ErrorNumbers", "ErrorMessage"}
    assert words in answer.json["ErrorMessage"]


def test_the_web_api_wants_a_token_and_a_company(client: FlaskClient) -> None:
    query = {"BusinessObject": "VA1"}
    assert client.get(DATA, query_string=query).status_code == 401
    headers = bearer(client)
    del headers["x-company"]
    assert client.get(DATA, query_string=query, headers=headers).status_code == 400
    headers = bearer(client)
    client.post("/_control/revoke")
    assert client.get(DATA, query_string=query, headers=headers).status_code == 401
    assert client.get("/api/v3/Niets", headers=bearer(client)).status_code == 404


def test_the_web_api_filters_sorts_and_pages(client: FlaskClient) -> None:
    headers = bearer(client)
    query = {"businessobject": "ar1", "pagesize": "2", "fields": "contact.sub_nr"}
    answer = client.get(DATA.lower(), query_string=query, headers=headers).json
    assert answer == {"CONTACT": [{"SUB_NR": "10001"}, {"SUB_NR": "10002"}]}
    query |= {"lastKey": "10004"}
    answer = client.get(DATA, query_string=query, headers=headers).json
    assert answer == {"CONTACT": [{"SUB_NR": "10005"}]}
    query = {"BusinessObject": "VA1", "Fields": "VAT_CODE", "PageSize": "5",
             "FilterControlSource1": "VAT.IS_ABC", "FilterOperator1": "Equal",
             "FilterValueType1": "C", "FilterValue1": "True"}  # fmt: skip
    answer = client.get(DATA, query_string=query, headers=headers).json
    assert answer == {"VAT": [{"VAT_CODE": "6"}]}
    year = {"BusinessObject": "GJ1", "BookDate": "2025-06-01"}
    answer = client.get(DATA, query_string=year, headers=headers).json
    assert answer == {"TRANSACT": []}


def test_business_objects_are_listed(client: FlaskClient) -> None:
    path = "/api/v3/accountviewsystembusinessobjects"
    answer = client.get(path, headers=bearer(client)).json
    assert answer is not None
    assert {one["Code"] for one in answer} == {"ADL", "CMP1", "VA1", "AR1", "GJ1"}


AUTHORIZE = "/ams/authorize.aspx"
GOOD = {
    "client_id": tokens.CLIENT_ID, "response_type": "code", "state": "s",
    "redirect_uri": "http://localhost/callback", "scope": tokens.SCOPES[0],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({}, 200, "Toestaan"),
        ({"client_id": "x"}, 400, "client_id"),
        ({"redirect_uri": "https://elders.example/callback"}, 400, "redirect_uri"),
        ({"response_type": "token"}, 302, "unsupported_response_type"),
        ({"scope": "alles"}, 302, "invalid_scope"),
        ({"scope": ""}, 302, "invalid_scope"),
    ],
)
def test_the_login_checks_who_asks(
    client: FlaskClient, change: dict[str, str], status: int, words: str
) -> None:
    answer = client.get(AUTHORIZE, query_string={**GOOD, **change})
    assert answer.status_code == status
    assert words in answer.text + answer.headers.get("Location", "")


def test_the_login_refuses_a_wrong_password_and_a_no(client: FlaskClient) -> None:
    form = {"email": tokens.USER, "password": "fout", "action": "allow"}
    assert client.post(AUTHORIZE, query_string=GOOD, data=form).status_code == 403
    no = client.post(AUTHORIZE, query_string=GOOD, data={"action": "deny"})
    assert "access_denied" in no.headers["Location"]


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "fout"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
    ],
)
def test_the_token_address_refuses(
    client: FlaskClient, form: dict[str, str], status: int, error: str
) -> None:
    fields = {"client_id": tokens.CLIENT_ID, "client_secret": tokens.CLIENT_SECRET}
    answer = client.post("/api/v3/token", data={**fields, **form})
    assert (answer.status_code, answer.json) == (status, {"error": error})


def test_the_control_address_knows_its_own_words_only(client: FlaskClient) -> None:
    assert client.post("/_control/options", json={"niets": 1}).status_code == 400
    assert client.post("/_control/services", json={"niets": 1}).status_code == 400
    assert client.post("/_control/certificate", json={}).status_code == 400
    assert client.post("/_control/confirm", json={"email": "x"}).status_code == 400
