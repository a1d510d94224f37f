"""An invoice over Peppol: queued, made, looked up, sent once, followed to its end."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import ConnectionState, SalesInvoice
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.invoicing import sales_invoices
from plugins.peppol import document
from plugins.peppol.connector import go_on
from plugins.peppol.evidence import keeping
from plugins.peppol.models import NOT_CONNECTED, PeppolEvidence, SendingState
from plugins.peppol.sending import queue
from plugins.peppol.wire import Finding
from tests.contract.peppol.conftest import Point
from tests.contract.peppol.world import World

RECEIVER = "0208:0428759497"
QUEUED, SENT, DELIVERED, REJECTED, STOPPED, WITHDRAWN = SendingState


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every document keeps the rules, unless a test is about them."""
    monkeypatch.setattr(document, "findings", lambda *_given: [()])


def test_an_invoice_goes_from_the_button_to_delivered(
    world: World, point: Point
) -> None:
    key = world.invoice()
    assert world.sendings() == [], "nothing goes before it is asked"
    world.ask(key)
    world.work()
    row = world.sending(key)
    assert (row.state, row.receiver, row.sender) == (SENT, RECEIVER, "0106:12345678")
    world.work()
    row = world.sending(key)
    assert (row.state, row.due_at, row.code) == (DELIVERED, None, "")
    assert world.codes() == ["peppol_queued", "peppol_sent", "peppol_delivered"]
    assert world.pieces(key) == ["document", "receipt", "status"]
    assert keeping.verify(row).is_whole
    assert world.mails() == []
    (kept,) = point.documents()
    invoice = session().get_one(SalesInvoice, key)
    assert Decimal(kept["payable"]) == invoice.amount_incl_vat
    assert Decimal(kept["vat"]) == invoice.vat_amount
    assert kept["number"] == invoice.number


def test_what_went_has_the_totals_of_the_booking_and_the_pdf(
    world: World, point: Point
) -> None:
    for is_credit in (False, True):
        key = world.invoice(credit=is_credit)
        world.ask(key)
        world.work()
        row = world.sending(key)
        invoice = session().get_one(SalesInvoice, key)
        booked = sales_invoices.data_of(invoice)
        sign = -1 if is_credit else 1
        root = etree.fromstring(row.content)
        pdf = root.xpath("//*[local-name()='EmbeddedDocumentBinaryObject']")
        due = root.xpath("//*[local-name()='PayableAmount']")
        assert [each.get("mimeCode") for each in pdf] == ["application/pdf"]
        total = booked.amount_excl_vat + booked.vat_amount
        assert sign * Decimal(due[0].text) == total == invoice.amount_incl_vat
        assert row.kind == ("CreditNote" if is_credit else "Invoice")
    assert len(point.documents()) == 2


def test_what_goes_by_itself_is_what_our_mail_did_not_bring(world: World) -> None:
    world.choose("auto")
    going = world.invoice()
    world.invoice("mail")
    person = {"is_person": True, "vat_number": ""}
    world.invoice(**person)
    world.invoice(reference="")  # may go, and lacks what its buyer finds it by
    assert [row.invoice_id for row in world.sendings()] == [going]


def test_what_the_package_sends_itself_never_goes_from_here(world: World) -> None:
    world.choose("package")
    key = world.invoice()
    with pytest.raises(AskUser, match="peppol_package_sends"):
        world.ask(key)
    assert world.sendings() == []


def test_what_was_mailed_goes_only_when_the_user_says_so(
    world: World, point: Point
) -> None:
    key = world.invoice("mail")
    with pytest.raises(AskUser, match="peppol_mailed"):
        world.ask(key)
    world.ask(key, too=True)
    world.work()
    assert len(point.documents()) == 1


def test_pressing_twice_makes_one(world: World, point: Point) -> None:
    key = world.invoice()
    for _each in range(3):
        world.ask(key)
    world.work(3)
    world.ask(key)
    world.work(2)
    assert len(world.sendings()) == len(point.documents()) == 1


def test_a_consumer_gets_none(world: World) -> None:
    key = world.invoice(is_person=True, vat_number="")
    with pytest.raises(AskUser, match="peppol_no_duty"):
        world.ask(key)


# --- the receiver ---------------------------------------------------------------------


def test_a_receiver_that_is_not_registered_asks_the_user(
    world: World, point: Point
) -> None:
    point.control("participant", {"id": RECEIVER, "takes": None})
    key = world.invoice()
    world.ask(key)
    world.work(2)
    row = world.sending(key)
    assert (row.state, row.code) == (STOPPED, "peppol_receiver_unregistered")
    assert row.sent_at is None
    (mail,) = world.mails()
    assert RECEIVER in mail
    point.control("participant", {"id": RECEIVER})
    world.ask(key)
    world.work(2)
    assert world.sending(key).state == DELIVERED


def test_a_receiver_of_other_documents_asks_the_user(
    world: World, point: Point
) -> None:
    point.control("participant", {"id": RECEIVER, "takes": ["Invoice"]})
    key = world.invoice(credit=True)
    world.ask(key)
    world.work()
    assert world.sending(key).code == "peppol_receiver_takes_other"
    assert point.documents() == []


def test_a_register_that_is_down_is_waited_for(world: World, point: Point) -> None:
    point.control("faults", {"kind": "html", "path": "smpquery", "status": 404})
    key = world.invoice()
    world.ask(key)
    world.work(4)
    row = world.sending(key)
    assert (row.state, row.code) == (QUEUED, "remote_nonsense")
    assert row.due_at is not None
    assert row.due_at > utcnow()
    assert world.mails() == []
    world.change(key, created_at=utcnow() - timedelta(days=4, hours=20))
    world.work(2)
    (mail,) = world.mails()
    assert "nog niet verstuurd" in mail
    point.control("faults", verb="DELETE")
    world.work(2)
    assert world.sending(key).state == DELIVERED
    assert len(point.documents()) == 1


# --- once -----------------------------------------------------------------------------

LOST: list[tuple[str, dict[str, Any]]] = [
    ("drop", {}), ("drop_after", {}), ("html", {}), ("html_after", {}),
    ("status", {"status": 502}), ("late_commit", {"seconds": 0.05}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "options"), LOST)
def test_a_lost_answer_makes_one_document(
    world: World,
    point: Point,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    options: dict[str, Any],
) -> None:
    key = world.invoice()
    world.ask(key)
    point.fault(kind, method="POST", **options)
    world.work()
    row = world.sending(key)
    assert row.state == QUEUED
    assert row.sent_at is not None
    assert row.code == "peppol_looked_up"
    world.change(key, not_before=None)
    world.work(5)
    assert world.sending(key).state == DELIVERED
    assert len(point.documents()) == 1
    assert keeping.verify(world.sending(key)).is_whole


def test_what_was_found_is_adopted_and_told(world: World, point: Point) -> None:
    key = world.invoice()
    world.ask(key)
    point.fault("drop_after", method="POST")
    world.work(2)
    assert "peppol_found" in world.codes()
    assert "peppol_sent" not in world.codes()
    assert world.pieces(key)[:2] == ["document", "receipt"]


def test_an_absence_is_certain_only_at_the_second_look(
    world: World, point: Point
) -> None:
    key = world.invoice()
    world.ask(key)
    point.fault("drop", method="POST")
    world.work(2)
    row = world.sending(key)
    assert row.missed_at is not None
    assert point.documents() == [], "the first miss sends nothing"
    world.work()
    assert len(point.documents()) == 1


def test_after_two_sends_without_an_answer_a_person_is_asked(
    world: World, point: Point
) -> None:
    key = world.invoice()
    world.ask(key)
    point.control("faults", {"kind": "drop", "method": "POST"})
    world.work(8)
    row = world.sending(key)
    assert (row.state, row.code) == (STOPPED, "peppol_unclear")
    assert len(world.mails()) == 1
    point.control("faults", verb="DELETE")
    world.ask(key)
    world.work(4)
    assert world.sending(key).state == DELIVERED
    assert len(point.documents()) == 1


def test_another_document_under_our_id_is_never_taken_for_ours(
    world: World, point: Point
) -> None:
    key = world.invoice()
    world.ask(key)
    point.fault("drop_after", method="POST")
    world.work()
    row = world.sending(key)
    other = {"receiverID": "iso6523-actorid-upis::0208:0403170701"}
    point.control("status", {"reference": row.reference, **other})
    world.work()
    row = world.sending(key)
    assert (row.state, row.code) == (STOPPED, "peppol_found_differs")


def test_bytes_that_changed_are_not_sent(world: World, point: Point) -> None:
    key = world.invoice()
    world.ask(key)
    point.fault("status", status=429, retry_after=1, path="smpquery")
    world.work()
    world.change(key, content=b"<Invoice/>")
    world.work()
    assert world.sending(key).code == "peppol_content_changed"
    assert point.documents() == []


# --- taken back, rejected, late -------------------------------------------------------


def _withdraw(world: World, key: int) -> None:
    with transaction(), tenant_scope(world.tenant_id):
        queue.withdraw(session().get_one(SalesInvoice, key), user_id=1)


def test_what_has_not_left_can_be_taken_back(world: World, point: Point) -> None:
    key = world.invoice()
    world.ask(key)
    _withdraw(world, key)
    world.work(2)
    assert world.sending(key).state == WITHDRAWN
    assert point.documents() == []
    world.ask(key)
    world.work(2)
    assert world.sending(key).state == DELIVERED
    with pytest.raises(AskUser, match="peppol_has_left"):
        _withdraw(world, key)


def test_what_may_have_left_is_not_taken_back(world: World, point: Point) -> None:
    key = world.invoice()
    world.ask(key)
    point.fault("drop", method="POST")
    world.work()
    with pytest.raises(AskUser, match="peppol_has_left"):
        _withdraw(world, key)


def test_taken_back_while_it_was_prepared_it_does_not_go(
    world: World, point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugins.peppol.client import AccessPoint

    key = world.invoice()
    world.ask(key)
    looked = AccessPoint.look_up

    def look(self: AccessPoint, *given: Any) -> Any:
        _withdraw(world, key)
        return looked(self, *given)

    monkeypatch.setattr(AccessPoint, "look_up", look)
    world.work()
    assert world.sending(key).state == WITHDRAWN
    assert point.documents() == []


def test_a_rejected_one_is_told_and_may_go_again_as_another(
    world: World, point: Point
) -> None:
    point.control("settings", {"end": "hold"})
    key = world.invoice()
    world.ask(key)
    world.work(2)
    first = world.sending(key).reference
    told = {"status": "rejected", "errorDetails": "BR-CO-15 is broken"}
    point.control("status", {"reference": first, **told})
    world.work()
    row = world.sending(key)
    assert (row.state, row.code) == (REJECTED, "peppol_rejected")
    (mail,) = world.mails()
    assert "BR-CO-15 is broken" in mail
    point.control("settings", {"end": "sent"})
    world.ask(key)
    world.work(2)
    row = world.sending(key)
    assert row.state == DELIVERED
    assert row.reference != first
    assert len({each["sbdhInstanceID"] for each in point.documents()}) == 2
    assert keeping.verify(row).is_whole


def test_a_refusal_after_delivery_is_told_too(world: World, point: Point) -> None:
    point.control("settings", {"mls": "pending"})
    key = world.invoice()
    world.ask(key)
    world.work(2)
    row = world.sending(key)
    assert row.state == DELIVERED
    assert row.due_at is not None, "a refusal may still come"
    point.control("status", {"reference": row.reference, "mlsStatus": "received_re"})
    world.work()
    assert world.sending(key).state == REJECTED


def test_late_is_told_once_after_a_working_day(world: World, point: Point) -> None:
    point.control("settings", {"end": "hold"})
    key = world.invoice()
    world.ask(key)
    world.work(2)
    assert world.mails() == []
    world.change(key, accepted_at=utcnow() - timedelta(days=4))
    world.work(3)
    (mail,) = world.mails()
    assert "na één werkdag nog niet bezorgd" in mail
    world.change(key, accepted_at=utcnow() - timedelta(days=11))
    world.work()
    row = world.sending(key)
    assert (row.state, row.code) == (STOPPED, "peppol_no_end")
    point.control("status", {"reference": row.reference, "status": "sent"})
    world.change(key, accepted_at=utcnow())
    world.ask(key)
    world.work()
    assert world.sending(key).state == DELIVERED
    assert len(point.documents()) == 1


# --- the document ---------------------------------------------------------------------


def test_what_breaks_a_rule_is_not_sent(
    world: World, point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Finding("NL-R-007", "fatal", "x", "")
    monkeypatch.setattr(document, "findings", lambda *_given: [(broken,)])
    key = world.invoice()
    world.ask(key)
    world.work()
    row = world.sending(key)
    assert (row.state, row.code) == (STOPPED, "peppol_invalid")
    assert [each["code"] for each in row.errors] == ["peppol_payment"]
    assert point.documents() == []
    assert world.pieces(key) == []


def test_a_seller_that_is_not_connected_is_not_sent_for(
    world: World, point: Point
) -> None:
    key = world.invoice()
    with transaction():
        world.connection.external_id = "0106:87654321"
    world.ask(key)
    world.work()
    assert world.sending(key).code == "peppol_sender_differs"


# --- the connection -------------------------------------------------------------------


def test_a_lost_login_pauses_and_a_reconnect_goes_on(
    world: World, point: Point
) -> None:
    key = world.invoice()
    world.ask(key)
    point.control("revoke")
    world.work()
    row = world.sending(key)
    assert (row.state, row.code) == (QUEUED, NOT_CONNECTED)
    assert world.connection.state == ConnectionState.PAUSED
    world.work(3)
    assert world.sending(key).failures == 0, "waiting is no failure"
    point.control("revoke", {"back": True})
    with transaction():
        world.connection.state = ConnectionState.CONNECTED
        go_on(world.tenant_id)
    due_at = world.sending(key).due_at
    assert due_at is not None
    assert due_at <= utcnow()
    world.work(3)
    assert world.sending(key).state == DELIVERED
    assert len(point.documents()) == 1


def test_switched_off_nothing_goes(world: World, point: Point) -> None:
    key = world.invoice()
    world.ask(key)
    with transaction():
        connections.switch_plugin(world.tenant_id, "peppol", enabled=False)
    world.work(2)
    assert world.sending(key).code == NOT_CONNECTED
    with pytest.raises(AskUser, match="peppol_not_connected"):
        world.ask(world.invoice())
    assert point.documents() == []


# --- evidence -------------------------------------------------------------------------


def test_evidence_that_was_touched_is_seen(world: World) -> None:
    key = world.invoice()
    world.ask(key)
    world.work(2)
    with transaction() as current:
        piece = current.query(PeppolEvidence).order_by(PeppolEvidence.sequence).first()
        assert piece is not None
        piece.content = piece.content.replace(b"<", b"< ", 1)
    verdict = keeping.verify(world.sending(key))
    assert {flaw.code for flaw in verdict.flaws} >= {"evidence_changed"}


def test_belgians_are_kept_ten_years(world: World) -> None:
    key = world.invoice()
    world.ask(key)
    year = session().get_one(SalesInvoice, key).issued_on.year
    assert world.sending(key).keep_until.year == year + 10


def test_evidence_goes_after_its_term_and_not_before(world: World) -> None:
    key = world.invoice()
    world.ask(key)
    world.work(2)
    until = world.sending(key).keep_until
    over = utcnow().replace(year=until.year, month=12, day=31)
    for now, left in ((over, 1), (over + timedelta(days=2), 0)):
        with transaction():
            keeping.forget(now)
        assert len(world.sendings()) == left
