"""Reminders before the deadline and after it; what erasing a tenant leaves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import LogEntry, Mail, Mark, TenantPlugin
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.mailing import mail
from core.services.people import privacy
from core.texts import explain
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.filing import obligations
from plugins.belastingdienst.law import taxonomies
from plugins.belastingdienst.models import (
    Administration,
    Certificate,
    Entry,
    Evidence,
    Filing,
    FilingEvent,
    PeriodFigures,
)
from plugins.belastingdienst.reminders import deadlines, due
from plugins.belastingdienst.reminders import taxonomies as taxonomy_alarms
from plugins.belastingdienst.setup import administrations
from tests.integration.filing_world import Files

BEFORE = datetime(2026, 10, 20, 8, tzinfo=UTC)
NEAR = datetime(2026, 10, 25, 8, tzinfo=UTC)
LATE = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.fixture
def asked(files: Files) -> Administration:
    """An administration of before the deadline."""
    row = files.administration()
    row.created_at = BEFORE
    session().commit()
    return row


def tick(now: datetime) -> list[str]:
    """Let the clock come by; return what the log says of deadlines."""
    deadlines.tick(now)
    found = select(LogEntry.code).where(LogEntry.code.contains("_deadline_"))
    codes = list(session().scalars(found.order_by(LogEntry.id)))
    session().rollback()
    return codes


def test_one_mail_before_and_one_after(files: Files, asked: Administration) -> None:
    assert tick(BEFORE) == []
    assert tick(NEAR) == ["filing_deadline_near"]
    assert tick(NEAR + timedelta(days=2)) == ["filing_deadline_near"]
    both = ["filing_deadline_near", "filing_deadline_passed"]
    assert tick(LATE) == both
    assert tick(LATE + timedelta(days=9)) == both
    mails = session().scalars(select(Mail).order_by(Mail.id)).all()
    assert len(mails) == 2
    text = "\n".join(mail.content_of(mails[0]))
    assert "31 okt 2026" in text
    assert "3e kwartaal 2026" in text
    assert "%(" not in text


def test_nothing_once_it_is_filed(files: Files, asked: Administration) -> None:
    filing_id = files.approved(asked)
    files.work(filing_id, rounds=2)
    assert tick(NEAR) == tick(LATE) == []


def test_icp_is_reminded_of_too(files: Files, asked: Administration) -> None:
    files.figures(asked, icp="500.00")
    first = files.approve(files.prepare(asked))
    files.work(first.id, rounds=2)
    assert tick(NEAR) == ["icp_deadline_near"]


def test_off_is_off(files: Files, asked: Administration) -> None:
    asked.remind_days = 0
    session().commit()
    assert tick(NEAR) == []
    session().execute(update(Administration).values(remind_days=7))
    session().execute(update(TenantPlugin).values(enabled=False))
    session().execute(update(Mark).values(read_at=BEFORE - timedelta(days=1)))
    session().commit()
    assert tick(NEAR + timedelta(days=1)) == []


def test_no_blame_for_before_we_were_there(files: Files) -> None:
    files.administration()
    assert tick(datetime(2026, 11, 30, tzinfo=UTC)) == []


def test_it_looks_once_an_hour(files: Files, asked: Administration) -> None:
    assert deadlines.tick(NEAR)
    assert not deadlines.tick(NEAR + timedelta(minutes=59))
    assert deadlines.tick(NEAR + timedelta(minutes=61))


def test_the_dispatcher_goes_on_when_this_fails(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr(due.rounds, "is_time", broken)
    jobs.run_task("dispatch", 0)


def filed(files: Files) -> int:
    filing_id = files.approved(files.administration())
    files.work(filing_id, rounds=2)
    return filing_id


def test_erasing_a_tenant_keeps_declarations_and_evidence(files: Files) -> None:
    filing_id = filed(files)
    never_sent = files.figures(files.made[0], turnover="5.00")
    assert never_sent is None
    other = files.administration(number="123456782B01")
    files.figures(other)
    files.prepare(other)
    with tenant_scope(files.tenant.id):
        privacy.erase_tenant(files.tenant.id)
    row = files.row(filing_id)
    assert keeping.verify(row).is_whole
    assert files.count(Filing) == 1
    assert files.count(FilingEvent) > 3
    assert row.administration.contact_surname == ""
    assert row.administration.own_certificate_id is None
    assert row.approved_by_id is None
    for gone in (Certificate, Entry, PeriodFigures):
        assert files.count(gone) == 0


def test_without_the_guard_evidence_would_be_gone(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed(files)
    monkeypatch.setattr(privacy, "kept_by_plugins", lambda: ())
    with tenant_scope(files.tenant.id):
        privacy.erase_tenant(files.tenant.id)
    assert files.count(Evidence) == 0


def test_evidence_goes_only_when_its_term_is_over(files: Files) -> None:
    filing_id = filed(files)
    year = files.row(filing_id).created_at.year
    for moment, left in (
        (datetime(year + 7, 12, 31, tzinfo=UTC), 1),
        (datetime(year + 8, 1, 1, tzinfo=UTC), 0),
    ):
        with transaction():
            keeping.forget(moment)
        assert files.count(Filing) == left
    assert files.count(Evidence) == files.count(FilingEvent) == 0


def told_operator(today: date) -> list[str]:
    """Let the operator be told; return the texts of all mails so far."""
    with transaction():
        taxonomy_alarms.tell_operator(today)
    found = session().scalars(select(Mail).order_by(Mail.id)).all()
    return ["\n".join(mail.content_of(one)) for one in found]


def test_the_operator_is_told_of_a_year_without_a_version(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        taxonomies.alarms, "__defaults__", (taxonomies.TAXONOMIES[:-1],)
    )
    assert told_operator(date(2026, 11, 1)) == []
    (text,) = told_operator(date(2026, 11, 2))
    assert "Btw-aangifte" in text
    assert "Suppletie" in text
    assert "2027-01-01" in text or "1 jan 2027" in text
    assert "%(" not in text
    assert len(told_operator(date(2026, 11, 29))) == 1
    assert len(told_operator(date(2026, 12, 1))) == 2
    (first, *_) = session().scalars(select(Mail).order_by(Mail.id)).all()
    assert first.tenant_id is None


def test_a_user_is_told_only_of_a_period_of_his_own(
    files: Files, asked: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (taxonomies.TAXONOMIES[:-1],)  # nothing of 2027
    monkeypatch.setattr(taxonomies.missing_for, "__defaults__", known)
    assert taxonomy_alarms.of_tenant([asked], date(2026, 12, 31)) == []
    assert taxonomy_alarms.of_tenant([], date(2027, 1, 1)) == []
    (told,) = taxonomy_alarms.of_tenant([asked], date(2027, 1, 1))
    words = explain(told.code, told.params)
    assert "2027" in words.what
    assert "SBR" not in f"{words.what} {words.why} {words.action}"


def test_the_hourly_round_tells_the_operator(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[date] = []
    monkeypatch.setattr(taxonomy_alarms, "tell_operator", days.append)
    due.remind()
    due.remind()
    assert len(days) == 1


@pytest.mark.parametrize("part", ["deadlines", "certificates", "one stop shop"])
def test_one_part_that_fails_keeps_none_of_the_others(
    files: Files, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    days: list[date] = []
    monkeypatch.setattr(taxonomy_alarms, "tell_operator", days.append)
    if part == "deadlines":
        monkeypatch.setattr(deadlines, "_remind_tenant", broken)
    else:
        monkeypatch.setattr(due, "PARTS", {**due.PARTS, part: broken})
    due.remind()
    assert len(days) == 1


@pytest.mark.parametrize(
    ("days", "codes", "blocks"),
    [
        (-1, ["certificate_over"], True),
        (29, ["certificate_ends_soon"], False),
        (31, [], False),
    ],
)
def test_a_certificate_that_ends_is_not_ready(
    asked: Administration, days: int, codes: list[str], *, blocks: bool
) -> None:
    session().execute(
        update(Certificate).values(expires_at=utcnow() + timedelta(days=days))
    )
    session().commit()
    assert [one.code for one in administrations.unready(asked)] == codes
    if blocks:
        with pytest.raises(AskUser, match="certificate_over"):
            administrations.check_ready(asked)
    else:
        administrations.check_ready(asked)


def test_a_period_that_nobody_read_is_not_called_filed(
    files: Files, asked: Administration
) -> None:
    today = LATE.date()
    ended = administrations.current_periods(asked, today)[1:]
    assert obligations.unread([asked], today) == len(ended)
    filing_id = files.approved(asked)
    files.work(filing_id, rounds=2)
    left = obligations.unread([asked], today)
    assert left == len(ended) - 1
    assert not [one for one in obligations.of([asked], today) if one.is_open]
    asked.enabled = False
    assert obligations.unread([asked], today) == 0
