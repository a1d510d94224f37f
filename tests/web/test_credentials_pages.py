"""Connecting by form: tried before it is stored, never shown again."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from core.domain.errors import AskUser, RetryLater
from core.domain.packages import Identity
from core.models import Connection, ConnectionState, Credential, TenantPlugin
from core.plugin.capabilities import Manifest, Plugin
from core.services.connections import credentials
from tests.web.conftest import Site
from tests.web.samples import Sample

CODE = "geheime-code-1"


class Codes(FlaskForm):  # type: ignore[misc]
    """A made-up package's codes."""

    steps = ("Open Beheer in het pakket.",)
    username = StringField("Gebruikersnaam", [InputRequired()])
    code = PasswordField("Beveiligingscode", [InputRequired()])


class Outside:
    """The made-up package: what it was asked and what it says."""

    credential_form = Codes

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.error: Exception | None = None
        self.found = [Identity("adm-1", "De Fietsenmaker BV")]
        self.left: list[Any] = []

    def check(self, values: Mapping[str, str]) -> list[Identity]:
        self.asked.append(dict(values))
        if self.error:
            raise self.error
        return self.found

    def connected(self, connection: Connection) -> None:
        pass

    def disconnect(self, tokens: Any) -> None:
        self.left.append(tokens.extra)


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


@pytest.fixture
def outside(site: Site) -> Outside:
    made = Outside()
    manifest = Manifest("codes", "Pakket", "x", "1", "accounting", auth="form")
    plugin = Plugin(manifest, connector=made)
    site.app.extensions["koppelwerk"].registry.plugins["codes"] = plugin
    return made


@pytest.fixture
def connection_id(site: Site, sample: Sample, outside: Outside) -> int:
    with site.data() as session:
        session.add(TenantPlugin(tenant_id=sample.tenant.id, plugin="codes"))
        made = Connection(tenant_id=sample.tenant.id, plugin="codes")
        session.add(made)
        session.flush()
        return made.id


def _post(client: Any, connection_id: int, action: str, **fields: str) -> Any:
    return client.post(
        f"/connections/{connection_id}/credentials", data={"action": action, **fields}
    )


def _stored(site: Site, connection_id: int) -> tuple[str, dict[str, str]]:
    with site.data() as session:
        row = session.get(Connection, connection_id)
        known = session.get(Credential, connection_id)
        return row.state, credentials.values_of(row) if known else {}


def test_connect_leads_to_the_form_with_its_steps(
    site: Site, sample: Sample, connection_id: int
) -> None:
    client = site.client(sample.owner)
    answer = client.post(f"/connect/{connection_id}")
    assert answer.location == f"/connections/{connection_id}/credentials"
    page = client.get(answer.location).text
    assert "Open Beheer in het pakket." in page
    assert "Testen" in page


def test_good_codes_connect_and_are_stored_encrypted(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    answer = _post(client, connection_id, "connect", username="jan", code=CODE)
    assert (answer.status_code, answer.location) == (
        303,
        f"/koppelingen/codes#status-{connection_id}",
    )
    state, values = _stored(site, connection_id)
    assert state == ConnectionState.CONNECTED
    assert values == {"username": "jan", "code": CODE}
    with site.data() as session:
        assert CODE.encode() not in session.get(Credential, connection_id).secret


def test_testing_stores_nothing(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    page = _post(client, connection_id, "test", username="jan", code=CODE)
    assert "De Fietsenmaker BV antwoordt" in page.text
    assert CODE not in page.text
    assert _stored(site, connection_id) == (ConnectionState.NEW, {})


@pytest.mark.parametrize(
    "error",
    [
        AskUser("company_taken", name="x"),
        RetryLater("remote_unreachable", service="Pakket", detail=""),
    ],
)
def test_refused_codes_are_not_stored(
    site: Site,
    sample: Sample,
    outside: Outside,
    connection_id: int,
    error: Exception,
) -> None:
    outside.error = error
    client = site.client(sample.owner)
    page = _post(client, connection_id, "connect", username="jan", code=CODE)
    assert 'role="alert"' in page.text
    assert CODE not in page.text
    assert _stored(site, connection_id) == (ConnectionState.NEW, {})


def test_what_is_missing_is_asked_and_nothing_is_called(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    assert _post(client, connection_id, "connect", username="jan").status_code == 400
    assert outside.asked == []


def test_what_is_left_empty_stays_and_another_company_is_refused(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    _post(client, connection_id, "connect", username="jan", code=CODE)
    _post(client, connection_id, "connect", username="piet", code="")
    assert outside.asked[-1] == {"username": "piet", "code": CODE}
    outside.found = [Identity("adm-2", "Een ander")]
    page = _post(client, connection_id, "connect", username="klaas")
    assert 'role="alert"' in page.text
    assert _stored(site, connection_id)[1]["username"] == "piet"


def test_the_status_is_checked_with_what_is_stored(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    _post(client, connection_id, "connect", username="jan", code=CODE)
    answer = client.post(f"/connections/{connection_id}/check")
    assert answer.status_code == 303
    assert outside.asked[-1] == {"username": "jan", "code": CODE}
    page = client.get("/koppelingen").text
    assert "De Fietsenmaker BV antwoordt" in page
    assert "Status controleren" in client.get("/koppelingen/codes").text


def test_a_colleague_and_another_plugin_have_no_form(
    site: Site, sample: Sample, connection_id: int
) -> None:
    path = f"/connections/{connection_id}/credentials"
    assert site.client(sample.colleague).get(path).status_code == 403
    other = f"/connections/{sample.package.id}/credentials"
    assert site.client(sample.owner).get(other).status_code == 404


def test_disconnecting_wipes_the_codes(
    site: Site, sample: Sample, outside: Outside, connection_id: int
) -> None:
    client = site.client(sample.owner)
    _post(client, connection_id, "connect", username="jan", code=CODE)
    client.post(f"/connections/{connection_id}/disconnect")
    assert _stored(site, connection_id) == (ConnectionState.ENDED, {})
    assert outside.left == [{"username": "jan", "code": CODE}]
