"""Connecting by form, *Testen*, the hourly look, and what is stored of the codes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser, AuthenticationLost, RetryLater
from core.main.app import create_app
from core.models import Connection, ConnectionState, Credential, LogEntry
from core.plugin.capabilities import FormConnector
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import db, koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.connections import connections
from core.services.linking import form_flow
from core.services.people import accounts
from plugins.digitalefactuur.connector import DigitaleFactuurConnector, fingerprint
from tests.contract.digitalefactuur.conftest import ACCOUNT, CODE, Vendor
from tests.database import empty_database

VALUES = {"account_id": ACCOUNT, "access_code": CODE}


@dataclass
class Tenant:
    """A tenant with a connection that is yet to be made."""

    app: Flask
    connection_id: int

    @property
    def connection(self) -> Connection:
        session().rollback()
        session().expire_all()
        return session().get_one(Connection, self.connection_id)

    def connect(self, values: Mapping[str, str] = VALUES) -> None:
        form_flow.connect(self.connection, values)

    def look(self) -> None:
        jobs.run_task("load_reference", self.connection_id)


@pytest.fixture
def tenant(vendor: Vendor, settings: Settings) -> Iterator[Tenant]:
    settings = settings.with_environ({"DIGITALEFACTUUR_API_URL": vendor.api_url})
    app = create_app(settings)
    with app.app_context(), system_scope():
        empty_database()
        with transaction():
            made = accounts.create_tenant_with_owner(
                name="Demo", email="demo@example.nl", password="een lang wachtwoord"
            )
            connections.switch_plugin(made.id, "digitalefactuur", enabled=True)
            connection = connections.create(made.id, "digitalefactuur")
        yield Tenant(app, connection.id)
        db.session.remove()
        db.engine.dispose()


def test_the_form_has_the_manuals_steps(tenant: Tenant) -> None:
    connector = koppelwerk().registry.get("digitalefactuur").connector
    assert isinstance(connector, FormConnector)
    with tenant.app.test_request_context():
        form = connector.credential_form(meta={"csrf": False})
        steps = " ".join(str(step) for step in form.steps)
        for word in ("Bedrijf", "Instellingen", "API", "Keys", "Nieuwe API key",
                     "Testen"):  # fmt: skip
            assert word in steps
        labels = [str(item.label.text) for item in form]
    assert labels == ["Account-id", "Toegangscode"]


def test_testing_reads_one_page_and_stores_nothing(
    tenant: Tenant, vendor: Vendor
) -> None:
    (identity,) = form_flow.check(tenant.connection, VALUES)
    assert identity.name == "DigitaleFactuur"
    assert vendor.control("calls", method="GET") == {
        "GET /api/<account>/<code>/<call>": 1
    }
    assert tenant.connection.state == ConnectionState.NEW
    assert session().scalar(select(Credential)) is None


@pytest.mark.parametrize(
    ("values", "error", "code"),
    [
        ({"access_code": "verkeerde-code"}, AuthenticationLost, "df_login_refused"),
        ({"account_id": "9999"}, AuthenticationLost, "df_login_refused"),
        ({"access_code": "twee woorden"}, AskUser, "df_credentials_malformed"),
        ({"account_id": ""}, AskUser, "df_credentials_malformed"),
    ],
)
def test_wrong_codes_are_refused_and_not_stored(
    tenant: Tenant, values: Mapping[str, str], error: type[Exception], code: str
) -> None:
    with pytest.raises(error, match=code):
        tenant.connect({**VALUES, **values})
    assert tenant.connection.state == ConnectionState.NEW
    assert session().scalar(select(Credential)) is None


def test_an_unknown_refusal_of_the_test_has_the_vendors_words(
    tenant: Tenant, vendor: Vendor
) -> None:
    vendor.fault("code", code="123", text="Geen API in uw abonnement")
    with pytest.raises(AskUser) as caught:
        tenant.connect()
    assert caught.value.code == "df_test_refused"
    assert caught.value.params["message"] == "Geen API in uw abonnement"


def test_nobody_home_is_no_wrong_code(tenant: Tenant, vendor: Vendor) -> None:
    vendor.fault("drop")
    with pytest.raises(RetryLater):
        tenant.connect()


def test_what_is_stored_shows_neither_code(tenant: Tenant) -> None:
    tenant.connect()
    connection = tenant.connection
    assert connection.state == ConnectionState.CONNECTED
    assert connection.external_id == fingerprint(ACCOUNT)
    shown = f"{connection.external_name} {connection.external_id} {connection.facts}"
    entries = session().scalars(select(LogEntry)).all()
    shown += " ".join(str(entry.params) for entry in entries)
    sealed = session().scalars(select(Credential)).one().secret
    for secret in (ACCOUNT, CODE):
        assert secret not in shown
        assert secret.encode() not in sealed


def test_a_long_account_id_is_named_by_its_end(tenant: Tenant, vendor: Vendor) -> None:
    vendor.control("account", {"account": "12345678", "code": CODE})
    connector = DigitaleFactuurConnector()
    (identity,) = connector.check({**VALUES, "account_id": " 12345678 "})
    assert identity.name == "DigitaleFactuur …78"


def test_another_account_is_refused_at_a_reconnect(
    tenant: Tenant, vendor: Vendor
) -> None:
    tenant.connect()
    vendor.control("account", {"account": "4712", "code": CODE})
    with pytest.raises(AskUser, match="other_company"):
        tenant.connect({**VALUES, "account_id": "4712"})
    assert tenant.connection.external_id == fingerprint(ACCOUNT)


def test_the_look_counts_and_plans_the_next(tenant: Tenant, vendor: Vendor) -> None:
    tenant.connect()
    for number, kind in (("1001", "debiteur"), ("1002", "debiteur"),
                         ("2001", "crediteur")):  # fmt: skip
        body = {"relatienummer": number, "type": kind, "naam": number}
        vendor.control("customer", body)
    tenant.look()
    connection = tenant.connection
    assert (connection.facts["debtors"], connection.facts["creditors"]) == (2, 1)
    assert connection.last_run_error == ""
    assert connection.next_run_at is not None
    wait = connection.next_run_at - utcnow()
    assert timedelta(minutes=59) < wait <= timedelta(minutes=60)


def test_a_revoked_key_pauses_and_connecting_again_resumes(
    tenant: Tenant, vendor: Vendor
) -> None:
    tenant.connect()
    vendor.control("revoke")
    tenant.look()
    assert tenant.connection.state == ConnectionState.PAUSED
    assert tenant.connection.reason == "df_login_refused"
    vendor.control("account", {"account": ACCOUNT, "code": "nieuwe-code"})
    tenant.look()  # a paused connection is left alone
    assert tenant.connection.state == ConnectionState.PAUSED
    tenant.connect({**VALUES, "access_code": "nieuwe-code"})
    tenant.look()
    assert tenant.connection.state == ConnectionState.CONNECTED


def test_an_outage_is_tried_again_soon(tenant: Tenant, vendor: Vendor) -> None:
    tenant.connect()
    vendor.fault("html")
    tenant.look()
    connection = tenant.connection
    assert connection.state == ConnectionState.CONNECTED
    assert connection.last_run_error == "remote_nonsense"
    assert connection.next_run_at is not None
    assert connection.next_run_at - utcnow() <= timedelta(minutes=10)


def test_the_schedule_asks_for_the_look(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.connect()
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(
        jobs, "wake", lambda queue, task, argument=0: asked.append((task, argument))
    )
    jobs.run_task("dispatch", 0)
    assert ("load_reference", tenant.connection_id) in asked


def test_the_demo_connects_to_the_sandbox(tenant: Tenant, vendor: Vendor) -> None:
    sandbox = koppelwerk().registry.get("digitalefactuur").sandbox
    assert sandbox is not None
    assert sandbox.grant is not None
    assert sandbox.environ(vendor.url) == {"DIGITALEFACTUUR_API_URL": vendor.api_url}
    tenant.connect(sandbox.grant(vendor.url).extra)
    assert tenant.connection.state == ConnectionState.CONNECTED
    assert sandbox.begin_demo is not None
    for _ in range(2):  # a demo that is started again adds nothing
        sandbox.begin_demo(vendor.url, "")
    tenant.look()
    facts = tenant.connection.facts
    assert (facts["debtors"], facts["creditors"]) == (3, 1)
