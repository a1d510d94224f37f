"""Orders by the API, and the shop they are of: once, the newest, and to the package."""

from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    InboxState,
    ShopOrder,
    Transfer,
    TransferState,
)
from core.runtime import jobs
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.linking import couplings
from core.services.transfer import inbox, orders, transfers
from core.web.api.order_schemas import EXAMPLE
from plugins.ownshop import tasks
from tests.api.conftest import Program, shop


def order(**changes: Any) -> dict[str, Any]:
    """The order of the document's example."""
    return {**deepcopy(EXAMPLE), **changes}


@pytest.fixture
def shop_id(program: Program) -> int:
    return shop(program.site, program.sample)


def couple(program: Program, shop_id: int) -> int:
    """Couple the shop to the sample's package, as if it were configured."""
    with program.site.data() as session, tenant_scope(program.sample.tenant.id):
        source = session.get(Connection, shop_id)
        target = session.get(Connection, program.sample.package.id)
        made: Coupling = couplings.create(source, target)
        made.configured_at, made.starts_on = utcnow(), None
        return made.id


def states(program: Program) -> list[tuple[str, str]]:
    with program.site.data() as session:
        rows = session.scalars(select(Transfer).order_by(Transfer.id))
        return [(row.number, row.state) for row in rows]


def test_an_order_is_kept_as_it_was_sent(program: Program, shop_id: int) -> None:
    answer = program.post("/orders", order())
    assert answer.status_code == 200, answer.json
    assert answer.json["shop_id"] == shop_id
    assert (answer.json["total_incl_vat"], answer.json["vat_amount"]) == (
        "72.60",
        "12.60",
    )
    assert program.get(f"/orders/{answer.json['id']}").json == answer.json
    with program.site.data() as session:
        kept = orders.load(session.scalars(select(ShopOrder)).one())
    assert (kept.email, kept.country, len(kept.lines)) == (
        "koper@voorbeeld.example",
        "NL",
        2,
    )


def test_a_ready_order_is_queued_once(program: Program, shop_id: int) -> None:
    couple(program, shop_id)
    for _ in range(3):
        answer = program.post("/orders", order())
    (sent,) = answer.json["transfers"]
    assert sent["state"] in ("waiting", "queued")
    assert len(states(program)) == 1


def test_a_waiting_order_goes_when_the_shop_says_so(
    program: Program, shop_id: int
) -> None:
    couple(program, shop_id)
    waits = program.post("/orders", order(status="waiting")).json["transfers"][0]
    assert (waits["state"], waits["code"]) == ("waiting", "shop_says_wait")
    assert "nog niet door" in waits["text"]
    later = "2026-03-31T11:00:00+02:00"
    goes = program.post("/orders", order(updated_at=later)).json["transfers"][0]
    assert (goes["state"], goes["id"]) == ("queued", waits["id"])


def test_an_older_reading_changes_nothing(program: Program, shop_id: int) -> None:
    program.post("/orders", order())
    older = order(updated_at="2026-03-31T10:00:00+02:00", number="OUD")
    answer = program.post("/orders", older)
    assert (answer.status_code, answer.json["number"]) == (200, "W-8812")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total_incl_vat": "72.61"}, "total_mismatch"),
        ({"currency": "USD"}, "currency_not_eur"),
        ({"billing": {}}, "country_unknown"),
    ],
)
def test_what_nobody_can_book_is_refused_at_once(
    program: Program, shop_id: int, changes: dict[str, Any], code: str
) -> None:
    answer = program.post("/orders", order(**changes))
    assert (answer.status_code, answer.json["code"]) == (422, code)
    with program.site.data() as session:
        assert session.scalars(select(ShopOrder)).all() == []
    waiting = program.post("/orders", order(**changes, status="waiting"))
    assert waiting.status_code == 200


LINE = {"description": "x", "quantity": "1", "vat_rate": "21"}
MUG = {**LINE, "amount_incl_vat": "12.10", "vat_amount": "2.10"}


@pytest.mark.parametrize(
    ("vat", "rate"),
    [("0.00", "21"), ("-2.10", "21"), ("2.50", "21"), ("2.10", "99"), ("0.10", "0")],
)
def test_vat_that_does_not_fit_its_rate_is_refused(
    program: Program, shop_id: int, vat: str, rate: str
) -> None:
    lines = [{**MUG, "vat_amount": vat, "vat_rate": rate}]
    answer = program.post("/orders", order(total_incl_vat="12.10", lines=lines))
    assert (answer.status_code, answer.json["code"]) == (422, "vat_off_rate")


FUTURE = "2090-01-01T00:00:00+00:00"
PAID = {"method": "iDEAL", "amount": "72.60", "paid_at": "2026-03-31T10:15:00Z"}
BACK = {"source_id": "r1", "amount": "12.10", "refunded_at": "2026-04-02T10:15:00Z"}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"ordered_at": FUTURE}, "ordered_at", "field_future"),
        ({"updated_at": FUTURE}, "updated_at", "field_future"),
        ({"billing": {"country": "ZZ"}}, "billing.country", "field_country"),
        ({"billing": {"country": "UK"}}, "billing.country", "field_country_gb"),
        ({"delivery": {"country": "EL"}}, "delivery.country", "field_country_gr"),
        ({"email": "geen"}, "email", "field_email"),
        ({"email": "a@b.nl, c@d.nl"}, "email", "field_email"),
        ({"number": "W\x08"}, "number", "field_characters"),
        ({"number": "W\ufffe"}, "number", "field_characters"),
        ({"payments": [PAID, PAID]}, "payments", "field_paid"),
        ({"payments": [{**PAID, "paid_at": FUTURE}]}, "payments.0.paid_at",
         "field_future"),
        ({"refunds": [BACK, BACK]}, "refunds", "field_twice"),
        ({"refunds": [{**BACK, "amount": "0"}]}, "refunds.0.amount", "field_zero"),
        ({"refunds": [{**BACK, "amount": "12.00", "lines": [MUG]}]}, "refunds.0.lines",
         "field_sum"),
        ({"refunds": [{**BACK, "kind": "gone"}]}, "refunds.0.kind", "field_choice"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_is_named(
    program: Program, shop_id: int, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = program.post("/orders", order(**changes, status="waiting"))
    assert answer.status_code == 422
    wrong = [(each["field"], each["code"]) for each in answer.json["errors"]]
    assert wrong == [(field, code)]


def test_a_future_moment_never_hides_a_cancellation(
    program: Program, shop_id: int
) -> None:
    assert program.post("/orders", order(updated_at=FUTURE)).status_code == 422
    later = order(updated_at="2026-04-01T00:00:00+00:00", status="cancelled")
    answer = program.post("/orders", later)
    assert (answer.status_code, answer.json["status"]) == (200, "cancelled")


def test_what_was_paid_and_what_went_back_is_kept(
    program: Program, shop_id: int
) -> None:
    back = {**BACK, "kind": "returned", "reason": "Kapot", "lines": [MUG]}
    credit = {**PAID, "method": "store_credit", "amount": "12.60"}
    body = order(
        payments=[{**PAID, "amount": "60.00"}, credit],
        refunds=[back],
        is_collected=True,
        is_business=False,
        billing={"country": "NL", "company": "n.v.t."},
    )
    assert program.post("/orders", body).status_code == 200
    with program.site.data() as session:
        kept = orders.load(session.scalars(select(ShopOrder)).one())
    assert [(p.method, str(p.amount)) for p in kept.payments] == [
        ("iDEAL", "60.00"),
        ("store_credit", "12.60"),
    ]
    [refund] = kept.refunds
    assert (refund.source_id, str(refund.kind), refund.reason) == (
        "r1",
        "returned",
        "Kapot",
    )
    assert str(refund.lines[0].vat_amount) == str(kept.refunded_amount - 10) == "2.10"
    assert (kept.is_collected, kept.is_business, kept.company) == (True, False, "")


@pytest.mark.parametrize("kind", ["gift_card", "deposit", "tip"])
def test_what_is_no_turnover_has_a_kind(
    program: Program, shop_id: int, kind: str
) -> None:
    extra = {**LINE, "kind": kind, "amount_incl_vat": "2", "vat_amount": "0"}
    lines = [MUG, {**extra, "vat_rate": "0"}]
    answer = program.post("/orders", order(total_incl_vat="14.10", lines=lines))
    assert answer.status_code == 200, answer.json
    with program.site.data() as session:
        kept = orders.load(session.scalars(select(ShopOrder)).one())
    assert [str(line.kind) for line in kept.lines] == ["goods", kind]


def test_a_discount_line_goes_inside_the_others(program: Program, shop_id: int) -> None:
    less = {**LINE, "amount_incl_vat": "-1.10", "vat_amount": "-0.19"}
    body = order(total_incl_vat="11.00", lines=[MUG, less])
    assert program.post("/orders", body).json["vat_amount"] == "1.91"


@pytest.mark.parametrize(
    "moment",
    ["2026-03-31T10:00:00", "2026-03-31", "0001-01-01T00:00:00+14:00", 1, "now",
     "9999-12-31T23:59:59-14:00"],
)  # fmt: skip
def test_a_moment_has_its_offset(program: Program, shop_id: int, moment: Any) -> None:
    answer = program.post("/orders", order(ordered_at=moment))
    assert [each["field"] for each in answer.json["errors"]] == ["ordered_at"]


def test_without_a_shop_there_is_nowhere_to_put_it(program: Program) -> None:
    answer = program.post("/orders", order())
    assert (answer.status_code, answer.json["code"]) == (409, "api_shop_none")


def test_of_several_shops_one_is_named(program: Program, shop_id: int) -> None:
    second = shop(program.site, program.sample, "Tweede winkel")
    unclear = program.post("/orders", order())
    assert (unclear.status_code, unclear.json["code"]) == (422, "api_shop_which")
    named = program.post("/orders", order(shop_id=second))
    assert named.json["shop_id"] == second
    other = program.post("/orders", order(shop_id=shop_id))
    assert other.json["id"] != named.json["id"]
    assert [each["id"] for each in program.get("/me").json["shops"]] == [
        shop_id,
        second,
    ]


def test_a_shop_of_another_kind_or_tenant_is_unknown(
    program: Program, other: Program, shop_id: int
) -> None:
    foreign = shop(other.site, other.sample, "Canary")
    for key in (foreign, program.sample.shop.id, 999):
        answer = program.post("/orders", order(shop_id=key))
        assert (answer.status_code, answer.json["code"]) == (422, "api_shop_unknown")


def test_an_ended_shop_takes_nothing(program: Program, shop_id: int) -> None:
    with program.site.data() as session:
        session.get(Connection, shop_id).state = ConnectionState.ENDED
    answer = program.post("/orders", order())
    assert (answer.status_code, answer.json["code"]) == (409, "api_shop_none")


def test_a_coupling_made_later_gets_the_orders_there_are(
    program: Program, shop_id: int
) -> None:
    program.post("/orders", order())
    program.post("/orders", order(source_id="2", number="W-2", status="waiting"))
    couple(program, shop_id)
    assert states(program) == []
    with program.site.app.app_context(), system_scope():
        tasks.poll(shop_id)
        tasks.poll(shop_id)
    assert states(program) == [
        ("W-8812", TransferState.QUEUED),
        ("W-2", TransferState.WAITING),
    ]
    with program.site.data() as session:
        connection = session.get(Connection, shop_id)
        assert connection.next_run_at > utcnow()


@pytest.mark.parametrize("task", ["poll", "inbox"])
def test_a_shop_with_many_orders_takes_turns(
    program: Program, shop_id: int, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    couple(program, shop_id)
    for number in ("1", "2", "3"):
        program.post("/orders", order(source_id=number, number=number))
    with program.site.data() as session:
        connection = session.get(Connection, shop_id)
        for number in ("1", "2", "3"):
            inbox.accept(connection, event_id=number, kind="retry", source_id=number)
    woken: list[tuple[str, str, int]] = []
    monkeypatch.setattr(jobs, "wake", lambda *wake: woken.append(wake))
    monkeypatch.setattr(tasks, "PAGE", 2)
    monkeypatch.setattr(tasks, "TURN_SECONDS", -1)
    queue = {"poll": "reading", "inbox": "urgent"}[task]
    with program.site.app.app_context(), system_scope():
        getattr(tasks, task)(shop_id)
        assert woken.count((queue, task, shop_id)) == 1
        woken.clear()
        getattr(tasks, task)(shop_id)
    assert (queue, task, shop_id) not in woken


def test_verwerk_offers_the_order_again(program: Program, shop_id: int) -> None:
    couple(program, shop_id)
    program.post("/orders", order())
    with program.site.data() as session:
        row = session.scalars(select(Transfer)).one()
        row.state, row.code = TransferState.WAITING, transfers.REFRESHING
        connection = session.get(Connection, shop_id)
        inbox.accept(connection, event_id="1", kind="retry", source_id="8812")
    with program.site.app.app_context(), system_scope():
        tasks.inbox(shop_id)
    assert states(program) == [("W-8812", TransferState.QUEUED)]
    with program.site.data() as session:
        assert session.scalars(select(InboxEvent.state)).all() == [InboxState.DONE]


def test_the_shop_is_connected_by_its_name(program: Program) -> None:
    client = program.site.client(program.sample.owner)
    client.post("/plugins/ownshop", data={"enabled": "1"})
    with program.site.data() as session:
        made = session.scalars(
            select(Connection).where(Connection.plugin == "ownshop")
        ).one()
    where = f"/connections/{made.id}/credentials"
    nameless = client.post(where, data={"name": " ", "action": "connect"})
    assert "De winkel heeft nog geen naam." in nameless.text
    form = {"name": "Fietsen &amp; Zo", "action": "connect"}
    assert client.post(where, data=form).status_code == 303
    assert program.get("/me").json["shops"] == [
        {"id": made.id, "name": "Fietsen &amp; Zo"}
    ]
    checked = client.post(f"/connections/{made.id}/check", data={})
    assert checked.status_code == 303
    client.post(f"/connections/{made.id}/disconnect")
    assert program.get("/me").json["shops"] == []


def test_orders_of_every_shop_are_listed(program: Program, shop_id: int) -> None:
    for index in range(3):
        program.post("/orders", order(source_id=str(index), number=f"W-{index}"))
    page = program.get("/orders?limit=2").json
    assert [row["number"] for row in page["items"]] == ["W-0", "W-1"]
    rest = program.get(page["next"].removeprefix("http://localhost/api/v1")).json
    assert [row["number"] for row in rest["items"]] == ["W-2"]
    found = program.get("/orders?source_id=1").json["items"]
    assert [row["number"] for row in found] == ["W-1"]
