"""The webhook address of KMO Shops: what is kept, what is refused, and its answers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from core.domain import jsontext
from core.domain.clock import utcnow
from core.models import Connection, ConnectionState, InboxEvent
from core.runtime import jobs
from core.runtime.settings import Settings
from core.services.transfer import inbox
from core.web.policy import access_of
from plugins.kmoshops import views
from plugins.kmoshops.checks import signature
from tests.web.conftest import Site, _site

SECRET = "sandbox-secret"
STORE = "kmoshops-1"


@dataclass
class Hook:
    """The webhook address of a site with one connected shop."""

    site: Site
    woken: list[tuple[Any, ...]]

    def event(self, **changes: Any) -> dict[str, Any]:
        """A message as the contract writes it."""
        return {
            "eventId": "80aece08-40e8-4145-8764-6c2f0d38678",
            "eventCreated": int(utcnow().timestamp()),
            "storeId": STORE,
            "entityId": 103,
            "eventType": "order.created",
            "data": {"newPaymentStatus": "PAID", "newFulfillmentStatus": "SHIPPED"},
            **changes,
        }

    def send(
        self, body: Any, sign: str | None = None, secret: str = SECRET
    ) -> TestResponse:
        """Send a message, well signed unless told otherwise."""
        if sign is None and isinstance(body, dict):
            sign = signature(secret, body["eventCreated"], body["eventId"])
        text = body if isinstance(body, bytes) else jsontext.dumps(body).encode()
        return self.site.app.test_client().post(
            "/webhooks/kmoshops?eventtype=order.created",
            data=text,
            headers={views.SIGNATURE: sign or ""},
            content_type="application/json",
        )

    def kept(self) -> list[tuple[str, str]]:
        """Kind and order of the messages in the inbox."""
        with self.site.data() as data:
            rows = data.scalars(select(InboxEvent).order_by(InboxEvent.id)).all()
            return [(row.kind, row.source_id) for row in rows]


def _hook(site: Site, monkeypatch: pytest.MonkeyPatch) -> Hook:
    site.sample()
    woken: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "wake", lambda *wake: woken.append(wake))
    return Hook(site, woken)


@pytest.fixture
def hook(strict_site: Site, monkeypatch: pytest.MonkeyPatch) -> Hook:
    """A hook on a site with CSRF protection, as it runs."""
    return _hook(strict_site, monkeypatch)


@pytest.fixture
def rotating(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A hook while its secret is being replaced."""
    two = settings.with_environ({"KMOSHOPS_CLIENT_SECRET": f"the-next, {SECRET}"})
    sites = _site(two, csrf=True)
    yield _hook(next(sites), monkeypatch)
    next(sites, None)


@pytest.mark.parametrize("kind", ["order.created", "order.updated", "order.deleted"])
def test_an_order_message_is_kept_and_wakes_the_queue(hook: Hook, kind: str) -> None:
    assert hook.send(hook.event(eventType=kind)).status_code == 200
    assert hook.kept() == [(kind, "103")]
    assert [wake[:2] for wake in hook.woken] == [("reading", "inbox")]


@pytest.mark.parametrize(
    ("named", "number"),
    [
        ({"data": {"orderId": "W-7"}}, "W-7"),
        ({"data": {"orderId": ""}}, "103"),
        ({"data": ["odd"]}, "103"),
        ({"data": None}, "103"),
    ],
)
def test_the_order_s_own_number_goes_first(
    hook: Hook, named: dict[str, Any], number: str
) -> None:
    assert hook.send(hook.event(**named)).status_code == 200
    assert hook.kept() == [("order.created", number)]


def test_a_repeat_is_answered_and_kept_once(hook: Hook) -> None:
    event = hook.event()
    assert [hook.send(event).status_code for _ in range(3)] == [200] * 3
    assert len(hook.kept()) == len(hook.woken) == 1


def test_repeats_at_the_same_moment_are_kept_once(hook: Hook) -> None:
    event = hook.event()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: hook.send(event), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(hook.kept()) == 1


@pytest.mark.parametrize(
    "kind",
    ["application.installed", "application.subscriptionStatusChanged",
     "unfinished_order.created", "product.updated", "profile.updated", ""],
)  # fmt: skip
def test_other_messages_are_answered_and_left(hook: Hook, kind: str) -> None:
    assert hook.send(hook.event(eventType=kind)).status_code == 200
    assert hook.kept() == hook.woken == []


def test_a_removed_app_is_looked_into_by_the_queue(hook: Hook) -> None:
    """The body is not signed: nothing ends before the shop itself was asked."""
    event = hook.event(eventType="application.uninstalled", entityId=STORE)
    assert hook.send(event).status_code == 200
    assert hook.kept() == [("application.uninstalled", "")]
    with hook.site.data() as data:
        shop = data.scalars(select(Connection).where(Connection.plugin == "kmoshops"))
        assert shop.one().state == ConnectionState.CONNECTED


def test_unknown_and_ended_shops_get_the_same_answer(hook: Hook) -> None:
    known = hook.send(hook.event(eventType="product.updated"))
    unknown = hook.send(hook.event(storeId=999))
    with hook.site.data() as data:
        ended = {"state": ConnectionState.ENDED}
        data.execute(update(Connection).values(**ended))
    gone = hook.send(hook.event())
    answers = {(a.status_code, a.data, a.content_type) for a in (known, unknown, gone)}
    assert len(answers) == 1
    assert hook.kept() == []


def test_an_unsigned_message_tells_nothing_about_shops(hook: Hook) -> None:
    answers = [
        hook.send(hook.event(storeId=store), sign="AAAA") for store in (STORE, "999")
    ]
    assert {(a.status_code, a.data) for a in answers} == {(401, b"")}
    assert hook.kept() == []


@pytest.mark.parametrize("change", [{"eventId": "another"}, {"eventCreated": 1}])
def test_a_signature_is_for_one_message(hook: Hook, change: dict[str, Any]) -> None:
    event = hook.event()
    sign = signature(SECRET, event["eventCreated"], event["eventId"])
    assert hook.send({**event, **change}, sign=sign).status_code == 401
    assert hook.send(event, secret="somebody else's").status_code == 401
    assert hook.send(event, sign="").status_code == 401
    assert hook.send(event, sign="é").status_code == 401
    assert hook.kept() == []


def test_both_secrets_sign_while_one_is_replaced(rotating: Hook) -> None:
    for number, secret in enumerate((SECRET, "the-next")):
        event = rotating.event(eventId=f"e{number}")
        assert rotating.send(event, secret=secret).status_code == 200
    assert len(rotating.kept()) == 2
    event = rotating.event(eventId="e9")
    assert rotating.send(event, secret=f"the-next, {SECRET}").status_code == 401


def test_a_retry_that_comes_too_late_has_the_shop_polled(hook: Hook) -> None:
    """It is ours, so we missed it: nothing of it is believed, the shop is asked."""
    asked = []
    for seconds, given in ((-900, None), (-900, "AAAA")):
        later = utcnow() + timedelta(hours=1)
        with hook.site.data() as data:
            shop = Connection.plugin == "kmoshops"
            planned = {"next_run_at": later, "last_run_at": None}
            data.execute(update(Connection).where(shop).values(**planned))
            data.commit()
        event = hook.event(eventCreated=int(utcnow().timestamp()) + seconds)
        hook.send(event, sign=given)
        with hook.site.data() as data:
            asked.append(
                data.scalar(select(Connection.next_run_at).where(shop)) < later
            )
    assert asked == [True, False]


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_an_old_message_is_refused(hook: Hook, seconds: int) -> None:
    created = int(utcnow().timestamp()) + seconds
    created += 2 if seconds > 0 else -2
    assert hook.send(hook.event(eventCreated=created)).status_code == 401
    assert hook.kept() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"eventId": "a", "eventId": "b", "eventCreated": 1}',
        b'{"eventId": "a"}',
        b'{"eventId": 7, "eventCreated": 1}',
        b'{"eventId": "", "eventCreated": 1}',
        b'{"eventId": "a", "eventCreated": "1"}',
        b'{"eventId": "a", "eventCreated": 1.5}',
        b'{"eventId": "a", "eventCreated": NaN}',
        b'{"eventId": "\\ud800", "eventCreated": 1}',
        b'{"eventId": "a\\u0000", "eventCreated": 1}',
        b'{"eventId": "' + b"a" * 101 + b'", "eventCreated": 1}',
        b'{"eventId": "a", "eventCreated": 1, "entityId": "\\u0000"}',
        b'{"eventId": "a", "eventCreated": 1, "entityId": "' + b"1" * 65 + b'"}',
        b'{"eventId": "a", "eventCreated": 1, "eventType": "order.' + b"x" * 50 + b'"}',
        b'{"eventId": "a", "eventCreated": ' + b"9" * 5000 + b"}",
        b"[" * 20_000,
    ],
)
def test_what_is_no_message_is_refused_before_all(hook: Hook, body: bytes) -> None:
    assert hook.send(body, sign="AAAA").status_code == 400
    assert hook.kept() == []


def test_a_huge_moment_is_refused_like_any_old_one(hook: Hook) -> None:
    assert hook.send(hook.event(eventCreated=10**400)).status_code == 401


def test_a_large_body_is_not_read(hook: Hook) -> None:
    event = hook.event(data={"orderId": "W-1", "filler": "x" * 70_000})
    assert hook.send(event).status_code == 413
    assert hook.kept() == []


def test_a_shop_s_number_of_another_type_is_no_crash(hook: Hook) -> None:
    answers = {
        str(store)[:9]: hook.send(hook.event(storeId=store)).status_code
        for store in (None, {"a": 1}, ["x"], 10**40, "\u0000", "x" * 5000)
    }
    assert list(answers.values()) == [200, 200, 200, 200, 400, 400]
    assert hook.kept() == []


def test_without_the_database_the_shop_is_asked_to_come_again(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_values: Any) -> bool:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "accept", broken)
        assert hook.send(hook.event()).status_code == 503
    assert hook.kept() == hook.woken == []
    assert hook.send(hook.event()).status_code == 200
    assert len(hook.kept()) == 1


def test_only_post_is_taken(hook: Hook) -> None:
    assert hook.site.app.test_client().get("/webhooks/kmoshops").status_code == 405


def test_a_message_costs_two_statements(hook: Hook) -> None:
    """One look at the connection and one insert: webhooks come in bursts."""
    with hook.site.queries() as sent:
        assert hook.send(hook.event()).status_code == 200
    words = [statement.split()[0] for statement in sent]
    assert [w for w in words if w not in ("BEGIN", "COMMIT")] == ["SELECT", "INSERT"]


def test_the_address_is_declared_as_a_webhook(hook: Hook) -> None:
    assert access_of(hook.site.app, "kmoshops.webhook") == "webhook"
