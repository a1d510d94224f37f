"""The form of e-Boekhouden.nl: which fields it asks, and where to find them."""

from typing import Any

import pytest

from core.domain.packages import Identity
from core.models import Connection, TenantPlugin
from core.services.connections import credentials
from plugins.eboekhouden.connector import EBoekhoudenConnector
from tests.web.conftest import Site

SOAP = {
    "interface": "soap",
    "username": "jan",
    "security_code_1": "code-een-1",
    "security_code_2": "{code-twee-2}",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the connector was asked to check; it says yes."""
    seen: list[dict[str, str]] = []

    def check(_: Any, values: Any) -> list[Identity]:
        seen.append(dict(values))
        return [Identity("adm-1", "Demo", {"interface": values["interface"]})]

    monkeypatch.setattr(EBoekhoudenConnector, "check", check)
    return seen


@pytest.fixture
def page(site: Site, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str, int]:
    """A browser of the owner, the form's address and the connection's id."""
    sample = site.sample()
    with site.data() as session:
        session.add(TenantPlugin(tenant_id=sample.tenant.id, plugin="eboekhouden"))
        made = Connection(tenant_id=sample.tenant.id, plugin="eboekhouden")
        session.add(made)
        session.flush()
        number = made.id
    from core.web.views import connecting

    monkeypatch.setattr(connecting, "_load_reference", lambda _connection: None)
    return site.client(sample.owner), f"/connections/{number}/credentials", number


def test_the_page_says_where_to_find_the_codes(page: tuple[Any, str, int]) -> None:
    text = page[0].get(page[1]).text
    assert "Klik op Instellingen en dan op Koppelingen" in text
    assert "Beveiligingscode 2" in text
    assert text.count('type="password"') == 3


def test_soap_needs_three_codes_and_rest_a_token(
    page: tuple[Any, str, int], asked: list[dict[str, str]]
) -> None:
    client, path, _ = page
    for name in ("username", "security_code_1", "security_code_2"):
        answer = client.post(path, data={**SOAP, name: "", "action": "connect"})
        assert answer.status_code == 400
        assert "Vul dit veld in." in answer.text
    assert client.post(path, data={"interface": "rest"}).status_code == 400
    assert asked == []
    good = {"interface": "rest", "access_token": "token-1", "action": "test"}
    assert client.post(path, data=good).status_code == 200
    assert asked[0]["access_token"] == "token-1"


def test_one_code_can_be_renewed_without_the_others(
    site: Site, page: tuple[Any, str, int], asked: list[dict[str, str]]
) -> None:
    client, path, number = page
    assert client.post(path, data={**SOAP, "action": "connect"}).status_code == 303
    changed = {"interface": "soap", "username": "", "security_code_1": "nieuw-1"}
    assert client.post(path, data={**changed, "action": "connect"}).status_code == 303
    with site.data() as session:
        stored = credentials.values_of(session.get(Connection, number))
    assert stored["security_code_1"] == "nieuw-1"
    assert stored["security_code_2"] == SOAP["security_code_2"]
    assert "nieuw-1" not in client.get(path).text
