"""The operator's desk: across tenants, for operators only."""

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import (
    Licence,
    LogEntry,
    Mail,
    MailState,
    ProblemReport,
    RequestState,
    ServiceKind,
    ServiceRequest,
    TransferState,
    User,
)
from core.services.mailing import mail
from core.services.operations import restores
from tests.web import samples
from tests.web.accounts import operator
from tests.web.conftest import Site
from tests.web.samples import Sample


@dataclass
class Desk:
    """Two tenants and an operator."""

    site: Site
    first: Sample
    second: Sample
    client: FlaskClient
    report_id: int
    request_id: int
    mail_id: int

    def row(self, model: type, key: int):
        """A row, fresh from the database."""
        with self.site.data() as session:
            return session.get(model, key)


@pytest.fixture
def desk(site: Site) -> Desk:
    first, second = site.sample(), site.sample("Ander", 2)
    with site.data() as session:
        owner = session.scalars(select(User).where(User.email == first.owner)).one()
        row = samples.transfer(first, "1001", TransferState.FAILED, "order_empty")
        report = ProblemReport(
            tenant_id=first.tenant.id, transfer_id=row.id, user_id=owner.id,
            message="Het lukt niet", content={"transfer": {"number": "1001"}},
        )  # fmt: skip
        request = ServiceRequest(
            tenant_id=second.tenant.id, kind=ServiceKind.INSTALLATION,
            remark="Graag voor vrijdag", price_excl_vat=samples.Decimal("39.50"),
        )  # fmt: skip
        session.add_all(
            [report, request, Licence(
                tenant_id=first.tenant.id, key="KW-ABCD", source_plugin="kmoshops",
                target_plugin="eaccounting", state="trial", ends_on=utcnow().date(),
            )]
        )  # fmt: skip
        mail.queue(
            "weg@example.com", "problem_answer", language="nl",
            tenant_id=first.tenant.id, report="1", name="A", message="m", answer="a",
        )  # fmt: skip
        failed = session.scalars(select(Mail)).one()
        failed.state, failed.reason = MailState.FAILED, "550 unknown"
        session.flush()
        ids = report.id, request.id, failed.id
    return Desk(site, first, second, operator(site), *ids)


def _paths(desk: Desk) -> list[str]:
    return [
        "/beheer/", "/beheer/klanten", f"/beheer/klanten/{desk.first.tenant.id}",
        "/beheer/meldingen", f"/beheer/meldingen/{desk.report_id}",
        "/beheer/aanvragen", "/beheer/mails",
    ]  # fmt: skip


def test_only_operators_come_in(desk: Desk) -> None:
    for path in _paths(desk):
        assert desk.client.get(path).status_code == 200, path
        assert desk.site.client(desk.first.owner).get(path).status_code == 403, path
        assert desk.site.client().get(path).status_code == 303, path
    for path in (
        f"/beheer/meldingen/{desk.report_id}/antwoord",
        f"/beheer/meldingen/{desk.report_id}/sluit",
        f"/beheer/aanvragen/{desk.request_id}/sluit",
        f"/beheer/mails/{desk.mail_id}/opnieuw",
    ):
        form = {"answer": "x"}
        owner = desk.site.client(desk.first.owner)
        assert owner.post(path, data=form).status_code == 403, path
    assert desk.row(ProblemReport, desk.report_id).state == RequestState.OPEN


@pytest.mark.parametrize(("held", "state"), [("send", "queued"), ("drop", "failed")])
def test_a_restore_is_ended_by_an_operator(desk: Desk, held: str, state: str) -> None:
    assert "teruggezet" not in desk.client.get("/beheer/").text
    path = "/beheer/herstel/klaar"
    assert desk.client.post(path).status_code == 404
    with desk.site.data() as session:
        row = session.get(Mail, desk.mail_id)
        row.state = MailState.QUEUED
        restores.begin(utcnow())
        session.commit()
    page = desk.client.get("/beheer/").text
    assert "Een reservekopie is teruggezet" in page
    owner = desk.site.client(desk.first.owner)
    assert owner.post(path, data={"held": held}).status_code == 403
    assert desk.client.post(path, data={"held": held}).status_code == 303
    assert "teruggezet" not in desk.client.get("/beheer/").text
    assert desk.row(Mail, desk.mail_id).state == state


def test_the_overview_counts_across_tenants(desk: Desk) -> None:
    page = desk.client.get("/beheer/").text
    words = " ".join(page.split())
    assert '<span class="figure">2</span> klanten' in words
    assert '<span class="figure">1</span> open meldingen' in words
    assert '<span class="figure">1</span> mislukte mails' in words
    assert "Niet bereikbaar" in page


def test_pages_take_a_fixed_number_of_statements(desk: Desk) -> None:
    def counts() -> list[int]:
        found = []
        for path in _paths(desk):
            with desk.site.queries() as sent:
                assert desk.client.get(path).status_code == 200
            found.append(len(sent))
        return found

    before = counts()
    for number in range(3, 7):
        sample = desk.site.sample(f"Klant {number}", number)
        with desk.site.data() as session:
            for order in range(3):
                samples.transfer(sample, f"{number}-{order}", TransferState.QUEUED)
            session.add(
                ProblemReport(tenant_id=sample.tenant.id, message="m", content={})
            )
            samples.note(desk.first, "logged_in", name="A")
    assert counts() == before
    assert max(before) <= 16


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("fietsen", True), ("owner1@example.com", True), ("kw-abcd", True),
        ("ander", False), ("%", False), ("nietbestaand", False),
    ],
)  # fmt: skip
def test_tenants_are_found(desk: Desk, search: str, found: bool) -> None:
    page = desk.client.get("/beheer/klanten", query_string={"zoek": search}).text
    assert ("De Fietsenmaker" in page) is found


def test_tenants_are_paged_by_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.services.operations import desk as service

    monkeypatch.setattr(service, "PAGE", 1)
    page = desk.client.get("/beheer/klanten").text
    assert "Ander" in page
    assert "De Fietsenmaker" not in page
    following = desk.client.get(f"/beheer/klanten?na={desk.second.tenant.id}").text
    assert "De Fietsenmaker" in following


def test_a_tenant_is_shown_with_all_that_hangs_on_it(desk: Desk) -> None:
    page = desk.client.get(f"/beheer/klanten/{desk.first.tenant.id}").text
    for text in ("KW-ABCD", "owner1@example.com", "Verbonden", "Melding", "meekijken"):
        assert text in page
    assert "owner2@example.com" not in page
    assert "Ander 2" not in page, "a connection of the other tenant"
    assert desk.client.get("/beheer/klanten/999999").status_code == 404


def test_an_answer_is_mailed_and_shown_to_the_tenant(desk: Desk) -> None:
    path = f"/beheer/meldingen/{desk.report_id}/antwoord"
    assert desk.client.post(path, data={"answer": ""}).status_code == 200
    answer = desk.client.post(path, data={"answer": "Vul het land in."})
    assert (answer.status_code, answer.location) == (303, "/beheer/meldingen")
    row = desk.row(ProblemReport, desk.report_id)
    assert (row.state, row.answer) == (RequestState.ANSWERED, "Vul het land in.")
    with desk.site.data() as session:
        sent = session.scalars(
            select(Mail).where(Mail.recipient == desk.first.owner)
        ).one()
        subject, text = mail.content_of(sent)
        codes = session.scalars(
            select(LogEntry.code).where(LogEntry.tenant_id == desk.first.tenant.id)
        ).all()
    assert str(desk.report_id) in subject
    assert "Vul het land in." in text
    assert "problem_answered" in codes
    owner = desk.site.client(desk.first.owner)
    assert "Vul het land in." in owner.get("/meldingen").text
    assert "Het lukt niet" in desk.client.get("/beheer/meldingen?stand=answered").text


def test_an_answer_reaches_the_owners_when_the_reporter_is_gone(desk: Desk) -> None:
    with desk.site.data() as session:
        session.get(ProblemReport, desk.report_id).user_id = None
    path = f"/beheer/meldingen/{desk.report_id}/antwoord"
    desk.client.post(path, data={"answer": "Opgelost."})
    with desk.site.data() as session:
        query = select(Mail.recipient).where(Mail.state == MailState.QUEUED)
        assert session.scalars(query).all() == [desk.first.owner]


def test_a_report_is_closed(desk: Desk) -> None:
    path = f"/beheer/meldingen/{desk.report_id}/sluit"
    assert desk.client.post(path).status_code == 303
    assert desk.row(ProblemReport, desk.report_id).state == RequestState.CLOSED
    assert desk.client.post("/beheer/meldingen/999999/sluit").status_code == 404
    missing = desk.client.post("/beheer/meldingen/9999/antwoord", data={"answer": "x"})
    assert missing.status_code == 404


def test_paid_work_is_marked_done(desk: Desk) -> None:
    assert "Graag voor vrijdag" in desk.client.get("/beheer/aanvragen").text
    path = f"/beheer/aanvragen/{desk.request_id}/sluit"
    assert desk.client.post(path).status_code == 303
    row = desk.row(ServiceRequest, desk.request_id)
    assert row.state == RequestState.CLOSED
    assert row.closed_at is not None
    assert desk.client.post("/beheer/aanvragen/999999/sluit").status_code == 404


def test_a_failed_mail_is_sent_again(desk: Desk) -> None:
    page = desk.client.get("/beheer/mails").text
    assert "550 unknown" in page
    path = f"/beheer/mails/{desk.mail_id}/opnieuw"
    assert desk.client.post(path).status_code == 303
    assert desk.row(Mail, desk.mail_id).state == MailState.QUEUED
    desk.client.post(path)
    assert desk.row(Mail, desk.mail_id).state == MailState.QUEUED


def test_what_a_mail_says_is_shown_to_nobody(desk: Desk) -> None:
    with desk.site.data():
        mail.queue(
            "x@example.com", "problem_answer", language="nl", tenant_id=None,
            report="1", name="A", message="eerste wachtwoord Zx81", answer="a",
        )  # fmt: skip
    for state in MailState:
        page = desk.client.get(f"/beheer/mails?stand={state.value}").text
        assert "Zx81" not in page


def test_an_unknown_state_shows_the_usual_list(desk: Desk) -> None:
    assert "Het lukt niet" in desk.client.get("/beheer/meldingen?stand=x").text
