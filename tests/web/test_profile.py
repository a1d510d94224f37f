"""Tab Profiel: own data, addresses, colleagues, company, invoices, licences."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    Licence,
    LicenceState,
    Relation,
    Role,
    ServiceInvoice,
    Tenant,
    User,
)
from core.services.licensing import invoices
from core.web.views import colleagues
from plugins.peppol.checks import own_participant
from plugins.vies.checks import is_well_formed
from tests.web.accounts import codes, link, mails, row
from tests.web.conftest import Site
from tests.web.samples import Sample

NEW = {"password": "paard batterij nietje", "again": "paard batterij nietje"}
COMPANY = {
    "company-name": "De Bakker BV",
    "company-street": "Dorpsstraat 1",
    "company-postal_code": "9000",
    "company-city": "Gent",
    "company-home_country": "BE",
    "company-vat_number": "be 0403.019.261",
}


def _tenant(site: Site, sample: Sample) -> Tenant:
    with site.data() as session:
        return session.get(Tenant, sample.tenant.id)  # type: ignore[no-any-return]


def _licence(site: Site, sample: Sample, key: str = "KW-1") -> int:
    with site.data() as session:
        made = Licence(
            tenant_id=sample.tenant.id,
            key=key,
            source_plugin="kmoshops",
            target_plugin="eaccounting",
            coupling_id=sample.coupling.id,
            source_id=sample.shop.id,
            target_id=sample.package.id,
            state=LicenceState.TRIAL,
            ends_on=date(2030, 1, 1),
        )
        session.add(made)
        session.flush()
        return made.id


def _invoice(site: Site, sample: Sample) -> ServiceInvoice:
    customer = invoices.Customer(sample.tenant.name, "", "", "", "NL", "nl")
    line = invoices.Line("Licentie", 1, Decimal("150.00"))
    with site.data():
        vat = invoices.Vat(Decimal(21))
        return invoices.issue(sample.tenant.id, customer, [line], vat)


def test_owner_and_colleague_see_the_tab_and_a_stranger_does_not(site: Site) -> None:
    sample = site.sample()
    owner = site.client(sample.owner).get("/profiel").text
    colleague = site.client(sample.colleague).get("/profiel").text
    assert site.client().get("/profiel").location.startswith("/login")
    for mark in ("Collega uitnodigen", "Gegevens en privacy", "company-name"):
        assert mark in owner
        assert mark not in colleague
    assert sample.colleague in owner
    assert "style=" not in owner


def test_every_field_has_its_own_id(site: Site) -> None:
    sample = site.sample()
    page = site.client(sample.owner).get("/profiel").text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    for name in re.findall(r'<label for="([^"]+)"', page):
        assert name in ids


OWNER_ONLY = [
    "/profiel/extra-adres", "/profiel/bedrijf", "/profiel/collegas",
    "/profiel/privacy/export", "/profiel/privacy/klant", "/profiel/privacy/wissen",
    "/profiel/privacy/klant/export", "/profiel/privacy/klant/wissen",
]  # fmt: skip


@pytest.mark.parametrize("path", OWNER_ONLY)
def test_a_colleague_has_no_owners_buttons(site: Site, path: str) -> None:
    sample = site.sample()
    assert site.client(sample.colleague).post(path).status_code == 403
    assert site.client().post(path).location.startswith("/login")


# Own data and addresses


def test_name_and_language_are_saved(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.colleague)
    form = {"self-name": "Kim", "self-language": "en", "role": "owner", "id": "1"}
    assert client.post("/profiel/gegevens", data=form).status_code == 303
    kept = row(site, sample.colleague)
    assert (kept.name, kept.language, kept.role) == ("Kim", "en", Role.COLLEAGUE)
    assert '<html lang="en">' in client.get("/open").text
    wrong = client.post("/profiel/gegevens", data={"self-language": "xx"})
    assert wrong.status_code == 422


def test_an_extra_address_gets_mail_only_after_its_link(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    wrong = client.post("/profiel/extra-adres", data={"extra-email": "geen adres"})
    assert wrong.status_code == 422
    client.post("/profiel/extra-adres", data={"extra-email": "Boek@Houder.test.nl"})
    sent = mails(site, "email_confirm")
    assert [address for address, _text in sent] == ["boek@houder.test.nl"]
    path = link(site, "email_confirm")
    assert site.client().get(path).status_code == 200
    assert _tenant(site, sample).extra_email == ""
    assert site.client().post(path).status_code == 303
    assert _tenant(site, sample).extra_email == "boek@houder.test.nl"
    assert site.client().post(path).status_code == 410
    client.post("/profiel/extra-adres", data={"remove": "1"})
    assert _tenant(site, sample).extra_email == ""


def test_only_the_newest_confirmation_counts(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    client.post("/profiel/extra-adres", data={"extra-email": "a@shop.nl"})
    first = link(site, "email_confirm")
    client.post("/profiel/extra-adres", data={"extra-email": "b@shop.nl"})
    assert site.client().post(first).status_code == 410
    assert site.client().post(link(site, "email_confirm")).status_code == 303
    assert _tenant(site, sample).extra_email == "b@shop.nl"


def test_the_address_to_log_in_with_changes_after_its_link(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    client.post("/profiel/inlogadres", data={"own-email": "nieuw@shop.nl"})
    path = link(site, "email_confirm")
    as_extra = path.replace("/own_email/", "/email/")
    assert site.client().post(as_extra).status_code == 410
    assert site.client().get("/email/password/x").status_code == 404
    assert site.client(sample.owner).get("/open").status_code == 200
    assert site.client().post(path).status_code == 303
    assert client.get("/open").status_code == 303
    assert site.client("nieuw@shop.nl").get("/open").status_code == 200
    told = mails(site, "account_changed")
    assert [address for address, _text in told] == [sample.owner]
    assert "nieuw@shop.nl" in told[0][1]


def test_an_address_that_is_taken_meanwhile_is_not_taken_over(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    client.post("/profiel/inlogadres", data={"own-email": sample.colleague})
    assert site.client().post(link(site, "email_confirm")).status_code == 410
    assert row(site, sample.owner).email == sample.owner


def test_a_new_password_voids_the_links_of_before(site: Site) -> None:
    """Who was in, and was put out, has the account of an address of his own else."""
    sample = site.sample()
    client = site.client(sample.owner)
    client.post("/profiel/inlogadres", data={"own-email": "boef@example.com"})
    own = link(site, "email_confirm")
    client.post("/profiel/extra-adres", data={"extra-email": "boef@example.com"})
    extra = link(site, "email_confirm")
    assert client.post("/wachtwoord", data=NEW).status_code == 303
    for path in (own, extra):
        assert site.client().post(path).status_code == 410
    assert row(site, sample.owner).email == sample.owner


def test_another_address_voids_the_links_that_the_old_one_has(site: Site) -> None:
    sample = site.sample()
    site.client().post("/wachtwoord/vergeten", data={"email": sample.owner})
    old = link(site, "password")
    client = site.client(sample.owner)
    client.post("/profiel/inlogadres", data={"own-email": "nieuw@shop.nl"})
    assert site.client().get(old).status_code == 200
    assert site.client().post(link(site, "email_confirm")).status_code == 303
    assert site.client().post(old, data=NEW).status_code == 410


# Colleagues


def _invite(site: Site, client: Any, email: str = "kim@shop.nl") -> User:
    form = {"invite-email": email, "invite-name": "Kim", "invite-role": "colleague"}
    assert client.post("/profiel/collegas", data=form).status_code == 303
    return row(site, email)


def test_addresses_that_log_in_cannot_be_found_by_inviting_them(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colleagues, "MOST_INVITED", 2)
    mine, other = site.sample(), site.sample("De Molen", 2)
    client = site.client(mine.owner)
    form = {"invite-name": "Kim", "invite-role": "colleague"}
    told = [
        client.post("/profiel/collegas", data={**form, "invite-email": email})
        for email in (other.owner, other.colleague, other.owner, "kim@shop.nl")
    ]
    assert [answer.status_code for answer in told] == [422, 422, 429, 429]


def test_a_colleague_is_invited_and_chooses_a_password(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    made = _invite(site, client)
    assert (made.role, made.tenant_id) == (Role.COLLEAGUE, sample.tenant.id)
    assert "Uitgenodigd" in client.get("/profiel").text
    first = link(site, "invite")
    client.post(f"/profiel/collegas/{made.id}/uitnodiging")
    path = link(site, "invite")
    assert path != first
    assert site.client().get(path).status_code == 200
    assert site.client().post(path, data=NEW).status_code == 303
    assert site.client().post(first, data=NEW).status_code == 410
    joined = site.client("kim@shop.nl", NEW["password"])
    assert joined.get("/open").status_code == 200
    assert "Uitgenodigd" not in client.get("/profiel").text
    assert codes(site).count("user_invited") == 2


def test_who_logs_in_already_cannot_be_invited(site: Site) -> None:
    sample, other = site.sample(), site.sample("De Bakker", 2)
    form = {"invite-email": other.owner, "invite-role": "owner"}
    answer = site.client(sample.owner).post("/profiel/collegas", data=form)
    assert answer.status_code == 422
    assert row(site, other.owner).tenant_id == other.tenant.id


@pytest.mark.parametrize("role", ["operator", "x", ""])
def test_there_are_two_roles_to_give(site: Site, role: str) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    form = {"invite-email": "kim@shop.nl", "invite-role": role}
    assert client.post("/profiel/collegas", data=form).status_code == 422
    colleague = row(site, sample.colleague)
    path = f"/profiel/collegas/{colleague.id}/rol"
    assert client.post(path, data={"role": role}).status_code == 400
    assert row(site, sample.colleague).role == Role.COLLEAGUE


def test_a_role_ends_the_sessions_of_who_gets_it(site: Site) -> None:
    sample = site.sample()
    colleague = site.client(sample.colleague)
    path = f"/profiel/collegas/{row(site, sample.colleague).id}/rol"
    site.client(sample.owner).post(path, data={"role": "owner"})
    assert colleague.get("/open").status_code == 303
    assert site.client(sample.colleague).get("/profiel/privacy").status_code == 200


def test_who_is_removed_is_out_at_once(site: Site) -> None:
    sample = site.sample()
    colleague = site.client(sample.colleague)
    path = f"/profiel/collegas/{row(site, sample.colleague).id}/verwijderen"
    assert site.client(sample.owner).post(path).status_code == 303
    assert colleague.get("/open").status_code == 303
    assert row(site, sample.colleague) is None


def test_there_is_always_an_owner_who_can_log_in(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    mine = row(site, sample.owner).id
    form = {"invite-email": "kim@shop.nl", "invite-role": "owner"}
    client.post("/profiel/collegas", data=form)
    client.post(f"/profiel/collegas/{mine}/rol", data={"role": "colleague"})
    client.post(f"/profiel/collegas/{mine}/verwijderen")
    assert row(site, sample.owner).role == Role.OWNER
    site.client().post(link(site, "invite"), data=NEW)
    client.post(f"/profiel/collegas/{mine}/rol", data={"role": "colleague"})
    assert row(site, sample.owner).role == Role.COLLEAGUE


@pytest.mark.parametrize("action", ["rol", "verwijderen", "uitnodiging"])
def test_people_of_another_tenant_are_unknown(site: Site, action: str) -> None:
    sample, other = site.sample(), site.sample("De Bakker", 2)
    client = site.client(sample.owner)
    for user_id in (row(site, other.colleague).id, 999999):
        path = f"/profiel/collegas/{user_id}/{action}"
        assert client.post(path, data={"role": "owner"}).status_code == 404
    assert row(site, other.colleague).role == Role.COLLEAGUE


# Company


def test_the_company_is_saved(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    assert client.post("/profiel/bedrijf", data=COMPANY).status_code == 303
    kept = _tenant(site, sample)
    assert (kept.name, kept.home_country) == ("De Bakker BV", "BE")
    assert kept.vat_number == "BE0403019261"
    assert kept.address == {
        "street": "Dorpsstraat 1",
        "postal_code": "9000",
        "city": "Gent",
    }


def test_a_number_that_is_far_too_long_is_refused(site: Site) -> None:
    """The check of a Dutch or Belgian number cannot read more than 4,300 digits."""
    client = site.client(site.sample().owner)
    for country in ("NL", "BE"):
        given = COMPANY | {"company-home_country": country}
        given["company-vat_number"] = country + "1" * 9000
        answer = client.post("/profiel/bedrijf", data=given)
        assert answer.status_code == 422
        assert not is_well_formed("1" * 9000, country)
        assert own_participant("9944", f"{country}{'1' * 9000}") is None
    assert own_participant("0208", "1" * 9000) is None


def test_fields_that_no_form_has_change_nothing(site: Site) -> None:
    """A13: an owner posts what only we decide."""
    sample, other = site.sample(), site.sample("Ander", 2)
    before = _tenant(site, sample)
    more = {
        "id": other.tenant.id, "tenant_id": other.tenant.id, "active": "", "state": "x",
        "role": Role.OPERATOR.value, "plan": "paid", "trial_ends_at": "2099-01-01",
        "session_key": "x", "password_hash": "x",
    }  # fmt: skip
    client = site.client(sample.owner)
    own = {"self-name": "Sam", "self-language": "nl", "self-role": Role.OPERATOR.value}
    acme = {"kind": "organisation", "relation_type": "client", "name": "Acme"}
    for path, form in (
        ("/profiel/bedrijf", COMPANY),
        ("/profiel/gegevens", own),
        ("/relaties/nieuw", acme),
    ):
        answer = client.post(path, data=more | form)
        assert answer.status_code == 303, (path, answer.text)
    after, user = _tenant(site, sample), row(site, sample.owner)
    assert (after.id, after.active) == (before.id, before.active)
    assert (user.tenant_id, user.role) == (sample.tenant.id, Role.OWNER)
    assert site.client(sample.owner).get("/").status_code == 200
    with site.data() as session:
        relation = session.scalars(select(Relation)).one()
        assert relation.tenant_id == sample.tenant.id


@pytest.mark.parametrize(
    ("country", "number", "good"),
    [("NL", "NL004495445B01", True), ("NL", "NL004495445B02", True),
     ("NL", "NL123456789B01", False), ("NL", "BE0403019261", False),
     ("NL", "", True), ("GR", "EL094259216", True), ("US", "", False)],
)  # fmt: skip
def test_vat_numbers_are_those_of_the_country(
    site: Site, country: str, number: str, good: bool
) -> None:
    sample = site.sample()
    form = {
        **COMPANY, "company-home_country": country, "company-vat_number": number
    }  # fmt: skip
    answer = site.client(sample.owner).post("/profiel/bedrijf", data=form)
    assert answer.status_code == (303 if good else 422)
    assert (_tenant(site, sample).name == "De Bakker BV") is good


# Invoices


def test_own_invoices_are_downloads(site: Site) -> None:
    sample, other = site.sample(), site.sample("De Bakker", 2)
    mine, theirs = _invoice(site, sample), _invoice(site, other)
    for email in (sample.owner, sample.colleague):
        client = site.client(email)
        page = client.get("/profiel").text
        assert mine.number in page
        assert theirs.number not in page
        answer = client.get(f"/profiel/facturen/{mine.id}.pdf")
        assert answer.data.startswith(b"%PDF")
        assert answer.mimetype == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        for key in (theirs.id, 999999):
            assert client.get(f"/profiel/facturen/{key}.pdf").status_code == 404
    anonymous = site.client().get(f"/profiel/facturen/{mine.id}.pdf")
    assert anonymous.location.startswith("/login")


# Licences


def test_the_chosen_licence_is_shown(site: Site) -> None:
    sample, other = site.sample(), site.sample("De Bakker", 2)
    first, theirs = _licence(site, sample), _licence(site, other, "KW-X")
    with site.data() as session:
        made = session.get(Licence, first)
        session.add(
            Licence(
                tenant_id=sample.tenant.id,
                key="KW-2",
                source_plugin="kmoshops",
                target_plugin="eaccounting",
                state=LicenceState.EXPIRED,
                ends_on=made.ends_on,
            )
        )
        session.flush()
    client = site.client(sample.colleague)
    page = client.get("/profiel").text
    assert "<code>KW-1</code>" in page
    assert "Proefperiode" in page
    second = client.get(f"/profiel?licentie={theirs + 1}").text
    assert "<code>KW-2</code>" in second
    assert "Verlopen" in second
    assert "KW-X" not in client.get(f"/profiel?licentie={theirs}").text


def test_ending_a_coupling_ends_its_licence_and_both_sides(site: Site) -> None:
    sample = site.sample()
    path = f"/profiel/licenties/{_licence(site, sample)}/beeindigen"
    assert site.client(sample.colleague).get(path).status_code == 403
    assert site.client(sample.colleague).post(path).status_code == 403
    client = site.client(sample.owner)
    assert "Koppeling beëindigen?" in client.get(path).text
    assert client.post(path).status_code == 303
    with site.data() as session:
        states = session.query(Connection.state).all()
        licence = session.query(Licence).one()
    assert {state for (state,) in states} == {ConnectionState.ENDED}
    assert licence.state == LicenceState.CANCELLED
    assert "Beëindigd" in client.get("/profiel").text
    assert client.get(path).status_code == 303


def test_a_side_that_another_coupling_needs_stays(site: Site) -> None:
    sample = site.sample()
    licence = _licence(site, sample)
    with site.data() as session:
        second = Connection(
            tenant_id=sample.tenant.id,
            plugin="kmoshops",
            state=ConnectionState.CONNECTED,
            external_id="7",
        )
        session.add(second)
        session.flush()
        coupling = Coupling(
            tenant_id=sample.tenant.id,
            source_id=second.id,
            target_id=sample.package.id,
            settings={},
        )
        session.add(coupling)
        session.flush()
        second_licence = Licence(
            tenant_id=sample.tenant.id,
            key="KW-2",
            source_plugin="kmoshops",
            target_plugin="eaccounting",
            coupling_id=coupling.id,
            state=LicenceState.PAID,
            ends_on=date(2030, 1, 1),
        )
        session.add(second_licence)
    site.client(sample.owner).post(f"/profiel/licenties/{licence}/beeindigen")
    with site.data() as session:
        states = {one.id: one.state for one in session.query(Connection)}
    assert states == {
        sample.shop.id: ConnectionState.ENDED,
        sample.package.id: ConnectionState.CONNECTED,
        second.id: ConnectionState.CONNECTED,
    }


def test_anothers_licence_cannot_be_ended(site: Site) -> None:
    sample, other = site.sample(), site.sample("De Bakker", 2)
    theirs = _licence(site, other)
    client = site.client(sample.owner)
    for key in (theirs, 999999):
        path = f"/profiel/licenties/{key}/beeindigen"
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    with site.data() as session:
        assert session.get(Licence, theirs).state == LicenceState.TRIAL
