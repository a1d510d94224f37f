"""From figures to an end state at the sandbox, over both channels."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.declarations import Box, DeclarationKind, Figures, Rubric, TaxPeriod
from core.domain.declarations import Entry as Booked
from core.domain.errors import AskUser, ClientRefused, RetryLater
from core.models import LogEntry, Mail
from core.plugin.engine import wake_due
from core.plugin.evidence import digest
from core.runtime import jobs
from core.runtime.database import session, shared_now
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from core.services.mailing import mail
from core.services.people import accounts
from plugins.accountview.route import NAME as AUTOREPORT
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.figures import books, period_figures
from plugins.belastingdienst.filing import (
    filings,
    obligations,
    other_books,
    paying,
    timeline,
)
from plugins.belastingdienst.filing.drafts import NotPrepared
from plugins.belastingdienst.models import Filing, PeriodFigures
from plugins.belastingdienst.models.administration import (
    DIGIPOORT,
    Administration,
    FilingProfile,
)
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.paper import papers
from plugins.belastingdienst.sales.own_sales import OwnFigures
from plugins.belastingdienst.sending import run, turn
from tests.component.test_invoices import read as read_pdf
from tests.integration.filing_world import (
    DELIVERY,
    ICP,
    NUMBERS,
    PASSWORD,
    Q3,
    RETURN,
    Files,
)

CHANNELS = (AUTOREPORT, DIGIPOORT)


def codes(files: Files, filing_id: int) -> list[str]:
    return [event.code for event in timeline.of(files.row(filing_id))]


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_return_is_filed_and_accepted(files: Files, kind: str) -> None:
    filing_id = files.approved(files.administration(kind))
    files.work(filing_id, rounds=2)
    assert files.stage(filing_id) == (FilingStage.ACCEPTED, "")
    row = files.row(filing_id)
    (sent,) = files.arrived(kind)
    content = sent.get("inhoud") or sent["content"]
    assert content.encode() == row.content
    assert digest(content.encode()) == row.content_hash
    assert row.payable == Decimal(210)
    assert files.kinds(filing_id) == ["message", "receipt", "status"]
    assert keeping.verify(row).is_whole
    assert row.due_at is None
    assert row.lease_until is None
    assert codes(files, filing_id)[:4] == ["prepared", "approved", "sent", "delivered"]
    end = "500" if kind is DIGIPOORT else "Acknowledged"
    assert codes(files, filing_id)[-1] == end
    assert session().scalars(select(Mail.kind)).all() == ["belastingdienst_filing"]


def test_what_went_late_is_to_be_paid_for_a_fortnight_of_dutch_days(
    files: Files,
) -> None:
    """Delivered at half past midnight on 11 November, in Amsterdam."""
    row = files.row(files.approved(files.administration()))
    row.stage = FilingStage.ACCEPTED
    row.delivered_at = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
    session().commit()
    asked = [paying.to_be_paid(date(2026, 11, day)) for day in (25, 26)]
    assert [len(found) for found in asked] == [1, 0]


def test_an_icp_declaration_is_filed_beside_it(files: Files) -> None:
    administration = files.administration()
    files.figures(administration, icp="8200.40")
    filing = files.approve(files.prepare(administration, kind=DeclarationKind.ICP))
    assert filing.payable == Decimal(8200)
    files.work(filing.id, rounds=2)
    assert files.stage(filing.id) == (FilingStage.ACCEPTED, "")
    assert files.arrived()[0]["berichtsoort"] == "ICP"


def test_a_suppletie_builds_on_what_was_accepted(files: Files) -> None:
    administration = files.administration()
    files.figures(administration)
    with pytest.raises(AskUser, match="suppletie_not_filed"):
        files.prepare(administration, kind=DeclarationKind.SUPPLETIE)
    session().rollback()
    first = files.approve(files.prepare(administration))
    files.work(first.id, rounds=2)
    files.figures(administration, turnover="10000.00")
    second = files.approve(
        files.prepare(administration, kind=DeclarationKind.SUPPLETIE)
    )
    assert second.payable == Decimal(2100)
    files.work(second.id, rounds=2)
    assert files.stage(second.id) == (FilingStage.ACCEPTED, "")
    with pytest.raises(AskUser, match="suppletie_changes_nothing"):
        files.prepare(administration, kind=DeclarationKind.SUPPLETIE)


def test_preparing_is_refused_with_every_problem(files: Files) -> None:
    administration = files.administration()
    administration.contact_phone = "1" * 20
    administration.tax_number = "NL001000044B37"
    files.undertaking.is_blocked = True
    files.figures(administration)
    row = session().scalars(select(PeriodFigures)).one()
    row.doubts = [{"code": "icp_customer_unknown", "entry_id": "7", "params": {}}]
    session().commit()
    with pytest.raises(NotPrepared) as refused:
        files.prepare(administration)
    found = {problem.code for problem in refused.value.problems if problem.blocks}
    assert found == {
        "header_too_long",
        "tax_number_prefix",
        "undertaking_blocked",
        "icp_customer_unknown",
    }
    session().rollback()
    assert files.count(Filing) == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"read_at": None}, "figures_not_read"),
        ({"reading": True}, "figures_being_read"),
        ({"code": "accountview_refused"}, "figures_reading_failed"),
    ],
)
def test_figures_that_are_not_complete_are_not_filed(
    files: Files, values: dict[str, object], code: str
) -> None:
    administration = files.administration()
    files.figures(administration)
    session().execute(update(PeriodFigures).values(**values))
    session().commit()
    with pytest.raises(NotPrepared, match=code):
        files.prepare(administration)


@pytest.mark.parametrize(
    ("read_at", "is_after"),
    [
        (datetime(2026, 8, 15, tzinfo=UTC), False),
        (datetime(2026, 9, 30, 21, 59, tzinfo=UTC), False),
        (datetime(2026, 9, 30, 22, 0, tzinfo=UTC), True),  # midnight in Amsterdam
    ],
)
def test_figures_of_before_the_end_are_not_filed(
    files: Files, read_at: datetime, is_after: bool
) -> None:
    administration = files.administration()
    files.figures(administration)
    session().execute(update(PeriodFigures).values(read_at=read_at))
    session().commit()
    if is_after:
        assert files.prepare(administration).stage == FilingStage.PREPARED
        return
    with pytest.raises(NotPrepared, match="figures_before_end"):
        files.prepare(administration)


def _book(files: Files, monkeypatch: pytest.MonkeyPatch, *vats: str) -> None:
    """Let the books hold sales with these amounts of VAT in the third quarter."""
    entries = tuple(
        Booked(str(number), date(2026, 9, 29), "Verkoop", str(number),
               Box(Decimal(100), Decimal(vat)), Rubric.R1A)
        for number, vat in enumerate(vats)
    )  # fmt: skip
    monkeypatch.setattr(
        books.own_sales, "read", lambda _, when: OwnFigures(Figures(when, entries), ())
    )


def test_books_that_changed_after_approval_do_not_go(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing_id = files.approved(files.administration())
    _book(files, monkeypatch, "21")
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.CANCELLED, "filing_books_changed")
    assert files.arrived() == []
    again = (
        session()
        .scalars(select(Filing).where(Filing.stage == FilingStage.PREPARED))
        .one()
    )
    assert (again.version, again.payable) == (2, Decimal(231))
    assert again.approved_at is None
    mails = session().scalars(select(Mail)).all()
    assert len(mails) == 1
    assert "vlak voor het versturen" in "\n".join(mail.content_of(mails[0]))
    files.approve(again)
    files.work(again.id, rounds=2)
    assert files.stage(again.id)[0] == FilingStage.ACCEPTED


def test_books_that_cannot_be_read_keep_it_back(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing_id = files.approved(files.administration())

    def down(*_: object) -> None:
        raise RetryLater("remote_down", service="AccountView")

    monkeypatch.setattr(books.own_sales, "read", down)
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.APPROVED, "remote_down")
    assert files.arrived() == []


def test_only_the_bytes_that_were_seen_are_approved(files: Files) -> None:
    administration = files.administration()
    files.figures(administration)
    filing = files.prepare(administration)
    with pytest.raises(AskUser, match="filing_content_changed"):
        filings.approve(filing, "0" * 64, user_id=files.user.id)
    session().rollback()
    shown = filing.content_hash
    session().execute(update(Filing).values(content=b"<other/>"))
    with pytest.raises(AskUser, match="filing_content_changed"):
        filings.approve(filing, shown, user_id=files.user.id)


def test_changed_figures_make_a_new_preparation(files: Files) -> None:
    administration = files.administration()
    files.figures(administration)
    first = files.prepare(administration)
    assert files.prepare(administration).id == first.id
    files.figures(administration, turnover="500.00")
    with pytest.raises(AskUser, match="filing_figures_changed"):
        files.approve(first)
    session().rollback()
    second = files.prepare(administration)
    assert (second.version, second.payable) == (2, Decimal(315))
    assert files.stage(first.id) == (FilingStage.CANCELLED, "filing_superseded")
    with pytest.raises(AskUser, match="filing_moved_on"):
        filings.approve(first, first.content_hash, user_id=files.user.id)


def test_the_paper_of_what_went_shows_the_books_of_its_approval(files: Files) -> None:
    administration = files.administration()
    files.figures(administration)
    row = period_figures.of(administration, Q3)
    then, now = ([["1501", "owed", vat, vat]] for vat in ("210.11", "315.00"))
    row.vat_accounts = {"accounts": then, "without_movement": "0"}
    filing = files.approve(files.prepare(administration))
    row.vat_accounts = {"accounts": now, "without_movement": "0"}
    session().commit()
    filing.stage = FilingStage.DELIVERED
    with files.app.test_request_context():
        for paper in (papers.of_filing(filing), papers.of_period(administration, Q3)):
            text = " ".join(read_pdf(paper))
            assert "210,11" in text
            assert "315,00" not in text
            assert "toen de aangifte op" in text


def test_bytes_that_changed_after_approval_do_not_go(files: Files) -> None:
    filing_id = files.approved(files.administration())
    changed = files.row(filing_id).content.replace(b">210<", b">110<")
    session().execute(update(Filing).values(content=changed))
    session().commit()
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.STOPPED, "filing_content_changed")
    assert files.arrived() == []


def test_an_onderneming_blocked_after_approval_stops_it(files: Files) -> None:
    filing_id = files.approved(files.administration())
    files.undertaking.is_blocked = True
    session().commit()
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.STOPPED, "undertaking_blocked")
    assert files.arrived() == []
    files.undertaking.is_blocked = False
    session().commit()
    filings.retry(files.row(filing_id), user_id=files.user.id)
    session().commit()
    files.work(filing_id, rounds=2)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED


def test_two_approvals_at_once_send_one(files: Files) -> None:
    administration = files.administration()
    files.figures(administration)
    filing_id = files.prepare(administration).id
    results = at_once(files, lambda: _approve_alone(files, filing_id))
    assert sorted(results) == ["approved", "filing_moved_on"]
    files.work(filing_id, rounds=2)
    assert len(files.arrived()) == 1


def _approve_alone(files: Files, filing_id: int) -> str:
    filing = session().get_one(Filing, filing_id)
    try:
        files.approve(filing)
    except AskUser as error:
        session().rollback()
        return error.code
    return "approved"


def test_two_preparations_at_once_make_one(files: Files) -> None:
    administration_id = files.administration().id
    files.figures(files.made[0])

    def prepare() -> str:
        row = session().get_one(type(files.made[0]), administration_id)
        return str(files.prepare(row).id)

    assert len(set(at_once(files, prepare))) == 1
    assert files.count(Filing) == 1


def at_once(files: Files, act: Callable[[], str], times: int = 2) -> list[str]:
    """Do the same in several threads, each with its own session."""
    session().rollback()
    barrier = threading.Barrier(times)
    results: list[str] = []

    def one() -> None:
        with files.app.app_context(), system_scope():
            barrier.wait(10)
            try:
                results.append(act())
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.parametrize(
    ("scenario", "status"),
    [("invalid", "311"), ("undeliverable", "410"), ("rejected", "510")],
)
def test_a_rejected_one_is_filed_again_as_the_next_version(
    files: Files, scenario: str, status: str
) -> None:
    administration = files.administration()
    first = files.approved(administration)
    files.sandbox.fault("scenario", path="aanlever", scenario=scenario, times=1)
    files.work(first, rounds=2)
    row = files.row(first)
    assert (row.stage, row.code) == (FilingStage.REJECTED, "filing_rejected")
    assert row.params["status"] == status
    second = filings.refile(row, user_id=files.user.id)
    session().commit()
    assert second.version == 2
    assert second.reference != row.reference
    files.approve(second)
    files.work(second.id, rounds=2)
    assert files.stage(second.id)[0] == FilingStage.ACCEPTED
    with pytest.raises(AskUser, match="filing_accepted"):
        files.prepare(administration)


def test_withdrawn_before_it_is_sent(files: Files) -> None:
    administration = files.administration()
    filing_id = files.approved(administration)
    filings.withdraw(files.row(filing_id), user_id=files.user.id)
    session().commit()
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.CANCELLED, "filing_withdrawn")
    assert files.arrived() == []
    assert files.prepare(administration).version == 2


def test_not_withdrawn_while_or_after_it_is_sent(files: Files) -> None:
    filing_id = files.approved(files.administration())
    assert turn.take(filing_id) is not None
    with pytest.raises(AskUser, match="filing_moved_on"):
        filings.withdraw(files.row(filing_id), user_id=files.user.id)
    session().rollback()
    files.let_time_pass(filing_id)
    files.work(filing_id)
    with pytest.raises(AskUser, match="filing_moved_on"):
        filings.withdraw(files.row(filing_id), user_id=files.user.id)


def test_autoreport_takes_one_back_before_it_is_sent(files: Files) -> None:
    files.sandbox.control("options", {"pace": 3600})
    filing_id = files.approved(files.administration(AUTOREPORT))
    files.work(filing_id, rounds=2)
    filings.cancel(files.row(filing_id), user_id=files.user.id)
    session().commit()
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.CANCELLED, "filing_cancelled")


def test_too_late_to_take_back_is_said(files: Files) -> None:
    filing_id = files.approved(files.administration(AUTOREPORT))
    files.work(filing_id)
    filings.cancel(files.row(filing_id), user_id=files.user.id)
    session().commit()
    files.work(filing_id)
    assert "cancel_refused" in codes(files, filing_id)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_lost_answer_is_looked_up_and_adopted(files: Files, kind: str) -> None:
    filing_id = files.approved(files.administration(kind))
    files.sandbox.fault("drop_after", method="POST", path=DELIVERY[kind], times=1)
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.APPROVED, "delivery_being_looked_up")
    assert files.row(filing_id).sent_at is not None
    files.work(filing_id, rounds=2)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED
    assert "found" in codes(files, filing_id)
    assert len(files.arrived(kind)) == 1


def test_a_declaration_waits_while_our_registration_is_refused(files: Files) -> None:
    filing_id = files.approved(files.administration(AUTOREPORT))
    files.sandbox.fault("html", status=401, path="connect/token")
    for _ in range(2):
        files.work(filing_id, rounds=1)
        files.let_time_pass(filing_id)
    row = files.row(filing_id)
    assert row.code == ClientRefused.CODE
    assert row.stage not in (FilingStage.STOPPED, FilingStage.REJECTED)
    said = select(LogEntry.code).where(LogEntry.code == "registration_refused")
    assert len(session().scalars(said).all()) == 1
    files.sandbox.control("faults", verb="DELETE")
    files.work(filing_id, rounds=3)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED
    assert len(files.arrived(AUTOREPORT)) == 1


def lost(
    files: Files,
    kind: str = DIGIPOORT,
    number: str = NUMBERS[0],
) -> int:
    """A declaration that never arrived, which a person has to decide about."""
    filing_id = files.approved(files.administration(kind, number))
    files.sandbox.fault("drop", method="POST", path=DELIVERY[kind], times=1)
    files.work(filing_id, rounds=2)
    files.let_time_pass(filing_id)
    files.work(filing_id, rounds=3)
    return filing_id


@pytest.mark.parametrize("kind", CHANNELS)
def test_one_that_never_arrived_is_sent_again_only_by_a_person(
    files: Files, kind: str
) -> None:
    filing_id = lost(files, kind)
    assert files.stage(filing_id) == (FilingStage.STOPPED, "delivery_absent")
    assert files.arrived(kind) == []
    filings.resend(files.row(filing_id), user_id=files.user.id)
    session().commit()
    files.work(filing_id, rounds=2)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED
    assert len(files.arrived(kind)) == 1
    found = select(LogEntry.user_id).where(LogEntry.code == "filing_sent_again")
    assert session().scalars(found).all() == [files.user.id]
    assert keeping.verify(files.row(filing_id)).is_whole


def test_sending_again_looks_once_more_first(files: Files) -> None:
    filing_id = lost(files)
    row = files.row(filing_id)
    # it did arrive after all, very late
    from plugins.belastingdienst.sending import opening

    message = turn._message(row)
    with opening.channel(row) as channel:
        channel.deliver(message)
    filings.resend(files.row(filing_id), user_id=files.user.id)
    session().commit()
    files.work(filing_id, rounds=2)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED
    assert len(files.arrived()) == 1


def test_a_person_enters_that_it_arrived(files: Files) -> None:
    filing_id = lost(files)
    other = files.approved(files.administration(number=NUMBERS[1]))
    files.work(other, rounds=2)
    taken = files.row(other).delivery_reference
    with pytest.raises(AskUser, match="filing_reference_taken"):
        filings.arrived(files.row(filing_id), taken, user_id=files.user.id)
    session().rollback()
    filings.arrived(files.row(filing_id), "onbekend", user_id=files.user.id)
    session().commit()
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.STOPPED, "digipoort_refused")


def test_deciding_is_only_for_what_is_undecided(files: Files) -> None:
    filing_id = files.approved(files.administration())
    for act in (
        lambda row: filings.resend(row, user_id=files.user.id),
        lambda row: filings.arrived(row, "K", user_id=files.user.id),
        lambda row: filings.retry(row, user_id=files.user.id),
        lambda row: filings.cancel(row, user_id=files.user.id),
    ):
        with pytest.raises(AskUser, match="filing_moved_on"):
            act(files.row(filing_id))
        session().rollback()


def test_another_of_its_kind_waits_for_an_unknown_one(files: Files) -> None:
    administration = files.administration()
    first = files.approved(administration)
    second = files.approved(administration, TaxPeriod.quarter(2026, 2))
    files.sandbox.fault("drop_after", path="aanleverservice", times=1)
    files.work(first, second)
    assert files.stage(second) == (FilingStage.APPROVED, "filing_waits_for_other")
    assert files.row(second).sent_at is None
    files.work(first, second, rounds=3)
    assert files.stage(first)[0] == files.stage(second)[0] == FilingStage.ACCEPTED
    assert len(files.arrived()) == 2


def test_a_tampered_answer_is_not_believed_nor_kept(files: Files) -> None:
    filing_id = files.approved(files.administration())
    files.sandbox.fault("tamper", path="aanleverservice", times=1)
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.APPROVED, "delivery_being_looked_up")
    assert files.kinds(filing_id) == ["message"]
    files.work(filing_id)
    files.sandbox.fault("tamper", path="statusinformatieservice", times=1)
    files.work(filing_id)
    assert files.stage(filing_id) == (
        FilingStage.DELIVERED,
        "digipoort_answer_untrusted",
    )
    files.work(filing_id)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED
    assert len(files.arrived()) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "soap_fault", "code": "ALS110"}, "digipoort_refused"),
        ({"kind": "status", "status": 503}, "delivery_being_looked_up"),
        ({"kind": "html"}, "delivery_being_looked_up"),
        ({"kind": "html_after"}, "delivery_being_looked_up"),
    ],
)
def test_faults_end_in_one_delivery(
    files: Files, fault: dict[str, object], code: str
) -> None:
    filing_id = files.approved(files.administration())
    rule = {**fault, "path": "aanleverservice", "times": 1}
    files.sandbox.control("faults", rule)
    files.work(filing_id)
    assert files.stage(filing_id)[1] == code
    is_sure = code == "digipoort_refused"
    assert (files.row(filing_id).sent_at is None) == is_sure
    for _ in range(3):
        files.let_time_pass(filing_id)
        files.work(filing_id)
    if files.stage(filing_id)[0] == FilingStage.STOPPED:
        is_unknown = files.stage(filing_id)[1] == "delivery_absent"
        act = filings.resend if is_unknown else filings.retry
        act(files.row(filing_id), user_id=files.user.id)
        session().commit()
        files.work(filing_id, rounds=2)
    assert files.stage(filing_id)[0] == FilingStage.ACCEPTED
    assert len(files.arrived()) == 1


def test_no_end_state_within_72_hours_goes_to_a_person(files: Files) -> None:
    files.sandbox.control("options", {"pace": 3600})
    filing_id = files.approved(files.administration())
    files.work(filing_id, rounds=2)
    assert files.stage(filing_id) == (FilingStage.DELIVERED, "")
    row = files.row(filing_id)
    row.delivered_at = shared_now() - timedelta(hours=73)
    session().commit()
    files.work(filing_id)
    assert files.stage(filing_id) == (FilingStage.STOPPED, "filing_no_end_state")
    filings.retry(files.row(filing_id), user_id=files.user.id)
    session().commit()
    assert files.stage(filing_id)[0] == FilingStage.DELIVERED


def test_statuses_come_with_growing_pauses(files: Files) -> None:
    files.sandbox.control("options", {"pace": 3600})
    filing_id = files.approved(files.administration())
    files.work(filing_id, rounds=2)
    row = files.row(filing_id)
    assert row.due_at is not None
    assert 15 < (row.due_at - shared_now()).total_seconds() <= 20
    before = files.kinds(filing_id)
    files.work(filing_id, rounds=3)
    assert files.kinds(filing_id) == before, "an answer without news is not kept"


def test_the_dispatcher_wakes_what_is_due(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, str, int]] = []
    monkeypatch.setattr(jobs, "wake", lambda *args: bool(woken.append(args)))
    filing_id = files.approved(files.administration())
    woken.clear()
    wake_due([run.DUE], shared_now() - timedelta(hours=1))
    assert woken == []
    jobs.run_task("dispatch", 0)
    assert ("default", filings.TASK, filing_id) in woken
    woken.clear()
    assert turn.take(filing_id) is not None
    wake_due([run.DUE], shared_now())
    assert woken == []


def test_the_unique_key_holds(files: Files) -> None:
    administration = files.administration()
    files.figures(administration)
    first = files.prepare(administration)
    keys = {"tenant_id", "tax_number", "division", "kind", "starts_on", "ends_on",
            "version"}  # fmt: skip
    found = [
        {column.name for column in one.columns}
        for one in Filing.__table__.constraints
        if hasattr(one, "columns")
    ]
    assert keys in found
    assert (first.starts_on, first.kind) == (Q3.start, RETURN)


def test_two_administrations_of_a_taxpayer_file_a_period_once(files: Files) -> None:
    first, second = files.administration(), files.administration()
    for one in (first, second):
        files.figures(one)
    second.description = "Onderdeel Zuid"
    filing = files.prepare(first)
    told = {"code": "other_books", "params": {"names": "Onderdeel Zuid"}}
    assert told in filing.warnings
    with pytest.raises(AskUser, match="filing_of_other_administration"):
        files.prepare(second)
    session().rollback()
    with pytest.raises(AskUser, match="filing_other_books"):
        files.approve(filing)
    session().rollback()
    files.work(files.approve(filing, without=[second.id]).id, rounds=2)
    assert "Zonder Onderdeel Zuid" in [
        event.detail for event in timeline.of(files.row(filing.id))
    ]
    assert files.stage(filing.id)[0] is FilingStage.ACCEPTED
    with pytest.raises(AskUser, match="filing_accepted"):
        files.prepare(second)
    session().rollback()
    assert len(files.arrived()) == 1
    todo = obligations.of(files.made, date(2026, 10, 5))
    assert [one.is_open for one in todo if one.period == Q3] == [False]


def test_a_suppletie_asks_about_other_administrations_too(files: Files) -> None:
    first, second = files.administration(), files.administration()
    files.figures(first)
    period_figures.of(second, Q3).read_at = utcnow()  # read, and nothing in it
    files.work(files.approve(files.prepare(first)).id, rounds=2)
    files.figures(first, turnover="10000.00")
    files.figures(second, TaxPeriod.month(2026, 9))  # booked since
    second.description = "Onderdeel Zuid"
    filing = files.prepare(first, kind=DeclarationKind.SUPPLETIE)
    told = {"code": "other_books", "params": {"names": "Onderdeel Zuid"}}
    assert told in filing.warnings
    with pytest.raises(AskUser, match="filing_other_books"):
        files.approve(filing)
    session().rollback()
    approved = files.approve(filing, without=[second.id])
    assert "Zonder Onderdeel Zuid" in [one.detail for one in timeline.of(approved)]


def test_a_suppletie_is_made_of_the_books_that_its_return_was(files: Files) -> None:
    """Wherever it is prepared, as in the books of the next year: those are in it."""
    first, second = files.administration(), files.administration()
    period_figures.of(second, Q3).read_at = utcnow()  # read, and nothing in it
    files.work(files.approved(first), rounds=2)
    files.figures(first, turnover="10000.00")
    suppletie = DeclarationKind.SUPPLETIE
    assert other_books.of(second, Q3, suppletie) == []
    files.figures(second, TaxPeriod.month(2026, 9))
    assert other_books.of(second, Q3, suppletie) == [second]
    assert other_books.of(first, Q3, suppletie) == [second]
    filing = files.prepare(second, kind=suppletie)
    assert other_books.beside(filing) == [second]
    assert filing.payable == Decimal(2100)


def test_one_over_a_year_asks_by_the_books_of_each_period(files: Files) -> None:
    """Three quarters of one administration, the last of another."""
    first, second = files.administration(), files.administration()
    for one in (first, second):
        period_figures.of(one, TaxPeriod.from_code("2025")).read_at = utcnow()
    for quarter in (1, 2, 3, 4):
        made = first if quarter < 4 else second
        period = TaxPeriod.quarter(2025, quarter)
        files.work(files.approved(made, period), rounds=2)
    year, suppletie = TaxPeriod.from_code("2025"), DeclarationKind.SUPPLETIE
    assert other_books.of(first, year, suppletie) == []
    files.figures(first, TaxPeriod.quarter(2025, 4))
    assert other_books.of(first, year, suppletie) == [first]
    files.figures(second, TaxPeriod.quarter(2025, 2))
    assert other_books.of(first, year, suppletie) == [first, second]


def test_another_administration_that_nobody_read_is_asked_about(files: Files) -> None:
    first, second = files.administration(), files.administration()
    files.figures(first)
    assert other_books.of(first, Q3, RETURN) == [second]
    second.enabled = False
    assert other_books.of(first, Q3, RETURN) == []
    second.enabled = True
    period_figures.of(second, Q3).read_at = utcnow()  # read, and nothing in it
    assert other_books.of(first, Q3, RETURN) == []
    period_figures.of(second, Q3).read_at = None
    for month in (7, 8, 9):  # one month tells nothing of the other two
        assert other_books.of(first, Q3, RETURN) == [second]
        period_figures.of(second, TaxPeriod.month(2026, month)).read_at = utcnow()
    assert other_books.of(first, Q3, RETURN) == []
    files.figures(second, TaxPeriod.month(2026, 9))
    assert other_books.of(first, Q3, RETURN) == [second]
    assert other_books.of(first, Q3, ICP) == []
    files.figures(second, TaxPeriod.month(2026, 8), icp="100")
    assert other_books.of(first, Q3, ICP) == [second]
    second.division = "123456782B02"
    assert other_books.of(first, Q3, ICP) == []


def test_periods_that_overlap_are_not_filed_beside_each_other(files: Files) -> None:
    administration = files.administration()
    filing = files.row(files.approved(administration))
    files.work(filing.id, rounds=2)
    september = TaxPeriod.month(2026, 9)
    files.figures(administration, september)
    with pytest.raises(AskUser, match="filing_overlaps"):
        files.prepare(administration, september)
    session().rollback()
    october = TaxPeriod.month(2026, 10)
    files.figures(administration, october)
    assert files.prepare(administration, october).version == 1


def test_another_tenants_return_neither_blocks_nor_shows(files: Files) -> None:
    """As a taxpayer and his adviser, both our customers."""
    filing = files.row(files.approved(files.administration()))
    administration = session().get_one(Administration, filing.administration_id)
    profile = session().get_one(FilingProfile, filing.profile_id)
    owned = {"tenant_id": _other_tenant()}
    owned["profile_id"] = _given(profile, **owned, certificate_id=None)
    owned["administration_id"] = _given(
        administration, **owned, connection_id=None, own_certificate_id=None
    )
    nobody = {"prepared_by_id": None, "approved_by_id": None}
    _given(filing, **owned, **nobody, stage=FilingStage.STOPPED, sent_at=shared_now())
    session().commit()
    ours = files.approved(files.made[0])
    files.work(ours, rounds=2)
    assert files.stage(ours) == (FilingStage.ACCEPTED, "")


def _given(row: Any, **changes: Any) -> int:
    """Copy a row to another tenant, and delete a filing here; return the copy's id."""
    columns = [each.name for each in row.__table__.columns if each.name != "id"]
    values = {name: getattr(row, name) for name in columns}
    if isinstance(row, Filing):
        session().delete(row)
        session().flush()
    made = type(row)(**values | changes)
    session().add(made)
    session().flush()
    return int(made.id)


def _other_tenant() -> int:
    made = accounts.create_tenant_with_owner(
        name="De adviseur", email="adviseur@example.com", password=PASSWORD
    )
    return made.id
