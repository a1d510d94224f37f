"""Webhooks out: queued with the change, signed, tried again, stopped, never inside."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import (
    DeliveryState,
    InvoiceState,
    LogEntry,
    Mail,
    SalesInvoice,
    WebhookDelivery,
    WebhookEndpoint,
)
from core.net.webhook_signature import key_of, sign
from core.runtime.database import transaction
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.api import webhook_sending, webhooks_out
from core.services.api.webhook_sending import PAUSES
from core.services.api.webhooks_out import EVENTS
from core.services.crm import relations
from core.services.invoicing import sales_invoices as invoices
from core.services.operations import cleaning
from core.services.people import accounts
from tests.api.conftest import Program, token, vat_code
from tests.api.test_invoices import draft
from tests.component.loopback import Behaviour, Loopback, loopback
from tests.web.conftest import Site, _site
from tests.web.samples import Sample


def status(code: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer with a status."""

    def answer(request: Any) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


@dataclass
class Listener:
    """An endpoint of a tenant, and the system behind it."""

    site: Site
    sample: Sample
    system: Loopback
    endpoint_id: int
    secret: str

    def run(self) -> None:
        """Send what is due."""
        with self.site.app.app_context(), system_scope():
            webhook_sending.deliver()

    def rows(self) -> list[WebhookDelivery]:
        with self.site.data() as session:
            session.expire_all()
            query = select(WebhookDelivery).order_by(WebhookDelivery.id)
            return list(session.scalars(query))

    def endpoint(self) -> WebhookEndpoint:
        with self.site.data() as session:
            session.expire_all()
            return session.get(WebhookEndpoint, self.endpoint_id)

    def make_due(self, **values: Any) -> None:
        """Let every queued message be due now."""
        with self.site.data() as session:
            session.execute(
                update(WebhookDelivery)
                .values(due_at=utcnow() - timedelta(seconds=1), **values)
                .execution_options(synchronize_session=False)
            )
            session.execute(update(WebhookEndpoint).values(not_before=None))

    def test(self) -> None:
        """Queue a message and send it."""
        with self.site.data() as session:
            webhooks_out.send_test(session.get(WebhookEndpoint, self.endpoint_id))
        self.run()


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """The site, with webhooks to this machine allowed as the tests need it."""
    yield from _site(replace(settings, webhooks_to_loopback=True), csrf=False)


@pytest.fixture
def system() -> Iterator[Loopback]:
    with loopback(status(204)) as running:
        yield running


def listen(site: Site, sample: Sample, url: str, events: Any = EVENTS) -> Any:
    with site.data():
        user = accounts.find_by_email(sample.owner)
        assert user is not None
        row, secret = webhooks_out.add(sample.tenant.id, url, events, user_id=user.id)
        return row.id, secret


@pytest.fixture
def listener(site: Site, sample: Sample, system: Loopback) -> Listener:
    return Listener(site, sample, system, *listen(site, sample, f"{system.url}hook"))


def program_of(listener: Listener) -> Program:
    made = token(listener.site, listener.sample)
    return Program(listener.site, listener.sample, made)


def test_a_change_is_told_with_a_signature(listener: Listener) -> None:
    key = program_of(listener).relation(debtor_number="10001")
    listener.run()
    (got,) = listener.system.received
    headers = {name.lower(): value for name, value in got.headers.items()}
    body = json.loads(got.body)
    assert (got.method, got.path, body["type"]) == ("POST", "/hook", "relation.changed")
    assert body["data"]["id"] == key
    assert body["data"]["debtor_number"] == "10001"
    assert "name" in body["data"]["fields"]
    assert "Bakkerij" not in got.body
    assert headers["webhook-signature"] == sign(
        key_of(listener.secret),
        headers["webhook-id"],
        int(headers["webhook-timestamp"]),
        got.body,
    )
    (row,) = listener.rows()
    assert (row.state, row.last_status, row.failures) == (DeliveryState.DONE, 204, 0)
    assert listener.endpoint().succeeded_at is not None


def test_every_event_of_the_list_is_told(listener: Listener) -> None:
    program = program_of(listener)
    vat_code(listener.site, listener.sample)
    key = program.relation()
    gone = program.relation(name="Weg")
    program.call("DELETE", f"/relations/{gone}")
    made = program.post("/invoices", draft(key)).json["id"]
    program.post(f"/invoices/{made}/send")
    with listener.site.data() as session:
        row = session.get(SalesInvoice, made)
        invoices.booked(row)
        invoices.booked(row)
        invoices.paid(row, row.due_on)
    assert [each.event for each in listener.rows()] == [
        "relation.changed", "relation.changed", "relation.deleted", "invoice.sent",
        "invoice.booked", "invoice.paid",
    ]  # fmt: skip
    last = json.loads(listener.rows()[-1].payload)["data"]
    assert (last["state"], last["amount_incl_vat"]) == (InvoiceState.PAID, "272.25")


def test_only_what_is_asked_for_is_told(site: Site, sample: Sample) -> None:
    listen(site, sample, "https://example.com/x", ["order.failed"])
    with site.data() as session:
        webhooks_out.tell(sample.tenant.id, "order.booked", {})
        webhooks_out.tell(sample.tenant.id, "order.failed", {})
        webhooks_out.tell(sample.tenant.id + 1, "order.failed", {})
        events = session.scalars(select(WebhookDelivery.event)).all()
    assert events == ["order.failed"]


def test_what_was_rolled_back_is_not_told(listener: Listener) -> None:
    scope = tenant_scope(listener.sample.tenant.id)
    with listener.site.app.app_context(), scope, pytest.raises(AskUser):
        _save_two_of_one_number()
    assert listener.rows() == []


def _save_two_of_one_number() -> None:
    with transaction():
        for name in ("X", "Y"):
            relations.save(RelationData(False, name, debtor_number="1"), None)


@pytest.mark.parametrize("code", [400, 404, 429, 500, 503, 301])
def test_anything_but_yes_is_tried_again_with_growing_pauses(
    listener: Listener, code: int
) -> None:
    listener.system.script[:] = [status(code, b"nee", Location="/elsewhere")]
    listener.test()
    seen = []
    for _ in PAUSES:
        (row,) = listener.rows()
        seen.append(row.due_at - row.tried_at)
        assert row.state == DeliveryState.QUEUED
        listener.make_due()
        listener.run()
    assert seen == list(PAUSES)
    assert sum(PAUSES, timedelta()) > timedelta(days=3)
    (row,) = listener.rows()
    assert (row.state, row.failures) == (DeliveryState.FAILED, len(PAUSES) + 1)
    assert len({r.path for r in listener.system.received}) == 1
    ids = {each.headers["webhook-id"] for each in listener.system.received}
    assert ids == {row.message_id}


def test_after_the_last_try_it_is_switched_off_and_the_owner_told(
    listener: Listener,
) -> None:
    listener.system.script[:] = [status(500)]
    listener.test()
    listener.make_due(failures=len(PAUSES))
    listener.run()
    found = listener.endpoint()
    assert (found.enabled, found.reason) == (False, "webhook_unreachable")
    with listener.site.data() as session:
        kinds = session.scalars(select(Mail.kind)).all()
        codes = session.scalars(select(LogEntry.code)).all()
    assert kinds == ["webhook_disabled"]
    assert "webhook_unreachable" in codes
    page = listener.site.client(listener.sample.owner).get("/instellingen/api").text
    assert "Drie dagen lang kwam er geen enkele melding aan." in page


def test_an_endpoint_that_takes_others_stays_on(listener: Listener) -> None:
    listener.system.script[:] = [status(500), status(204), status(500)]
    listener.test()
    listener.test()
    listener.make_due(failures=len(PAUSES))
    listener.run()
    assert [row.state for row in listener.rows()] == ["failed", "done"]
    assert listener.endpoint().enabled


def test_gone_switches_it_off_at_once(listener: Listener) -> None:
    listener.system.script[:] = [status(410)]
    listener.test()
    found = listener.endpoint()
    assert (found.enabled, found.reason) == (False, "webhook_gone")
    assert listener.rows()[0].state == DeliveryState.FAILED


def test_what_waits_goes_on_when_it_is_switched_on_again(listener: Listener) -> None:
    client = listener.site.client(listener.sample.owner)
    where = f"/instellingen/api/webhooks/{listener.endpoint_id}/schakelen"
    listener.system.script[:] = [status(500), status(204)]
    listener.test()
    client.post(where, data={"aan": "0"})
    listener.make_due()
    listener.run()
    assert len(listener.system.received) == 1
    client.post(where, data={"aan": "1"})
    listener.run()
    assert listener.rows()[0].state == DeliveryState.DONE


def test_a_silent_endpoint_does_not_hold_up_the_others(
    listener: Listener, site: Site, sample: Sample
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    dead, _secret = listen(site, sample, f"http://127.0.0.1:{port}/")
    with site.data() as session:
        for _ in range(3):
            webhooks_out.send_test(session.get(WebhookEndpoint, dead))
        webhooks_out.send_test(session.get(WebhookEndpoint, listener.endpoint_id))
    listener.run()
    tried = [row for row in listener.rows() if row.endpoint_id == dead]
    assert [row.failures for row in tried] == [1, 0, 0]
    assert tried[0].answer == "remote_unreachable"
    assert len(listener.system.received) == 1


def test_a_long_answer_is_not_kept_whole(listener: Listener) -> None:
    listener.system.script[:] = [status(200, b"nee dank u " * 500)]
    listener.test()
    (row,) = listener.rows()
    assert row.state == DeliveryState.DONE
    assert row.answer.startswith("nee dank u")
    assert 400 < len(row.answer) <= 500


def test_an_endless_answer_is_cut_off(listener: Listener) -> None:
    listener.system.script[:] = [status(200, b"x" * 200_000)]
    listener.test()
    assert listener.rows()[0].answer == "remote_too_large"


def test_while_a_secret_is_replaced_both_sign(listener: Listener) -> None:
    with listener.site.data() as session:
        row = session.get(WebhookEndpoint, listener.endpoint_id)
        new = webhooks_out.rotate(row)
        assert listener.secret.encode() not in row.secret
    for keys in ((new, listener.secret), (new,)):
        listener.system.received.clear()
        listener.test()
        (got,) = listener.system.received
        made = [
            sign(
                key_of(secret),
                got.headers["webhook-id"],
                int(got.headers["webhook-timestamp"]),
                got.body,
            )
            for secret in keys
        ]
        assert got.headers["webhook-signature"].split(" ") == made
        with listener.site.data() as session:
            later = utcnow() - timedelta(seconds=1)
            session.get(WebhookEndpoint, listener.endpoint_id).previous_until = later


INSIDE = ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00::1"]


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_called(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    _resolve(monkeypatch, address)
    _address(listener, "https://hooks.example.com/x")
    listener.test()
    (row,) = listener.rows()
    assert (row.answer, row.last_status) == ("webhook_address_refused", 0)
    assert listener.system.received == []


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "ftp://example.com/"])
def test_without_tls_nothing_is_sent(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    _resolve(monkeypatch, "8.8.8.8")
    _address(listener, url)
    listener.test()
    assert listener.rows()[0].answer == "webhook_address_refused"


def test_this_machine_is_refused_unless_the_setting_says_so(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = listener.site.app.extensions["koppelwerk"]
    strict = replace(parts.settings, webhooks_to_loopback=False)
    changed = replace(parts, settings=strict)
    monkeypatch.setitem(listener.site.app.extensions, "koppelwerk", changed)
    listener.test()
    assert listener.rows()[0].answer == "webhook_address_refused"
    assert listener.system.received == []


def test_the_call_goes_to_the_address_that_was_judged(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads inside at the second question gets no second question."""
    asked = _resolve(monkeypatch, "192.88.99.1", "127.0.0.1")
    monkeypatch.setattr("core.net.public_address.is_public", lambda _: True)
    reached: list[Any] = []

    def connect(address: Any, *_args: Any, **_options: Any) -> Any:
        reached.append(address)
        raise OSError("no route")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    _address(listener, "https://hooks.example.com/x")
    listener.test()
    assert reached == [("192.88.99.1", 443)]
    assert len(asked) == 1
    assert listener.rows()[0].answer == "remote_unreachable"


def _resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let names have these addresses, another one at each question."""
    left, asked = list(addresses), []

    def answer(host: str, port: int, *_args: Any, **_options: Any) -> Any:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def _address(listener: Listener, url: str) -> None:
    with listener.site.data() as session:
        session.get(WebhookEndpoint, listener.endpoint_id).url = url


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "https://10.0.0.1/", "https://[fd00::1]/", "https://intern/",
     "https://user:pw@example.com/", "ftp://example.com/", "https://", "x",
     "https://printer.local/", "https://example.com:99999/", "https://exa mple.com/",
     "https://169.254.169.254/latest"],
)  # fmt: skip
def test_a_form_refuses_what_would_not_be_called(
    site: Site, sample: Sample, url: str
) -> None:
    form = {"url": url, "events": ["order.booked"]}
    answer = site.client(sample.owner).post("/instellingen/api/webhooks", data=form)
    assert answer.status_code == 422, url
    with site.data() as session:
        assert session.scalars(select(WebhookEndpoint)).all() == []


def test_the_owner_adds_one_and_sees_its_secret_once(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    form = {"url": "https://example.com/hook", "events": ["order.booked"]}
    page = client.post("/instellingen/api/webhooks", data=form)
    assert (page.status_code, "whsec_" in page.text) == (200, True)
    assert "whsec_" not in client.get("/instellingen/api").text
    client.post("/instellingen/api/webhooks/1/test")
    shown = client.get("/instellingen/api/webhooks/1").text
    assert "Een test" in shown
    client.post("/instellingen/api/meldingen/1/opnieuw")
    client.post("/instellingen/api/webhooks/1/geheim")
    assert client.post("/instellingen/api/webhooks/1/verwijderen").status_code == 303
    assert client.get("/instellingen/api/webhooks/1").status_code == 404


def test_a_message_is_sent_again_under_its_own_id(listener: Listener) -> None:
    listener.test()
    client = listener.site.client(listener.sample.owner)
    client.post(f"/instellingen/api/meldingen/{listener.rows()[0].id}/opnieuw")
    listener.run()
    first, again = listener.system.received
    assert first.headers["webhook-id"] == again.headers["webhook-id"]


def test_messages_are_forgotten_after_a_month(listener: Listener) -> None:
    listener.test()
    with listener.site.data():
        cleaning.clean(utcnow() + timedelta(days=31))
    assert listener.rows() == []


def test_an_order_costs_one_small_question_where_nobody_listens(
    site: Site, sample: Sample
) -> None:
    with site.queries() as sent, site.data():
        webhooks_out.tell(sample.tenant.id, "order.booked", {"id": 1})
    assert len([each for each in sent if each.startswith("SELECT")]) == 1
    assert not [each for each in sent if each.startswith("INSERT")]
