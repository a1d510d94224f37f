"""Mail in a tenant's own words: so many a day, fewer in the trial and to strangers."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from core.domain.errors import TooOften
from core.models import Licence, LicenceState, Mail, SalesInvoice, Tenant, User
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import invoice_sending, sales_invoices
from core.services.invoicing.invoice_sending import Letter
from core.services.mailing import allowance, mail
from core.web.api import problems
from tests.invoices import complete, customer, draft
from tests.web.conftest import Site
from tests.web.samples import Sample

OWN = "admin@korrel.example"
"""The e-mail address of the relation."""


@pytest.fixture
def sample(site: Site) -> Sample:
    """A tenant with a sent invoice, number 1, that may send three mails, two away."""
    parts = site.app.extensions["koppelwerk"]
    few = replace(
        parts.settings,
        mails_per_day=3,
        mails_to_strangers=2,
        mails_per_day_trial=2,
        mails_to_strangers_trial=1,
    )
    site.app.extensions["koppelwerk"] = replace(parts, settings=few)
    made = site.sample()
    with site.data() as session, tenant_scope(made.tenant.id):
        tenant = session.get(Tenant, made.tenant.id)
        complete(tenant)
        customer()
        row = draft(tenant, session.get_one(sales_invoices.Relation, 1))
        sales_invoices.send(row, "other")
    return made


def _give_licence(site: Site, sample: Sample, state: LicenceState) -> None:
    with site.data() as session:
        session.add(
            Licence(
                tenant_id=sample.tenant.id,
                key=f"k-{state}",
                source_plugin="kmoshops",
                target_plugin="eaccounting",
                state=state,
                ends_on=date(2100, 1, 1),
            )
        )


def _mail_again(site: Site, sample: Sample, number: int, recipient: str) -> None:
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.get_one(SalesInvoice, 1)
        letter = Letter(recipient, "Uw rekening", "Hoi")
        invoice_sending.mail_again(row, letter, str(number), user_id=None)


def _mails(site: Site) -> int:
    with site.data() as session:
        return int(session.scalar(select(func.count(Mail.id))) or 0)


def _sent_before_refusal(site: Site, sample: Sample, recipient: str) -> int:
    for number in range(10):
        try:
            _mail_again(site, sample, number, recipient)
        except TooOften:
            return number
    return 10


@pytest.mark.parametrize(
    ("states", "recipient", "allowed"),
    [
        ([], OWN.upper(), 3),
        ([], "stranger@example.com", 2),
        ([LicenceState.TRIAL], OWN, 2),
        ([LicenceState.EXPIRED, LicenceState.TRIAL], "stranger@example.com", 1),
        ([LicenceState.TRIAL, LicenceState.PAID], OWN, 3),
    ],
)
def test_how_many_mails_go_in_a_day(
    site: Site,
    sample: Sample,
    states: list[LicenceState],
    recipient: str,
    allowed: int,
) -> None:
    for state in states:
        _give_licence(site, sample, state)
    assert _sent_before_refusal(site, sample, recipient) == allowed
    assert _mails(site) == allowed


def test_it_goes_again_when_the_refusal_says(site: Site, sample: Sample) -> None:
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False) as clock:
        assert _sent_before_refusal(site, sample, OWN) == 3
        clock.shift(3600)
        with pytest.raises(TooOften) as refused:
            _mail_again(site, sample, 20, OWN)
        assert refused.value.params == {"limit": "3", "again": "03-03-2026 11:00"}
        assert refused.value.seconds == 23 * 3600
        clock.shift(refused.value.seconds)
        _mail_again(site, sample, 21, OWN)


def test_each_tenant_has_its_own(site: Site, sample: Sample) -> None:
    other = site.sample("Ander", 2)
    assert _sent_before_refusal(site, sample, OWN) == 3
    with site.data():
        allowance.use(other.tenant.id, is_stranger=True)


def test_a_mail_that_is_made_once_counts_once(site: Site, sample: Sample) -> None:
    for _click in range(5):
        _mail_again(site, sample, 1, OWN)
    assert _mails(site) == 1


def test_our_own_words_are_not_counted(site: Site, sample: Sample) -> None:
    assert _sent_before_refusal(site, sample, OWN) == 3
    with site.data() as session:
        for each in range(5):
            mail.to_tenant(
                sample.tenant.id, "webhook_disabled", dedup_key=str(each), url="x"
            )
        assert session.scalar(select(func.count(Mail.id))) == 3 + 5
    answer = site.client().post("/wachtwoord/vergeten", data={"email": sample.owner})
    assert answer.status_code == 200
    assert _mails(site) == 3 + 5 + 1


def test_a_refused_invoice_stays_a_draft_and_the_page_says_why(
    site: Site, sample: Sample
) -> None:
    with site.data() as session, tenant_scope(sample.tenant.id):
        tenant = session.get(Tenant, sample.tenant.id)
        draft(tenant, session.get_one(sales_invoices.Relation, 1))
    assert _sent_before_refusal(site, sample, OWN) == 3
    client = site.client(sample.owner)
    letter = {"recipient": OWN, "subject": "F", "text": "Hoi", "once": "n"}
    for path in ("/facturen/2/mailen", "/facturen/1/opnieuw-mailen"):
        answer = client.post(path, data=letter)
        assert answer.status_code == 429, path
        assert "meer dan 3 per dag gaat niet" in answer.text
        assert "kan het weer" in answer.text
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.get_one(SalesInvoice, 2)
        assert (row.state, row.number) == ("draft", None)


def test_invitations_and_new_addresses_count_as_strangers(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    invite = {"invite-name": "Jan", "invite-role": "colleague"}
    for number in range(2):
        email = {"invite-email": f"jan{number}@example.com"}
        client.post("/profiel/collegas", data={**invite, **email})
    assert _mails(site) == 2
    answer = client.post(
        "/profiel/collegas",
        data={**invite, "invite-email": "jan3@example.com"},
        follow_redirects=True,
    )
    assert "naar een ander adres" in answer.text
    answer = client.post("/profiel/extra-adres", data={"extra-email": "x@example.com"})
    assert answer.status_code == 429
    assert _mails(site) == 2
    with site.data() as session:
        invited = select(User).where(User.email == "jan3@example.com")
        assert session.scalar(invited) is None


def test_problem_reports_and_requests_count(site: Site, sample: Sample) -> None:
    assert _sent_before_refusal(site, sample, OWN) == 3
    client = site.client(sample.owner)
    service = {"kind": "installation", "remark": "x", "agreed": "y"}
    answer = client.post("/diensten", data=service, follow_redirects=True)
    assert "meer dan 3 per dag gaat niet" in answer.text
    page = client.get("/meld").text
    digest = page.split('name="digest" value="')[1].split('"')[0]
    report = {"message": "Het gaat mis", "digest": digest}
    answer = client.post("/meld", data=report, follow_redirects=True)
    assert "meer dan 3 per dag gaat niet" in answer.text
    assert _mails(site) == 3


def test_the_api_answers_with_429_and_when(site: Site) -> None:
    error = TooOften(
        "mails_of_today", seconds=timedelta(hours=2).total_seconds(), limit=3, again="x"
    )
    with site.app.test_request_context("/api/v1/invoices"):
        answer = problems.answer(problems.of_error(error))
    assert answer.status_code == 429
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Retry-After"] == "7200"
    assert b"mails_of_today" in answer.data
