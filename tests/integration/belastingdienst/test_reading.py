"""Reading a quarter: from AccountView's web API, and from our own invoices."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.domain.clock import utcnow
from core.domain.declarations import (
    Box,
    Customer,
    Doubt,
    Figures,
    IcpKind,
    Rubric,
    TaxPeriod,
)
from core.domain.declarations import Entry as Found
from core.domain.errors import ClientRefused
from core.domain.events import InvoiceSent
from core.domain.relations import PostalAddress, RelationData
from core.main.app import create_app
from core.models import (
    Connection,
    ConnectionState,
    InvoiceState,
    LogEntry,
    Mail,
    Relation,
    SalesInvoice,
)
from core.plugin.capabilities import LedgerFigures
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import db, koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.connections import credentials, recovery, registrations
from core.services.mailing import mail
from plugins.accountview.demo import SANDBOX
from plugins.belastingdienst.figures import overview, period_figures, reading, vat_check
from plugins.belastingdienst.law.watch import Route
from plugins.belastingdienst.models import (
    Administration,
    Entry,
    FiledChange,
    PeriodFigures,
)
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.paper import papers, return_pdf
from plugins.belastingdienst.sales import invoices
from plugins.belastingdienst.tasks import read_figures
from plugins.belastingdienst.watching import changes, times
from tests.component.test_invoices import read as read_pdf
from tests.contract.belastingdienst.conftest import World, running, world
from tests.database import empty_database
from tests.figure_sums import Sums
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import invoice_samples, stored_sums

__all__ = ["running", "world"]  # fixtures
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def app(settings: Settings, world: World) -> Iterator[Flask]:
    """The application, pointed at the sandbox."""
    app = create_app(settings.with_environ(SANDBOX.environ(world.url)))
    with app.app_context(), system_scope():
        empty_database()
        yield app
        db.session.remove()
        db.engine.dispose()


def ledger(world: World, **values: Any) -> PeriodFigures:
    """A quarter of an administration that is kept in AccountView."""
    owner = samples.tenant()
    connection = Connection(
        tenant_id=owner.id, plugin="accountview", state=ConnectionState.CONNECTED,
        external_id="1000", external_name="Demo Handel",
    )  # fmt: skip
    session().add(connection)
    session().flush()
    assert SANDBOX.grant is not None
    credentials.store(connection, SANDBOX.grant(world.url))
    made = samples.administration(
        owner, source="accountview", connection_id=connection.id,
        company_id="1000", **{"service_vat_codes": ["5"], **values},
    )  # fmt: skip
    return samples.period(made)


def read(row: PeriodFigures) -> PeriodFigures:
    """Ask for a period and read it, as the worker does."""
    row.reading = True
    session().commit()
    read_figures(row.id)
    return session().get_one(PeriodFigures, row.id)


def ids() -> list[int]:
    return list(session().scalars(select(Entry.id).order_by(Entry.id)))


def as_golden(row: PeriodFigures) -> dict[str, Any]:
    summary = period_figures.summary(row)
    return {
        "exact": {
            rubric: [str(box.turnover), str(box.vat)]
            for rubric, box in sorted(summary.boxes.items())
        },
        "whole": {
            rubric: [str(box.turnover), str(box.vat)]
            for rubric, box in sorted(summary.vat_return.boxes.items())
        },
        "5a": str(summary.vat_return.owed),
        "5b": str(summary.vat_return.input_vat),
        "5g": str(summary.vat_return.payable),
        "icp": [
            [one.kind, one.customer.country, one.customer.vat_number, str(one.amount)]
            for one in summary.icp.rows
        ],
        "problems": [
            one.code for one in overview.problems(row.administration, summary)
        ],
        "doubts": [one.code for one in period_figures.doubts(row)],
    }


def golden(name: str) -> str:
    return (GOLDEN / name).read_text("utf-8")


def test_a_quarter_of_accountview(app: Flask, world: World) -> None:
    row = read(ledger(world))
    assert (row.reading, row.code, row.read_at is not None) == (False, "", True)
    assert as_golden(row) == json.loads(golden("ledger-2026-Q3.json"))
    assert row.administration.eu_vat_codes == [
        {"code": "4", "name": "Leveringen binnen de EU"},
        {"code": "5", "name": "Diensten binnen de EU"},
    ]


def test_the_paper_says_what_the_figures_are(app: Flask, world: World) -> None:
    row = read(ledger(world))
    summary = period_figures.summary(row)
    heading = return_pdf.Heading("Demo Handel", "001000044B37", "concept")
    with app.test_request_context():
        made = [
            return_pdf.write(heading, summary.vat_return, summary.icp) for _ in "12"
        ]
    assert made[0] == made[1]
    assert "\n".join(read_pdf(made[0])) + "\n" == golden("paper-2026-Q3.txt")


def test_reading_again_changes_nothing(app: Flask, world: World) -> None:
    row = read(ledger(world))
    before = ids()
    read(row)
    assert ids() == before
    codes = list(session().scalars(select(LogEntry.code)))
    assert codes.count("figures_read") == 1


def test_reading_again_follows_the_ledger_and_keeps_what_people_did(
    app: Flask, world: World
) -> None:
    row = read(ledger(world))
    samples.entry(row, "5b", vat="10.01", origin=EntryOrigin.MANUAL)
    samples.entry(
        row, "1a", "100", "21", origin=EntryOrigin.CORRECTION, reference="2026-Q2"
    )
    before, kept = period_figures.summary(row).boxes, set(ids())
    world.control("transactions", {"company": "1000", "rows": [{
        "TRN_DATE": "2026-09-30", "VAT_CODE": "1", "BASE_AMT": -50, "VAT_AMT": -10.5,
        "AMOUNT": -50, "ACCT_NR": "8000",
    }]})  # fmt: skip
    read(row)
    after = period_figures.summary(row).boxes
    assert after[Rubric.R1A] == before[Rubric.R1A] + Box(Decimal(50), Decimal("10.5"))
    assert after[Rubric.R5B] == before[Rubric.R5B]
    assert kept < set(ids())


def test_services_are_told_from_goods_by_the_user(app: Flask, world: World) -> None:
    row = read(ledger(world, service_vat_codes=[]))
    kinds = {one.kind for one in period_figures.summary(row).icp.rows}
    assert kinds == {IcpKind.GOODS, IcpKind.ABC}
    row.administration.service_vat_codes = ["5"]
    read(row)
    kinds = {one.kind for one in period_figures.summary(row).icp.rows}
    assert kinds == set(IcpKind)


def test_what_cannot_be_placed_is_kept_as_a_doubt(app: Flask, world: World) -> None:
    rows = [
        {"TRN_DATE": "2026-08-01", "VAT_CODE": code, "BASE_AMT": -5, "VAT_AMT": 0,
         "AMOUNT": -5, "ACCT_NR": "8100", "SUB_NR": "10001"}
        for code in ("99", "99", "4")
    ]  # fmt: skip
    world.control("transactions", {"company": "1000", "rows": rows})
    row = read(ledger(world))
    assert [(one["code"], one["count"]) for one in row.doubts] == [
        ("ledger_vat_code_unknown", 2),
        ("icp_customer_unknown", 1),
    ]


def test_every_movement_on_a_vat_account_is_in_a_box(app: Flask, world: World) -> None:
    row = read(ledger(world))
    checked = vat_check.of(row)
    assert checked is not None
    assert (checked.fits, checked.without_movement, row.doubts) == (True, 0, [])
    lines = [(one.account, one.role.value, one.moved) for one in checked.lines]
    assert lines == [
        # 2625.12 + 90.01 sold, 315.05 + 126.00 transferred to us
        ("1501", "owed", Decimal("3156.18")),
        # 420.00 + 27.95 bought, and the same that was transferred
        ("1510", "input", Decimal("889.00")),
    ]


def test_what_is_on_a_vat_account_only_is_a_doubt(app: Flask, world: World) -> None:
    alone = [
        ("14", "1501", "-350.25"),  # private use, a memorial entry
        ("", "1510", "-0.03"),  # a rounding, without a VAT code
        ("", "1200", "-999"),  # the bank is no VAT account
    ]
    world.control("transactions", {"company": "1000", "rows": [
        {"TRN_DATE": "2026-09-30", "VAT_CODE": code, "ACCT_NR": account,
         "AMOUNT": float(amount)}
        for code, account, amount in alone
    ]})  # fmt: skip
    row = read(ledger(world))
    told = [(one["code"], one["params"]["amount"]) for one in row.doubts]
    assert sorted(told) == [
        ("vat_movement_in_no_box", "-0.03"),
        ("vat_movement_in_no_box", "350.25"),
    ]
    checked = vat_check.of(row)
    assert checked is not None
    assert (checked.fits, checked.difference) == (False, Decimal("350.28"))
    session().execute(delete(Entry).where(Entry.icp_kind.is_not(None)))  # one page
    with app.test_request_context():
        paper = "\n".join(read_pdf(papers.of_period(row.administration, samples.Q3)))
    assert "Btw-aansluiting" in paper
    assert "3.506,43" in paper


def test_a_lost_login_pauses_and_says_so(app: Flask, world: World) -> None:
    row = ledger(world)
    world.control("revoke")
    row = read(row)
    assert (row.reading, row.code, row.read_at) == (False, "grant_refused", None)
    connection = session().scalars(select(Connection)).one()
    assert connection.state == ConnectionState.PAUSED
    assert read(row).code == "figures_not_connected"


def test_a_refusal_of_our_registration_is_waited_out(app: Flask, world: World) -> None:
    row = ledger(world)
    (connection,) = session().scalars(select(Connection))
    old = replace(credentials.load(connection), expires_at=utcnow())
    credentials.store(connection, old)
    session().commit()
    world.fault("status", status=401, path="token", body={"error": "invalid_client"})
    for _ in range(2):
        row = read(row)
        assert (row.reading, row.code) == (True, ClientRefused.CODE)
    assert session().get_one(Connection, connection.id).waits_for_us
    world.control("faults", verb="DELETE")
    with time_machine.travel(utcnow() + timedelta(minutes=2), tick=True):
        for found in registrations.due(utcnow()):
            recovery.take_turn(found)
        row = read(row)
    assert (row.reading, row.code) == (False, "")


def test_an_outage_keeps_what_was_read(app: Flask, world: World) -> None:
    row = read(ledger(world))
    before = ids()
    world.fault("api_error", path="api/v3", message="Onderhoud", status=503, times=9)
    row = read(row)
    assert row.code
    assert not row.reading
    assert ids() == before


def come_due(row_id: int) -> None:
    """Let its time be now by the clock of the workers: PostgreSQL's does not travel."""
    with transaction():
        session().get_one(PeriodFigures, row_id).due_at = shared_now()


def test_a_passing_fault_is_tried_again_by_itself(app: Flask, world: World) -> None:
    """S8: it said so, and nothing did it."""
    row = ledger(world)
    world.fault("api_error", path="api/v3", message="Onderhoud", status=503, times=99)
    pauses = []
    for tries in (1, 2):
        row = read(row) if tries == 1 else row
        assert (row.tries, row.read_at) == (tries, None)
        assert row.due_at is not None
        pauses.append(row.due_at - utcnow())
        assert list(reading.DUE.due(utcnow())) == []
        read_figures(row.id)  # not its time
        with time_machine.travel(row.due_at, tick=True):
            assert list(reading.DUE.due(utcnow())) == [row.id]
            if tries == 2:
                world.control("faults", verb="DELETE")
            come_due(row.id)
            read_figures(row.id)
        row = session().get_one(PeriodFigures, row.id)
    assert timedelta(0) < pauses[0] < pauses[1]
    assert (row.code, row.tries, row.due_at) == ("", 0, None)
    assert row.read_at is not None


def test_what_asks_the_user_is_not_tried_again(app: Flask, world: World) -> None:
    row = ledger(world)
    row.administration.connection_id = None
    row = read(row)
    assert (row.code, row.due_at) == ("figures_not_connected", None)
    assert list(reading.DUE.due(utcnow() + timedelta(days=30))) == []


def test_a_setting_that_changes_meanwhile_leaves_the_reading_to_the_next(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ledger(world)
    row.reading = True
    session().commit()
    found = Figures(samples.Q3, ())

    def change(asked: PeriodFigures) -> tuple[LedgerFigures, tuple[()]]:
        asked.administration.service_vat_codes = ["4"]
        session().commit()
        return LedgerFigures(found), ()

    monkeypatch.setattr("plugins.belastingdienst.figures.books._found", change)
    read_figures(row.id)
    assert session().get_one(PeriodFigures, row.id).reading
    assert session().get_one(PeriodFigures, row.id).read_at is None


def test_a_period_nobody_asked_for_is_left_alone(app: Flask, world: World) -> None:
    row = ledger(world)
    session().commit()
    read_figures(row.id)
    read_figures(999999)
    assert session().get_one(PeriodFigures, row.id).read_at is None


# our own invoices


_MAKE: dict[str, Callable[..., SalesInvoice]] = {}


@pytest.fixture
def books(app: Flask) -> Administration:
    """An administration whose figures come from invoices, with VAT codes."""
    owner = samples.tenant()
    _MAKE["invoice"] = invoice_samples.maker(owner)
    return samples.administration(owner)


def invoice(*args: Any, **values: Any) -> SalesInvoice:
    return _MAKE["invoice"](*args, **values)


GERMAN = RelationData(
    False, "Müller GmbH", vat_number="DE 136.695.976",
    invoice_address=PostalAddress(country="DE"),
)  # fmt: skip
GREEK = RelationData(
    False, "Athens", vat_number="094259216",
    visiting_address=PostalAddress(country="GR"),
)  # fmt: skip


def test_a_quarter_of_invoices(books: Administration) -> None:
    invoice("F1", ("H", "100.01"), ("H", "0.02"), ("L", "10.10"), vat="21.92")
    invoice("F2", ("ICP", "900.75"), customer=GERMAN, state=InvoiceState.BOOKED)
    invoice("F3", ("ICD", "300.20"), customer=GREEK, state=InvoiceState.PAID)
    invoice("F4", ("H", "-50"), vat="-10.50")
    invoice("F5", ("V", "77"), ("EX", "12.34"), on=date(2026, 9, 30))
    invoice("F6", ("H", "1000"), vat="210", on=date(2026, 10, 1))
    invoice("C1", ("H", "1000"), vat="210", state=InvoiceState.DRAFT)
    row = read(samples.period(books))
    assert as_golden(row) == json.loads(golden("invoices-2026-Q3.json"))
    entries = stored_sums.stored(row).behind(Rubric.R3B)
    assert [(one.reference, one.customer) for one in entries] == [
        ("F2", Customer("DE", "136695976")),
        ("F3", Customer("EL", "094259216")),
    ]
    before = ids()
    read(row)
    assert ids() == before


def test_many_invoices_are_read_in_parts(
    books: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invoices, "_CHUNK", 3)
    for number in range(10):
        on = date(2026, 7, 1 + number // 4)
        invoice(f"F{number}", ("H", "1"), vat="0.21", on=on)
    row = read(samples.period(books))
    assert period_figures.summary(row).boxes[Rubric.R1A] == Box(
        Decimal(10), Decimal("2.10")
    )


def test_a_number_filled_in_later_solves_the_doubt(books: Administration) -> None:
    nobody = RelationData(False, "X", invoice_address=PostalAddress(country="DE"))
    invoice("F1", ("ICP", "100"), customer=nobody)
    row = read(samples.period(books))
    assert [one.code for one in period_figures.doubts(row)] == [
        "invoice_customer_unknown"
    ]
    session().scalars(select(Relation)).one().vat_number = "DE136695976"
    row = read(row)
    assert period_figures.doubts(row) == ()
    assert period_figures.summary(row).icp.amount == 100


def test_a_settled_doubt_stays_settled(books: Administration) -> None:
    invoice("F1", ("BE", "100"), vat="21")
    row = read(samples.period(books))
    assert len(period_figures.doubts(row)) == 1
    reading.settle(row, 0, user_id=1)
    row = read(row)
    assert period_figures.doubts(row) == ()
    invoice("F2", ("BE", "100"), vat="21")
    assert len(period_figures.doubts(read(row))) == 1


def test_another_source_takes_the_place_of_the_one_before(
    books: Administration,
) -> None:
    invoice("F1", ("H", "100"), vat="21")
    row = samples.period(books)
    samples.entry(row, "1a", "999", "209.79", origin=EntryOrigin.LEDGER)
    row = read(row)
    assert period_figures.summary(row).boxes[Rubric.R1A].turnover == 100


amounts = st.decimals(min_value=-1000, max_value=1000, places=2)
entries = st.lists(
    st.tuples(st.sampled_from(list(Rubric)), amounts, amounts), max_size=9
)


def _figures(found: list[Any]) -> Figures:
    return Figures(samples.Q3, tuple(
        Found(str(number % 3), date(2026, 8, 1), "x", "", Box(turnover, vat), rubric)
        for number, (rubric, turnover, vat) in enumerate(found)
    ), (Doubt("icp_customer_unknown", "1"),))  # fmt: skip


@settings_of(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(readings=st.lists(entries, min_size=1, max_size=3))
def test_whatever_was_read_before_the_sum_is_that_of_the_last(
    books: Administration, readings: list[list[Any]]
) -> None:
    """The row keeps what the examples before it left, as a real one does."""
    row = samples.period(books)
    for found in readings:
        reading.store(row, _figures(found))
        session().flush()
    before = ids()
    reading.store(row, _figures(readings[-1]))
    session().flush()
    assert ids() == before
    assert dict(stored_sums.stored(row).boxes) == dict(Sums(_figures(found)).boxes)


# filed periods stay watched


def filed_quarter(world: World, **values: Any) -> PeriodFigures:
    """A quarter of AccountView, read, and its return accepted."""
    row = read(ledger(world, **values))
    row.doubts = []
    boxes = period_figures.summary(row).vat_return.boxes
    samples.filed(row, boxes=boxes)
    session().commit()
    return row


def booked_late(world: World, base: str, vat: str) -> None:
    row = {
        "TRN_DATE": "2026-09-29", "VAT_CODE": "1", "BASE_AMT": -float(base),
        "VAT_AMT": -float(vat), "AMOUNT": -float(base), "ACCT_NR": "8000",
    }  # fmt: skip
    world.control("transactions", {"company": "1000", "rows": [row]})


def nightly(row: PeriodFigures) -> PeriodFigures:
    """Let the night come: what is planned is read."""
    with transaction():
        times.plan(utcnow())
    due_at = session().get_one(PeriodFigures, row.id).due_at
    assert due_at is not None
    assert timedelta(hours=12) <= due_at - utcnow() <= timedelta(hours=36)
    with time_machine.travel(due_at, tick=True):
        assert list(reading.DUE.due(utcnow())) == [row.id]
        come_due(row.id)
        read_figures(row.id)
    return session().get_one(PeriodFigures, row.id)


def told() -> list[str]:
    found = session().scalars(select(Mail).order_by(Mail.id))
    return ["\n".join(mail.content_of(one)) for one in found]


def test_b3_a_filed_period_that_changed_is_noticed_and_told(
    app: Flask, world: World
) -> None:
    """5,000.25 and 1,050.05 VAT of 29 September, booked after the return went."""
    row = filed_quarter(world)
    assert changes.of(row.administration, utcnow().date()) == []
    booked_late(world, "5000.25", "1050.05")
    row = nightly(row)
    (kept,) = session().scalars(select(FiledChange))
    (found,) = changes.of(row.administration, kept.known_on)
    assert (found.period, found.advice.change.vat) == (samples.Q3, Decimal(1050))
    assert found.advice.route is Route.SUPPLETIE
    assert found.advice.until == kept.known_on + timedelta(weeks=8)
    (letter,) = told()
    assert "3e kwartaal 2026" in letter
    assert "€ 1.050" in letter
    assert "suppletie" in letter
    assert "%(" not in letter
    row = nightly(row)  # told once
    assert len(told()) == 1
    codes = session().scalars(select(LogEntry.code)).all()
    assert codes.count("filed_period_changed") == 1
    booked_late(world, "-5000.25", "-1050.05")
    row = nightly(row)
    assert changes.of(row.administration, kept.known_on) == []
    assert session().scalars(select(FiledChange)).all() == []


def test_another_way_to_correct_is_told_too(app: Flask, world: World) -> None:
    row = filed_quarter(world)
    booked_late(world, "1000", "210")
    row = nightly(row)
    (letter,) = told()
    assert "4e kwartaal 2026" in letter
    booked_late(world, "10000", "2100")
    row = nightly(row)
    assert ["suppletie" in one for one in told()] == [False, True]
    days = {one.known_on for one in session().scalars(select(FiledChange))}
    assert len(days) == 1  # known since the first day


def test_a_period_that_was_not_filed_is_not_read_by_itself(
    app: Flask, world: World
) -> None:
    row = read(ledger(world))
    with transaction():
        times.plan(utcnow())
    assert session().get_one(PeriodFigures, row.id).due_at is None


def test_older_periods_are_read_once_a_week_and_all_are_spread() -> None:
    now = datetime(2026, 11, 30, 3, tzinfo=UTC)
    recent, old = date(2026, 9, 30), date(2025, 6, 30)
    nights = [times.next_reading(now, recent, number) for number in range(200)]
    assert len(set(nights)) > 150
    assert {one.date() for one in nights} == {date(2026, 12, 1)}
    assert all(1 <= one.hour < 5 for one in nights)
    weekly = [times.next_reading(now, old, number) for number in range(7)]
    assert len({one.date() for one in weekly}) == 7
    again = times.next_reading(weekly[3], old, 3)
    assert again - weekly[3] == timedelta(days=7)


def test_an_invoice_of_a_filed_period_has_it_read_at_once(
    books: Administration,
) -> None:
    row = samples.period(books)
    row.reading = True
    session().commit()
    read_figures(row.id)
    samples.filed(row, boxes=period_figures.summary(row).vat_return.boxes)
    late = invoice("F1", ("H", "100"), vat="21", on=samples.Q3.end)
    session().commit()
    with transaction():
        koppelwerk().registry.dispatch(
            "on_invoice_sent",
            ["belastingdienst"],
            InvoiceSent(books.tenant_id, late.id),
        )
    assert session().get_one(PeriodFigures, row.id).reading
    read_figures(row.id)
    (found,) = changes.of(books, date(2026, 11, 20))
    assert found.advice.change.vat == 21
    unfiled = samples.period(books, TaxPeriod.quarter(2026, 2))
    assert not unfiled.reading
